"""The course of named products is read off the events of races, by product and place."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ipsc_race import milestones as m
from ipsc_race.loading import load
from ipsc_race.world import EVENT
from ipsc_race_lab.metrics.course import WAYS, Named, courses, named

HOME, ABROAD = 0, 1
AS_GIVEN = Named("one", "One", "a developer", "us", "beta_cell", 0, {"us": "phase_3"})
SOLD = Named("two", "Two", "a developer", "japan", "beta_cell", 1, {"japan": "conditional"})


def events(*told: tuple[int, int, int, int]) -> npt.NDArray[Any]:
    """Milestones as (month, milestone, programme, place) of developers at home in the first place."""
    rows = np.zeros(len(told), EVENT)
    for row, (month, milestone, programme, place) in zip(rows, told, strict=True):
        row["month"], row["milestone"], row["programme"], row["jurisdiction"] = month, milestone, programme, place
    return rows


def test_an_approval_abroad_is_none_at_home() -> None:
    found = courses(events((5, m.CONDITIONALLY_APPROVED, 0, ABROAD), (9, m.APPROVED, 0, HOME)), [AS_GIVEN], 2)
    assert dict(zip(WAYS, found[0], strict=True)) == {
        "approval": 5, "at_home": 9, "phase_3": np.inf, "stopped": np.inf,
    }  # fmt: skip


def test_what_is_approved_on_condition_is_asked_for_the_full_approval() -> None:
    """Its approval is known: a chance of it would be of something that has happened."""
    found = courses(events((3, m.CONDITIONALLY_APPROVED, 1, ABROAD), (7, m.APPROVED, 1, HOME)), [SOLD], 2)
    assert found[0, WAYS.index("approval")] == 7


def test_a_phase_3_is_read_well_where_a_filing_follows_it() -> None:
    """One that ends a product is read, too; and what is filed elsewhere says nothing of it."""
    read = (4, m.PHASE_3_READ_OUT, 0, HOME)
    way = WAYS.index("phase_3")
    assert courses(events(read, (6, m.FILED, 0, HOME)), [AS_GIVEN], 2)[0, way] == 4
    assert courses(events(read, (6, m.FILED, 0, ABROAD)), [AS_GIVEN], 2)[0, way] == np.inf
    assert courses(events(read, (4, m.PROGRAMME_STOPPED, 0, HOME)), [AS_GIVEN], 2)[0].tolist()[2:] == [np.inf, 4]


def test_the_products_of_today_are_told_by_name_and_those_that_stand_for_many_are_not() -> None:
    """A row that was one off would give each product the course of its neighbour."""
    world = load("today")
    labels = world.scenario.roster.programme_labels
    found = named(world)
    assert [labels[of.row] for of in found] == [of.label for of in found]
    assert not [of for of in found if of.name.startswith("unnamed")]
    assert {of.name for of in found if of.is_approved} == {"raguneprocel", "reheart"}
