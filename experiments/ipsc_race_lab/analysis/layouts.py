"""What the points of a design must be for an analysis to read them, and what is read off their layout.

An analysis of points that another sampler made gives numbers all the same: here they are refused. Everything raises
ValueError, in a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ipsc_race_lab.estimators.resampling import Amounts, Floats


def numbers(values: Floats, name: str) -> Amounts:
    """A table of finite numbers, a copy that may be written to."""
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(f"The {name} must be a table with rows and columns, not of shape {table.shape}.")
    wrong = np.argwhere(~np.isfinite(table))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(f"The {name} hold {table[row, column]} in row {row}, column {column}: a number was expected.")
    return table


def design(points: Floats, answers: Floats, factors: Sequence[str]) -> tuple[Amounts, Amounts]:
    """Points and answers that belong together."""
    points, answers = numbers(points, "points"), numbers(answers, "answers")
    if len(points) != len(answers):
        raise ValueError(f"There are {len(points)} points but answers of {len(answers)}.")
    if points.shape[1] != len(factors):
        raise ValueError(f"Points have {points.shape[1]} coordinates, but {len(factors)} factors are named.")
    return points, answers


def units(rows: Floats, of: int, name: str) -> int:
    """Number of units of `of` rows each; at least two."""
    if len(rows) % of or len(rows) // of < 2:
        raise ValueError(f"{len(rows)} points are not two or more {name}: their number must be a multiple of {of}.")
    return len(rows) // of


def check_crossed(blocks: Floats, second_order: bool) -> None:
    """Each row of a block must be what Saltelli's scheme says, or every index would be of something else."""
    number = blocks.shape[2]
    a, b = blocks[:, 0], blocks[:, -1]
    for j in range(number):
        own = np.arange(number) == j
        right = np.array_equal(blocks[:, 1 + j], np.where(own, b, a))
        if second_order:
            right &= np.array_equal(blocks[:, 1 + number + j], np.where(own, a, b))
        if not right:
            raise ValueError(f"The points are not Saltelli's scheme of {number} factors, in the order it was made in.")


def elementary_effects(points: Floats, answers: Floats, units: int) -> Amounts:
    """Effect of each step of each trajectory, (factors, trajectories, replications)."""
    number = points.shape[1]
    steps = np.diff(points.reshape(units, number + 1, number), axis=1)
    moved = np.abs(steps) > 1e-9
    which = moved.argmax(axis=2)
    if (moved.sum(axis=2) != 1).any() or (np.sort(which, axis=1) != np.arange(number)).any():
        raise ValueError(
            f"The points are not trajectories in which each of {number} factors moves once, one at a time."
        )
    size = np.take_along_axis(steps, which[:, :, None], axis=2)
    each = np.diff(answers.reshape(units, number + 1, -1), axis=1) / size
    place = np.argsort(which, axis=1)  # of a factor's step in its trajectory
    return np.moveaxis(np.take_along_axis(each, place[:, :, None], axis=1), 1, 0)


def signs(levels: Floats, factors: Sequence[str]) -> Amounts:
    """-1 at the lower of two levels and +1 at the upper, the factors balanced and uncorrelated."""
    low, high = levels.min(axis=0), levels.max(axis=0)
    signs = np.where(levels == high, 1.0, -1.0)
    two = ((levels == low) | (levels == high)).all(axis=0) & (low < high)
    if not two.all():
        raise ValueError(f"Factor {factors[int(np.argmin(two))]!r} does not stand at two levels.")
    alike = np.abs(np.concatenate([np.ones((len(signs), 1)), signs], axis=1).T @ signs)
    if (alike > 1e-9).sum() > len(factors):
        raise ValueError("The levels are not a factorial: factors are out of balance or move together.")
    return signs
