"""What each mechanism does to the answer: the same races with it and without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race_lab.estimators.intervals import Estimate, variance_ratio
from ipsc_race_lab.metrics.answers import responses
from ipsc_race_lab.metrics.registry import Array, Kind, difference, estimate, kind_of, per_race

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved

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


def ablated(world: Resolved, raced: Callable[[str | None], Iterable[RaceResult]]) -> dict[str, Any]:
    """The ablation table: for each switch the mean difference that the mechanism makes, with its interval.

    `raced` gives the races of the world, or of the world with an override. Beside each difference stands the variance
    ratio, see `intervals`: what it is worth that the races share their luck.
    """
    as_is = measured(world, raced(None))
    switches: Mapping[str, bool] = world.scenario.mechanisms.model_dump()
    effects = {}
    for switch, on in switches.items():
        turned = measured(world, raced(f"mechanisms.{switch}={'false' if on else 'true'}"))
        with_it, without = (as_is, turned) if on else (turned, as_is)
        differences = {name: _difference(of, with_it[of], without[of]) for name, (of, _, _) in MEASURES.items()}
        effects[switch.removesuffix(SUFFIX)] = {"on": on, **differences}
    one, other = list(world.blocs)[:2]
    return {
        "scenario": world.name,
        "scenario_hash": world.hash,
        "blocs": [one, other],
        "as_is": {name: _shown(of, estimate(of, as_is[of])) for name, (of, _, _) in MEASURES.items()},
        "mechanisms": effects,
    }


def _difference(of: str, with_it: Array, without: Array) -> dict[str, float | None]:
    """What a mechanism does to one measure of the same races."""
    answers = np.concatenate([per_race(with_it), per_race(without)]).astype(np.float64)
    ratio = variance_ratio(answers, np.array([1.0, -1.0])).estimate
    return {**_shown(of, difference(of, with_it, without)), "variance_ratio": ratio}


def _shown(of: str, numbers: Estimate) -> dict[str, float | None]:
    """Shares in points."""
    scale = 100.0 if kind_of(of) is Kind.SHARE else 1.0
    return {name: None if value is None else scale * value for name, value in numbers._asdict().items()}


def measured(world: Resolved, races: Iterable[RaceResult]) -> dict[str, Array]:
    """All measures of all races of a world, each of shape (1, races); totals are those of all jurisdictions."""
    outcomes, blocs = np.stack([result.outcomes for result in races])[None], list(world.blocs)
    answers = responses(outcomes, blocs, (blocs[0], blocs[1]), float(world.months))
    totals = {of: outcomes[of].sum(axis=-1) for of, _, _ in MEASURES.values() if of not in answers}
    return answers | totals
