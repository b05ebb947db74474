"""What the numbers leave open: chances of worlds, told beside the luck of single races."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race.loading import load
from ipsc_race_lab.analysis.doubts import doubts, worlds
from ipsc_race_lab.design.finding import expected_folder, load_experiment
from ipsc_race_lab.results.stored import HEADLINE


@given(chance=st.floats(0.2, 0.8), part=st.floats(0.02, 0.5))
def test_nine_worlds_in_ten_have_chances_within(chance: float, part: float) -> None:
    """An interval too narrow would sell one world's chance for what is known; 20,000 worlds see a point of a share."""
    between = part * chance * (1 - chance)
    low, high = worlds(chance, between)
    size = 1 / part - 1
    drawn = np.random.default_rng(1).beta(chance * size, (1 - chance) * size, 20_000)
    assert ((drawn >= low) & (drawn <= high)).mean() == pytest.approx(0.9, abs=0.01)
    assert 0 <= low <= high <= 1


def test_worlds_that_do_not_differ_have_one_chance() -> None:
    """An estimate of a variance may come out below nothing."""
    assert worlds(0.3, -0.001) == (0.3, 0.3)
    assert worlds(0.0, 0.0) == (0.0, 0.0)


def test_only_the_world_whose_posterior_it_is_has_its_doubts() -> None:
    """A changed world would bear the doubts of another."""
    told = doubts(load("baseline"))
    assert told is not None
    assert doubts(load("baseline", ["jurisdictions.china.pool_multiplier=2"])) is None
    assert doubts(load("cart")) is None
    of = told["questions"]["p_leads.first_home_approval"]
    assert of["worlds"]["low"] <= of["chance"]["estimate"] <= of["worlds"]["high"]
    assert 0 < of["numbers_share"]["estimate"] < 1


def test_the_committed_doubts_are_of_the_posterior_that_ships() -> None:
    """A new calibration would leave the old doubts in every answer."""
    committed = json.loads((expected_folder() / "doubts.json").read_text(encoding="utf-8"))
    asked = load_experiment("doubts")
    assert committed["experiment_hash"] == asked.hash
    assert committed["scenario_hashes"] == dict(zip(asked.scenarios, asked.scenario_hashes, strict=True))


def test_the_committed_answer_bears_the_committed_doubts() -> None:
    """The first screen of the README would tell the doubts of an earlier posterior."""
    headline = json.loads(HEADLINE.read_text(encoding="utf-8"))
    assert headline["doubts"] == json.loads(json.dumps(doubts(load("baseline"))))
