"""What each mechanism does to the answer: the same races with it and without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race_lab.analysis.failures import whole_outcomes
from ipsc_race_lab.design.designs import ONE_AT_A_TIME, Design
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.experiment import Experiment
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.estimators.intervals import Estimate, variance_ratio
from ipsc_race_lab.metrics.answers import responses
from ipsc_race_lab.metrics.registry import Array, Kind, difference, estimate, kind_of, per_race

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.results.shards import Shards

SUFFIX = "_switch"
MEASURES: dict[str, tuple[str, str, str]] = {  # what is measured of a race: metric or outcome, heading and unit
    "first_in_human": ("lead_months.first_in_human", "1st patient", "months"),
    "first_home_approval": ("lead_months.first_home_approval", "home approval", "months"),
    "first_approval_anywhere": ("lead_months.first_approval_anywhere", "any approval", "months"),
    "origin": ("revenue_share.origin", "origin", "points"),
    "capture": ("revenue_share.capture", "capture", "points"),
    "approvals": ("approvals", "approvals", "count"),
    "patients_harmed": ("patients_harmed", "harmed", "patients"),
    "redundant_patients": ("redundant_patients", "redundant", "patients"),
}


def ablation(name: str, world: Resolved, source: str, fixed: Mapping[str, Any], runs: int, seed: int) -> Experiment:
    """The experiment whose points are a world as it is, and then with each switch turned."""
    switches: Mapping[str, bool] = world.scenario.mechanisms.model_dump()
    factors = tuple(
        Factor(switch, Distribution("values", values=(0.0 if on else 1.0,)), f"mechanisms.{switch}")
        for switch, on in switches.items()
    )
    one, other = pair_of(world)
    return Experiment(
        name, f"What each mechanism does in {world.name}", "", {world.name: source}, (world.hash,), fixed, factors,
        Design(ONE_AT_A_TIME), runs, seed, (one, other), None,
    )  # fmt: skip


def ablated(world: Resolved, experiment: Experiment, shards: Shards) -> dict[str, Any]:
    """The ablation table: for each switch the mean difference that the mechanism makes, with its interval.

    Beside each difference stands the variance ratio, see `intervals`: what it is worth that the races share their
    random numbers. Races that failed with one switch are left out with all; they are counted under `failed`.
    """
    outcomes, failures = whole_outcomes(shards, experiment)
    as_is, *others = (measured(world, races) for races in outcomes)
    switches: Mapping[str, bool] = world.scenario.mechanisms.model_dump()
    effects = {}
    for (switch, on), turned in zip(switches.items(), others, strict=True):
        with_it, without = (as_is, turned) if on else (turned, as_is)
        differences = {name: _difference(of, with_it[of], without[of]) for name, (of, _, _) in MEASURES.items()}
        effects[switch.removesuffix(SUFFIX)] = {"on": on, **differences}
    return {
        "scenario": world.name,
        "scenario_hash": world.hash,
        "blocs": pair_of(world),
        "as_is": {name: _shown(of, estimate(of, as_is[of])) for name, (of, _, _) in MEASURES.items()},
        "mechanisms": effects,
        "runs": experiment.replications,
        "seed": experiment.seed,
        **failures,
    }


def pair_of(world: Resolved) -> list[str]:
    """The blocs compared: the first two, of a world of one bloc that one with itself."""
    blocs = list(world.blocs)
    return [blocs[0], blocs[min(1, len(blocs) - 1)]]


def _difference(of: str, with_it: Array, without: Array) -> dict[str, float | None]:
    """What a mechanism does to one measure of the same races."""
    answers = np.concatenate([per_race(with_it), per_race(without)]).astype(np.float64)
    ratio = variance_ratio(answers, np.array([1.0, -1.0])).estimate
    return {**_shown(of, difference(of, with_it, without)), "variance_ratio": ratio}


def _shown(of: str, numbers: Estimate) -> dict[str, float | None]:
    """Shares in points."""
    scale = 100.0 if kind_of(of) is Kind.SHARE else 1.0
    return {name: None if value is None else scale * value for name, value in numbers._asdict().items()}


def measured(world: Resolved, outcomes: Array) -> dict[str, Array]:
    """All measures of the races of a world, each of shape (1, races); totals are those of all jurisdictions.

    `outcomes`: records of `summary.OUTCOME`, shape (races, blocs).
    """
    table, blocs = outcomes[None], list(world.blocs)
    one, other = pair_of(world)
    answers = responses(table, blocs, (one, other), float(world.months))
    totals = {of: table[of].sum(axis=-1) for of, _, _ in MEASURES.values() if of not in answers}
    return answers | totals
