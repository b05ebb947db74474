"""What a dose response looks like: rising, falling, flat or turning, and whether it is saturated at an end.

A curve is flat where no level is told apart from the world as it is. It turns where a step goes against the whole of
it and is told apart from 0. It is saturated at an end where the last step is not told apart from 0 and less than a
tenth of the whole curve: more of that factor, or less, no longer moves the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ipsc_race_lab.analysis.dose_response import DIFFERENCE, MEAN, STEP

FLAT, RISING, FALLING, TURNING = "flat", "rising", "falling", "turning"
SATURATED_SHARE = 0.1  # of a whole curve: a last step that is smaller
FEWEST_DOSES = 3  # two levels have an end each, and nothing between them
ENDS = ("low", "high")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """The form of one curve; `saturated`: the ends, low or high, at which it no longer moves."""

    kind: str
    saturated: tuple[str, ...] = ()


def shape(rows: Sequence[Row]) -> Shape:
    """The form of the curve of one factor and question, from its rows of `analysis.json`."""
    means = [row["estimate"] for row in rows if row["index"] == MEAN]
    steps = [row for row in rows if row["index"] == STEP]
    if not any(_is_told_apart(row) for row in rows if row["index"] == DIFFERENCE):
        return Shape(FLAT)
    whole = means[-1] - means[0]
    if any(_is_told_apart(row) and row["estimate"] * whole < 0 for row in steps):
        return Shape(TURNING)
    still = [_is_still(row, max(means) - min(means)) for row in (steps[0], steps[-1])] if len(steps) > 1 else []
    ends = tuple(end for end, is_still in zip(ENDS, still, strict=False) if is_still)
    return Shape(RISING if whole > 0 else FALLING, ends)


def shapes(analysis: Mapping[str, Any]) -> dict[str, Shape]:
    """The form of the curve of each factor whose levels are numbers; `analysis`: rows and factors of one question."""
    shape_of = {}
    for of in analysis["factors"]:
        mine = [row for row in analysis["rows"] if row["factor"] == of["factor"]]
        values = [row["value"] for row in mine if row["index"] == MEAN]
        if any(row["estimate"] is None for row in mine):  # a share of nothing sold has no shape
            continue
        if of["value"] is not None and len(values) >= FEWEST_DOSES and not isinstance(values[0], str):
            shape_of[of["factor"]] = shape(mine)
    return shape_of


def _is_told_apart(row: Row) -> bool:
    """Whether 0 lies outside an interval."""
    return row["low"] is not None and not row["low"] <= 0 <= row["high"]


def _is_still(step: Row, whole: float) -> bool:
    """Whether a step moves next to nothing of a whole curve."""
    return not _is_told_apart(step) and abs(step["estimate"]) < SATURATED_SHARE * whole
