"""A rung of the ladder: one claim, how it is measured, and the numbers it came to beside those expected."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Values = npt.ArrayLike
THREE_SIGMA = 0.001349898  # of a normal, beyond three standard errors on one side


class Verdict(StrEnum):
    """What came of a rung. Only `missed` fails the ladder; the last two are counted apart and never as met."""

    MET = "met"
    MISSED = "missed"
    NOT_APPLICABLE = "not applicable"
    OPEN = "open"


class Check(NamedTuple):
    """One number beside what it should be; `tolerance` in words, which `holds` says to be kept."""

    what: str
    expected: float
    observed: float
    tolerance: str
    holds: bool


@dataclass(frozen=True)
class Rung:
    """One claim of the ladder. `expected` and `tolerance` as a reader would say them; `climb` measures.

    `misses`: the numbers that are known to miss, by how their names begin; `account`: why they do, or why the rung
    cannot be asked; `apart`: not judged by its numbers.
    """

    id: str
    claim: str
    expected: str
    tolerance: str
    source: str
    world: str
    climb: Callable[[], Iterable[Check]]
    is_long: bool = False
    misses: tuple[str, ...] = ()
    account: str = ""
    apart: Verdict | None = None


@dataclass(frozen=True)
class Climbed:
    """A rung as it was measured."""

    rung: Rung
    checks: tuple[Check, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """Met where every number is within its tolerance, and there is one."""
        if self.rung.apart is not None:
            return self.rung.apart
        return Verdict.MET if self.checks and all(check.holds for check in self.checks) else Verdict.MISSED

    def row(self) -> dict[str, Any]:
        """All of it as JSON has it; what is not a finite number is null."""
        rung = self.rung
        return {
            "id": rung.id,
            "claim": rung.claim,
            "expected": rung.expected,
            "tolerance": rung.tolerance,
            "source": rung.source,
            "world": rung.world,
            "long": rung.is_long,
            "verdict": str(self.verdict),
            "account": rung.account,
            "checks": [
                check._asdict() | {"expected": _finite(check.expected), "observed": _finite(check.observed)}
                for check in self.checks
            ],
            "seconds": round(self.seconds, 1),
        }


def climbed(rung: Rung) -> Climbed:
    """Measure a rung."""
    started = time.perf_counter()
    checks = tuple(rung.climb())
    return Climbed(rung, checks, time.perf_counter() - started)


def standard_errors(claims: int = 1) -> float:
    """Standard errors allowed to each of several claims, so that all together err as rarely as one at three."""
    from scipy import stats

    return float(stats.norm.isf(THREE_SIGMA / claims))


def agrees(what: str, values: Values, expected: float, claims: int = 1) -> Check:
    """The mean of independent values is what is expected, within three standard errors of all claims together."""
    given = np.asarray(values, np.float64)
    mean = float(given.mean())
    half = standard_errors(claims) * float(given.std(ddof=1)) / math.sqrt(len(given))
    return Check(what, expected, mean, f"± {half:.2g} (3 standard errors)", bool(abs(mean - expected) <= half))


def ratio_agrees(what: str, tops: Values, bottoms: Values, expected: float, claims: int = 1) -> Check:
    """The ratio of two sums over races is what is expected, within three standard errors by the delta method."""
    above, below = np.asarray(tops, np.float64), np.asarray(bottoms, np.float64)
    ratio = float(above.sum() / below.sum())
    half = standard_errors(claims) * float((above - ratio * below).std(ddof=1)) / math.sqrt(len(above)) / below.mean()
    return Check(what, expected, ratio, f"± {half:.2g} (3 standard errors)", bool(abs(ratio - expected) <= half))


def near(what: str, observed: float, expected: float, tolerance: float) -> Check:
    """A number is what is expected to a tolerance."""
    words = f"± {tolerance:g}" if tolerance else "exactly"
    return Check(what, expected, float(observed), words, bool(abs(observed - expected) <= tolerance))


def near_all(what: str, observed: Values, expected: Values, tolerance: float) -> Check:
    """Every one of some numbers is what is expected to a tolerance; the one that lies furthest off is shown."""
    given, wanted = np.broadcast_arrays(np.asarray(observed, np.float64), np.asarray(expected, np.float64))
    if not given.size:
        return none(f"{what}: nothing to measure", 1)
    worst = int(np.argmax(np.abs(given - wanted)))
    return near(f"{what}, furthest of {given.size:,}", given.flat[worst], float(wanted.flat[worst]), tolerance)


def none(what: str, count: float) -> Check:
    """Something that must never happen did not."""
    return near(what, float(count), 0.0, 0.0)


def between(what: str, observed: float, expected: float, low: float, high: float) -> Check:
    """A number lies within published or stated bounds, of which either may be infinite."""
    if math.isinf(high):
        words = f"at least {low:.4g}"
    elif math.isinf(low):
        words = f"at most {high:.4g}"
    else:
        words = f"{low:.4g} to {high:.4g}"
    return Check(what, expected, float(observed), words, bool(low <= observed <= high))


def on_record(what: str, recorded: float, numbers: Values, level: float = 0.9) -> Check:
    """What is on record lies in the central part of the races, one number of each; their median is shown."""
    given = np.asarray(numbers, np.float64)
    tail = (1 - level) / 2
    low, median, high = np.quantile(given, (tail, 0.5, 1 - tail), method="closest_observation")
    words = f"in {level:.0%} of races: {low:.4g} to {high:.4g}"
    return Check(what, recorded, float(median), words, bool(low <= recorded <= high))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
