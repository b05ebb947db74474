"""A box in the wrong place would tell a reader to watch for conditions in which nothing happens."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ipsc_race_lab.analysis import prim as discovery
from ipsc_race_lab.analysis.prim import Box, Discovery, Limit

Floats = NDArray[np.float64]
Row = tuple[float, ...]


# Another PRIM: lists of rows and exact fractions, no boxes but the rows left over


def naive_peel(
    rows: Sequence[Row], hit: Sequence[bool], unordered: set[int], alpha: Fraction, least: Fraction
) -> list[frozenset[int]]:
    """Row numbers left after each cut, by trying every cut and counting."""
    left = frozenset(range(len(rows)))
    path = [left]
    while not all(hit[i] for i in left):
        best: tuple[Fraction, int, frozenset[int]] | None = None
        for j in range(len(rows[0])):
            present = sorted({rows[i][j] for i in left})
            if len(present) == 1:
                continue
            if j in unordered:
                ways = [{i for i in left if rows[i][j] == level} for level in present]
            else:
                many = max(1, int(alpha * len(left)))
                upwards = sorted(rows[i][j] for i in left)
                ways = [
                    {i for i in left if rows[i][j] <= upwards[many - 1]},
                    {i for i in left if rows[i][j] >= upwards[len(upwards) - many]},
                ]
            for lost in ways:
                kept = left - lost
                if not kept or Fraction(len(kept), len(rows)) < least:
                    continue
                gain = Fraction(sum(hit[i] for i in kept), len(kept)) - Fraction(sum(hit[i] for i in left), len(left))
                if best is None or (gain / len(lost), len(kept)) > best[:2]:
                    best = (gain / len(lost), len(kept), kept)
        if best is None:
            break
        left = best[2]
        path.append(left)
    return path


def binomial_tail(found: int, size: int, density: float) -> float:
    return sum(comb(size, k) * density**k * (1 - density) ** (size - k) for k in range(found, size + 1))


def numbers(path: Sequence[frozenset[int]], hit: Sequence[bool]) -> list[tuple[float, float, float]]:
    return [
        (sum(hit[i] for i in left) / sum(hit), sum(hit[i] for i in left) / len(left), len(left) / len(hit))
        for left in path
    ]


def random_case(seed: int) -> tuple[Floats, NDArray[np.bool_], tuple[str, ...]]:
    """Two factors on a line, one with few values (so that there are ties), one without order, and a noisy outcome."""
    rng = np.random.default_rng(seed)
    points = np.column_stack(
        [rng.random(150), rng.normal(size=150), rng.integers(0, 5, 150) / 4, rng.integers(0, 4, 150)]
    )
    chance = 0.1 + 0.7 * (points[:, 0] > 0.4) * (points[:, 3] != 2) * (points[:, 2] < 0.9)
    return points, rng.random(150) < chance, ("a", "b", "steps", "kind")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("alpha", ["1/20", "1/10"])
def test_peeling_is_that_of_a_programme_written_apart(seed: int, alpha: str) -> None:
    """Two readings of the same paper that differ mean that one box is not what the method finds."""
    points, hits, factors = random_case(seed)
    share = Fraction(alpha)
    rows = [tuple(float(v) for v in row) for row in points]
    path = naive_peel(rows, hits.tolist(), {3}, share, Fraction(1, 20))
    found = discovery.discover(points, hits, factors, unordered=("kind",), alpha=float(share)).trajectory
    assert [(box.coverage, box.density, box.mass) for box in found] == numbers(path, hits.tolist())
    for box, left in zip(found, path, strict=True):
        inside = np.flatnonzero(box_holds(box, points, factors))
        assert set(inside.tolist()) == left, "limits and numbers of a box must be of the same points"


def box_holds(box: Box, points: Floats, factors: Sequence[str]) -> NDArray[np.bool_]:
    """Limits read by hand."""
    inside = np.ones(len(points), dtype=np.bool_)
    for name, limit in box.limits.items():
        for i, value in enumerate(points[:, factors.index(name)]):
            if limit.levels is not None:
                inside[i] &= value in limit.levels
            else:
                inside[i] &= (limit.low is None or value >= limit.low) and (limit.high is None or value <= limit.high)
    return inside


def test_quasi_p_is_the_chance_of_bryant_and_lempert() -> None:
    """A chance computed against the wrong density would keep idle limits, or drop the ones that matter."""
    points, hits, factors = random_case(1)
    boxes = discovery.discover(points, hits, factors, unordered=("kind",)).trajectory
    box = boxes[len(boxes) // 2]
    assert len(box.limits) >= 2
    inside = box_holds(box, points, factors)
    for name in box.limits:
        others = {other: limit for other, limit in box.limits.items() if other != name}
        wider = box_holds(Box(others, 0, 0, 0), points, factors)
        chance = binomial_tail(int(hits[inside].sum()), int(inside.sum()), float(hits[wider].mean()))
        assert box.p_values[name] == pytest.approx(chance, rel=1e-9)


# Planted boxes


def planted(seed: int, size: int = 1500) -> tuple[Floats, NDArray[np.bool_], tuple[str, ...]]:
    """Hits are common where `a` is above 0.6, `b` from 0.2 to 0.5 and `kind` is 0 or 2, and rare elsewhere."""
    rng = np.random.default_rng(seed)
    points = np.column_stack([rng.random(size), rng.random(size), rng.random(size), rng.integers(0, 3, size)])
    inside = (points[:, 0] > 0.6) & (points[:, 1] > 0.2) & (points[:, 1] < 0.5) & (points[:, 3] != 1)
    return points, rng.random(size) < np.where(inside, 0.95, 0.01), ("a", "b", "idle", "kind")


def check_planted(found: Discovery) -> None:
    limits = found.chosen.limits
    assert found.chosen.restricted == ("a", "b", "kind")
    assert limits["kind"].levels == (0, 2)
    assert limits["a"].low == pytest.approx(0.6, abs=0.04)
    assert limits["a"].high is None or limits["a"].high > 0.97
    assert (limits["b"].low, limits["b"].high) == pytest.approx((0.2, 0.5), abs=0.04)
    assert found.chosen.density > 0.85
    assert found.chosen.coverage > 0.75
    assert max(found.chosen.p_values.values()) <= 0.05


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_planted_box_is_recovered_without_the_idle_factor(seed: int) -> None:
    """The one thing the method is for: where the outcome is, and on what it does not depend."""
    points, hits, factors = planted(seed)
    found = discovery.discover(points, hits, factors, unordered=("kind",))
    check_planted(found)
    other_points, other_hits, _ = planted(seed + 100)
    elsewhere = discovery.elsewhere(found.chosen, other_points, other_hits, factors)
    assert (elsewhere.density, elsewhere.coverage) == pytest.approx(
        (found.chosen.density, found.chosen.coverage), abs=0.15
    )


def test_units_and_order_of_the_points_do_not_matter() -> None:
    """A box that moved with the order of the rows, or with months for years, would be one of the table's making."""
    points, hits, factors = planted(1)
    found = discovery.discover(points, hits, factors, unordered=("kind",)).chosen
    order = np.random.default_rng(1).permutation(len(points))
    scale = np.array([8.0, 0.5, 1.0, 1.0])
    again = discovery.discover((points * scale)[order], hits[order], factors, unordered=("kind",)).chosen
    assert (again.coverage, again.density, again.mass) == (found.coverage, found.density, found.mass)
    assert again.limits["a"].low == pytest.approx(8 * (found.limits["a"].low or 0))


