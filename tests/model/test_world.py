"""The record layouts: what is recorded is bytes without gaps, and both hosts wear the same names."""

from __future__ import annotations

import numpy as np
import pytest

from ipsc_race import world
from ipsc_race.milestones import MILESTONES, REASONS
from ipsc_race.race import Row, dress, plain

LAYOUTS = {name: value for name, value in vars(world).items() if isinstance(value, np.dtype)}


@pytest.mark.parametrize("layout", [world.EVENT, world.MONTHLY], ids=["event", "month"])
def test_what_is_recorded_has_no_gaps(layout: np.dtype[np.void]) -> None:
    """Bytes between fields would be noise: equal races would have unequal hashes."""
    assert layout.itemsize == sum(layout[name].itemsize for name in layout.names or ())


def test_an_event_can_hold_every_number_it_is_given() -> None:
    """A number too large for its field would wrap into another milestone or another company."""
    assert np.iinfo(world.EVENT["milestone"]).max >= max(*MILESTONES, *REASONS)
    companies, programmes, _ = world.SIZE
    assert np.iinfo(world.EVENT["programme"]).max >= max(companies, programmes)
    assert np.iinfo(world.EVENT["month"]).max >= 2300 * 12


@pytest.mark.parametrize("name", LAYOUTS)
def test_arrays_of_scalars_have_one_dimension(name: str) -> None:
    """In the plain host they are lists, which have no second index."""
    layout = LAYOUTS[name]
    assert all(len(layout[field].shape) <= 1 for field in layout.names or ())


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_dressed_row_is_an_empty_record(name: str) -> None:
    """A field that the plain host lacked would be an error there; one that started elsewhere, another race."""
    empty = np.zeros(1, LAYOUTS[name])[0]
    assert as_nested(dress(Row(), LAYOUTS[name])) == as_nested(plain(empty))


def as_nested(thing: object) -> object:
    """Rows as dictionaries, to compare them."""
    if isinstance(thing, Row):
        return {name: as_nested(value) for name, value in vars(thing).items()}
    return [as_nested(item) for item in thing] if isinstance(thing, list) else (type(thing), thing)
