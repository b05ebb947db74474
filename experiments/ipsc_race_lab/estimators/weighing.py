"""Weighing races by how well they match a record: importance weights and the number of races that they leave.

A number on record is read with an error of its own (the spread of the observation) and one of the model (its
discrepancy), both normal on the scale of the number. The density of the record given a race is then the race's weight:
acceptance by a likelihood of the errors, which is exact for a model that has them (Wilkinson 2013, Stat Appl Genet Mol
Biol 12:129), and needs neither a distance nor a tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Amounts = npt.NDArray[np.float64]
CENTRAL_80 = (0.1, 0.5, 0.9)  # its low end, the median and its high end, as quantiles
CENTRAL_90 = (0.05, 0.5, 0.95)


def log_density(simulated: Floats, recorded: Amounts, error_sd: Amounts) -> Amounts:
    """Log density of the record given each race. `simulated`: (races, numbers); a number that is not one says nothing.

    Up to a constant, the same for all races whose numbers are all there. A number without error must be met.
    """
    off = simulated - recorded
    exact = error_sd == 0
    standardised = off[:, ~exact] / error_sd[~exact]
    met = (np.nan_to_num(off[:, exact], nan=0.0) == 0).all(axis=1)
    return np.where(met, -0.5 * np.nansum(standardised**2, axis=1), -np.inf)


def normalised(log_weights: Amounts) -> Amounts:
    """Weights that sum to one, from their logarithms. Raises ValueError where no race has any weight."""
    if not np.isfinite(log_weights).any():
        raise ValueError("every race contradicts the record")
    weights = np.exp(log_weights - log_weights.max(initial=-np.inf))
    return np.asarray(weights / weights.sum(), np.float64)


def effective_number(weights: Amounts) -> float:
    """How many equally weighted races would tell as much (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0


def weighted_quantiles(values: Floats, weights: Amounts, at: Sequence[float]) -> list[float]:
    """Quantiles of weighted races: the smallest values that so much of the weight reaches; infinite ones stand last."""
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    places = np.minimum(np.searchsorted(below, np.array(at) * below[-1]), len(values) - 1)
    return [float(values[order[place]]) for place in places]
