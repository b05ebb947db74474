"""What a registry shows: fewer trials than happen, and later; if these fail, like is not compared with like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from fake_races import event
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race import milestones as m
from ipsc_race.policy import calendar_month
from ipsc_race_lab.metrics.history import Posting, Registry
from ipsc_race_lab.metrics.observation import posted, race_keys

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
    """The trials posted by the end of a month, of one race."""
    (seen, _), last = shown([np.concatenate([*events])], of, seed, (run,)), calendar_month(by)
    return seen[seen["month"] <= last]


def shown(races: list[Any], of: Registry, seed: int, runs: Iterable[int]) -> Any:
    """The trials posted of several races, and of which race each is."""
    race_of = np.repeat(np.arange(len(races)), [len(events) for events in races])
    return posted(np.concatenate(races), race_of, of, PLACES, race_keys(seed, runs))


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


KINDS = (m.HOSPITAL_STUDY_OPENED, m.PHASES_JOINED, m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.FIRST_IN_HUMAN)
HAPPENS = st.tuples(st.sampled_from(KINDS), st.integers(0, 2), st.sampled_from((CHINA, US)))
RACES = st.lists(st.lists(HAPPENS, max_size=12), min_size=1, max_size=5)


def race_of(happens: list[tuple[int, int, int]]) -> Any:
    """A race in which trials of three programmes open, join and open again."""
    rows = np.concatenate([trials(1)[:0], *(event(kind, "2020-01", place) for kind, _, place in happens)])
    rows["programme"] = [programme for _, programme, _ in happens]
    return rows


@given(RACES)
def test_of_a_trial_joined_to_the_one_before_no_entry_is_made_however_trials_are_mingled(happens: Any) -> None:
    """Told one by one: a phase that goes on into the next is an entry less, once, of that programme in that place."""
    races = [race_of(of) for of in happens]
    _, found = shown(races, registry(), 1, range(len(races)))
    for number, of in enumerate(happens):
        joined, entered = set(), 0
        for kind, programme, place in of:
            if kind == m.PHASES_JOINED:
                joined.add((programme, place))
            elif kind != m.FIRST_IN_HUMAN:
                entered += kind == m.HOSPITAL_STUDY_OPENED or (programme, place) not in joined
                joined -= {(programme, place)} if kind != m.HOSPITAL_STUDY_OPENED else set()
        assert (found == number).sum() == entered


@given(RACES)
def test_races_read_together_show_what_each_shows_alone(happens: Any) -> None:
    """A history would otherwise hang on how many races were read at a time."""
    of = registry(Posting(0.5, 4.0))
    races = [race_of(told) for told in happens]
    together, found = shown(races, of, 7, range(len(races)))
    for number, race in enumerate(races):
        alone, _ = shown([race], of, 7, [number])
        np.testing.assert_array_equal(together[found == number], alone)
