"""The registry seen through: of the trials that open in a race those that come to be posted, in the month of posting.

Whether and when a trial is posted hangs on keys alone (seed, race, programme, what opened, place, and how often it did
before), so that neither the order of the races nor their number moves it. A phase joined to the one before is no new
entry of a registry.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.host import PLAIN
from ipsc_race.policy import calendar_month

if TYPE_CHECKING:
    from ipsc_race_lab.metrics.history import Registry

POSTED, DELAY = 200, 201  # streams: whether a trial is posted, and how long that takes
TRIALS = (m.HOSPITAL_STUDY_OPENED, m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.PHASE_3_STARTED, m.CONFIRMATION_STARTED)

Events = npt.NDArray[Any]


def posted(events: Events, registry: Registry, places: Sequence[str], seed: int, run: int, by: str) -> Events:
    """The trials posted by the end of a month, as events in the month of their posting; `places` names the rows."""
    last, key = calendar_month(by), _key(seed, run)
    rows, months = [], []
    for trial in _opened(events, last):
        month = _posting_month(trial, registry, places, key)
        if month is not None and month <= last:
            rows.append(trial.row)
            months.append(month)
    entries = events[np.array(rows, np.int64)].copy()
    entries["month"] = months
    return entries


class _Trial(NamedTuple):
    """A trial that opens: its row among the events, and how often such a one opened before."""

    row: int
    month: int
    kind: int
    programme: int
    place: int
    repeat: int


def _opened(events: Events, last: int) -> Iterator[_Trial]:
    """The trials that open by a month under a protocol of their own."""
    joined: set[tuple[int, int]] = set()
    before: Counter[tuple[int, int, int]] = Counter()
    rows = np.flatnonzero(np.isin(events["milestone"], (*TRIALS, m.PHASES_JOINED)) & (events["month"] <= last))
    columns = (events[name][rows].tolist() for name in ("month", "milestone", "programme", "jurisdiction"))
    for row, month, kind, programme, place in zip(rows.tolist(), *columns, strict=True):
        if kind == m.PHASES_JOINED:
            joined.add((programme, place))
        elif kind != m.HOSPITAL_STUDY_OPENED and (programme, place) in joined:
            joined.remove((programme, place))
        else:
            yield _Trial(row, month, kind, programme, place, before[kind, programme, place])
            before[kind, programme, place] += 1


def _posting_month(trial: _Trial, registry: Registry, places: Sequence[str], key: Any) -> int | None:
    """Month in which a registry shows a trial that has opened, None if it never does."""
    lane = m.HOSPITAL if trial.kind == m.HOSPITAL_STUDY_OPENED else m.REGISTRATION
    rule = registry.posting(places[trial.place], m.LANES[lane])
    k = trial.repeat * len(places) + trial.place
    if draws.uniform(key, POSTED, trial.programme, trial.kind, k) >= rule.probability:
        return None
    months = -rule.delay_months * math.log(draws.uniform(key, DELAY, trial.programme, trial.kind, k))
    return trial.month + math.floor(months)


def _key(seed: int, run: int) -> Any:
    """Key of a race, as the host takes it."""
    key = draws.race_key(seed, run)
    return key if PLAIN else np.uint64(key)
