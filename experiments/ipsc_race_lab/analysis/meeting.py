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
import numpy.typing as npt

from ipsc_race_lab.estimators.emulators import Amounts, Emulator, Floats, fit, log_odds

KNOTS = 400  # at which the density of a number is reckoned
RESIDUALS = 99  # quantiles of what races were off the expectation
LEAST = -50.0  # log density where nothing that races were off would do: no wall, so that chains come out again


class Told(NamedTuple):
    """What races told of a fact: numbers, (races,), and the log density of the fact given such numbers.

    An exact fact has none: the numbers are 1 for a race that meets it, 0 for one that does not.
    """

    numbers: Amounts
    log_density: Callable[[Amounts], Amounts] | None = None

    @property
    def exact(self) -> bool:
        """Whether it is met or missed."""
        return self.log_density is None


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
        _of_number(points, of.numbers, of.log_density, emulator)
        if of.log_density
        else _of_chance(points, of.numbers > 0, emulator)
        for of, emulator in zip(told, emulators, strict=True)
    )


def _of_chance(points: Floats, met: npt.NDArray[np.bool_], rough: Emulator) -> Meeting:
    emulator = log_odds(points, met, rough)
    at = np.linspace(LEAST, -LEAST, KNOTS)
    return Meeting(emulator, at, -0.5 * np.logaddexp(0.0, -at))


def _of_number(
    points: Floats, numbers: Amounts, log_density: Callable[[Amounts], Amounts], emulator: Emulator
) -> Meeting:
    emulated = emulator.mean(points)
    off = np.quantile(numbers - emulated, (np.arange(RESIDUALS) + 0.5) / RESIDUALS)
    wide = float(np.ptp(numbers))
    at = np.linspace(emulated.min() - wide, emulated.max() + wide, KNOTS)
    squared = np.logaddexp.reduce(2 * log_density(at[:, None] + off), axis=1) - np.log(RESIDUALS)
    return Meeting(emulator, at, np.maximum(0.5 * squared, LEAST))
