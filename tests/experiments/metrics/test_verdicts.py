"""A verdict is what most readers take away: one of three, and never taken back by more races."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race_lab.estimators.intervals import wilson
from ipsc_race_lab.metrics.verdicts import (
    INSUFFICIENT,
    NO_CLEAR_LEADER,
    NO_RIVAL,
    verdict,
    verdict_of_two,
)

DECIDED = {"a", "b", "c", NO_CLEAR_LEADER}
share = st.floats(0, 1)


def row(low: float | None, high: float | None) -> dict[str, Any]:
    return {"estimate": None, "low": low, "high": high}


def every_pair(chances: dict[tuple[str, str], tuple[float, float]]) -> dict[str, Any]:
    """Rows of all ordered pairs from one order of each."""
    found = {}
    for (one, other), (low, high) in chances.items():
        found |= {f"{one}>{other}": row(low, high), f"{other}>{one}": row(1 - high, 1 - low)}
    return found


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.60, 0.70, "a"),
        (0.20, 0.30, "b"),
        (0.46, 0.54, NO_CLEAR_LEADER),
        (0.51, 0.54, NO_CLEAR_LEADER),  # ahead for sure, and hardly ever
        (0.50, 0.60, INSUFFICIENT),
        (0.40, 0.60, INSUFFICIENT),
        (0.00, 1.00, INSUFFICIENT),
        (None, None, INSUFFICIENT),
        (float("nan"), float("nan"), INSUFFICIENT),
    ],
)
def test_two_are_told_apart_by_the_band_around_one_half(low: float | None, high: float | None, expected: str) -> None:
    """A coin told as a finding, or a finding as a coin."""
    assert verdict_of_two("a", "b", row(low, high)) == expected


def test_a_leader_leads_every_rival() -> None:
    """China before the West and behind Japan would otherwise be called the winner."""
    chances = {("a", "b"): (0.7, 0.8), ("a", "c"): (0.2, 0.3), ("b", "c"): (0.1, 0.2)}
    assert verdict("abc", every_pair(chances)) == "c"
    assert verdict("abc", every_pair(chances | {("b", "c"): (0.4, 0.6)})) == INSUFFICIENT


def test_three_that_beat_each_other_in_turn_have_no_leader() -> None:
    """Whoever is named, another would be ahead of it in most races."""
    in_turn = dict.fromkeys((("a", "b"), ("b", "c"), ("c", "a")), (0.7, 0.8))
    assert verdict("abc", every_pair(in_turn)) == NO_CLEAR_LEADER


def test_one_alone_has_no_rival() -> None:
    """A race of one is not won."""
    assert verdict(["a"], {}) == NO_RIVAL


@given(st.lists(st.tuples(share, share, share, share), min_size=3, max_size=3))
def test_narrower_intervals_take_back_no_verdict(ends: list[tuple[float, float, float, float]]) -> None:
    """More races would turn a finding into its opposite."""
    pairs = [("a", "b"), ("b", "c"), ("a", "c")]
    ordered = [sorted(of) for of in ends]
    wide = verdict("abc", every_pair({pair: (of[0], of[3]) for pair, of in zip(pairs, ordered, strict=True)}))
    narrow = verdict("abc", every_pair({pair: (of[1], of[2]) for pair, of in zip(pairs, ordered, strict=True)}))
    assert wide in {*DECIDED, INSUFFICIENT}
    assert wide in {narrow, INSUFFICIENT}


@pytest.mark.parametrize(("p", "expected"), [(0.65, "a"), (0.5, NO_CLEAR_LEADER), (0.35, "b")])
def test_enough_races_find_what_is_so_and_few_say_nothing_false(p: float, expected: str) -> None:
    """A rule that is wrong more often than its intervals are would be no rule."""
    rng = np.random.default_rng(1)
    told = {
        n: [verdict_of_two("a", "b", wilson(float(k), n)._asdict()) for k in rng.binomial(n, p, 400)]
        for n in (20, 10_000)
    }
    assert told[10_000].count(expected) == 400
    assert sum(of not in (expected, INSUFFICIENT) for of in told[20]) <= 0.05 * 400


def test_the_order_of_blocs_does_not_matter() -> None:
    """The first of a file would win ties."""
    chances = every_pair({("a", "b"): (0.6, 0.7), ("a", "c"): (0.56, 0.7), ("b", "c"): (0.4, 0.7)})
    assert {verdict(order, chances) for order in permutations("abc")} == {"a"}
