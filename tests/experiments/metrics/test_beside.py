"""Simulated beside recorded: if these fail, a world is praised or blamed for what its races did not do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_races import event, fake_resolved, race

from ipsc_race import milestones as m
from ipsc_race.policy import calendar_month
from ipsc_race_lab.metrics.beside import BLOCK, MEASURES, Beside
from ipsc_race_lab.metrics.history import KINDS, Fact, History, Posting, Registry

CHINA, US, EU, JAPAN = range(4)
EVERYTHING = Posting(1.0, 0.0)
REGISTRY = Registry({"default": {"hospital": EVERYTHING, "registration": EVERYTHING}})
PATIENT = Fact("one", "One", "first_patient", "2014-09", "2014-09", "all", "any", "A", ("somewhere",))
TRIALS = replace(PATIENT, what="trials_posted", by="2015-12", recorded=1.0)
APPROVALS = replace(TRIALS, what="approvals")
WORLD = fake_resolved(months=120)


def told(fact: Fact, *races: list[Any], world: Any = WORLD) -> dict[str, Any]:
    """What the races say of a fact."""
    beside = Beside(world, [History("made-up", "Made up", (fact,), REGISTRY)], seed=1)
    for run, events in enumerate(races):
        beside.add(race(run, world, events))
    (block,) = beside.block()
    return block


def middle(fact: Fact, *races: list[Any]) -> Any:
    return told(fact, *races)["simulated"]["estimate"]


def embryonic(of: Any) -> Any:
    of["cell_source"] = m.EMBRYONIC
    return of


def test_every_kind_of_fact_has_its_measure() -> None:
    """A history could otherwise be read that no race can be held against."""
    assert set(MEASURES) == set(KINDS)


def test_median_central_80_percent_and_share_of_races_are_those_of_the_races() -> None:
    """Of eleven races, one a month later than the other, and one that never doses anybody."""
    months = [f"2014-{month:02d}" for month in range(2, 13)]
    block = told(PATIENT, *([event(m.FIRST_IN_HUMAN, month, JAPAN)] for month in months))
    assert block["simulated"] == {"estimate": "2014-07", "low": "2014-03", "high": "2014-11"}
    assert block["p_at_or_before"]["estimate"] == 8 / 11
    assert (block["recorded"], block["history"], block["unit"], block["source"]) == (
        "2014-09", "made-up", "month", "somewhere",
    )  # fmt: skip


def test_what_never_came_is_never_and_not_the_last_month() -> None:
    """A median over the races that got there would make every world look quick."""
    block = told(PATIENT, [event(m.FIRST_IN_HUMAN, "2014-01", US)], [], [])
    assert block["simulated"] == {"estimate": None, "low": "2014-01", "high": None}
    assert block["p_at_or_before"]["estimate"] == 1 / 3


@pytest.mark.parametrize(
    ("region", "expected"), [("all", "2012-01"), ("west", "2013-01"), ("eu", "2014-01"), ("japan", None)]
)
def test_a_region_is_where_it_happened(region: str, expected: str | None) -> None:
    """The first Chinese approval was of an American product: it happened in China."""
    dosed = [
        event(m.FIRST_IN_HUMAN, "2012-01", US, CHINA),
        event(m.FIRST_IN_HUMAN, "2013-01", CHINA, US),
        event(m.FIRST_IN_HUMAN, "2014-01", EU),
    ]
    assert middle(replace(PATIENT, region=region), dosed) == expected


def test_cells_and_lanes_are_told_apart() -> None:
    """54 trials of pluripotent cells were 19 of iPSC: against the wrong count every world fails."""
    study, trial = event(m.HOSPITAL_STUDY_OPENED, "2013-01", CHINA), event(m.PHASE_1_STARTED, "2013-01", US)
    study["lane"], trial["lane"] = m.HOSPITAL, m.REGISTRATION
    events = [study, embryonic(trial)]
    assert middle(TRIALS, events) == 2
    assert middle(replace(TRIALS, cells="reprogrammed"), events) == 1
    assert middle(replace(TRIALS, cells="embryonic", lane="hospital"), events) == 0
    assert middle(replace(TRIALS, lane="hospital"), events) == 1


def test_an_approval_confirmed_is_one_approval_and_a_later_one_is_not_yet() -> None:
    """Conditional and full approval of one product in one place would count twice."""
    granted = [event(m.CONDITIONALLY_APPROVED, "2014-01", JAPAN), event(m.APPROVED, "2015-01", JAPAN)]
    assert middle(APPROVALS, granted) == 1
    assert middle(APPROVALS, [*granted, event(m.APPROVED, "2015-12", JAPAN, US)]) == 2
    assert middle(APPROVALS, [*granted, event(m.APPROVED, "2016-01", JAPAN, US)]) == 1


def test_patients_are_counted_to_the_end_of_the_month_and_where_they_are() -> None:
    """A month too few, or a country too many, is a tenth of the record."""
    fact = replace(TRIALS, what="patients_treated", by="2010-03")
    for step, months in ((1.0, 3), (0.5, 6)):
        world = fake_resolved(months=120, step_months=step)
        beside = Beside(
            world, [History("made-up", "Made up", (fact, replace(fact, key="west", region="west")), REGISTRY)], 1
        )
        result = race(0, world)
        result.monthly["patients_enrolled"] = range(1, 5)
        result.monthly["patients_enrolled"][months:] = 99
        beside.add(result)
        assert [block["simulated"]["estimate"] for block in beside.block()] == [10, 5]


def test_a_lag_is_between_places_and_nothing_where_neither_has_one() -> None:
    """A race without any approval has no lag; one with a single approval has an endless one."""
    lag = replace(TRIALS, what="approval_lag", region="china", after="us", recorded=46.0)
    us, china = event(m.APPROVED, "2012-01", US), event(m.APPROVED, "2014-03", US, CHINA)
    assert middle(lag, [us, china]) == 26
    assert middle(lag, [us]) is None
    alone = told(lag, [us, china], [])
    assert alone["p_at_or_before"]["estimate"] == 1


def test_a_fact_outside_the_span_or_about_a_place_that_is_not_there_is_not_asked() -> None:
    """A world that ends in 2012 has not missed the first approval."""
    facts = (replace(PATIENT, by="2035-01", recorded="2035-01"), replace(PATIENT, region="atlantis"))
    assert Beside(WORLD, [History("made-up", "Made up", facts, REGISTRY)], seed=1).block() == []


def test_each_race_keeps_its_place_however_many_are_read_together() -> None:
    """The number of one race would otherwise be set beside the values of another."""
    beside = Beside(WORLD, [History("made-up", "Made up", (PATIENT, replace(APPROVALS, key="two")), REGISTRY)], 1)
    for run in range(2 * BLOCK + 3):
        granted = [event(m.APPROVED, "2014-01", place) for place in range(run % 4)]
        beside.add(race(run, WORLD, [event(m.FIRST_IN_HUMAN, f"2014-{run % 12 + 1:02d}", JAPAN), *granted]))
    months, counts = (column.tolist() for column in beside.numbers().values())
    first = calendar_month("2014-01")
    assert months == [first + run % 12 for run in range(2 * BLOCK + 3)]
    assert counts == [run % 4 for run in range(2 * BLOCK + 3)]
