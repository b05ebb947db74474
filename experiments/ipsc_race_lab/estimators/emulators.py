"""Emulators: what a race would answer at a point, as a quadratic of the few factors that matter there.

Races are noisy and their factors many, most of which move a given number by nothing that shows. So terms are taken up
by how surely they explain what is left (orthogonal matching pursuit, Pati et al. 1993), squares and products only of
factors that were taken up before, and what then is not significant is left out again.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Amounts = npt.NDArray[np.float64]
Term = tuple[int, ...]  # the factors whose coordinates are multiplied: none is the constant

MIN_T = 3.0  # of a term that stays
MAX_TERMS = 200
MAX_SQUARED = 16  # factors, the surest, of which squares and products are tried
PRIOR_PRECISION = 1.0  # of the weights of log odds, on a scale on which a factor runs from -1 to 1


@dataclass(frozen=True)
class Emulator:
    """A quadratic on the unit cube. `usual`: the mean of what it was made from."""

    terms: tuple[Term, ...]
    weights: Amounts
    usual: float

    def mean(self, points: Floats) -> Amounts:
        """The expected answer at points of shape (points, factors)."""
        return np.asarray(_columns(points, self.terms) @ self.weights, np.float64)


@dataclass(frozen=True)
class Stack:
    """Several emulators at once, by the factors that any of them knows.

    A term is a product of two columns of these factors, the first of which is a column of ones. `factors`: those, in
    order; `first`, `second`: columns of each term; `offset`: what is taken off it; `weights`: (terms, emulators).
    """

    factors: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    offset: Amounts
    weights: Amounts

    def mean(self, points: Floats) -> Amounts:
        """The expected answers, shape (points, emulators), at points of shape (points, `factors`)."""
        columns = np.ones((len(points), len(self.factors) + 1))
        columns[:, 1:] = 2.0 * points - 1.0
        return np.asarray((columns[:, self.first] * columns[:, self.second] - self.offset) @ self.weights, np.float64)


def stacked(emulators: Sequence[Emulator]) -> Stack:
    """Emulators as one."""
    terms = sorted({term for of in emulators for term in of.terms})
    factors = sorted({factor for term in terms for factor in term})
    column = {factor: place for place, factor in enumerate(factors, 1)}
    pairs = [(*(column[factor] for factor in term), 0, 0)[:2] for term in terms]
    weights = np.zeros((len(terms), len(emulators)))
    row = {term: place for place, term in enumerate(terms)}
    for number, of in enumerate(emulators):
        weights[[row[term] for term in of.terms], number] = of.weights
    first, second = (np.array([pair[end] for pair in pairs], np.intp) for end in (0, 1))
    offset = np.array([1 / 3 if one == other > 0 else 0.0 for one, other in pairs])
    return Stack(np.array(factors, np.intp), first, second, offset, weights)


def fit(points: Floats, answers: Amounts) -> tuple[Emulator, ...]:
    """The emulator of each answer. `points`: (races, factors) on the unit cube; `answers`: (races, answers)."""
    linear = _candidates(points, [(i,) for i in range(points.shape[1])])
    return tuple(_fit(points, answers[:, k], linear) for k in range(answers.shape[1]))


def log_odds(points: Floats, met: npt.NDArray[np.bool_], of: Emulator) -> Emulator:
    """The log odds that something is met, in the terms of an emulator of how often it is.

    Logistic regression with the normal prior that keeps odds finite where all races meet it, or none.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    table, answers = _columns(points, of.terms), met.astype(np.float64)
    held = np.array([PRIOR_PRECISION if term else 0.0 for term in of.terms])
    table = np.vstack([table, np.eye(1, len(of.terms))])  # half a race for the constant, each way
    answers, count = np.append(answers, 0.5), len(table)

    def loss(weights: Amounts) -> tuple[float, Amounts]:
        odds = table @ weights
        value = np.logaddexp(0.0, odds).sum() - answers @ odds + 0.5 * held @ weights**2
        return float(value) / count, (table.T @ (expit(odds) - answers) + held * weights) / count

    weights = minimize(loss, np.zeros(len(of.terms)), jac=True, method="L-BFGS-B").x
    return Emulator(of.terms, np.asarray(weights, np.float64), of.usual)


def _fit(points: Floats, answers: Amounts, linear: _Candidates) -> Emulator:
    chosen = _pursue(points, answers, ((),), linear)
    surest = sorted(_surest(points, answers, chosen)[:MAX_SQUARED])
    products: list[Term] = list(itertools.combinations_with_replacement(surest, 2))
    chosen = _pursue(points, answers, chosen, _candidates(points, products))
    while True:
        weights, t, _ = _regress(points, answers, chosen)
        kept = tuple(term for term, sure in zip(chosen, t, strict=True) if not term or sure >= MIN_T)
        if kept == chosen:
            break
        chosen = kept
    return Emulator(chosen, weights, float(answers.mean()))


class _Candidates(NamedTuple):
    """Terms that may be taken up, with their columns about their means, of length one."""

    terms: list[Term]
    table: Floats


def _candidates(points: Floats, terms: list[Term]) -> _Candidates:
    table = np.empty((len(points), len(terms)), np.float32)
    for column, term in enumerate(terms):
        of = _columns(points, (term,))[:, 0]
        of -= of.mean()
        norm = math.sqrt(float(of @ of))
        table[:, column] = of / norm if norm > 0 else 0.0
    return _Candidates(terms, table)


def _pursue(points: Floats, answers: Amounts, chosen: tuple[Term, ...], of: _Candidates) -> tuple[Term, ...]:
    """Terms with those candidates that explain what is left beyond the largest that chance would show."""
    beyond = math.sqrt(2 * math.log(max(len(of.terms), 2))) + 1
    most = min(MAX_TERMS, len(answers) // 4)
    while of.terms and len(chosen) < most:
        _, _, residual = _regress(points, answers, chosen)
        spread = float(residual.std())
        if spread == 0:
            break
        t = np.abs(residual.astype(np.float32) @ of.table) / spread
        t[[place for place, term in enumerate(of.terms) if term in chosen]] = 0
        best = [i for i in np.argsort(-t)[: most - len(chosen)] if t[i] > max(beyond, t.max() / 2)]
        if not best:
            break
        chosen += tuple(of.terms[i] for i in best)
    return chosen


def _surest(points: Floats, answers: Amounts, chosen: tuple[Term, ...]) -> list[int]:
    """Factors with a linear term, the surest first."""
    _, t, _ = _regress(points, answers, chosen)
    single = [(float(sure), term[0]) for term, sure in zip(chosen, t, strict=True) if len(term) == 1]
    return [factor for _, factor in sorted(single, reverse=True)]


def _regress(points: Floats, answers: Amounts, terms: tuple[Term, ...]) -> tuple[Amounts, Amounts, Amounts]:
    """Weights, their |t| and the residuals of ordinary least squares; terms are at most one, so squares will do."""
    table = _columns(points, terms)
    inverse = np.linalg.pinv(table.T @ table, hermitian=True)
    weights = inverse @ (table.T @ answers)
    residual = answers - table @ weights
    freedom = max(len(answers) - len(terms), 1)
    spread = np.sqrt(np.diag(inverse) * float(residual @ residual) / freedom)
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
