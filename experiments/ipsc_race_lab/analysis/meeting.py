"""How surely a race meets a fact, by what is emulated of it: where a calibration looks next.

Of all densities to draw points with, the root of the mean square of a race's weight at a point leaves weights of least
variance. For a fact that is met or missed that is the root of the chance to meet it, whose log odds are emulated. For a
number read with an error, its expectation is emulated, and chance is what races were off it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ipsc_race_lab.estimators.emulators import Amounts, Emulator, Floats, fit, log_odds

KNOTS = 400  # at which the density of a number is reckoned
RESIDUALS = 99  # quantiles of what races were off the expectation
LEAST = -50.0  # log density where nothing that races were off would do: no wall, so that chains come out again


class Told(NamedTuple):
    """What races told of a fact: numbers, (races,), and the log density of the fact given such numbers.

    `exact`: the numbers are 1 for a race that meets the fact, 0 for one that does not.
    """

    numbers: Amounts
    log_density: Callable[[Amounts], Amounts]
    exact: bool


@dataclass(frozen=True)
class Meeting:
    """The log density with which races meet a fact, as a curve over what is emulated of it."""

    emulator: Emulator
    at: Amounts  # rising
    density: Amounts  # there

    def log_density(self, emulated: Amounts) -> Amounts:
        """It where this is emulated, up to a constant."""
        return np.asarray(np.interp(emulated, self.at, self.density), np.float64)


def meetings(points: Floats, told: Sequence[Told]) -> tuple[Meeting, ...]:
    """A meeting of each fact. `points`: (races, factors) on the unit cube."""
    emulators = fit(points, np.stack([of.numbers for of in told], axis=1)) if told else ()
    return tuple(
        _of_chance(points, of, emulator) if of.exact else _of_number(points, of, emulator)
        for of, emulator in zip(told, emulators, strict=True)
    )


def _of_chance(points: Floats, told: Told, rough: Emulator) -> Meeting:
    emulator = log_odds(points, told.numbers > 0, rough)
    at = np.linspace(LEAST, -LEAST, KNOTS)
    return Meeting(emulator, at, -0.5 * np.logaddexp(0.0, -at))


def _of_number(points: Floats, told: Told, emulator: Emulator) -> Meeting:
    emulated = emulator.mean(points)
    off = np.quantile(told.numbers - emulated, (np.arange(RESIDUALS) + 0.5) / RESIDUALS)
    wide = float(np.ptp(told.numbers))
    at = np.linspace(emulated.min() - wide, emulated.max() + wide, KNOTS)
    squared = np.logaddexp.reduce(2 * told.log_density(at[:, None] + off), axis=1) - np.log(RESIDUALS)
    return Meeting(emulator, at, np.maximum(0.5 * squared, LEAST))
