"""Emulators: what a race would answer at a point, as a quadratic of the few factors that matter there.

Races are noisy and their factors many, most of which move a given number by nothing that shows. So terms are taken up
by how surely they explain what is left (orthogonal matching pursuit, Pati et al. 1993), squares and products only of
factors that were taken up before, and what then is not significant is left out again.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Amounts = npt.NDArray[np.float64]
Term = tuple[int, ...]  # the factors whose coordinates are multiplied: none is the constant

MIN_T = 3.0  # of a term that stays
MAX_TERMS = 120
MAX_SQUARED = 16  # factors, the surest, of which squares and products are tried


@dataclass(frozen=True)
class Emulator:
    """A quadratic on the unit cube. `residual_sd`: stochastic variation and what the terms miss, of one race."""

    terms: tuple[Term, ...]
    weights: Amounts
    residual_sd: float
    explained_share: float  # of the variance of single races, on the races that it was made from
    usual: float  # the mean over those races

    def mean(self, points: Floats) -> Amounts:
        """The expected answer at points of shape (points, factors)."""
        return np.asarray(_columns(points, self.terms) @ self.weights, np.float64)


def fit(points: Floats, answers: Amounts) -> Emulator:
    """The emulator of one answer of each race. `points`: (races, factors) on the unit cube; `answers`: (races,)."""
    chosen: tuple[Term, ...] = ((),)
    linear: list[Term] = [(i,) for i in range(points.shape[1])]
    chosen = _pursue(points, answers, chosen, linear)
    surest = sorted(_surest(points, answers, chosen)[:MAX_SQUARED])
    products: list[Term] = list(itertools.combinations_with_replacement(surest, 2))
    chosen = _pursue(points, answers, chosen, products)
    while True:
        weights, t, residual = _regress(points, answers, chosen)
        kept = tuple(term for term, sure in zip(chosen, t, strict=True) if not term or sure >= MIN_T)
        if kept == chosen:
            break
        chosen = kept
    variance = float(answers.var())
    sd = math.sqrt(float(residual @ residual) / max(len(answers) - len(chosen), 1))
    return Emulator(chosen, weights, sd, 1 - sd**2 / variance if variance else 0.0, float(answers.mean()))


def _pursue(points: Floats, answers: Amounts, chosen: tuple[Term, ...], candidates: list[Term]) -> tuple[Term, ...]:
    """Terms with those candidates that explain what is left beyond the largest that chance would show."""
    beyond = math.sqrt(2 * math.log(max(len(candidates), 2))) + 1
    left = [term for term in candidates if term not in chosen]
    most = min(MAX_TERMS, len(answers) // 4)
    while left and len(chosen) < most:
        _, _, residual = _regress(points, answers, chosen)
        table = _columns(points, tuple(left))
        table = table - table.mean(axis=0)
        scale = np.sqrt((table**2).sum(axis=0) * residual.var())
        t = np.abs(residual @ table) / np.where(scale > 0, scale, np.inf)
        best = [i for i in np.argsort(-t)[: most - len(chosen)] if t[i] > max(beyond, t.max() / 2)]
        if not best:
            break
        chosen += tuple(left[i] for i in best)
        left = [term for i, term in enumerate(left) if i not in best]
    return chosen


def _surest(points: Floats, answers: Amounts, chosen: tuple[Term, ...]) -> list[int]:
    """Factors with a linear term, the surest first."""
    _, t, _ = _regress(points, answers, chosen)
    single = [(float(sure), term[0]) for term, sure in zip(chosen, t, strict=True) if len(term) == 1]
    return [factor for _, factor in sorted(single, reverse=True)]


def _regress(points: Floats, answers: Amounts, terms: tuple[Term, ...]) -> tuple[Amounts, Amounts, Amounts]:
    """Weights, their |t| and the residuals of ordinary least squares."""
    table = _columns(points, terms)
    weights, *_ = np.linalg.lstsq(table, answers, rcond=None)
    residual = answers - table @ weights
    freedom = max(len(answers) - len(terms), 1)
    spread = np.sqrt(np.diag(np.linalg.pinv(table.T @ table)) * float(residual @ residual) / freedom)
    t = np.abs(weights) / np.where(spread > 0, spread, np.inf)
    return weights, t, residual


def _columns(points: Floats, terms: tuple[Term, ...]) -> Amounts:
    """Terms at points, the coordinates running from -1 to 1 and squares about their mean."""
    table = np.ones((len(points), len(terms)))
    for column, term in enumerate(terms):
        for factor in term:
            table[:, column] *= 2.0 * points[:, factor] - 1.0
        if len(term) == 2 and term[0] == term[1]:
            table[:, column] -= 1 / 3
    return table
