"""Simulated beside recorded: each fact of the histories that a world names, held against its races.

A fact is asked of the races as far as their span and their places reach. Of a race it is one number (a count, or a
month, infinite if that never came); of all races the median with the central 80%, and the share of races in which it
came as early as recorded, or was at most as many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race import milestones as m
from ipsc_race.policy import calendar_month, iso_month
from ipsc_race_lab.estimators import intervals
from ipsc_race_lab.metrics.history import ALL, ANY, Fact, Registry
from ipsc_race_lab.metrics.observation import TRIALS, posted

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.metrics.history import History

APPROVALS = (m.CONDITIONALLY_APPROVED, m.APPROVED)
OF_FACTS = np.zeros(max(m.MILESTONES) + 1, np.bool_)  # by number of a milestone: whether a fact may hang on it
OF_FACTS[[*TRIALS, m.PHASES_JOINED, m.FIRST_IN_HUMAN, *APPROVALS]] = True

Events = npt.NDArray[Any]
Rows = tuple[int, ...]


@dataclass(frozen=True)
class Asked:
    """A fact in the terms of a world: rows of its places, and where its month ends in a race's series."""

    history: str
    fact: Fact
    registry: Registry
    places: tuple[str, ...]
    there: Rows
    other: Rows
    last_row: int
    seed: int


class Beside:
    """What is kept of the races seen so far: a number for each fact."""

    def __init__(self, resolved: Resolved, histories: Sequence[History], seed: int) -> None:
        each = (asked(resolved, history, fact, seed) for history in histories for fact in history.facts)
        self._asked = [of for of in each if of is not None]
        self._numbers: list[list[float]] = []

    def add(self, result: RaceResult) -> None:
        """Take the next race."""
        told = replace(result, events=result.events[OF_FACTS[result.events["milestone"]]])  # one in ten
        self._numbers.append([MEASURES[of.fact.what](of, told) for of in self._asked])

    def numbers(self) -> dict[str, npt.NDArray[np.float64]]:
        """What each race says of each fact, by `history.key`."""
        numbers = np.array(self._numbers, np.float64).reshape(len(self._numbers), len(self._asked))
        return {f"{of.history}.{of.fact.key}": numbers[:, i] for i, of in enumerate(self._asked)}

    def block(self) -> list[dict[str, Any]]:
        """Every fact with what the races say, as it stands in `summary.json`."""
        return [beside(of, numbers) for of, numbers in zip(self._asked, self.numbers().values(), strict=True)]


def asked(resolved: Resolved, history: History, fact: Fact, seed: int) -> Asked | None:
    """A fact as a world can be asked it; None where the span does not hold its month, or the world not its places."""
    months = calendar_month(fact.by) - resolved.epochs[0].month
    there, other = rows_of(resolved, fact.region), rows_of(resolved, fact.after or fact.region)
    if not 0 <= months < resolved.months or not there or not other:
        return None
    last_row = (months + 1) * (resolved.ticks // resolved.months) - 1
    places = tuple(resolved.jurisdictions)
    return Asked(history.name, fact, history.registry, places, there, other, last_row, seed)


def rows_of(resolved: Resolved, place: str) -> Rows:
    """Rows of all places, of a jurisdiction or of a bloc; none where the world has no such place."""
    names = resolved.jurisdictions
    if place == ALL:
        return tuple(range(len(names)))
    return (names.index(place),) if place in names else tuple(resolved.blocs.get(place, ()))


def trials_posted(of: Asked, result: RaceResult) -> float:
    """Trials that the registry shows by then."""
    events = _events(of.fact, of.there, result)
    return float(len(posted(events, of.registry, of.places, of.seed, result.run, of.fact.by)))


def patients_treated(of: Asked, result: RaceResult) -> float:
    """Patients in trials by then."""
    return float(result.monthly[of.last_row]["patients_enrolled"][list(of.there)].sum())


def approvals(of: Asked, result: RaceResult) -> float:
    """Pairs of product and place approved by then, each once."""
    events = _events(of.fact, of.there, result)
    granted = events[_among(events["milestone"], APPROVALS) & (events["month"] <= calendar_month(of.fact.by))]
    return float(len(np.unique(granted[["programme", "jurisdiction"]])))


def first_patient(of: Asked, result: RaceResult) -> float:
    """Month of the first patient there."""
    return _first(_events(of.fact, of.there, result), (m.FIRST_IN_HUMAN,))


def first_approval(of: Asked, result: RaceResult) -> float:
    """Month of the first approval there."""
    return _first(_events(of.fact, of.there, result), APPROVALS)


def approval_lag(of: Asked, result: RaceResult) -> float:
    """Months from the first approval in the other place to that there; not a number where neither has one."""
    here, before = (_first(_events(of.fact, rows, result), APPROVALS) for rows in (of.there, of.other))
    return float("nan") if np.isinf(here) and np.isinf(before) else here - before


MEASURES: dict[str, Callable[[Asked, RaceResult], float]] = {
    measure.__name__: measure
    for measure in (trials_posted, patients_treated, approvals, first_patient, first_approval, approval_lag)
}


def beside(of: Asked, numbers: npt.NDArray[np.float64]) -> dict[str, Any]:
    """A fact with what the races say; `numbers` holds one of each, not a number where a race says nothing."""
    fact, known = of.fact, numbers[~np.isnan(numbers)]
    shown: Callable[[float], float | str] = _iso if fact.kind.is_month else float
    record = calendar_month(str(fact.recorded)) if fact.kind.is_month else float(fact.recorded)
    simulated = intervals.spread(known)._asdict()
    return {
        "history": of.history,
        "key": fact.key,
        "title": fact.title,
        "unit": fact.kind.unit,
        "by": fact.by,
        "recorded": fact.recorded,
        "spread": fact.spread,
        "simulated": {name: None if value is None else shown(value) for name, value in simulated.items()},
        "p_at_or_before": intervals.wilson(float(np.sum(known <= record)), len(known))._asdict(),
        "grade": fact.grade,
        "source": ", ".join(fact.sources),
    }


def is_outside(block: Mapping[str, Any]) -> bool:
    """Whether a fact, as it stands in `summary.json`, lies outside the central 80% of the races."""
    recorded, low, high = block["recorded"], block["simulated"]["low"], block["simulated"]["high"]
    if block["p_at_or_before"]["estimate"] is None:
        return False  # no race says anything of it
    return bool(low is None or recorded < low or (high is not None and recorded > high))  # None: never came


def _events(fact: Fact, rows: Rows, result: RaceResult) -> Events:
    """The events of a race that a fact is about, by place, cells and lane."""
    events = result.events
    chosen = _among(events["jurisdiction"], rows)
    for column, names, word in (("cell_source", m.CELL_SOURCES, fact.cells), ("lane", m.LANES, fact.lane)):
        if word is not None and word != ANY:
            chosen &= _among(events[column], [number for number, name in names.items() if name == word])
    return events[chosen]


def _first(events: Events, kinds: tuple[int, ...]) -> float:
    """Calendar month of the first event of some kinds, infinite if there is none."""
    months = events["month"][_among(events["milestone"], kinds)].astype(np.float64)
    return float(months.min(initial=np.inf))


def _among(column: npt.NDArray[Any], numbers: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Which entries are one of a few numbers: of short columns in a fifth of the time of `np.isin`."""
    return np.asarray((column[:, None] == np.array(numbers)).any(axis=1), np.bool_)


def _iso(month: float) -> str:
    return iso_month(int(month))
