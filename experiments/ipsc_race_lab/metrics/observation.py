"""The registry seen through: of the trials that open in a race those that come to be posted, in the month of posting.

Whether and when a trial is posted hangs on keys alone (seed, race, programme, what opened, place, and how often it did
before), so that neither the order of the races nor their number moves it. A phase joined to the one before is no new
entry of a registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.host import PLAIN, njit

if TYPE_CHECKING:
    from ipsc_race_lab.metrics.history import Registry

POSTED, DELAY = 200, 201  # streams: whether a trial is posted, and how long that takes
TRIALS = (m.HOSPITAL_STUDY_OPENED, m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.PHASE_3_STARTED, m.CONFIRMATION_STARTED)
LANES = (m.LANES[m.REGISTRATION], m.LANES[m.HOSPITAL])  # of a trial that is no hospital study, and of one that is

Events = npt.NDArray[Any]
Rows = npt.NDArray[np.intp]


def posted(
    events: Events, races: Rows, registry: Registry, places: Sequence[str], keys: Sequence[Any]
) -> tuple[Events, Rows]:
    """The trials that come to be posted, as events in the month of their posting, and of which race each is.

    `events` of several races, those of one in the order in which they happened; `races`: of which each is, a place in
    `keys` (`race_keys`); `places` names the rows of jurisdictions.
    """
    rows, repeats = _opened(events, races)
    trials, of = events[rows], races[rows]
    postings = np.array([[registry.posting(place, lane) for lane in LANES] for place in places], np.float64)
    in_hospital = (trials["milestone"] == m.HOSPITAL_STUDY_OPENED).astype(np.intp)
    probability, delay_months = postings[trials["jurisdiction"], in_hospital].T
    place = repeats * len(places) + trials["jurisdiction"]
    keyed = np.column_stack([trials["programme"], trials["milestone"], place]).astype(np.int64)
    drawn = (keys, of.tolist(), keyed.tolist()) if PLAIN else (np.array(keys, np.uint64), of, keyed)
    numbers = _uniforms(*drawn)
    trials["month"] += np.floor(-delay_months * np.log(numbers[:, 1])).astype(np.int32)
    shown = numbers[:, 0] < probability
    return trials[shown], of[shown]


def race_keys(seed: int, runs: Iterable[int]) -> list[Any]:
    """Keys of races, by which a registry shows their trials."""
    return [draws.race_key(seed, run) for run in runs]


@njit
def _uniforms(keys: Any, races: Any, keyed: Any) -> Any:
    """Two uniform numbers for each row of programme, kind and place: for whether it is posted, and when."""
    numbers = np.empty((len(keyed), 2))
    for i in range(len(keyed)):
        key, row = keys[races[i]], keyed[i]
        numbers[i, 0] = draws.uniform(key, POSTED, row[0], row[1], row[2])
        numbers[i, 1] = draws.uniform(key, DELAY, row[0], row[1], row[2])
    return numbers


def _opened(events: Events, races: Rows) -> tuple[Rows, Rows]:
    """Rows of the trials that open under a protocol of their own, and how often such a one opened before."""
    rows = np.flatnonzero(np.isin(events["milestone"], (*TRIALS, m.PHASES_JOINED)))
    told = events[rows]
    kinds, of_hospital = told["milestone"], told["milestone"] == m.HOSPITAL_STUDY_OPENED
    track = _numbered(races[rows], told["programme"], told["jurisdiction"], of_hospital)
    order = np.argsort(track, kind="stable")
    joins = np.zeros(len(rows), np.bool_)  # the phase before goes on into it
    follows = track[order][1:] == track[order][:-1]
    joins[order[1:]] = follows & (kinds[order][:-1] == m.PHASES_JOINED)
    own = (kinds != m.PHASES_JOINED) & ~joins
    return rows[own], _times_before(_numbered(track[own], kinds[own]))


def _numbered(*columns: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """One number for each combination of some columns of whole numbers, 0 or more."""
    numbers = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        numbers = numbers * (int(column.max(initial=0)) + 1) + column
    return numbers


def _times_before(numbers: npt.NDArray[np.int64]) -> Rows:
    """How often each number came before it."""
    order = np.argsort(numbers, kind="stable")
    place = np.arange(len(numbers))
    is_first = np.append(True, numbers[order][1:] != numbers[order][:-1])[: len(numbers)]
    before = np.zeros(len(numbers), np.intp)
    before[order] = place - np.maximum.accumulate(np.where(is_first, place, 0))
    return before