def test_pasting_gives_back_what_one_cut_too_many_took() -> None:
    """Cuts in one factor can be too deep once another is cut; a box left too small hides part of the outcome."""
    points = np.column_stack([np.linspace(0, 1, 101), np.tile([0.0, 1.0], 51)[:101]])
    hits = points[:, 0] > 0.495
    space = discovery.Space(points, hits, ("x", "kind"), frozenset({"kind"}))
    small = space.box({"x": Limit(0.8, 0.9), "kind": Limit(levels=(0.0,))})
    grown = discovery.paste(space, small)
    assert grown.density == 1
    assert grown.coverage > 0.95
    assert grown.restricted == ("x",), "a limit let out all the way is none"
    assert grown.limits["x"].high is None
    assert grown.limits["x"].low == pytest.approx(0.495, abs=0.03)


def test_peeling_never_leaves_less_than_asked_and_always_cuts() -> None:
    """A box of three points is an anecdote, and a cut that takes nothing would never end."""
    rng = np.random.default_rng(3)
    for alpha, least in itertools.product([0.02, 0.3], [0.02, 0.2]):
        points = rng.integers(0, 3, (200, 3)) / 2
        boxes = discovery.discover(points, rng.random(200) < 0.3, ("x", "y", "z"), alpha=alpha, min_mass=least)
        masses = [box.mass for box in boxes.trajectory]
        assert min(masses) >= least
        assert all(later < earlier for earlier, later in itertools.pairwise(masses))


