"""Stand-ins for the compiled model: a resolved scenario and races laid out as in `ipsc_race.world`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import oracle
import pytest

import ipsc_race
import ipsc_race_lab.metrics.history_reading  # noqa: F401 - before a stand-in takes the loader's place
from ipsc_race import milestones
from ipsc_race.ensemble import RaceResult, value_hash
from ipsc_race.loading import Problem, ScenarioError
from ipsc_race.policy import calendar_month, iso_month
from ipsc_race.world import EVENT, MONTHLY

BLOCS = {"china": (0,), "west": (1, 2), "japan": (3,)}


@dataclass(frozen=True)
class Origin:
    value: float
    file: str
    line: int = 0
    grade: str | None = None
    source: str | None = None


def fake_resolved(
    start: str = "2010-01",
    months: int = 180,
    step_months: float = 1.0,
    blocs: dict[str, tuple[int, ...]] = BLOCS,
    histories: tuple[str, ...] = (),
) -> Any:
    """What the laboratory reads of a `loading.Resolved`."""
    first = calendar_month(start)
    span = SimpleNamespace(start_month=start, end_month=iso_month(first + months - 1), step_months=step_months)
    places = {name: SimpleNamespace(label=name.capitalize()) for name in ("china", "us", "eu", "japan")}
    scenario = SimpleNamespace(
        title="A made-up world",
        span=span,
        histories=histories,
        jurisdictions=places,
        model_dump=lambda mode: {"mode": mode},
    )
    return SimpleNamespace(
        name="made-up",
        scenario=scenario,
        epochs=(SimpleNamespace(month=first, scenario=scenario),),
        origins={"a.b": Origin(1.5, "/some/where/made-up.yaml"), "a.c": Origin(2.0, "baseline.yaml")}
        | ({"histories": Origin(0.0, "made-up.yaml", 7)} if histories else {}),
        hash="0123456789abcdef" * 4,
        jurisdictions=tuple(places),
        indications=("heart", "eye"),
        blocs=blocs,
        months=months,
        ticks=round(months / step_months),
    )


def event(milestone: int, month: str, home: int, jurisdiction: int | None = None) -> npt.NDArray[Any]:
    """One event, by default at home."""
    row = np.zeros(1, EVENT)
    row["month"], row["milestone"], row["home"] = calendar_month(month), milestone, home
    row["jurisdiction"] = home if jurisdiction is None else jurisdiction
    return row


def summed_up(resolved: Any, events: npt.NDArray[Any], monthly: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What the compiled loop would sum up."""
    steps = resolved.ticks // resolved.months
    return oracle.outcomes(events, monthly, resolved.blocs, resolved.epochs[0].month, steps)


def race(run: int, resolved: Any, events: Iterable[npt.NDArray[Any]] = (), trials: int = 0) -> RaceResult:
    """A race of given events, each jurisdiction starting `trials` trials a step."""
    monthly = np.zeros((resolved.ticks, len(resolved.jurisdictions)), MONTHLY)
    monthly["trials_started"] = trials * np.arange(1, resolved.ticks + 1)[:, None]
    told = np.concatenate([np.zeros(0, EVENT), *events])
    return RaceResult(run, told, monthly, summed_up(resolved, told, monthly))


def random_race(run: int, seed: int, resolved: Any, events: int = 60) -> RaceResult:
    """A race of random events in order of month."""
    rng = np.random.default_rng([seed, run])
    told = np.zeros(events, EVENT)
    told["month"] = np.sort(rng.integers(0, resolved.months, events)) + resolved.epochs[0].month
    told["milestone"] = rng.choice([*milestones.MILESTONES], events)
    highs = {"company": 9, "programme": 9, "indication": 2, "lane": 3, "reason": 9, "cell_source": 2, "sponsor": 2}
    for name, high in highs.items():
        told[name] = rng.integers(-1 if name in ("programme", "indication") else 0, high, events)
    for name in ("home", "jurisdiction"):
        told[name] = rng.integers(0, len(resolved.jurisdictions), events)
    monthly = np.zeros((resolved.ticks, len(resolved.jurisdictions)), MONTHLY)
    for name in MONTHLY.names or ():
        monthly[name] = np.cumsum(rng.exponential(2.0, monthly.shape), axis=0)
    monthly["redundant_patients"] = monthly["patients_enrolled"] // 2
    return RaceResult(run, told, monthly, summed_up(resolved, told, monthly))


Races = Callable[..., Iterator[RaceResult]]


def random_races(resolved: Any, runs: int, seed: int, *, workers: int = 1, first_run: int = 0) -> Iterator[RaceResult]:
    """As `ensemble.run_races`."""
    del workers
    return (random_race(run, seed, resolved) for run in range(first_run, first_run + runs))


def install(patch: pytest.MonkeyPatch, resolved: Any, races: Races = random_races) -> None:
    """Put stand-ins in the places of the loader and the ensemble."""

    def load(source: str, overrides: tuple[str, ...] = ()) -> Any:
        wrong = [Problem(f"--set {text}", 0, 0, "", "unknown path") for text in overrides]
        if source != resolved.name:
            wrong.append(Problem(source, 1, 1, "", "no such scenario"))
        if wrong:
            raise ScenarioError(wrong)
        return resolved

    contents: dict[str, dict[str, Any]] = {
        "loading": {"load": load, "ScenarioError": ScenarioError},
        "ensemble": {
            "run_races": races,
            "value_hash": value_hash,
            "warm": lambda report: report("compiling"),
        },
    }
    for name, content in contents.items():
        module = ModuleType(f"ipsc_race.{name}")
        module.__dict__.update(content)
        patch.setitem(sys.modules, module.__name__, module)
        patch.setattr(ipsc_race, name, module, raising=False)
