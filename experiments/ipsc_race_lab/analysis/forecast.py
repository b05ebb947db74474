"""A forecast: what the races that look like ours come to from a month on, each weighed by how often it stands there.

Chances are shares of the sample; their intervals are those of so many equal races as the sample is worth, and say how
well it is known, not what else the model may have wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.estimators.intervals import share_of_sums
from ipsc_race_lab.estimators.weighing import CENTRAL_80, effective_number, weighted_quantiles
from ipsc_race_lab.metrics.course import WAYS
from ipsc_race_lab.metrics.left import ASKED, BY_INDICATION, PACES, SALES, Left, years

if TYPE_CHECKING:
    from ipsc_race_lab.design.posterior import Posterior
    from ipsc_race_lab.metrics.register import Register

Amounts = npt.NDArray[np.float64]
SALES_YEARS = (2035, 2045)
COURSE_YEARS = (2028, 2030, 2032, 2035)
FEW = 400  # races in effect below which a forecast says so
FLOOR = 20  # below which nothing is forecast


def findings(left: Left, posterior: Posterior, register: Register | None = None) -> dict[str, Any]:
    """The content of `analysis.json` of a forecast."""
    counts = np.array(left.counts)
    months = left.months()
    return {
        "title": posterior.title,
        "posterior": posterior.name,
        "scenario": posterior.scenario,
        "as_of": posterior.as_of,
        "seed": posterior.seed,
        "races": len(counts),
        "effective": min(posterior.effective, effective_number(counts)),
        "weighed": posterior.races,
        "blocs": list(left.setting.blocs),
        "questions": [_question(left, months, counts, key, title) for key, (title, _) in ASKED.items()],
        "indications": _indications(left, months, counts),
        "paces": _paces(left, counts),
        "sales": _sales(left, counts),
        "products": _products(left, counts),
        "programmes": _programmes(left, counts),
        "register": _register(left, months, counts, register) if register else None,
    }


def _question(left: Left, months: Mapping[str, Amounts], counts: Amounts, key: str, title: str) -> dict[str, Any]:
    """A question of every bloc: chance by the end of each year, and of being first of all from the as-of month on."""
    of_blocs = np.stack([months[f"{key}>{bloc}"] for bloc in left.setting.blocs], axis=1)
    return {
        "key": key,
        "title": title,
        "by_year": {
            bloc: {str(year): _share(of_blocs[:, i] < end, counts) for year, end in _ends(left).items()}
            for i, bloc in enumerate(left.setting.blocs)
        },
        "first": _first(left, of_blocs, counts),
    }


def _first(left: Left, of_blocs: Amounts, counts: Amounts) -> dict[str, dict[str, float | None]]:
    """The chance that a bloc is there before all others by the end of the span; equals share it."""
    soonest = of_blocs.min(axis=1, keepdims=True)
    there = (of_blocs == soonest) & np.isfinite(soonest)
    credit = there / np.maximum(there.sum(axis=1, keepdims=True), 1)
    told = {bloc: _share(credit[:, i], counts) for i, bloc in enumerate(left.setting.blocs)}
    return told | {"none": _share(~np.isfinite(soonest[:, 0]), counts)}


def _indications(left: Left, months: Mapping[str, Amounts], counts: Amounts) -> list[dict[str, Any]]:
    """Each indication: who has the next home approval first, and when the first of all comes."""
    rows = []
    for indication in left.setting.indications:
        of_blocs = np.stack([months[f"{BY_INDICATION}.{indication}>{bloc}"] for bloc in left.setting.blocs], axis=1)
        soonest = of_blocs.min(axis=1)
        rows.append({
            "indication": indication,
            "first": _first(left, of_blocs, counts),
            "month": _spread(soonest, counts),
            "by_2035": _share(soonest < 12 * 2036, counts),
        })  # fmt: skip
    return rows


def _paces(left: Left, counts: Amounts) -> list[dict[str, Any]]:
    """Per programme: who is faster once begun."""
    table = left.paces() * counts[:, None, None, None]
    return [
        {
            "key": key,
            "title": title,
            "of_blocs": {
                bloc: {**share_of_sums(table[:, 0, i, b], table[:, 1, i, b])._asdict(),
                       "programmes": float(table[:, 1, i, b].sum() / counts.sum())}
                for b, bloc in enumerate(left.setting.blocs)
            },
        }
        for i, (key, (title, *_)) in enumerate(PACES.items())
    ]  # fmt: skip


def _sales(left: Left, counts: Amounts) -> list[dict[str, Any]]:
    """Shares of sales by origin and capture in some years."""
    table, last = left.sales(), left.setting.last_month // 12
    rows = []
    for (basis, view), of in zip(SALES, np.moveaxis(table, 1, 0), strict=True):
        for year in SALES_YEARS:
            place = of.shape[1] - 1 - (last - year)
            if not 0 <= place < of.shape[1]:
                continue
            sold = of[:, place] * counts[:, None]
            market = sold.sum(axis=1)
            shares = {bloc: share_of_sums(sold[:, b], market)._asdict() for b, bloc in enumerate(left.setting.blocs)}
            amount = float(market.sum() / counts.sum())
            rows.append({"basis": basis, "view": view, "year": year, "mean": amount, "shares": shares})
    return rows


def _products(left: Left, counts: Amounts) -> dict[str, Any]:
    """Products approved somewhere by the end of each year: median and central 80% by bloc."""
    table = left.products()
    return {
        bloc: {str(year): _spread(table[:, i, b], counts) for i, year in enumerate(years(left.setting))}
        for b, bloc in enumerate(left.setting.blocs)
    }


def _programmes(left: Left, counts: Amounts) -> list[dict[str, Any]]:
    """The course of each named product: chances by the end of some years, and the month of its approval."""
    table = left.courses()
    return [
        {
            "name": of.name, "label": of.label, "developer": of.developer, "home": of.home,
            "indication": of.indication, "stages": of.stages, "is_approved": of.is_approved,
            "month": _spread(table[:, i, WAYS.index("approval")], counts),
            "by_year": {
                way: {str(year): _share(table[:, i, w] < 12 * (year + 1), counts) for year in COURSE_YEARS}
                for w, way in enumerate(WAYS)
            },
        }
        for i, of in enumerate(left.setting.named)
    ]  # fmt: skip


def _register(left: Left, months: Mapping[str, Amounts], counts: Amounts, register: Register) -> dict[str, Any]:
    """The chance of each event of a register that has a question, and the quantiles of each count."""
    events = {
        name: _share(months[name] < _month_after(event.by), counts)
        for name, event in register.events.items()
        if event.question is not None
    }
    counted = {
        name: dict(zip(("low", "median", "high"), _spread(numbers, counts), strict=True))
        for name, numbers in left.counts_of().items()
    }
    return {"events": events, "counts": counted}


def _spread(values: Amounts, counts: Amounts) -> list[float | None]:
    """Median and central 80% of a sample in which each value stands so often; None: never."""
    found = weighted_quantiles(values, counts, CENTRAL_80)
    return [value if np.isfinite(value) else None for value in found]


def _ends(left: Left) -> dict[int, int]:
    """Of each year from the as-of month on, the first month after it."""
    first = left.setting.as_of // 12
    return {year: 12 * (year + 1) for year in years(left.setting) if year >= first}


def _month_after(by: str) -> int:
    from ipsc_race.policy import calendar_month

    return calendar_month(by) + 1


def _share(came: npt.NDArray[Any], counts: Amounts) -> dict[str, float | None]:
    return share_of_sums(np.asarray(came, np.float64) * counts, counts)._asdict()
