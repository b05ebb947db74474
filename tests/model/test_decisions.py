"""Developers go on, wait or give up by what was read of their programmes, and by nothing else."""

from __future__ import annotations

import numpy as np

from ipsc_race import milestones as m
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load

READOUTS = (m.HOSPITAL_STUDY_READ_OUT, m.PHASE_1_READ_OUT, m.PHASE_2_READ_OUT, m.PHASE_3_READ_OUT)
ENDS = (m.CAMPAIGN_STOPPED, m.PROGRAMME_STOPPED)


def test_nobody_gives_up_for_futility_what_was_never_read() -> None:
    """A first patient says nothing of an effect: what is founded on a low belief is not futile abroad for having one.

    Four races have some 700 ends for futility; before this was mended a fifth of them had read nothing.
    """
    ends = unread = 0
    for race in run_races(load("baseline"), 4, seed=7):
        events = race.events
        read = dict.fromkeys(np.unique(events["programme"]), np.inf)
        for event in events[np.isin(events["milestone"], READOUTS)]:
            read[event["programme"]] = min(read[event["programme"]], event["month"])
        futile = events[np.isin(events["milestone"], ENDS) & (events["reason"] == m.FUTILITY)]
        ends += len(futile)
        unread += sum(read[end["programme"]] > end["month"] for end in futile)
    assert ends > 500
    assert unread == 0
