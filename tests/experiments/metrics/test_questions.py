"""If these fail, the laboratory credits the wrong bloc, at the wrong time, with the wrong certainty."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from fake_races import BLOCS, event, fake_resolved, race, random_race
from hypothesis import given
from hypothesis import strategies as st
from oracle import first_months

from ipsc_race import milestones
from ipsc_race.loading import ScenarioError
from ipsc_race_lab.metrics.questions import (
    QUESTIONS,
    Answers,
    FirstTimes,
    answer,
    lead_months,
    median_month,
    month_ends,
    p_first,
    p_leads,
    summarise,
)
from ipsc_race_lab.wording.answer import text

START = 2010 * 12
CHINA, US, EU, JAPAN = range(4)
NEVER = np.inf


def first_times(
    rows: list[list[float]], horizon: float = 100.0, blocs: tuple[str, ...] = ("a", "b", "c")
) -> FirstTimes:
    months = np.array(rows, dtype=np.float64).reshape(-1, len(blocs))
    return FirstTimes("first_in_human", blocs, months, horizon, START)


race_table = st.lists(
    st.lists(st.one_of(st.integers(0, 99).map(float), st.just(NEVER)), min_size=3, max_size=3),
    min_size=1,
    max_size=30,
)


def asked(question: str, *events: Any) -> list[float]:
    return [float(month) for month in first_months(np.concatenate(events), question, BLOCS, START)]


def test_a_milestone_belongs_to_the_home_of_its_company() -> None:
    """A Chinese product first dosed or approved in the US would otherwise count as a Western lead."""
    abroad = event(milestones.FIRST_IN_HUMAN, "2014-09", CHINA, US)
    assert asked("first_in_human", abroad) == [56, NEVER, NEVER]
    approved = event(milestones.APPROVED, "2020-01", CHINA, US)
    assert asked("first_approval_anywhere", approved) == [120, NEVER, NEVER]


def test_a_home_approval_is_one_at_home() -> None:
    events = [
        event(milestones.CONDITIONALLY_APPROVED, "2020-01", CHINA, US),
        event(milestones.APPROVED, "2021-01", CHINA),
        event(milestones.APPROVED, "2022-01", US, EU),
    ]
    assert asked("first_home_approval", *events) == [132, NEVER, NEVER]
    assert asked("first_approval_anywhere", *events) == [120, 144, NEVER]


def test_conditional_and_full_approval_both_count_and_the_first_wins() -> None:
    events = [
        event(milestones.APPROVED, "2020-01", EU),
        event(milestones.CONDITIONALLY_APPROVED, "2019-01", US),
        event(milestones.APPROVED, "2018-01", JAPAN),
    ]
    assert asked("first_home_approval", *events) == [NEVER, 108, 96]


def test_other_milestones_answer_nothing() -> None:
    others = set(milestones.MILESTONES) - {
        milestones.FIRST_IN_HUMAN,
        milestones.APPROVED,
        milestones.CONDITIONALLY_APPROVED,
    }
    events = [event(milestone, "2015-01", US) for milestone in others]
    assert all(asked(question, *events) == [NEVER] * 3 for question in QUESTIONS)


def test_ties_and_two_that_never_come_give_half_a_win() -> None:
    times = first_times([[1, 2, NEVER], [2, 2, NEVER], [NEVER, NEVER, NEVER], [5, 2, 1]])
    assert p_leads(times, "a", "b").estimate == (1 + 0.5 + 0.5 + 0) / 4
    assert p_leads(times, "b", "c").estimate == (1 + 1 + 0.5 + 0) / 4


def test_a_lead_is_restricted_at_the_horizon() -> None:
    """Who never comes within 100 months is 90 behind one who comes at 10, not infinitely far."""
    assert lead_months(first_times([[10, NEVER, 40]]), "a", "b").estimate == 90
    assert lead_months(first_times([[10, NEVER, 40]]), "b", "c").estimate == -60


@given(race_table)
def test_credits_for_being_first_sum_to_one(rows: list[list[float]]) -> None:
    assert sum(chance.estimate or 0.0 for chance in p_first(first_times(rows)).values()) == pytest.approx(1)


@given(race_table)
def test_exchanging_two_blocs_exchanges_their_answers(rows: list[list[float]]) -> None:
    times = first_times(rows)
    here, there = p_leads(times, "a", "b"), p_leads(times, "b", "a")
    assert (here.estimate or 0.0) + (there.estimate or 0.0) == pytest.approx(1)
    lead, lag = lead_months(times, "a", "b"), lead_months(times, "b", "a")
    assert lead.estimate == pytest.approx(-(lag.estimate or 0.0))
    if len(rows) > 1:
        assert lead.low == pytest.approx(-(lag.high or 0.0))


def test_a_shared_first_place_shares_the_credit() -> None:
    chances = p_first(first_times([[3, 3, 9], [1, 2, 3], [NEVER, NEVER, NEVER], [NEVER, NEVER, 8]]))
    assert {name: chance.estimate for name, chance in chances.items()} == {
        "a": 0.375,
        "b": 0.125,
        "c": 0.25,
        "none": 0.25,
    }


def test_a_median_month_is_a_date_or_nothing() -> None:
    times = first_times([[12, NEVER, 5]] * 10)
    assert median_month(times, "a") == {"estimate": "2011-01", "low": "2011-01", "high": "2011-01"}
    assert median_month(times, "b") == {"estimate": None, "low": None, "high": None}


@pytest.mark.parametrize("blocs", [("alone",), ("a", "b"), tuple("abcdefgh")])
def test_any_number_of_blocs_can_race(blocs: tuple[str, ...]) -> None:
    rng = np.random.default_rng(1)
    times = first_times(rng.uniform(0, 99, (20, len(blocs))).tolist(), blocs=blocs)
    numbers = answer(times)
    assert len(numbers["p_leads"]) == len(numbers["lead_months"]) == len(blocs) * (len(blocs) - 1)
    assert set(numbers["p_first"]) == {*blocs, "none"}


@pytest.mark.parametrize(("step", "expected"), [(1.0, [0, 1, 2]), (0.5, [1, 3, 5]), (0.25, [3, 7, 11])])
def test_a_month_ends_with_its_last_step(step: float, expected: list[int]) -> None:
    assert list(month_ends(fake_resolved(months=3, step_months=step))) == expected


def test_a_world_is_held_against_the_histories_that_it_names_and_no_other() -> None:
    """A made-up world would otherwise be told that it missed the history of another field."""
    resolved = fake_resolved(months=300)
    named = fake_resolved(months=300, histories=("ipsc",))
    for world, expected in ((resolved, set()), (named, {"ipsc"})):
        answers = Answers(world, 3)
        answers.add(race(0, world))
        assert {fact["history"] for fact in answers.history()} == expected


def test_a_history_that_is_not_there_is_refused_before_any_race() -> None:
    """A misspelt name would pass for a world without a history."""
    with pytest.raises(ScenarioError, match="none is named 'ipcs'; did you mean ipsc"):
        Answers(fake_resolved(histories=("ipcs",)), 3)


def test_the_answer_prints_recorded_beside_simulated_only_where_something_is_on_record() -> None:
    """A reader should see at once how far the races are from what happened."""
    for histories in ((), ("ipsc",)):
        answers = Answers(fake_resolved(months=300, histories=histories), 3)
        patient = event(milestones.FIRST_IN_HUMAN, "2015-02", JAPAN)
        answers.add(race(0, answers.resolved, [patient]))
        told = text(summarise(answers, lambda digests: f"{len(digests)} digests"), full=True)
        assert ("Simulated beside recorded" in told) == bool(histories)
        assert ("2015-02 (2015-02 to 2015-02)" in told) == bool(histories)


def test_the_summary_holds_every_number_asked_for() -> None:
    resolved = fake_resolved(months=300)
    answers = Answers(resolved, 3)
    for run in range(5):
        answers.add(random_race(run, 3, resolved))
    summary = summarise(answers, lambda digests: f"{len(digests)} digests")
    assert summary["evidence"] == {"numbers": 2, "assumptions": 2}
    assert (summary["runs"], summary["seed"], summary["value_hash"]) == (5, 3, "5 digests")
    first = {"first_in_human", "first_home_approval", "first_approval_anywhere"}
    assert set(summary["questions"]) == {*first, "durable_advantage"}
    for question in (summary["questions"][name] for name in first):
        for one in BLOCS:
            assert set(question["median_month"][one]) == {"estimate", "low", "high"}
            for other in set(BLOCS) - {one}:
                assert set(question["p_leads"][f"{one}>{other}"]) == {"estimate", "low", "high"}
                assert set(question["lead_months"][f"{one}>{other}"]) == {"estimate", "low", "high"}
