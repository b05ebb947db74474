"""What each mechanism does to the answer: the same races with it and without it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ipsc_race.loading import Resolved

    Numbers = npt.NDArray[np.float64]  # shape (runs, measures)


SUFFIX = "_switch"
MEASURES: dict[str, tuple[str, str]] = {  # what is measured of a race: heading and unit
    "first_in_human": ("1st patient", "months"),
    "first_home_approval": ("home approval", "months"),
    "first_approval_anywhere": ("any approval", "months"),
    "origin": ("origin", "points"),
    "capture": ("capture", "points"),
    "approvals": ("approvals", "count"),
    "patients_harmed": ("harmed", "patients"),
    "redundant_patients": ("redundant", "patients"),
}


def ablated(world: Resolved, arguments: argparse.Namespace, advance: Callable[[], None]) -> dict[str, Any]:
    """The ablation table: for each switch the mean difference that the mechanism makes, with its interval.

    Beside each the variance ratio, see `intervals`: what it is worth that the races share their luck.
    """
    from ipsc_race.loading import load
    from ipsc_race_lab.estimators import intervals

    switches: Mapping[str, bool] = world.scenario.mechanisms.model_dump()
    as_is = measured(world, arguments, advance)
    effects = {}
    for switch, on in switches.items():
        turned = measured(load(arguments.scenario, (*arguments.set, _turn(switch, on))), arguments, advance)
        with_it, without = (as_is, turned) if on else (turned, as_is)
        effects[switch.removesuffix(SUFFIX)] = {
            "on": on,
            **{name: _difference(with_it[:, i], without[:, i]) for i, name in enumerate(MEASURES)},
        }
    one, other = list(world.blocs)[:2]
    return {
        "scenario": world.name,
        "scenario_hash": world.hash,
        "runs": arguments.runs,
        "seed": arguments.seed,
        "blocs": [one, other],
        "as_is": {name: intervals.paired_t(as_is[:, i])._asdict() for i, name in enumerate(MEASURES)},
        "mechanisms": effects,
    }


def _difference(with_it: Numbers, without: Numbers) -> dict[str, float | None]:
    """What a mechanism does to one measure of the same races."""
    import numpy as np

    from ipsc_race_lab.estimators.intervals import paired_t, variance_ratio

    ratio = variance_ratio(np.stack([with_it, without]), np.array([1.0, -1.0])).estimate
    return {**paired_t(with_it - without)._asdict(), "variance_ratio": ratio}


def _turn(switch: str, on: bool) -> str:
    return f"mechanisms.{switch}={'false' if on else 'true'}"


def measured(world: Resolved, arguments: argparse.Namespace, advance: Callable[[], None]) -> Numbers:
    """All measures of all races of a world.

    Leads of the first bloc over the second are positive where the first is earlier; revenue is its share in points;
    the rest are totals of all jurisdictions.
    """
    import numpy as np

    from ipsc_race.ensemble import run_races
    from ipsc_race_lab.metrics.answers import responses
    from ipsc_race_lab.metrics.durable import VIEWS
    from ipsc_race_lab.metrics.questions import QUESTIONS

    rows = []
    for result in run_races(world, arguments.runs, arguments.seed, workers=arguments.workers):
        rows.append(result.outcomes)
        advance()
    outcomes, blocs = np.stack(rows), list(world.blocs)
    answers = responses(outcomes, blocs, (blocs[0], blocs[1]), float(world.months))
    leads = [answers[f"lead_months.{question}"] for question in QUESTIONS]
    points = [100.0 * answers[f"revenue_share.{view}"] for view in VIEWS]
    totals = [outcomes[name].sum(axis=1) for name in ("approvals", "patients_harmed", "redundant_patients")]
    return np.column_stack([*leads, *points, *totals])
