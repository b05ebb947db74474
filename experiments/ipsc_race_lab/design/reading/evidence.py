"""Reading `over_evidence` of an experiment: a factor for every number that a scenario holds with a range."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from ipsc_race.tree import did_you_mean
from ipsc_race.values import GRADES
from ipsc_race.varying import refuse_values
from ipsc_race.yaml_reading import Node, shown_value
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.levers import overlap, part_at, plain, versions_of

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved
    from ipsc_race_lab.typed_file import ExperimentFile


NO_EVIDENCE = (".draw_key", ".sphere_key")  # numbers that are names: a range over them means nothing


def over_evidence(file: ExperimentFile, node: Node, base: Resolved | None, written: Collection[str]) -> list[Factor]:
    """A factor for every number of a scenario with a range, uniform over it, that is not `written` by others."""
    given = file.mapping(node, "over_evidence", ("under", "grades"))
    grades = _grades(file, given.get("grades"))
    prefixes = file.words(given["under"], "over_evidence.under", "a path") if "under" in given else None
    if base is None:
        return []
    versions = versions_of(base)
    for prefix in prefixes or ():
        if not any(_is_under(target, str(prefix.value)) for target in versions):
            parts = dict.fromkeys(
                ".".join(keys[:depth])
                for keys in (target.split(".") for target in versions)
                for depth in range(1, len(keys) + 1)
            )
            hint = did_you_mean(str(prefix.value), parts)
            message = f"names {prefix.value}, but no path of {base.name} begins so{hint}"
            file.complain(prefix.place, "over_evidence.under", message)
    found = [
        Factor(path, Distribution("uniform", float(low), float(high), whole=whole), path)
        for target, dated in versions.items()
        if prefixes is None or any(_is_under(target, str(prefix.value)) for prefix in prefixes)
        for path, low, high, whole in _ranges(base, target, dated, grades)
        if not any(overlap(path, other) for other in written)
    ]
    reasons = [refuse_values(base, plain(of.name), (of.distribution.low, of.distribution.high)) for of in found]
    for reason in filter(None, reasons):
        file.complain(node.place, "over_evidence", f"leaves the bounds: {reason}; take it out of `under`")
    if not found and not file.problems:
        file.complain(node.place, "over_evidence", "finds no number with a range there")
    return found


def _grades(file: ExperimentFile, node: Node | None) -> tuple[str, ...]:
    if node is None:
        return GRADES
    words = file.words(node, "over_evidence.grades", "A, B, C or D")
    for word in words:
        if word.value not in GRADES:
            file.complain(word.place, "over_evidence.grades", f"is {shown_value(word)}; expected A, B, C or D")
    return tuple(str(word.value) for word in words)


def _is_under(target: str, prefix: str) -> bool:
    return target == prefix or target.startswith(f"{prefix}.")


def _ranges(
    world: Resolved, target: str, dated: Mapping[str, Origin], grades: Collection[str]
) -> Iterator[tuple[str, float, float, bool]]:
    """The values of one path that are in force some time: path, ends of the range, whether whole numbers."""
    span, part = world.scenario.span, part_at(target)
    given = ".exogenous." in target and world.scenario.evidence.attrition != "exogenous"
    number = part is not None and part.kind in (int, float)
    if not number or given or target.endswith(NO_EVIDENCE) or target.startswith("span."):
        return
    first = max(month for month in dated if month <= span.start_month)
    for month, origin in dated.items():
        if month < first or month > span.end_month or origin.range is None or origin.grade not in grades:
            continue
        low, high = origin.range
        since = max(month, span.start_month)
        if low < high:
            yield (target if len(dated) == 1 else f"{target}@{since}"), low, high, part is not None and part.kind is int
