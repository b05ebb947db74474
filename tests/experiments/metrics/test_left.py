"""What is left of a race, on events written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ipsc_race import milestones as m
from ipsc_race.loading import load
from ipsc_race.policy import calendar_month
from ipsc_race.world import EVENT
from ipsc_race_lab.metrics.left import Setting, month_of, new_months, paces, products_by_year
from ipsc_race_lab.metrics.register import Question

START, AS_OF = calendar_month("2010-01"), calendar_month("2026-06")
SETTING = Setting(("china", "us", "eu"), {"china": (0,), "west": (1, 2)}, ("retina", "heart"), AS_OF, START, 432, 1)


def events(*rows: tuple[str, int, int, int, int]) -> Any:
    """Events of month, programme, milestone, home and place, in order of time."""
    table = np.zeros(len(rows), EVENT)
    for i, (month, programme, milestone, home, place) in enumerate(sorted(rows)):
        table[i]["month"], table[i]["programme"] = calendar_month(month), programme
        table[i]["milestone"], table[i]["home"], table[i]["jurisdiction"] = milestone, home, place
    return table


def test_a_product_that_was_there_before_does_not_count_again() -> None:
    """A Japanese approval made full in 2030 would else be the next product."""
    race = events(
        ("2026-03", 1, m.CONDITIONALLY_APPROVED, 0, 0),
        ("2030-01", 1, m.APPROVED, 0, 0),
        ("2031-05", 2, m.APPROVED, 0, 0),
    )
    assert month_of(race, Question(milestone="approval", bloc="china"), SETTING) == calendar_month("2031-05")
    assert month_of(race, Question(milestone="approval", bloc="china", kth=2), SETTING) == np.inf
    assert month_of(race, Question(milestone="approved", bloc="china"), SETTING) == calendar_month("2030-01")


def test_abroad_is_outside_the_bloc() -> None:
    """An American product in Europe has not crossed the border that is asked about."""
    race = events(("2028-01", 1, m.APPROVED, 1, 2), ("2029-01", 1, m.APPROVED, 1, 0), ("2030-01", 2, m.APPROVED, 1, 1))
    abroad = Question(milestone="approval", bloc="west", place="abroad")
    assert month_of(race, abroad, SETTING) == calendar_month("2029-01")
    assert month_of(race, Question(milestone="approval", bloc="west", place="home"), SETTING) == calendar_month(
        "2030-01"
    )
    assert month_of(race, Question(milestone="approval", place="eu"), SETTING) == calendar_month("2028-01")


def test_before_a_bloc_is_before_its_first() -> None:
    """Whoever comes second is not before."""
    race = events(("2028-01", 1, m.APPROVED, 0, 0), ("2028-02", 2, m.APPROVED, 1, 1))
    one, other = (Question(milestone="approval", bloc=a, before=b) for a, b in (("china", "west"), ("west", "china")))
    assert month_of(race, one, SETTING) == calendar_month("2028-01")
    assert month_of(race, other, SETTING) == np.inf


def test_a_product_counts_once_at_its_earliest() -> None:
    """Two places, one product."""
    race = events(("2028-01", 1, m.APPROVED, 0, 0), ("2029-01", 1, m.APPROVED, 0, 1), ("2029-06", 2, m.APPROVED, 0, 0))
    months = new_months(race, Question(milestone="approval"), SETTING)
    assert months.tolist() == [calendar_month("2028-01"), calendar_month("2029-06")]
    assert products_by_year(race, SETTING)[-1].tolist() == [2, 0]


def test_pace_is_of_those_that_could_have_come_so_far() -> None:
    """Programmes of before the as-of month are head start, those of the last years are cut off."""
    race = events(
        ("2020-01", 1, m.PROGRAMME_STARTED, 0, 0),
        ("2027-01", 2, m.PROGRAMME_STARTED, 0, 0),
        ("2027-01", 3, m.PROGRAMME_STARTED, 1, 1),
        ("2029-01", 2, m.FIRST_IN_HUMAN, 0, 0),
        ("2044-01", 4, m.PROGRAMME_STARTED, 0, 0),
    )
    found = paces(race, SETTING)
    assert found[:, 0].tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize("cells", ["embryonic", "reprogrammed"])
def test_cells_are_told_apart(cells: Any) -> None:
    """An embryonic product is none of the race asked about."""
    race = events(("2028-01", 1, m.APPROVED, 0, 0))
    race["cell_source"] = 1
    there = month_of(race, Question(milestone="approval", cells=cells), SETTING)
    assert np.isfinite(there) == (cells == "embryonic")


def test_what_the_roster_says_is_approved_is_not_approved_anew() -> None:
    """The confirmations of Amchepry and ReHeart would else be the next approvals."""
    race = events(("2029-10", 20, m.APPROVED, 0, 0), ("2030-01", 3, m.APPROVED, 0, 0))
    there = replace(SETTING, approved=(20,))
    assert month_of(race, Question(milestone="approval"), there) == calendar_month("2030-01")
    assert month_of(race, Question(milestone="approved"), there) == calendar_month("2029-10")


def test_the_shipped_roster_knows_the_two_products_of_japan() -> None:
    """Both have been approved on condition since March 2026."""
    world = load("today")
    of = Setting.of(world, "2026-06")
    labels = [world.scenario.roster.programme_labels[number] for number in of.approved]
    assert labels == ["raguneprocel (Amchepry)", "ReHeart"]