def test_the_box_is_chosen_by_the_stated_rule() -> None:
    """A rule that is not the one in the text lets the author choose the scenario."""
    dense, balanced = Box({"x": Limit(0.5)}, 0.3, 1.0, 0.1), Box({"x": Limit(0.2)}, 0.8, 0.8, 0.3)
    simpler = Box({}, 0.8, 0.8, 0.3)
    assert discovery.choose([dense, balanced]) is balanced
    assert discovery.choose([dense, balanced, simpler]) is simpler
    points, hits, factors = random_case(2)
    trajectory = discovery.discover(points, hits, factors, unordered=("kind",)).trajectory
    merits = [2 / (1 / box.coverage + 1 / box.density) for box in trajectory]
    assert trajectory.index(discovery.choose(trajectory)) == int(np.argmax(merits))


def test_luck_alone_limits_nothing_much() -> None:
    """A scenario found in noise would be told as a finding: on other points it must be seen to be worth nothing."""
    rng = np.random.default_rng(6)
    points, hits = rng.random((600, 4)), rng.random(600) < 0.3
    found = discovery.discover(points, hits, ("a", "b", "c", "d")).chosen
    elsewhere = discovery.elsewhere(found, rng.random((600, 4)), rng.random(600) < 0.3, ("a", "b", "c", "d"))
    assert elsewhere.density == pytest.approx(0.3, abs=0.08)


def test_majority_is_more_than_half_of_the_replications() -> None:
    """A tie is not a lead."""
    answers = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]])
    assert discovery.majority(answers).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hits": np.zeros(4)}, "never so"),
        ({"hits": np.ones(4)}, "always so"),
        ({"hits": np.array([0, 1, 2, 0])}, "neither yes nor no"),
        ({"hits": np.array([0, 1])}, "there are 2 hits"),
        ({"points": np.array([[0.0], [1.0], [np.nan], [2.0]])}, "no number"),
        ({"unordered": ("y",)}, "no factor y"),
        ({"alpha": 0.0}, "must lie between 0 and 1"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_sentence(change: dict[str, Any], sentence: str) -> None:
    """Without hits every box is as good as any other."""
    case: dict[str, Any] = {"points": np.arange(4.0)[:, None], "hits": np.array([0, 1, 1, 0]), "factors": ("x",)}
    with pytest.raises(ValueError, match=sentence):
        discovery.discover(**(case | change))
    box = Box({"x": Limit(9.0)}, 0, 0, 0)
    with pytest.raises(ValueError, match="No point lies in the box"):
        discovery.elsewhere(box, np.arange(4.0)[:, None], [0, 1, 1, 0], ("x",))
