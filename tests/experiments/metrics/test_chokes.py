"""A desk that chokes is named, and one that has a bad year is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
from ipsc_race.world import MONTHLY
from ipsc_race_lab.metrics.chokes import PACES, Chokes, lines

TEN_TIMES = 10


def race(slow_months: int, months: int = 100) -> Any:
    monthly = np.ones((months, 2), MONTHLY)
    monthly["ind_pace"][:slow_months, 1] = 0.1
    return SimpleNamespace(monthly=monthly)


def told(*races: Any) -> list[dict[str, Any]]:
    chokes = Chokes(["here", "there"])
    for one in races:
        chokes.add(one)
    return chokes.block()


def test_a_slow_desk_is_named_with_its_place_and_share_of_months() -> None:
    """A race that waits before a desk too small for it would be told as if its rules had decided."""
    (choke,) = told(race(30), race(10))
    assert choke == {"jurisdiction": "there", "desk": "ind_pace", "slow_months_share": 0.2}
    assert "there: review of INDs at half its pace or less in 20% of months" in lines([choke])[1]


def test_a_bad_year_is_no_choke() -> None:
    """A warning that is always there is read by nobody."""
    assert told(race(5)) == []
    assert lines([]) == []


def test_a_trade_of_ten_times_chokes_somewhere_and_says_so() -> None:
    """Capacities are set for the baseline's trade: in one of ten times the foundings some hospital desk must be named.

    Ten races: the desks for hospital studies are slow in tenths of all months there, so that chance hides none.
    """
    world = load("baseline")
    more = {
        f"jurisdictions.{name}.companies.founding_per_month": TEN_TIMES * place.companies.founding_per_month
        for name, place in world.scenario.jurisdictions.items()
    }
    chokes = Chokes(world.jurisdictions)
    for result in run_races(load("baseline", more), 10, seed=3):
        chokes.add(result)
    assert "lane_pace" in {choke["desk"] for choke in chokes.block()}
    assert set(PACES) >= {choke["desk"] for choke in chokes.block()}
