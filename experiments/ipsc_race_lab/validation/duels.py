"""V10, V11: races of exponential stages; V12, V13: races in which firms choose their effort, as arithmetic.

The n-th company of one jurisdiction races the n-th of the other: a hundred independent races in each simulated one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from ipsc_race.loading import Resolved
from ipsc_race.milestones import APPROVED, PHASE_1_READ_OUT, PHASE_1_STARTED
from ipsc_race_lab.validation.limits import Array, first_months, homes, limit, races
from ipsc_race_lab.validation.rung import Check, Rung, Verdict, agrees, near

FAST, SLOW = 0.08, 0.05  # a year
PRIZE, INTEREST = 10.0, 0.08
NO_EFFORT = "Companies of this model do not choose their effort, so there is no equilibrium to measure."


def duels(resolved: Resolved, milestone: int, runs: int) -> tuple[Array, Array]:
    """Months to a milestone since Phase 1 began, of the fast and of the slow contender in each duel."""
    fast: list[Array] = []
    slow: list[Array] = []
    for result in races(resolved, runs):
        months = first_months(resolved, result, milestone) - first_months(resolved, result, PHASE_1_STARTED)
        home = homes(result)
        fast.append(months[home == 0])
        slow.append(months[home == 1])
    return np.concatenate(fast), np.concatenate(slow)


def wins(fast: Array, slow: Array) -> Array:
    """A win counts 1, a tie in the same month half."""
    return np.asarray((fast < slow) + 0.5 * (fast == slow))


def erlang_win(n: int, m: int, q: float) -> float:
    """P(n exponential stages end before m), q = a / (a + b)."""
    return float(sum(math.comb(n - 1 + j, j) * q**n * (1 - q) ** j for j in range(m)))


def climb_memoryless() -> Iterator[Check]:
    """V10; a stage ends in a whole month: a geometric time, half a month longer than the exponential."""
    resolved = limit("memoryless-race")
    yield agrees("P(the faster is first)", wins(*duels(resolved, APPROVED, 200)), FAST / (FAST + SLOW), claims=2)
    per_month = (FAST + SLOW) / 12
    first = np.minimum(*duels(resolved, PHASE_1_READ_OUT, 200))
    horizon = resolved.months - 2
    seen = -math.expm1(-per_month * horizon) / -math.expm1(-per_month)  # E min(ceil(T), horizon)
    what = f"months to the first, whole ones within the span (1/(a+b) = {1 / (FAST + SLOW):.3f} years)"
    yield agrees(what, np.minimum(first, horizon), seen, claims=2)


def climb_stages() -> Iterator[Check]:
    """V11; the faster repeats one stage (as its review) in the second case."""
    for own, months in ((3, 0.0), (4, 60.0)):
        resolved = limit("multistage-race", {"jurisdictions.us.exogenous.review.duration_months": months})
        what = f"P(1.5 times as fast wins), {own} stages against 3"
        yield agrees(what, wins(*duels(resolved, APPROVED, 200)), erlang_win(own, 3, 0.6), claims=2)


def lump_cost(x: float, firms: int) -> float:
    """Loury's first-order condition for an effort paid at once, hazard h = sqrt(x)."""
    h, slope = math.sqrt(x), 0.5 / math.sqrt(x)
    return PRIZE * slope * (INTEREST + (firms - 1) * h) / (INTEREST + firms * h) ** 2 - 1


def flow_cost(x: float, firms: int) -> float:
    """Lee and Wilde's first-order condition for an effort paid as long as the race goes on, hazard h = sqrt(x)."""
    h, slope = math.sqrt(x), 0.5 / math.sqrt(x)
    return (PRIZE * slope - 1) * (INTEREST + firms * h) - (PRIZE * h - x) * slope


def equilibria(condition: Callable[[float, int], float], published: dict[int, float]) -> Iterator[Check]:
    """The effort of each firm in equilibrium, by number of firms, beside the published."""
    from scipy.optimize import brentq

    for firms, effort in published.items():
        solved = brentq(condition, 1e-6, 1e3, args=(firms,))
        yield near(f"effort of each of {firms} (arithmetic, no race)", solved, effort, 5e-4)


def climb_lump_cost() -> Iterator[Check]:
    """V12."""
    yield from equilibria(lump_cost, {2: 1.2485, 4: 0.9246, 8: 0.5406})


def climb_flow_cost() -> Iterator[Check]:
    """V13."""
    yield from equilibria(flow_cost, {1: 0.6691, 2: 11.285, 4: 18.400, 8: 21.785})


RUNGS = (
    Rung(
        "V10",
        "a memoryless race is won in proportion to the rates",
        "rates 0.08 and 0.05 a year: P(first) 0.6154, mean 7.692 years",
        "3 standard errors",
        "competing exponentials: a / (a + b), 1 / (a + b)",
        "memoryless-race",
        climb_memoryless,
    ),
    Rung(
        "V11",
        "a race of three stages is won more surely by the faster, less so if it repeats one",
        "1.5 times as fast: 0.68256 with 3 v 3 stages, 0.54432 with 4 v 3",
        "3 standard errors",
        "negative binomial: sum over j < m of C(n-1+j, j) q^n (1-q)^j, q = a / (a + b)",
        "multistage-race",
        climb_stages,
    ),
    Rung(
        "V12",
        "more rivals, less effort of each, where effort is paid at once",
        "2, 4, 8 firms: 1.2485, 0.9246, 0.5406",
        "0.0005",
        "Loury 1979, doi:10.2307/1883165: V h'(r + (n-1) h) / (r + n h)^2 = 1, h = sqrt(x), V = 10, r = 0.08",
        "none",
        climb_lump_cost,
        account=NO_EFFORT,
        apart=Verdict.NOT_APPLICABLE,
    ),
    Rung(
        "V13",
        "more rivals, more effort of each, where effort is paid as long as the race lasts",
        "1, 2, 4, 8 firms: 0.6691, 11.285, 18.400, 21.785",
        "0.0005",
        "Lee & Wilde 1980, doi:10.2307/1884551: (V h' - 1)(r + n h) = (V h - x) h'",
        "none",
        climb_flow_cost,
        account=NO_EFFORT,
        apart=Verdict.NOT_APPLICABLE,
    ),
)
