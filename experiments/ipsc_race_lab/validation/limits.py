"""The worlds in which rungs are measured, and what is read of their races."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race.ensemble import RaceResult, run_races
from ipsc_race.loading import Resolved, load, scenario_folder

if TYPE_CHECKING:
    from ipsc_race.overriding import Overrides

Array = npt.NDArray[Any]
SEED = 20_060_825  # the day on which induced pluripotent stem cells were published


def limit(name: str, overrides: Overrides = ()) -> Resolved:
    """A limit world by name, with overrides."""
    return load(scenario_folder() / "limits" / f"{name}.yaml", overrides)


def races(resolved: Resolved, runs: int, seed: int = SEED) -> list[RaceResult]:
    """Races of a world, in order of run."""
    return list(run_races(resolved, runs, seed))


def first_months(resolved: Resolved, result: RaceResult, *milestones: int) -> Array:
    """Months from the start of the span to each company's first such milestone, by row of company; inf if never."""
    events = result.events
    months = np.full(int(events["company"].max(initial=-1)) + 1, np.inf)
    asked = events[np.isin(events["milestone"], milestones)]
    np.minimum.at(months, asked["company"], asked["month"] - float(resolved.epochs[0].month))
    return months


def all_months(resolved: Resolved, results: list[RaceResult], *milestones: int) -> Array:
    """`first_months` of all races, one after the other."""
    return np.concatenate([first_months(resolved, result, *milestones) for result in results])


def homes(result: RaceResult) -> Array:
    """Row of the home jurisdiction of each company that a race has seen."""
    _, first = np.unique(result.events["company"], return_index=True)
    return np.asarray(result.events["home"][first])


def swept(path: str, value: Any) -> dict[str, Any]:
    """One number of every jurisdiction of the baseline, as overrides."""
    return {f"jurisdictions.{place}.{path}": value for place in load("baseline").jurisdictions}
