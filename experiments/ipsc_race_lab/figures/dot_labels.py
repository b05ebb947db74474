"""Names beside dots in a plane, moved to where they hide nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ipsc_race_lab.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


JOINED_POINTS = 9.0  # from a dot to its name, above which a line joins them

Bar = tuple[tuple[float, float], tuple[float, float]]  # an interval, as its ends on x and on y


class _Place(NamedTuple):
    """A rectangle on the page, in points."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: _Place) -> bool:
        """Whether two rectangles overlap."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.top <= other.bottom or other.top <= self.bottom)


def label_dots(
    axes: Axes,
    dots: Sequence[tuple[float, float]],
    intervals: Sequence[Bar],
    texts: Sequence[str],
    inches: tuple[float, float],
    size: float = 9,
) -> None:
    """Names beside the first dots, inside the axes, clear of each other, of all dots and, if they can, of intervals.

    Dots and intervals are in the units of the axes, which are `inches` wide and high. A line joins a name that stands
    away from its dot.
    """
    width, height = 72 * inches[0], 72 * inches[1]
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()

    def on_page(x: float, y: float) -> tuple[float, float]:
        return (x - left) / (right - left) * width, (y - low) / (high - low) * height

    at = [on_page(*dot) for dot in dots]
    taken = [_Place(x - 4, y - 4, x + 4, y + 4) for x, y in at]
    bars = []
    for xs, ys in intervals:
        (x0, y0), (x1, y1) = on_page(xs[0], ys[0]), on_page(xs[1], ys[1])
        bars.append(_Place(x0 - 1, y0 - 1, x1 + 1, y1 + 1))
    for i in sorted(range(len(texts)), key=lambda i: (-at[i][0], -at[i][1], i)):
        text = style.broken(texts[i], min(2.4, inches[0] - 0.4))
        wide = 72 * (style.label_inches(text.split("\n"), points=size) - 0.24)
        tall = 1.25 * size * (text.count("\n") + 1)
        place = _free_place(at[i], (wide, tall), taken, bars, (width, height))
        taken.append(place)
        middle = ((place.left + place.right) / 2, (place.bottom + place.top) / 2)
        nearest = _nearest(at[i], place)
        if math.dist(nearest, at[i]) > JOINED_POINTS:
            bars.append(_Place(*np.minimum(at[i], nearest), *np.maximum(at[i], nearest)))
            xs, ys = (at[i][0] / width, nearest[0] / width), (at[i][1] / height, nearest[1] / height)
            axes.plot(xs, ys, color=style.GREY, lw=0.6, transform=axes.transAxes, zorder=2)
        way: dict[str, Any] = {"transform": axes.transAxes, "ha": "center", "va": "center", "size": size, "zorder": 4}
        axes.text(middle[0] / width, middle[1] / height, text, **way)


def _nearest(dot: tuple[float, float], place: _Place) -> tuple[float, float]:
    """The point of a rectangle that is nearest to a dot."""
    return min(max(dot[0], place.left), place.right), min(max(dot[1], place.bottom), place.top)


def _free_place(
    dot: tuple[float, float],
    size: tuple[float, float],
    taken: Sequence[_Place],
    bars: Sequence[_Place],
    page: tuple[float, float],
) -> _Place:
    """The place for a text that costs least: names and dots must not be met, bars and long ways should not be."""
    (wide, tall), best = size, None
    others = [other for other in taken if not other.meets(_Place(*dot, *dot))]  # what a line from the dot may cross
    for away in (5.0, *np.arange(10.0, 300.0, 8.0)):
        for turn in np.deg2rad([0, 30, -30, 60, -60, 90, -90, 180, 150, -150, 120, -120]):
            x = float(np.clip(dot[0] + np.cos(turn) * (away + wide / 2), wide / 2 + 3, page[0] - wide / 2))
            y = float(np.clip(dot[1] + np.sin(turn) * (away + tall / 2), tall / 2 + 1, page[1] - tall / 2))
            place = _Place(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
            end = _nearest(dot, place)
            way = [_Place(*spot, *spot) for spot in np.linspace(dot, end, 25)]
            cost = 1000.0 * sum(place.meets(other) for other in taken) + 60.0 * sum(place.meets(bar) for bar in bars)
            if math.dist(dot, end) > JOINED_POINTS:
                cost += 100.0 * sum(any(spot.meets(other) for spot in way) for other in others) + 10.0
            cost += math.dist(dot, end)
            if best is None or cost < best[0]:
                best = (cost, place)
    assert best is not None, "some place was tried"
    return best[1]
