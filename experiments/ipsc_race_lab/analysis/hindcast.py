"""Hindcasts: what races that met the record up to an earlier month say of what came after, beside two naive forecasts.

What came is scored by the continuous ranked probability score; so are two forecasts that need no model. A date is taken
as the end of the record where it has not come by then, for all alike.

- *Base rate*: as many a month as until then, known as well as so many events tell: a Poisson count whose rate has
  Jeffreys' prior, so that what has never come has half an event in all the months so far.
- *Constant growth*: counts go on by as many a month as on average so far, and what has not come does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race.policy import calendar_month
from ipsc_race_lab.analysis.calibrated import weights
from ipsc_race_lab.estimators.scoring import crps
from ipsc_race_lab.estimators.weighing import CENTRAL_80, weighted_quantiles

if TYPE_CHECKING:
    from ipsc_race_lab.analysis.calibrated import Calibrated
    from ipsc_race_lab.design.calibration import Calibration
    from ipsc_race_lab.metrics.history import Fact, History

Amounts = npt.NDArray[np.float64]
START = "2010-01"  # from which events were counted
DRAWS = 4000  # of a naive forecast
SEED = 20_261_128  # of its draws


class _Naive(NamedTuple):
    base_rate: Amounts
    growth: Amounts


def came_later(asked: Calibration, of: Calibrated, histories: Sequence[History]) -> dict[str, Any] | None:
    """What came after the as-of month, beside what was expected, with scores; None where nothing on record did."""
    columns = of.rows.dtype.names or ()
    weighed = weights(of)
    facts = {f"{history.name}.{fact.key}": fact for history in histories for fact in history.facts}
    told = [key for key in columns if key in facts and key not in asked.leave_out]
    later = [key for key in told if facts[key].by > asked.as_of]
    if not later:
        return None
    rows = [_scored(key, facts, np.asarray(of.rows[key], np.float64), weighed, asked.as_of) for key in later]
    return {
        "known": [key for key in told if facts[key].by <= asked.as_of],
        "rows": rows,
        "beats_both": sum(row["crps"] < min(row["crps_base_rate"], row["crps_growth"]) for row in rows),
        "covered": sum(row["low"] <= row["came"] <= row["high"] for row in rows),
    }


def _scored(key: str, facts: dict[str, Fact], numbers: Amounts, weighed: Amounts, month: str) -> dict[str, Any]:
    """A fact that came later: the central 80% that was expected, and the scores."""
    fact = facts[key]
    end = float(calendar_month(max(of.by for of in facts.values())))
    came = float(calendar_month(str(fact.recorded))) if fact.kind.is_month else float(fact.recorded)
    if fact.kind.is_month:
        numbers = np.minimum(numbers, end)
    naive = _naive(fact, list(_earlier(fact, facts, month)), month, end)
    low, median, high = weighted_quantiles(numbers, weighed, CENTRAL_80)
    even = np.full(DRAWS, 1 / DRAWS)
    return {
        "key": key, "by": fact.by, "is_month": fact.kind.is_month, "came": came,
        "low": low, "median": median, "high": high,
        "crps": crps(numbers, weighed, came),
        "crps_base_rate": crps(naive.base_rate, even, came),
        "crps_growth": crps(naive.growth, even, came),
    }  # fmt: skip


def _earlier(fact: Fact, facts: dict[str, Fact], month: str) -> Iterator[Fact]:
    """What was known then of the same thing."""
    for other in facts.values():
        same = (other.what, other.region, other.cells) == (fact.what, fact.region, fact.cells)
        if same and other.by <= month and not other.kind.is_month:
            yield other


def _naive(fact: Fact, known: Sequence[Fact], month: str, end: float) -> _Naive:
    """The two naive forecasts of a fact, as draws."""
    rng = np.random.default_rng(SEED)
    last = max(known, key=lambda of: of.by, default=None)
    so_far, since = (float(last.recorded), calendar_month(last.by)) if last else (0.0, calendar_month(month))
    passed = since - calendar_month(START) + 1
    rates = rng.gamma(so_far + 0.5, 1 / passed, DRAWS)
    if fact.kind.is_month:
        comes = np.minimum(calendar_month(month) + rng.exponential(1 / rates), end)
        return _Naive(comes.astype(np.float64), np.full(DRAWS, end))
    ahead = calendar_month(fact.by) - since
    counted = so_far + rng.poisson(rates * ahead)
    return _Naive(counted.astype(np.float64), np.full(DRAWS, so_far * (1 + ahead / passed)))
