"""The registry seen through: of the trials that open in a race those that come to be posted, in the month of posting.

Whether and when a trial is posted hangs on keys alone (seed, race, programme, what opened, place, and how often it did
before), so that neither the order of the races nor their number moves it. A phase joined to the one before is no new
entry of a registry.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

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
    last = calendar_month(by)
    seen = []
    for row, repeat in _opened(events[events["month"] <= last]):
        month = _posting_month(events[row], repeat, registry, places, _key(seed, run))
        if month is not None and month <= last:
            seen.append((row, month))
    rows, months = zip(*seen, strict=True) if seen else ((), ())
    entries = events[list(rows)].copy()
    entries["month"] = months
    return entries


def _opened(events: Events) -> Iterator[tuple[int, int]]:
    """Rows of trials that open under a protocol of their own, each with how often such a one opened before."""
    joined: set[tuple[int, int]] = set()
    before: Counter[tuple[int, int, int]] = Counter()
    for row in np.flatnonzero(np.isin(events["milestone"], (*TRIALS, m.PHASES_JOINED))).tolist():
        kind, programme, place = (int(events[name][row]) for name in ("milestone", "programme", "jurisdiction"))
        if kind == m.PHASES_JOINED:
            joined.add((programme, place))
        elif kind != m.HOSPITAL_STUDY_OPENED and (programme, place) in joined:
            joined.remove((programme, place))
        else:
            yield row, before[kind, programme, place]
            before[kind, programme, place] += 1


def _posting_month(event: Any, repeat: int, registry: Registry, places: Sequence[str], key: Any) -> int | None:
    """Month in which a registry shows a trial that has opened, None if it never does."""
    place, programme, kind = int(event["jurisdiction"]), int(event["programme"]), int(event["milestone"])
    lane = m.HOSPITAL if kind == m.HOSPITAL_STUDY_OPENED else m.REGISTRATION
    rule = registry.posting(places[place], m.LANES[lane])
    k = repeat * len(places) + place
    if draws.uniform(key, POSTED, programme, kind, k) >= rule.probability:
        return None
    months = -rule.delay_months * math.log(draws.uniform(key, DELAY, programme, kind, k))
    return int(event["month"]) + math.floor(months)


def _key(seed: int, run: int) -> Any:
    """Key of a race, as the host takes it."""
    key = draws.race_key(seed, run)
    return key if PLAIN else np.uint64(key)
