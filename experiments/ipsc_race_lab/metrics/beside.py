"""Simulated beside recorded: each fact of the histories that a world names, held against its races.

A fact is asked of the races as far as their span and their places reach. Of a race it is one number (a count, or a
month, infinite if that never came); of all races the median with the central 80%, and the share of races in which it
came as early as recorded, or was at most as many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race import milestones as m
from ipsc_race.policy import calendar_month, iso_month
from ipsc_race_lab.estimators import intervals
from ipsc_race_lab.metrics.history import ALL, ANY, Fact, Registry
from ipsc_race_lab.metrics.observation import TRIALS, posted, race_keys

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.metrics.history import History

APPROVALS = (m.CONDITIONALLY_APPROVED, m.APPROVED)
OF_FACTS = np.zeros(max(m.MILESTONES) + 1, np.bool_)  # by number of a milestone: whether a fact may hang on it
OF_FACTS[[*TRIALS, m.PHASES_JOINED, m.FIRST_IN_HUMAN, *APPROVALS]] = True

BLOCK = 32  # races that are read at a time
COUNTED = "patients_enrolled"  # column of the monthly series

Events = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
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


class Told(NamedTuple):
    """What is kept of a race until it is read."""

    run: int
    events: Events
    patients: npt.NDArray[Any]


def told(result: RaceResult) -> Told:
    """What facts can be asked of a race: one event in ten."""
    return Told(result.run, result.events[OF_FACTS[result.events["milestone"]]], result.monthly[COUNTED].copy())


class Block:
    """Races that are read together: their events in one table, each with the place of its race."""

    def __init__(self, races: Sequence[Told]) -> None:
        self.races = races
        self.events = np.concatenate([race.events for race in races])
        self.race_of = np.repeat(np.arange(len(races)), [len(race.events) for race in races])
        self._posted: dict[str, tuple[Events, npt.NDArray[np.intp]]] = {}

    def posted(self, of: Asked) -> tuple[Events, npt.NDArray[np.intp]]:
        """The trials that the registry of a history comes to show, and of which race each is."""
        if of.history not in self._posted:
            keys = race_keys(of.seed, (race.run for race in self.races))
            self._posted[of.history] = posted(self.events, self.race_of, of.registry, of.places, keys)
        return self._posted[of.history]

    def firsts(self, of: Asked, there: Rows, kinds: tuple[int, ...]) -> Floats:
        """Calendar month of the first event of some kinds in each race, infinite if there is none."""
        chosen = _is_of(of.fact, there, self.events) & _among(self.events["milestone"], kinds)
        months = np.full(len(self.races), np.inf)
        np.minimum.at(months, self.race_of[chosen], self.events["month"][chosen].astype(np.float64))
        return months

    def counts(self, race_of: npt.NDArray[np.intp]) -> Floats:
        """How often each race is named."""
        return np.bincount(race_of, minlength=len(self.races)).astype(np.float64)


class Beside:
    """What is kept of the races seen so far: a number for each fact."""

    def __init__(self, resolved: Resolved, histories: Sequence[History], seed: int) -> None:
        each = (asked(resolved, history, fact, seed) for history in histories for fact in history.facts)
        self._asked = [of for of in each if of is not None]
        self._waiting: list[Told] = []
        self._read: list[Floats] = []

    def add(self, result: RaceResult) -> None:
        """Take the next race."""
        self._waiting.append(told(result))
        if len(self._waiting) == BLOCK:
            self._read_waiting()

    def _read_waiting(self) -> None:
        if self._waiting and self._asked:
            block = Block(self._waiting)
            self._read.append(np.column_stack([MEASURES[of.fact.what](of, block) for of in self._asked]))
        self._waiting = []

    def numbers(self) -> dict[str, Floats]:
        """What each race says of each fact, by `history.key`."""
        self._read_waiting()
        numbers = np.concatenate([np.zeros((0, len(self._asked))), *self._read])
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


def trials_posted(of: Asked, block: Block) -> Floats:
    """Trials that the registry shows by then."""
    entries, race_of = block.posted(of)
    return block.counts(race_of[_is_of(of.fact, of.there, entries) & _by_then(of.fact, entries)])


def patients_treated(of: Asked, block: Block) -> Floats:
    """Patients in trials by then."""
    return np.array([race.patients[of.last_row][list(of.there)].sum() for race in block.races], np.float64)


def approvals(of: Asked, block: Block) -> Floats:
    """Pairs of product and place approved by then, each once."""
    events = block.events
    chosen = _is_of(of.fact, of.there, events) & _among(events["milestone"], APPROVALS) & _by_then(of.fact, events)
    granted = [block.race_of[chosen], events["programme"][chosen], events["jurisdiction"][chosen]]
    return block.counts(np.unique(np.column_stack(granted), axis=0)[:, 0])


def first_patient(of: Asked, block: Block) -> Floats:
    """Month of the first patient there."""
    return block.firsts(of, of.there, (m.FIRST_IN_HUMAN,))


def first_approval(of: Asked, block: Block) -> Floats:
    """Month of the first approval there."""
    return block.firsts(of, of.there, APPROVALS)


def approval_lag(of: Asked, block: Block) -> Floats:
    """Months from the first approval in the other place to that there; not a number where neither has one."""
    here, before = (block.firsts(of, rows, APPROVALS) for rows in (of.there, of.other))
    neither = np.isinf(here) & np.isinf(before)
    return np.where(neither, np.nan, here - np.where(neither, 0.0, before))


MEASURES: dict[str, Callable[[Asked, Block], Floats]] = {
    measure.__name__: measure
    for measure in (trials_posted, patients_treated, approvals, first_patient, first_approval, approval_lag)
}


def beside(of: Asked, numbers: Floats) -> dict[str, Any]:
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


def _is_of(fact: Fact, rows: Rows, events: Events) -> Mask:
    """Which events a fact is about, by place, cells and lane."""
    chosen = _among(events["jurisdiction"], rows)
    for column, names, word in (("cell_source", m.CELL_SOURCES, fact.cells), ("lane", m.LANES, fact.lane)):
        if word is not None and word != ANY:
            chosen &= _among(events[column], [number for number, name in names.items() if name == word])
    return chosen


def _by_then(fact: Fact, events: Events) -> Mask:
    """Which events had happened by the month of a fact."""
    return np.asarray(events["month"] <= calendar_month(fact.by), np.bool_)


def _among(column: npt.NDArray[Any], numbers: Sequence[int]) -> Mask:
    """Which entries are one of a few numbers: of short columns in a fifth of the time of `np.isin`."""
    return np.asarray((column[:, None] == np.array(numbers)).any(axis=1), np.bool_)


def _iso(month: float) -> str:
    return iso_month(int(month))
