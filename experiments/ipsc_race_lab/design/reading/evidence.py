"""Reading `over_evidence` of an experiment: a factor for every number that a scenario holds with a range."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ipsc_race.tree import did_you_mean
from ipsc_race.varying import refuse_values
from ipsc_race_lab.design.distributions import HALVES, Distribution
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.levers import overlap, part_at, plain

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved
    from ipsc_race_lab.design.reading.file import OverEvidence
    from ipsc_race_lab.typed_file import TypedFile


NO_EVIDENCE = (".draw_key", ".sphere_key")  # numbers that are names: a range over them means nothing


def over_evidence(file: TypedFile, asked: OverEvidence, base: Resolved, written: Collection[str]) -> list[Factor]:
    """A factor for every number of a scenario with a range that is not `written` by others."""
    versions = base.versions
    for place, prefix in enumerate(asked.under):
        if not any(_is_under(target, prefix) for target in versions):
            parts = {target[:end] for target in versions for end, sign in enumerate(f"{target}.") if sign == "."}
            hint = did_you_mean(prefix, sorted(parts))
            file.complain(
                ("over_evidence", "under", place), f"names {prefix}, but no path of {base.name} begins so{hint}"
            )
    evidence = [
        Factor(path, ranged if asked.distribution == HALVES else replace(ranged, kind="uniform", mode=0.0), path)
        for target, dated in versions.items()
        if not asked.under or any(_is_under(target, prefix) for prefix in asked.under)
        for path, ranged in _ranges(base, target, dated, asked.grades)
        if not any(overlap(path, other) for other in written)
    ]
    for of in evidence:
        if reason := refuse_values(base, plain(of.name), (of.distribution.low, of.distribution.high)):
            file.complain(("over_evidence",), f"leaves the bounds: {reason}; take it out of `under`")
    if not evidence and not file.problems:
        file.complain(("over_evidence",), "finds no number with a range there")
    return evidence


def _is_under(target: str, prefix: str) -> bool:
    return f"{target}.".startswith(f"{prefix}.")


def _ranges(
    world: Resolved, target: str, dated: Mapping[str, Origin], grades: Collection[str]
) -> Iterator[tuple[str, Distribution]]:
    """The values of one path that are in force some time: path, and the range about the stated value."""
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
            whole = part is not None and part.kind is int
            ranged = Distribution(HALVES, float(low), float(high), float(origin.value), whole=whole)
            yield (target if len(dated) == 1 else f"{target}@{since}"), ranged
