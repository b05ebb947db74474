"""Reading an experiment file as a whole: its parts by themselves, then how they fit together; all that is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Node, ScenarioError
from ipsc_race_lab.design import designs
from ipsc_race_lab.design.designs import MAX_LEVELS, MAX_NUMBERS, MAX_POINTS, ONE_AT_A_TIME, POSTERIOR, Design
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.experiment import DOSE_RESPONSE, MAX_OWN_LUCK, Analysis, Experiment
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.following import following
from ipsc_race_lab.design.reading.evidence import over_evidence
from ipsc_race_lab.design.reading.file import Dummy, ExperimentFile, Lever, Listed, Range
from ipsc_race_lab.design.reading.levers import Touched, check_apart, check_high_ends, read_lever
from ipsc_race_lab.design.reading.posterior import find_posterior
from ipsc_race_lab.design.reading.scenarios import Scenarios, cannot_vary
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.typed_file import Block, TypedFile

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

MAX_WORLDS, MAX_RACES = 2000, 1_000_000_000
RANDOM_DESIGNS = ("latin_hypercube", "sobol_sequence", "monte_carlo", "saltelli", POSTERIOR)


class _Needs(NamedTuple):
    """The designs that a kind of analysis can read, and why only those."""

    designs: tuple[str, ...]
    reason: str


_SPREAD = "it compares distributions of outcomes, which takes points spread over all factors at once"
ANALYSES: dict[str, _Needs] = {
    "effects": _Needs(
        ("factorial", "fractional_factorial"), "it compares levels of which each has met the others equally often"
    ),
    "morris": _Needs(("morris",), "it reads steps in which one factor moves and the others stay"),
    "sobol": _Needs(("saltelli",), "it reads pairs of points that share all factors but one"),
    "fast": _Needs(("fast",), "it reads each factor by the frequency with which the design moves it"),
    "pawn": _Needs(RANDOM_DESIGNS, _SPREAD),
    "delta": _Needs(RANDOM_DESIGNS, _SPREAD),
    DOSE_RESPONSE: _Needs((ONE_AT_A_TIME,), "it compares each level of a factor with the world as it is"),
    "prim": _Needs(RANDOM_DESIGNS, "it peels a box off a cloud of points, which takes points without a pattern"),
}


def read_experiment(path: Path, root: Node) -> Experiment:
    """The experiment in a file that has been read, `root` a mapping. Raises ScenarioError with all problems."""
    file = TypedFile(root, "the experiment")
    scenarios = Scenarios(file, path.parent)
    given = file.read(ExperimentFile, scenarios)
    if given is None or scenarios.base is None:
        raise ScenarioError(file.problems)
    factors = _factors(file, given, scenarios)
    design = made_design(given.design) if given.design else None
    if given.over_posterior:
        design = _over_posterior(file, given, scenarios, factors)
    kind = given.analysis.kind if given.analysis else None
    if not (given.factors or given.over_evidence or given.over_posterior):
        _check_alone(file, given, scenarios)
        design = design or Design("factorial")
    elif design is not None:
        _check_design(file, design, factors, scenarios)
        _check_size(file, design, factors, len(scenarios.sources), given.replications)
        _check_analysis(file, kind, design, factors)
    elif "design" not in file.given:
        file.complain((), "lacks design; expected such as {kind: latin_hypercube, points: 200}")
    blocs = given.pair or list(scenarios.base.blocs)[:2]
    if len(blocs) < 2:
        file.complain((), f"cannot be raced: {scenarios.base.name} has one bloc only")
    for reason in unlike(list(scenarios.bases.values())):
        file.complain(("scenarios",), f"cannot be compared: {reason}")
    if file.problems or design is None:
        raise ScenarioError(file.problems)
    hashes = tuple(base.hash for base in scenarios.bases.values())
    reasons = {name: of.reason for name, of in given.factors.items() if of.reason}
    follows = _following(scenarios, factors) if given.over_posterior else {}
    return Experiment(
        path.stem, given.title, given.description, scenarios.sources, hashes, scenarios.fixed, tuple(factors), design,
        given.replications, given.seed, (blocs[0], blocs[1]), Analysis(kind) if kind else None, reasons,
        follows=follows,
    )  # fmt: skip


def _over_posterior(
    file: TypedFile, given: ExperimentFile, scenarios: Scenarios, factors: list[Factor]
) -> Design | None:
    """The design over a posterior, whose factors are added; it stands alone and fits the scenarios."""
    asked, where = given.over_posterior, ("over_posterior",)
    assert asked is not None
    for other in ("factors", "over_evidence", "design"):
        if getattr(given, other):
            file.complain((other,), "stands beside over_posterior, whose points are a design; leave it out")
    try:
        of = find_posterior(asked.posterior)
    except LabError as error:
        file.complain(where, f"names no posterior: {error}")
        return None
    if given.replications > MAX_OWN_LUCK:
        file.complain(
            ("replications",), f"is {given.replications:,}; of a world of a posterior at most {MAX_OWN_LUCK:,}"
        )
    held = int(of.counts.sum())
    if asked.points > held:
        file.complain((*where, "points"), f"is {asked.points:,}; the posterior has {held:,}")
    assert scenarios.base is not None
    for path in of.paths:
        if cannot_vary(scenarios.base, path):
            file.complain(where, f"cannot vary {path} in {scenarios.base.name}")
            return None
    factors += of.factors
    return Design(POSTERIOR, points=asked.points, posterior=(asked.posterior, of.digest))


def _following(scenarios: Scenarios, factors: list[Factor]) -> dict[str, dict[str, str]]:
    """By further scenario what it takes of the numbers that are drawn for the first."""
    first, *others = scenarios.bases.items()
    drawn = [factor.path for factor in factors if factor.path is not None]
    return {name: following(world, first[1], drawn) for name, world in others}


def made_design(spec: Block) -> Design:
    """The design as it is drawn, whatever a file calls its numbers."""
    given = spec.model_dump()
    if "trajectories" in given:
        given["points"] = given.pop("trajectories")
    if isinstance(given.get("levels"), dict):
        given["levels_of"] = tuple(given.pop("levels").items())
    return Design(**given)


def _factors(file: TypedFile, given: ExperimentFile, scenarios: Scenarios) -> list[Factor]:
    """All factors, those named and those over the evidence, and what is wrong between them."""
    assert scenarios.base is not None
    factors: list[Factor] = []
    moved: dict[str, Touched] = {}
    levels = sum(len(of.worlds) for of in given.factors.values() if isinstance(of, Lever))
    if levels > MAX_LEVELS:
        file.complain(("factors",), f"have {levels:,} levels with worlds; at most {MAX_LEVELS:,} are built")
        return []
    for name, of in given.factors.items():
        if name == "scenario":
            file.complain(("factors", name), "has the name under which scenarios are told apart; expected another")
        if isinstance(of, Lever):
            lever, moved[name] = read_lever(file, scenarios, name, of)
            factors.append(lever)
        else:
            factors.append(made_factor(name, of, scenarios.base))
    check_apart(file, factors, moved)
    if given.over_evidence:
        written = [factor.path for factor in factors if factor.path] + [path for of in moved.values() for path in of]
        factors += over_evidence(file, given.over_evidence, scenarios.base, written)
    if not file.problems and any(factor.path for factor in factors):
        check_high_ends(file, scenarios, factors)
    return factors


def made_factor(name: str, of: Dummy | Listed | Range, base: Resolved) -> Factor:
    """A factor that is no lever, a range in doubt that of the base."""
    if isinstance(of, Dummy):
        return Factor(name, Distribution("uniform"))
    return Factor(name, of.believed(base), of.path)


def _check_alone(file: TypedFile, given: ExperimentFile, scenarios: Scenarios) -> None:
    """Scenarios that are all that differs: their design is one point, and an analysis has nothing to tell apart."""
    if file.problems:  # a factor may be among what is wrong
        return
    if len(scenarios.sources) < 2:
        file.complain((), "lacks factors")
        return
    pointless = ["design"] if given.design and given.design.kind != "factorial" else []
    for key in [*pointless, *(["analysis"] if given.analysis else [])]:
        message = "is for factors, and the experiment has none; leave it out: its scenarios are compared anyway"
        file.complain((key,), message)


def _check_design(file: TypedFile, design: Design, factors: Sequence[Factor], scenarios: Scenarios) -> None:
    """The factors suit the design, and it has not more points than can be run."""
    many = [factor for factor in factors if len(factor.distribution.values) > 2]
    if design.kind == "fractional_factorial" and many:
        number = len(many[0].distribution.values)
        file.complain(("design",), f"is a design of two levels; {many[0].name} has {number}")
    ranges = [factor.name for factor in factors if not factor.distribution.values]
    for name, _ in design.levels_of:
        if name not in ranges and not file.problems:
            hint = did_you_mean(name, ranges) or f"; expected {', '.join(ranges) or 'none: all have levels'}"
            file.complain(("design", "levels", name), f"is no factor with a range{hint}")
    if design.kind == ONE_AT_A_TIME:
        _check_start(file, factors, scenarios)


def _check_size(file: TypedFile, design: Design, factors: Sequence[Factor], scenarios: int, replications: int) -> None:
    """Nothing is asked for that no machine could build, or no one could wait for."""
    points = designs.size(design, factors)
    crossed = math.prod(len(factor.levels) or 1 for factor in factors)
    for what, number, most in (
        ("points", points, MAX_POINTS),
        ("numbers in its points", points * len(factors), MAX_NUMBERS),
        ("worlds", min(points, crossed) * scenarios, MAX_WORLDS),
        ("races", points * scenarios * replications, MAX_RACES),
    ):
        if number > most:
            file.complain(("design",), f"asks for {number:,} {what}; at most {most:,} are run")
            return


def _check_start(file: TypedFile, factors: Sequence[Factor], scenarios: Scenarios) -> None:
    """Every factor has one value or level in each scenario, from which one_at_a_time moves it."""
    for factor in factors:
        where = ("factors", factor.name)
        if factor.levels and factor.level_as_it_is is None:
            message = f"has no level that leaves the world as it is, where {ONE_AT_A_TIME} starts; add as_is: {{}}"
            file.complain(where, message)
        changes = sorted({month for of in scenarios.bases.values() for month in _changes(of, factor)})
        if changes:
            file.complain(
                where,
                f"varies {factor.path}, which changes in {', '.join(changes)}, and {ONE_AT_A_TIME} starts from one "
                f"value; name it, such as {factor.path}@{changes[-1]}",
            )


def _changes(world: Resolved, factor: Factor) -> list[str]:
    """Months within the span in which the value at a factor's path changes; none of a path with a month."""
    span = world.scenario.span
    if factor.path is None or "@" in factor.path:
        return []
    return [month for month in world.versions[factor.path] if span.start_month < month <= span.end_month]


