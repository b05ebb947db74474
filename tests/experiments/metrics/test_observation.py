"""What a registry shows: fewer trials than happen, and later; if these fail, like is not compared with like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from fake_races import event

from ipsc_race import milestones as m
from ipsc_race.policy import calendar_month
from ipsc_race_lab.metrics.history import Posting, Registry
from ipsc_race_lab.metrics.observation import posted

PLACES = ("china", "us")
CHINA, US = range(2)
BY = "2039-12"
EVERYTHING = Posting(1.0, 0.0)


def registry(usual: Posting = EVERYTHING, **of_china: Posting) -> Registry:
    return Registry({"default": {"hospital": usual, "registration": usual}, "china": of_china})


def trials(count: int, milestone: int = m.PHASE_1_STARTED, place: int = US, month: str = "2020-01") -> Any:
    """Trials of as many programmes."""
    rows = np.concatenate([event(milestone, month, place)] * count)
    rows["programme"] = np.arange(count)
    return rows


def entries(events: Iterable[Any], of: Registry, seed: int = 1, run: int = 0, by: str = BY) -> Any:
    return posted(np.concatenate([*events]), of, PLACES, seed, run, by)


def test_a_perfect_registry_shows_every_trial_at_once_and_nothing_else() -> None:
    """A patient dosed or an approval granted is no trial; a trial missed by nobody's rule is a fault."""
    others = [event(kind, "2020-01", US) for kind in (m.FIRST_IN_HUMAN, m.APPROVED, m.IND_CLEARED)]
    seen = entries([trials(5), trials(5, m.HOSPITAL_STUDY_OPENED, CHINA), *others], registry())
    assert len(seen) == 10
    assert set(seen["month"]) == {calendar_month("2020-01")}


def test_a_share_as_given_is_posted_by_place_and_lane() -> None:
    """The hospital studies of one country are the ones that a registry misses most."""
    of = registry(hospital=Posting(0.25, 0.0))
    shown = {
        (kind, place): len(entries([trials(2000, kind, place)], of)) / 2000
        for kind in (m.HOSPITAL_STUDY_OPENED, m.PHASE_2_STARTED)
        for place in (CHINA, US)
    }
    assert abs(shown.pop((m.HOSPITAL_STUDY_OPENED, CHINA)) - 0.25) < 0.04
    assert set(shown.values()) == {1.0}


def test_a_delay_has_the_mean_given_and_hides_what_is_not_posted_yet() -> None:
    """Counted by its opening, a trial would be on record before anybody could read of it."""
    of = registry(Posting(1.0, 6.0))
    seen = entries([trials(4000)], of)
    months = seen["month"] - calendar_month("2020-01")
    assert abs(months.mean() + 0.5 - 6.0) < 0.4  # whole months: half a month less on average
    early = entries([trials(4000)], of, by="2020-03")
    assert len(early) == int((months <= 2).sum())
    assert 0 < len(early) < 4000


def test_a_joined_phase_is_no_new_entry() -> None:
    """A Phase 1/2 trial has one number in a registry; counted twice, the races would seem to hold too many trials."""
    phase_1, phase_2 = trials(1), trials(1, m.PHASE_2_STARTED, month="2021-01")
    joined = trials(1, m.PHASES_JOINED, month="2021-01")
    assert len(entries([phase_1, phase_2], registry())) == 2
    assert len(entries([phase_1, joined, phase_2], registry())) == 1


def test_a_study_that_is_begun_anew_is_posted_or_not_on_its_own() -> None:
    """With one draw for both, a redesign would never be seen of a programme whose first study was not."""
    of = registry(Posting(0.5, 0.0))
    once = trials(400, m.HOSPITAL_STUDY_OPENED, CHINA)
    seen = entries([once, once], of)
    times = np.bincount(seen["programme"], minlength=400)
    assert {0, 1, 2} == set(times)


def test_what_is_shown_hangs_on_the_seed_the_race_and_the_trial_alone() -> None:
    """Otherwise the number of workers, or trials of others, would change the history that is printed."""
    of = registry(Posting(0.5, 4.0))
    some, more = trials(200), trials(100, place=CHINA)
    alone = entries([some], of)
    together = entries([more, some], of)
    np.testing.assert_array_equal(alone, together[together["jurisdiction"] == US])
    assert len(entries([some], of, seed=2)) != len(alone) or len(entries([some], of, run=1)) != len(alone)


def test_nothing_happens_nothing_is_shown() -> None:
    """A race without a trial is a race."""
    assert len(entries([trials(1)[:0]], registry())) == 0
