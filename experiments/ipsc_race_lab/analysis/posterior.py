"""What a calibration says: how races stand to the record, which numbers the record teaches, and a sample of the rest.

All numbers are weighed: the posterior has a weight for each race of all waves. Where few races are in effect nothing
is said with more certainty than they allow: the effective number stands beside everything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.analysis.calibrated import compared, weights
from ipsc_race_lab.analysis.calibration import Record, Recovery, rank_test, recovery
from ipsc_race_lab.analysis.hindcast import came_later
from ipsc_race_lab.design.posterior import Posterior, on_unit
from ipsc_race_lab.estimators.weighing import CENTRAL_90, effective_number, weighted_quantiles

if TYPE_CHECKING:
    from ipsc_race_lab.analysis.calibrated import Calibrated
    from ipsc_race_lab.analysis.on_record import OnRecord
    from ipsc_race_lab.design.calibration import Calibration
    from ipsc_race_lab.metrics.history import History

Amounts = npt.NDArray[np.float64]
UNIFORM_VARIANCE = 1 / 12
LEARNED_SHARE = 0.2  # of its variance that a number must lose to count as taught by the record
SURE = 3.0  # standard errors
MAX_MISS_SD = 3.0
TRUTHS = 200
RECOVERY_SEED = 20_261_127  # of the truths that are recovered, which has nothing to do with the races


def findings(asked: Calibration, of: Calibrated, histories: Sequence[History]) -> dict[str, Any]:
    """The content of `analysis.json`: the record beside the posterior, what was learned, how well truths come back."""
    weighed = weights(of)
    simulated, record = compared(of)
    recovered = recovery(on_unit(of.levels), simulated, record, TRUTHS, RECOVERY_SEED)
    learned = _learned(asked, of, weighed)
    titles = {f"{history.name}.{fact.key}": fact.title for history in histories for fact in history.facts}
    titles |= {target.measure: target.title for target in of.record.rates}
    return {
        "calibration": asked.name,
        "title": asked.title,
        "as_of": asked.as_of,
        "races": asked.races,
        "seed": asked.seed,
        "widened": asked.widened,
        "effective": effective_number(weighed),
        "waves": _waves(asked, of, weighed),
        "record": [{**row, "title": titles[row["key"]]} for row in _beside(of, of.record, weighed)],
        "parameters": learned,
        "recovery": _recovery_told(asked, recovered, learned, effective_number(weighed)),
        "came_later": came_later(asked, of, histories),
    }


def posterior_of(asked: Calibration, of: Calibrated) -> Posterior:
    """The sample: races in effect, each within one of its weight times the size (systematic, Kitagawa 1996)."""
    weighed = weights(of)
    start = np.random.default_rng([asked.seed, 4]).uniform()
    places = np.searchsorted(np.cumsum(weighed), (start + np.arange(asked.posterior)) / asked.posterior * (1 - 1e-12))
    races, counts = np.unique(np.minimum(places, len(weighed) - 1), return_counts=True)
    return Posterior(
        asked.name, asked.title, asked.source, asked.scenario_hash, asked.fixed, asked.as_of, tuple(asked.leave_out),
        asked.rates, asked.seed, asked.races, effective_number(weighed), asked.factors, of.first + races, counts,
        of.levels[races],
    )  # fmt: skip


def taught(analysis: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The numbers that the record surely narrows by a fifth of their variance or more, or surely moves; most first.

    Surely: by more than three standard errors at the number of races in effect, so that of a thousand numbers about one
    is among them by chance.
    """
    effective = max(analysis["effective"], 1.0)
    learned = [of for of in analysis["parameters"] if _is_taught(of, effective)]
    return sorted(learned, key=lambda of: -max(of["lost_share"], abs(of["moved_sd"])))


def _is_taught(of: Mapping[str, Any], effective: float) -> bool:
    left = (1 - of["lost_share"]) * (1 + SURE * math.sqrt(2 / effective))
    narrowed = of["lost_share"] >= LEARNED_SHARE and left < 1
    return bool(narrowed or abs(of["moved_sd"]) > SURE / math.sqrt(effective))