def _check_analysis(file: TypedFile, kind: str | None, design: Design, factors: Sequence[Factor]) -> None:
    """The design carries the analysis."""
    where = ("analysis", "kind")
    if kind is None:
        if design.kind == ONE_AT_A_TIME:
            message = f"is {ONE_AT_A_TIME}, whose points have no common mean; expected analysis: {DOSE_RESPONSE}"
            file.complain(("design", "kind"), message)
        return
    needs = ANALYSES[kind]
    if design.kind not in needs.designs:
        needed = f"a design of kind {' or '.join(needs.designs)}"
        file.complain(where, f"is {kind}, which needs {needed}, not {design.kind}: {needs.reason}")
    elif design.points == 1:
        number = "trajectories" if design.kind == "morris" else "points"
        file.complain(("design", number), f"is 1, which has no spread that {kind} could read; expected two or more")
    many = [factor.name for factor in factors if len(factor.distribution.values) > 2]
    if kind == "effects" and many and design.kind == "factorial":
        file.complain(where, f"is effects, which compares two levels; {', '.join(many)} has more")


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


def _blocs(world: Resolved) -> str:
    return ", ".join(f"{bloc} ({', '.join(members)})" for bloc, members in world.scenario.blocs.items())


def _span(world: Resolved) -> str:
    return f"{world.scenario.span.start_month} to {world.scenario.span.end_month}"
