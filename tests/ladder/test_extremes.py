"""V33: any world within the evidence ends well."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ipsc_race.loading import load
from ipsc_race_lab.validation.drawn import drawn
from ipsc_race_lab.validation.extremes import faults
from ipsc_race_lab.validation.limits import races


@settings(max_examples=12)
@given(st.integers(0, 2**32))
def test_v33_any_world_within_the_evidence_ends_well(seed: int) -> None:
    """What the evidence allows, the model must bear: never a crash, never a negative, never a lost programme."""
    world = load("baseline", drawn(seed))
    for result in races(world, 1, seed=seed):
        assert faults(world, result) == []
