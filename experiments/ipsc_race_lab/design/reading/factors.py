"""Reading the factors of an experiment: what varies, over which values, and whether a race can have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ipsc_race.tree import did_you_mean
from ipsc_race.values import is_constant
from ipsc_race.varying import locate, refuse_values
from ipsc_race.yaml_reading import Node, shown_value
from ipsc_race_lab.design.distributions import DISTRIBUTIONS, Distribution
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.levers import in_force, overlap, part_at, plain, versions_of
from ipsc_race_lab.design.reading.evidence import over_evidence
from ipsc_race_lab.design.reading.levers import LeverReading
from ipsc_race_lab.design.reading.scenarios import Scenarios
from ipsc_race_lab.typed_file import ExperimentFile

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


class FactorReading:
    """The factors of an experiment, checked one by one against its scenarios."""

    def __init__(self, file: ExperimentFile, scenarios: Scenarios, levers: LeverReading) -> None:
        self.file, self.scenarios, self.levers = file, scenarios, levers
        self.reasons: dict[str, str] = {}

    def factors(self, given: Mapping[str, Node]) -> list[Factor]:
        """All factors: those named, then those over the evidence."""
        node = given.get("factors")
        factors: list[Factor] = []
        if node is not None and not (isinstance(node.value, dict) and node.value):
            self.file.complain(node.place, "factors", f"is {shown_value(node)}; expected factors by name")
        elif node is not None:
            assert isinstance(node.value, dict)
            found = [self._factor(name, inner) for name, inner in node.value.items()]
            factors = [factor for factor in found if factor]
            self._twice(factors, node.value)
        elif "over_evidence" not in given:
            self.file.complain(self.file.root.key, "", "the experiment lacks factors")
        if "over_evidence" in given:
            written = [factor.path for factor in factors if factor.path]
            written += [path for name in self.levers.moved for path in self.levers.touched(name)]
            factors += over_evidence(self.file, given["over_evidence"], self.scenarios.base, written)
        return factors

    def _twice(self, factors: Sequence[Factor], nodes: Mapping[str, Node]) -> None:
        """Two factors that write the same value: the later one would undo the earlier."""
        first: dict[str, str] = {}
        for factor in factors:
            if factor.path is None:
                continue
            other = next((name for path, name in first.items() if overlap(path, factor.path)), None)
            if other:
                place = nodes[factor.name].place
                self.file.complain(place, f"factors.{factor.name}", f"varies {factor.path}, as {other} does")
            first[factor.path] = factor.name

    def _factor(self, name: str, node: Node) -> Factor | None:
        where = f"factors.{name}"
        keys = ("path", "worlds", "dummy")
        node = self._without_reason(name, node)
        given = node.value if isinstance(node.value, dict) else {}
        kinds = [key for key in keys if key in given]
        if len(kinds) != 1:
            message = f"is {shown_value(node)}" if not given else f"has {' and '.join(kinds) or 'none of these'}"
            self.file.complain(node.place, where, f"{message}; expected one of path, worlds, dummy")
            return None
        if name == "scenario":
            self.file.complain(node.key, where, "has the name under which scenarios are told apart; expected another")
        if kinds == ["worlds"]:
            self.file.mapping(node, where, ("worlds",))
            return self.levers.lever(name, given["worlds"])
        if kinds == ["dummy"]:
            self.file.mapping(node, where, ("dummy",))
            if given["dummy"].value is not True:
                self.file.complain(given["dummy"].place, f"{where}.dummy", "expected true")
            return Factor(name, Distribution("uniform"))
        return self._number(name, node, given["path"])

    def _without_reason(self, name: str, node: Node) -> Node:
        """A factor as it is written but for the reason why it is expected to move nothing, which is kept."""
        if not isinstance(node.value, dict) or "reason" not in node.value:
            return node
        self.reasons[name] = self.file.text(node.value["reason"], f"factors.{name}.reason")
        return replace(node, value={key: inner for key, inner in node.value.items() if key != "reason"})

    def _number(self, name: str, node: Node, at: Node) -> Factor | None:
        where = f"factors.{name}"
        path = str(at.value)
        base = self.scenarios.base
        reasons = [reason for world in self.scenarios.bases.values() if (reason := _cannot_vary(world, path))]
        if reasons:
            self.file.complain(at.place, f"{where}.path", f"is not to be varied: {reasons[0]}")
        known = base if not reasons else None
        distribution = self._distribution(node, where, path, known)
        if distribution is None or known is None:
            return None
        ends = distribution.values or (distribution.low, distribution.high)
        for world in self.scenarios.bases.values():
            refused = refuse_values(world, plain(path), ends)
            if refused:
                self.file.complain(node.place, where, f"leaves the bounds: {refused}")
                return None
        return Factor(name, distribution, path)

    def _distribution(self, node: Node, where: str, path: str, world: Resolved | None) -> Distribution | None:
        """The distribution of the number at a path; the range that the scenario records fills in for its ends."""
        assert isinstance(node.value, dict)
        given = node.value
        part = part_at(plain(path)) if world else None
        if "values" in given:
            self.file.mapping(node, where, ("path", "values"))
            return self._listed(given["values"], f"{where}.values")
        if part and part.kind is bool:
            self.file.mapping(node, where, ("path", "values"))
            return Distribution("values", values=(0.0, 1.0))
        kind = given["distribution"].value if "distribution" in given else "uniform"
        if not isinstance(kind, str) or kind not in DISTRIBUTIONS:
            named = given["distribution"]
            hint = did_you_mean(str(kind), DISTRIBUTIONS) or f"; expected {', '.join(DISTRIBUTIONS)}, or values: [...]"
            self.file.complain(named.place, f"{where}.distribution", f"is {shown_value(named)}{hint}")
            return None
        keys = ("low", "high", *DISTRIBUTIONS[kind].keys)
        self.file.mapping(node, where, ("path", "distribution", *keys))
        before = len(self.file.problems)
        numbers = {key: self.file.number(given[key], f"{where}.{key}") for key in keys if key in given}
        if world and not {"low", "high"} <= numbers.keys():
            low, high, reason = _recorded(world, path)
            if reason:
                self.file.complain(node.place, where, reason)
            numbers = {"low": low, "high": high, **numbers}
        missing = [key for key in DISTRIBUTIONS[kind].keys if key not in numbers]
        if missing:
            self.file.complain(node.place, where, f"lacks {' and '.join(missing)}, which {kind} needs")
        if len(self.file.problems) > before or not {"low", "high"} <= numbers.keys():
            return None
        whole = part is not None and part.kind is int
        distribution = replace(Distribution(kind, whole=whole), **numbers)  # type: ignore[arg-type]
        reason = _misshapen(distribution)
        if reason:
            self.file.complain(node.place, where, reason)
        return None if reason else distribution

    def _listed(self, node: Node, path: str) -> Distribution | None:
        inner = node.value if isinstance(node.value, list) else []
        numbers = [of.value for of in inner if isinstance(of.value, (bool, int, float))]
        if len(numbers) < 2 or len(numbers) < len(inner):
            message = "expected a list of two or more numbers or switches; words and months go into worlds: with set:"
            self.file.complain(node.place, path, f"is {shown_value(node)}; {message}" if not inner else message)
            return None
        if len(set(map(float, numbers))) < len(numbers):
            self.file.complain(node.place, path, "has a value twice")
        return Distribution("values", values=tuple(map(float, numbers)))


def _cannot_vary(world: Resolved, path: str) -> str:
    """Why the value at a path cannot be varied in a world, empty where it can."""
    target, at, month = path.partition("@")
    start = world.scenario.span.start_month
    try:
        if at and month == start:
            locate(world, [target])
            return f"{target} holds for the whole race; leave out @{month}" if is_constant(target) else ""
        found = locate(world, [path])
    except ValueError as error:
        return str(error).splitlines()[0]
    if not found.epochs.any():
        return f"{path} is never in force between {start} and {world.scenario.span.end_month}"
    return ""


def _recorded(world: Resolved, path: str) -> tuple[float, float, str]:
    """The range that a scenario records for a path, or why there is none."""
    target, at, _ = path.partition("@")
    dates = [month for month in versions_of(world)[target] if month]
    if dates and not at:
        start = world.scenario.span.start_month
        both = f"such as {target}@{start} or {target}@{dates[-1]}"
        changes = f"{target} changes in {', '.join(dates)}"
        return 0, 0, f"has no single range: {changes}; give low and high for the whole span, or name one value, {both}"
    recorded = world.origins[in_force(world, path) or path].range if at else world.origins[path].range
    if recorded is None:
        return 0, 0, f"needs low and high: {world.name} records no range for {path}"
    return float(recorded[0]), float(recorded[1]), ""


def _misshapen(of: Distribution) -> str:
    """What is wrong with the numbers of a distribution, empty if nothing."""
    interval = f"[{of.low:g}, {of.high:g}]"
    if not of.low < of.high:
        return f"has the interval {interval}; expected low below high"
    if of.kind == "log_uniform" and of.low <= 0:
        return f"has the interval {interval}; log_uniform expected low above 0"
    if of.kind == "triangular" and not of.low <= of.mode <= of.high:
        return f"has mode {of.mode:g} outside {interval}"
    if of.kind == "normal" and not (of.low <= of.mean <= of.high and of.sd > 0):
        return f"has mean {of.mean:g} and sd {of.sd:g}; expected a mean inside {interval} and an sd above 0"
    return ""
