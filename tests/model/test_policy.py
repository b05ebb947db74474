"""The POLICY record is the scenario: every number, under the same words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race.policy import POLICY, calendar_month, iso_month, policies, table_order
from ipsc_race.quantities import INDICATIONS, unit_of
from ipsc_race.scenario import Scenario
from ipsc_race.tree import Part, scenario_tree


def leaves(part: Part) -> Iterator[Part]:
    """Every leaf of the tree of classes."""
    if part.is_leaf:
        yield part
    for inner in (*part.parts.values(), *([part.row] if part.row else [])):
        yield from leaves(inner)


def numbers(record: Any) -> list[float]:
    """Every number of a record, in order, unused rows included."""
    if record.dtype.names is None:
        return [float(value) for value in np.ravel(record)]
    return [value for name in record.dtype.names for value in numbers(record[name])]


@given(st.integers(min_value=1900 * 12, max_value=2299 * 12 + 11))
def test_months_survive_being_written(month: int) -> None:
    """A month that came back as its neighbour would shift every milestone."""
    assert calendar_month(iso_month(month)) == month


def test_months_are_counted_as_in_a_calendar() -> None:
    """December is followed by January."""
    assert calendar_month("2011-01") - calendar_month("2010-12") == 1
    assert iso_month(calendar_month("2018-11")) == "2018-11"


def test_every_number_says_its_unit() -> None:
    """A number without a unit is a number that will be read in the wrong one."""
    without = [leaf.name for leaf in leaves(scenario_tree()) if leaf.kind in (int, float) and not unit_of(leaf.name)]
    assert not without


def test_every_number_says_what_it_is() -> None:
    """The parameter table of the documentation is made from these sentences."""
    assert not [part.name for part in leaves(scenario_tree()) if not part.description]


def test_each_value_reaches_the_record(world: dict[str, Any]) -> None:
    """A parameter that stayed behind would be a knob connected to nothing."""
    world["jurisdictions"]["us"]["sites"]["activation_months"] = 7.25
    world["jurisdictions"]["us"]["method_weight"]["episomal"] = 0.75
    world["indications"]["heart_failure"]["mean_effect"] = -0.5
    world["methods"]["episomal"]["available_month"] = "2011-02"
    world["evidence"]["attrition"] = "exogenous"
    record = policies([Scenario.model_validate(world)])[0]
    assert record["n_jurisdictions"] == 2
    assert record["jurisdictions"][1]["sites"]["activation_months"] == 7.25
    assert record["jurisdictions"][1]["n_method_weight"] == 1
    assert record["jurisdictions"][1]["method_weight"][0] == 0.75
    assert record["indications"][0]["mean_effect"] == -0.5
    assert record["methods"][0]["available_month"] == calendar_month("2011-02")
    assert record["evidence"]["attrition"] == 1


def test_exchanging_two_jurisdictions_exchanges_nothing_in_the_record(world: dict[str, Any]) -> None:
    """No rule names a country: with parameters and keys exchanged, the record is the same but for the names."""
    china, us = world["jurisdictions"]["china"], world["jurisdictions"]["us"]
    us["sites"]["activation_months"] = 7.25
    swapped = {**world, "jurisdictions": {"china": us, "us": china}}
    one, two = (Scenario.model_validate(version) for version in (world, swapped))
    assert policies([one]).tobytes() == policies([two]).tobytes()
    assert table_order(two, "jurisdictions", {}) == ["us", "china"]


def test_the_record_has_room_for_every_table() -> None:
    """An index past a nested array reads the next field without a word."""
    assert POLICY["indications"].shape == (INDICATIONS,)
    assert POLICY["jurisdictions"].base["patients"].shape == (INDICATIONS,)


@pytest.mark.parametrize("changed", ["science.spillover_share", "jurisdictions.us.regulation.stringency"])
def test_one_changed_value_changes_one_number(world: dict[str, Any], changed: str) -> None:
    """A value that moved two numbers would make every sensitivity wrong."""
    before = numbers(policies([Scenario.model_validate(world)])[0])
    block = world
    *parents, name = changed.split(".")
    for key in parents:
        block = block[key]
    block[name] = 0.125
    after = numbers(policies([Scenario.model_validate(world)])[0])
    assert sum(one != two for one, two in zip(before, after, strict=True)) == 1
