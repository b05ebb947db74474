"""Reading an experiment file as a whole: its design, its analysis and its pair; all that is wrong at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Node, ScenarioError, shown_value
from ipsc_race_lab.design import designs
from ipsc_race_lab.design.designs import KINDS, MOST_POINTS, ONE_AT_A_TIME, Design
from ipsc_race_lab.design.experiment import DOSE_RESPONSE, Analysis, Experiment
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.levers import versions_of
from ipsc_race_lab.design.reading.factors import FactorReading
from ipsc_race_lab.design.reading.levers import LeverReading
from ipsc_race_lab.design.reading.scenarios import Scenarios
from ipsc_race_lab.typed_file import ExperimentFile, plain_value

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


KEYS = (
    "title", "description", "scenario", "scenarios", "set", "factors", "over_evidence", "design", "replications",
    "seed", "pair", "analysis",
)  # fmt: skip
RANDOM_DESIGNS = ("latin_hypercube", "sobol_sequence", "monte_carlo", "saltelli")
MOST_REPLICATIONS, MOST_SEED = 1_000_000, 2**63 - 1


@dataclass(frozen=True)
class _Analysis:
    """A kind of analysis: the designs that it can read, why only those, and what else can be set."""

    designs: tuple[str, ...]
    reason: str
    options: tuple[str, ...] = ()


_SPREAD = "it compares distributions of outcomes, which takes points spread over all factors at once"
ANALYSES: dict[str, _Analysis] = {
    "effects": _Analysis(
        ("factorial", "fractional_factorial"), "it compares levels of which each has met the others equally often"
    ),
    "morris": _Analysis(("morris",), "it reads steps in which one factor moves and the others stay"),
    "sobol": _Analysis(("saltelli",), "it reads pairs of points that share all factors but one"),
    "fast": _Analysis(("fast",), "it reads each factor by the frequency with which the design moves it"),
    "pawn": _Analysis(RANDOM_DESIGNS, _SPREAD),
    "delta": _Analysis(RANDOM_DESIGNS, _SPREAD),
    DOSE_RESPONSE: _Analysis((ONE_AT_A_TIME,), "it compares each level of a factor with the world as it is"),
    "prim": _Analysis(RANDOM_DESIGNS, "it peels a box off a cloud of points, which takes points without a pattern"),
}


def read_experiment(path: Path, root: Node) -> Experiment:
    """The experiment in a file that has been read, `root` a mapping. Raises ScenarioError with all problems."""
    file = ExperimentFile(path, root)
    given = file.mapping(root, "", KEYS)
    title = file.text(given.get("title"), "title")
    description = file.text(given.get("description"), "description") if "description" in given else ""
    scenarios = Scenarios(file, given)
    levers = LeverReading(file, scenarios)
    only_scenarios = _varies_only_scenarios(given)
    reading = FactorReading(file, scenarios, levers)
    factors = [] if only_scenarios else reading.factors(given)
    rest = _Rest(file, scenarios, factors)
    in_one_point = only_scenarios and "design" not in given
    design = Design("factorial") if in_one_point else rest.design(given.get("design"))
    if only_scenarios:
        rest.without_factors(given, design)
    replications = file.whole(given.get("replications"), "replications", 1, MOST_REPLICATIONS)
    seed = file.whole(given["seed"], "seed", 0, MOST_SEED) if "seed" in given else 1
    pair = rest.pair(given.get("pair"))
    analysis = rest.analysis(given.get("analysis"), design)
    levers.check_together(factors)
    for message in unlike(list(scenarios.bases.values())):
        file.complain(given.get("scenarios", root).place, "", message)
    if file.problems or design is None:
        raise ScenarioError(file.problems)
    hashes = tuple(base.hash for base in scenarios.bases.values())
    return Experiment(
        path.stem, title, description, scenarios.sources, hashes, scenarios.fixed, tuple(factors), design,
        replications, seed, pair, analysis, reading.reasons,
    )  # fmt: skip


def _varies_only_scenarios(given: Mapping[str, Node]) -> bool:
    """Whether several scenarios are all that differs: their design is one point, which need not be written."""
    named = given.get("scenario", given.get("scenarios"))
    several = named is not None and isinstance(named.value, list) and len(named.value) > 1
    return several and "factors" not in given and "over_evidence" not in given


def unlike(worlds: Sequence[Resolved]) -> list[str]:
    """Why worlds cannot be compared with the first race by race, a sentence for each: other blocs, another span."""
    return [reason for world in worlds[1:] for reason in _unlike(world, worlds[0])]


def _unlike(world: Resolved, base: Resolved) -> list[str]:
    (mine, theirs), (span, other) = (_blocs(world), _blocs(base)), (_span(world), _span(base))
    reasons = []
    if mine != theirs:
        reasons.append(f"{world.name} has the blocs {mine}, {base.name} has {theirs}; expected the same in all")
    if span != other:
        reasons.append(
            f"{world.name} runs {span}, {base.name} {other}, and who leads within one span is not comparable with who "
            "leads within another; set span.start_month and span.end_month to the same months in all"
        )
    return reasons


def _changes(world: Resolved, factor: Factor) -> list[str]:
    """Months within the span in which the value at a factor's path changes; none of a path with a month."""
    span = world.scenario.span
    if factor.path is None or "@" in factor.path:
        return []
    return [month for month in versions_of(world)[factor.path] if span.start_month < month <= span.end_month]