def _waves(asked: Calibration, of: Calibrated, weighed: Amounts) -> list[dict[str, Any]]:
    """How each wave did: its races, and those that do not contradict the record, exact counts included."""
    numbers, facts = of.record.simulated(np.concatenate([of.told, of.rows])), of.record.facts
    exact = facts.error_sd == 0
    possible = np.isfinite(numbers).all(axis=1) & (numbers[:, exact] == facts.recorded[exact]).all(axis=1)
    ends = np.cumsum(asked.waves)
    told: list[dict[str, Any]] = [
        {"races": size, "possible": int(possible[end - size : end].sum()), "effective": None}
        for size, end in zip(asked.waves, ends, strict=True)
    ]
    told[-1]["effective"] = effective_number(weighed)
    return told


def _beside(of: Calibrated, record: OnRecord, weighed: Amounts) -> list[dict[str, Any]]:
    """Every fact and rate beside the posterior: median and central 90%, and how far the mean lies off in errors."""
    rows = [_fact(key, of.rows[key], record.facts, place, weighed) for place, key in enumerate(record.facts.keys)]
    if of.rates is None:
        return rows
    expected = of.rates.expected(on_unit(of.levels))
    published = of.rates.published
    return rows + [
        _numbers(key, "rate", published, place, expected[:, place], weighed) for place, key in enumerate(published.keys)
    ]


def _fact(key: str, numbers: Amounts, record: Record, place: int, weighed: Amounts) -> dict[str, Any]:
    return _numbers(key, "fact", record, place, np.asarray(numbers, np.float64), weighed)


def _numbers(key: str, kind: str, record: Record, place: int, numbers: Amounts, weighed: Amounts) -> dict[str, Any]:
    inside = weighed > 0
    low, median, high = weighted_quantiles(numbers, weighed, CENTRAL_90)
    mean = float(weighed[inside] @ numbers[inside])
    error = float(record.error_sd[place])
    off = (mean - float(record.recorded[place])) / error if error else 0.0
    return {
        "key": key, "kind": kind, "recorded": float(record.recorded[place]), "error_sd": error,
        "low": low, "median": median, "high": high, "mean": mean, "off_sd": off,
    }  # fmt: skip


def _learned(asked: Calibration, of: Calibrated, weighed: Amounts) -> list[dict[str, Any]]:
    """Every number in doubt: prior and posterior, and the share of its variance that the record takes."""
    levels = of.levels[weighed > 0]
    kept = weighed[weighed > 0]
    unit = on_unit(levels).astype(np.float64)
    mean = kept @ unit
    effective = effective_number(kept)
    variance = (kept @ (unit - mean) ** 2) / max(1 - 1 / effective, 1e-9)  # few races look less spread than they are
    told = []
    for i, factor in enumerate(asked.factors):
        shares = weighted_quantiles(unit[:, i], kept, CENTRAL_90)
        low, median, high = (float(value) for value in factor.distribution.quantile(shares))
        prior = [float(of) for of in factor.distribution.quantile(CENTRAL_90)]
        told.append({
            "path": factor.name, "prior": prior, "low": low, "median": median, "high": high, "shares": shares,
            "lost_share": float(1 - variance[i] / UNIFORM_VARIANCE),
            "moved_sd": float((mean[i] - 0.5) / UNIFORM_VARIANCE**0.5),
        })  # fmt: skip
    return told


def _recovery_told(
    asked: Calibration, recovered: Recovery, learned: list[dict[str, Any]], effective: float
) -> dict[str, Any]:
    """How well truths come back: coverage of 90% intervals and uniformity of ranks, for what the record teaches."""
    if not len(recovered.ranks):
        return {"truths": 0, "lost": recovered.lost, "effective": 0.0, "coverage": None, "learned": []}
    identified = [i for i, of in enumerate(learned) if _is_taught(of, effective)]
    p_values = rank_test(recovered.ranks)
    return {
        "truths": len(recovered.ranks),
        "lost": recovered.lost,
        "effective": float(np.median(recovered.effective)),
        "coverage": float(recovered.covered.mean()),
        "learned": [
            {
                "path": asked.factors[i].name,
                "coverage": float(recovered.covered[:, i].mean()),
                "rank_p": float(p_values[i]),
                "ranks": np.histogram(recovered.ranks[:, i], 10, (0, 1))[0].tolist(),
            }
            for i in identified
        ],
    }


def misses(analysis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Facts and rates that the posterior mean misses by more than three errors."""
    return [row for row in analysis["record"] if abs(row["off_sd"]) > MAX_MISS_SD]
