"""Distributions of what is believed of a factor, by their quantile functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
HALVES = "halves"


@dataclass(frozen=True)
class Distribution:
    """What is believed of a factor, by its quantile function; every kind ends at `low` and `high`.

    `whole`: whole numbers only. The interval is widened by half a step at both ends and rounded, so that every number
    inside it has the same chance under `uniform`, the two ends too.
    """

    kind: str  # a key of DISTRIBUTIONS, or "values"
    low: float = 0.0
    high: float = 1.0
    mode: float = 0.0  # triangular; of halves the value that half the belief lies on either side of
    mean: float = 0.0  # normal, before it is cut off at both ends
    sd: float = 1.0
    whole: bool = False
    values: tuple[float, ...] = ()  # kind "values": all equally likely; switches as 0 and 1, levels by their place

    def quantile(self, shares: npt.ArrayLike) -> Numbers:
        """Values at quantiles from 0 to 1, both included."""
        u = np.asarray(shares, np.float64)
        if self.kind == "values":
            last = len(self.values) - 1
            places = np.minimum((u * len(self.values)).astype(np.int64), last)
            return np.asarray(self.values, np.float64)[places]
        widened = 0.5 if self.whole else 0.0
        x = DISTRIBUTIONS[self.kind].quantile(self, u, self.low - widened, self.high + widened)
        return np.clip(np.floor(x + 0.5) if self.whole else x, self.low, self.high)


@dataclass(frozen=True)
class _Shape:
    """A kind of distribution: its keys beside `low` and `high`, and its quantile function."""

    keys: tuple[str, ...]
    quantile: Callable[[Distribution, Numbers, float, float], Numbers]


def _uniform(_: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    return low + u * (high - low)


def _log_uniform(_: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    return np.exp(math.log(low) + u * (math.log(high) - math.log(low)))


def _triangular(of: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    width, left, right = high - low, of.mode - low, high - of.mode
    rising, falling = low + np.sqrt(u * width * left), high - np.sqrt((1 - u) * width * right)
    return np.where(u * width < left, rising, falling)


def _normal(of: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    from scipy.special import ndtr, ndtri

    below, above = ndtr((low - of.mean) / of.sd), ndtr((high - of.mean) / of.sd)
    share = below + u * (above - below)
    beyond, from_low = ndtr((of.mean - high) / of.sd), ndtr((of.mean - low) / of.sd)
    left = beyond + (1 - u) * (from_low - beyond)  # the same from above: near 1 a share has no digits left
    return np.where(share < left, of.mean + of.sd * ndtri(share), of.mean - of.sd * ndtri(left))


def _halves(of: Distribution, u: Numbers, low: float, high: float) -> Numbers:
    """Half the belief below the stated value, half above it: the stated value is the median.

    Each half is spread evenly, and of a number that cannot be negative by its ratios, as far as its ends have any:
    ranges reach further up than down, and a world of numbers too large by as much as others are too small is larger.
    """
    below, above = _spread(of.low, low, of.mode), _spread(of.low, of.mode, high)
    under, over = np.minimum(2 * u, 1.0), np.maximum(2 * u - 1, 0.0)  # neither half is asked beyond its ends
    return np.where(u < 0.5, below(of, under, low, of.mode), above(of, over, of.mode, high))


def _spread(least: float, low: float, high: float) -> Callable[[Distribution, Numbers, float, float], Numbers]:
    return _log_uniform if least >= 0 and 0 < low < high else _uniform


DISTRIBUTIONS: dict[str, _Shape] = {
    HALVES: _Shape(("mode",), _halves),
    "uniform": _Shape((), _uniform),
    "log_uniform": _Shape((), _log_uniform),
    "triangular": _Shape(("mode",), _triangular),
    "normal": _Shape(("mean", "sd"), _normal),
}


def misshapen(of: Distribution) -> str:
    """What is wrong with the numbers of a distribution, empty if nothing."""
    interval = f"[{of.low:g}, {of.high:g}]"
    if not of.low < of.high:
        return f"has the interval {interval}; expected low below high"
    if of.kind == "log_uniform" and of.low <= 0:
        return f"has the interval {interval}; log_uniform expected low above 0"
    if of.kind in ("triangular", HALVES) and not of.low <= of.mode <= of.high:
        return f"has mode {of.mode:g} outside {interval}"
    if of.kind == "normal" and not (of.low <= of.mean <= of.high and of.sd > 0):
        return f"has mean {of.mean:g} and sd {of.sd:g}; expected a mean inside {interval} and an sd above 0"
    return ""