def _blocs(world: Resolved) -> str:
    return ", ".join(f"{bloc} ({', '.join(members)})" for bloc, members in world.scenario.blocs.items())


def _span(world: Resolved) -> str:
    return f"{world.scenario.span.start_month} to {world.scenario.span.end_month}"


class _Rest:
    """What an experiment says beside its scenarios and factors, read in the light of both."""

    def __init__(self, file: ExperimentFile, scenarios: Scenarios, factors: Sequence[Factor]) -> None:
        self.file, self.scenarios, self.factors = file, scenarios, factors

    def design(self, node: Node | None) -> Design | None:
        """The design, None where it is wrong."""
        if node is None or not isinstance(node.value, dict) or "kind" not in node.value:
            what = "lacks design" if node is None else "has a design without a kind"
            message = f"the experiment {what}; expected such as {{kind: latin_hypercube, points: 200}}"
            self.file.complain(self.file.root.key if node is None else node.place, "", message)
            return None
        kind = str(node.value["kind"].value)
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or f"; expected {', '.join(KINDS)}"
            self.file.complain(node.value["kind"].place, "design.kind", f"is {kind!r}{hint}")
            return None
        before = len(self.file.problems)
        given = self.file.mapping(node, "design", ("kind", *KINDS[kind].keys))
        settings: dict[str, Any] = {}
        for key in ("points", "trajectories"):
            if key in KINDS[kind].keys:
                settings["points"] = self._points(kind, given.get(key), f"design.{key}")
        if "second_order" in given:
            settings["second_order"] = given["second_order"].value
            if not isinstance(given["second_order"].value, bool):
                self.file.complain(given["second_order"].place, "design.second_order", "expected true or false")
        if "levels" in given:
            settings |= self._levels(kind, given["levels"])
        design = Design(kind, **settings)
        if len(self.file.problems) == before:
            self._fits(design, node)
        return design if len(self.file.problems) == before else None

    def without_factors(self, given: Mapping[str, Node], design: Design | None) -> None:
        """A design of no factors has one point, and an analysis nothing to tell apart."""
        pointless = ["design"] if design is not None and design.kind != "factorial" else []
        for key in [*pointless, *({"analysis"} & given.keys())]:
            message = "is for factors, and the experiment has none; leave it out: its scenarios are compared anyway"
            self.file.complain(given[key].key, key, message)

    def _points(self, kind: str, node: Node | None, path: str) -> int:
        least = KINDS[kind].least
        count = self.file.whole(node, path, least, MOST_POINTS)
        if KINDS[kind].powers_of_two and count.bit_count() != 1 and node is not None:
            better = 1 << count.bit_length()
            message = f"is {count:,}; expected a power of two, such as {better:,}: Sobol sequences are even only there"
            self.file.complain(node.place, path, message)
        return count

    def _levels(self, kind: str, node: Node) -> dict[str, Any]:
        """Levels of a range: one number for all, or for a grid by factor."""
        if kind == "grid" and isinstance(node.value, dict):
            ranges = [factor.name for factor in self.factors if not factor.distribution.values]
            own = {}
            for name, inner in node.value.items():
                if name not in ranges and self.scenarios.base is not None and not self.file.problems:
                    hint = did_you_mean(name, ranges) or f"; expected {', '.join(ranges) or 'none: all have levels'}"
                    self.file.complain(inner.key, f"design.levels.{name}", f"is no factor with a range{hint}")
                own[name] = self.file.whole(inner, f"design.levels.{name}", 2, 1000)
            return {"levels_of": tuple(own.items())}
        levels = self.file.whole(node, "design.levels", 2, 1000)
        if kind == "morris" and levels % 2:
            self.file.complain(node.place, "design.levels", f"is {levels}; expected an even number")
        return {"levels": levels}

    def _fits(self, design: Design, node: Node) -> None:
        """The factors suit the design, and it is not too large to be made."""
        if design.kind == "fractional_factorial":
            for factor in self.factors:
                if len(factor.distribution.values) > 2:
                    message = f"is a design of two levels; {factor.name} has {len(factor.distribution.values)}"
                    self.file.complain(node.place, "design", message)
        if design.kind == ONE_AT_A_TIME:
            self._starts_as_it_is(node)
        rows = designs.size(design, self.factors) if self.factors else 0
        if rows > MOST_POINTS:
            self.file.complain(node.place, "design", f"has {rows:,} points; at most {MOST_POINTS:,} are run")

    def _starts_as_it_is(self, design: Node) -> None:
        """Every factor has one value or level in each scenario, from which one_at_a_time moves it."""
        nodes = self.file.inside("factors")
        for factor in self.factors:
            place, where = nodes.get(factor.name, design).place, f"factors.{factor.name}"
            if factor.levels and factor.level_as_it_is is None:
                message = f"has no level that leaves the world as it is, where {ONE_AT_A_TIME} starts; add as_is: {{}}"
                self.file.complain(place, where, message)
            changes = sorted({month for of in self.scenarios.bases.values() for month in _changes(of, factor)})
            if changes:
                message = (
                    f"varies {factor.path}, which changes in {', '.join(changes)}, and {ONE_AT_A_TIME} starts from one "
                    f"value; name it, such as {factor.path}@{changes[-1]}"
                )
                self.file.complain(place, where, message)

    def analysis(self, node: Node | None, design: Design | None) -> Analysis | None:
        """The analysis, one that the design carries."""
        if node is None:
            if design is not None and design.kind == ONE_AT_A_TIME:
                message = f"is {ONE_AT_A_TIME}, whose points have no common mean; expected analysis: {DOSE_RESPONSE}"
                self.file.complain(self.file.given["design"].place, "design.kind", message)
            return None
        kind = node.value["kind"] if isinstance(node.value, dict) and "kind" in node.value else node
        if not isinstance(kind.value, str) or kind.value not in ANALYSES:
            hint = did_you_mean(str(kind.value), ANALYSES) or f"; expected {', '.join(ANALYSES)}"
            self.file.complain(kind.place, "analysis.kind", f"is {shown_value(kind)}{hint}")
            return None
        rule = ANALYSES[kind.value]
        given = self.file.mapping(node, "analysis", ("kind", *rule.options)) if kind is not node else {}
        if design is not None and design.kind not in rule.designs:
            needed = f"a design of kind {' or '.join(rule.designs)}"
            message = f"is {kind.value}, which needs {needed}, not {design.kind}: {rule.reason}"
            self.file.complain(kind.place, "analysis.kind", message)
        many = [factor.name for factor in self.factors if len(factor.distribution.values) > 2]
        if kind.value == "effects" and many and design is not None and design.kind == "factorial":
            message = f"is effects, which compares two levels; {', '.join(many)} has more"
            self.file.complain(kind.place, "analysis.kind", message)
        return Analysis(kind.value, {key: plain_value(inner) for key, inner in given.items() if key != "kind"})

    def pair(self, node: Node | None) -> tuple[str, str]:
        """Two blocs that every scenario has, the first two where none are named."""
        if self.scenarios.base is None:
            return "", ""
        if node is None:
            blocs = list(self.scenarios.base.blocs)
            if len(blocs) < 2:
                self.file.complain(
                    self.file.root.key, "", f"{self.scenarios.base.name} has one bloc only; nobody races"
                )
                return "", ""
            names, place = blocs[:2], self.file.root.key
        else:
            names = [str(word.value) for word in self.file.words(node, "pair", "the name of a bloc")]
            place = node.place
            if len(names) != 2 or len(set(names)) != 2:
                self.file.complain(place, "pair", "expected two different blocs, such as [china, west]")
                return "", ""
        for world in self.scenarios.bases.values():
            for name in names:
                if name not in world.blocs:
                    hint = did_you_mean(name, world.blocs) or f"; expected two of {', '.join(world.blocs)}"
                    self.file.complain(place, "pair", f"names {name}, which is no bloc of {world.name}{hint}")
        return names[0], names[1]
