"""The registry seen through: of the trials that open in a race those that come to be posted, in the month of posting.

Whether and when a trial is posted hangs on keys alone (seed, race, programme, what opened, place, and how often it did
before), so that neither the order of the races nor their number moves it. A phase joined to the one before is no new
entry of a registry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.host import PLAIN, njit
from ipsc_race.policy import calendar_month

if TYPE_CHECKING:
    from ipsc_race_lab.metrics.history import Registry

POSTED, DELAY = 200, 201  # streams: whether a trial is posted, and how long that takes
TRIALS = (m.HOSPITAL_STUDY_OPENED, m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.PHASE_3_STARTED, m.CONFIRMATION_STARTED)

Events = npt.NDArray[Any]


def posted(events: Events, registry: Registry, places: Sequence[str], seed: int, run: int, by: str) -> Events:
    """The trials posted by the end of a month, as events in the month of their posting; `places` names the rows."""
    last, key = calendar_month(by), _key(seed, run)
    trials = _opened(events, last)
    if not trials:
        return events[:0]
    lane = [m.HOSPITAL if trial.kind == m.HOSPITAL_STUDY_OPENED else m.REGISTRATION for trial in trials]
    rules = [registry.posting(places[of.place], m.LANES[by]) for of, by in zip(trials, lane, strict=True)]
    probability, delay_months = np.array(rules, np.float64).T
    keyed = np.array([(of.programme, of.kind, of.repeat * len(places) + of.place) for of in trials], np.int64)
    shown = _uniforms(key, POSTED, keyed) < probability
    waits = np.floor(-delay_months * np.log(_uniforms(key, DELAY, keyed)))
    months = np.array([of.month for of in trials]) + waits.astype(np.int64)
    kept = shown & (months <= last)
    entries: Events = events[np.array([of.row for of in trials])[kept]].copy()
    entries["month"] = months[kept]
    return entries


@njit
def _uniforms(key: Any, stream: int, keyed: Any) -> Any:
    """A uniform number for each row of programme, kind and place."""
    numbers = np.empty(len(keyed))
    for i in range(len(keyed)):
        numbers[i] = draws.uniform(key, stream, keyed[i, 0], keyed[i, 1], keyed[i, 2])
    return numbers


class _Trial(NamedTuple):
    """A trial that opens: its row among the events, and how often such a one opened before."""

    row: int
    month: int
    kind: int
    programme: int
    place: int
    repeat: int


def _opened(events: Events, last: int) -> list[_Trial]:
    """The trials that open by a month under a protocol of their own."""
    joined: set[tuple[int, int]] = set()
    trials: list[_Trial] = []
    before: Counter[tuple[int, int, int]] = Counter()
    rows = np.flatnonzero(np.isin(events["milestone"], (*TRIALS, m.PHASES_JOINED)) & (events["month"] <= last))
    columns = (events[name][rows].tolist() for name in ("month", "milestone", "programme", "jurisdiction"))
    for row, month, kind, programme, place in zip(rows.tolist(), *columns, strict=True):
        if kind == m.PHASES_JOINED:
            joined.add((programme, place))
        elif kind != m.HOSPITAL_STUDY_OPENED and (programme, place) in joined:
            joined.remove((programme, place))
        else:
            trials.append(_Trial(row, month, kind, programme, place, before[kind, programme, place]))
            before[kind, programme, place] += 1
    return trials


def _key(seed: int, run: int) -> Any:
    """Key of a race, as the host takes it."""
    key = draws.race_key(seed, run)
    return key if PLAIN else np.uint64(key)
