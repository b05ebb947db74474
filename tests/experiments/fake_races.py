"""Stand-ins for the compiled model: a resolved scenario and races laid out as in `ipsc_race.world`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import oracle

from ipsc_race import milestones
from ipsc_race.ensemble import RaceResult
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
