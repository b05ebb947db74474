"""Durable advantage: who holds the market at the horizon, and at what price to patients and the public.

A market has two views. By origin, a sale belongs to the bloc where the product's developer is at home; by capture, to
the bloc of whoever gains by it: patients count for the holder of the right (the developer's owner, or a partner who
has licensed it), revenue for the holder less the royalty that a partner pays to the developer's owner. Both are asked
of two bases: patients treated commercially, and revenue.

Years are counted back from the horizon: the last year is the last twelve months of the span, and only the first can be
shorter. What the numbers mean:

- `shares`: mean of a bloc's sales in the last year by the mean of all sales in it, over races (a ratio of means, not a
  mean of shares: a race weighs by its market). They sum to 1 over blocs.
- `p_largest`: chance that a bloc has the largest revenue of the last year; equals share the credit, and `none` is the
  chance that nobody sells. They sum to 1.
- `p_leads`: chance that the first bloc of a pair has more revenue in the last year than the second; a tie, two that
  sell nothing included, is half a win.
- `p_keeps`: chance that the first bloc of a pair has more revenue than the second both in the last year and in the
  year that ends ten years before the horizon; half a win where neither has. None where the span is shorter than eleven
  years.
- `captured_share`: mean revenue that a bloc captures by the mean revenue of products from it, in the last year. Below
  1 value leaves the bloc; above 1 it comes in.
- `lead_persists`: a bloc leads a year if its revenue is larger than that of every other bloc (a tie has no leader). Of
  the `races` with a leader in the year that ends ten years before the horizon, the share in which the same bloc leads
  the last year.
- `lead_half_life_months`: in the same `races`, a lead is the leader's share of the year's revenue minus the largest
  share of another bloc; nothing where nobody sells. Median time until that lead is at half or less of what it was, seen
  once a year; None where it is not in half of the races within the ten years. Both are None, `races` too, where the
  span is shorter than eleven years.
- `global_approvals`: mean number of pairs of a product and a jurisdiction outside the bloc of its developer that ever
  approved it, conditionally or fully. An approval that was withdrawn later counts, and a conditional one made full
  counts once.
- `public_usd_m_per_global_approval`: mean public money to a bloc's companies over the span by the mean of these.
- `patients_harmed`: mean number seriously harmed over the span, in trials or by treatment, where they were treated.
- `redundant_patients`: mean number enrolled in trials of crowded fields, where they were enrolled; `redundant_share`:
  the same by the mean number enrolled in any trial.

Intervals are at 95% over races; see `intervals`. A number without meaning, such as a share of no sales, is None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.estimators import intervals
from ipsc_race_lab.estimators.intervals import Estimate
from ipsc_race_lab.metrics.registry import MARKET, VIEWS, estimate, of_whole

QUESTION, TITLE = MARKET, "Durable advantage"
SALES: dict[tuple[str, str], str] = {  # columns of the monthly series, by basis and view
    ("treated", "origin"): "treated_origin",
    ("treated", "capture"): "treated_capture",
    ("revenue", "origin"): "revenue_origin_usd_m",
    ("revenue", "capture"): "revenue_capture_usd_m",
}
TOTALS = (
    "public_usd_m", "patients_harmed", "redundant_patients", "patients_enrolled", "global_approvals",
    "revenue_origin_usd_m", "revenue_capture_usd_m",
)  # fmt: skip
YEAR_MONTHS = 12
LOOK_BACK_YEARS = 10  # from the horizon to the lead whose fate is asked
NOBODY = -1

Events = npt.NDArray[Any]
Sales = npt.NDArray[np.float32]  # 1,000 races of 36 years and 3 blocs: 2 MB
Amounts = npt.NDArray[np.float64]
Blocs = Mapping[str, tuple[int, ...]]  # rows of the jurisdictions of each


@dataclass(frozen=True)
class Holdings:
    """What each bloc sold and what it cost, in every race.

    `sales`: shape (runs, `SALES`, years, blocs), patients or million USD in each year, the last one ending at the
    horizon; `totals`: shape (runs, `TOTALS`, blocs), over the span, revenue over its last twelve months;
    `start_month`: months since year 0;
    `horizon_months`: length of the span.
    """

    blocs: tuple[str, ...]
    sales: Sales
    totals: Amounts
    start_month: int
    horizon_months: int

    def yearly(self, basis: str, view: str) -> Amounts:
        """Sales by race, year and bloc."""
        return self.sales[:, [*SALES].index((basis, view))].astype(np.float64)

    def last_year(self, basis: str, view: str) -> Amounts:
        """Sales in the last twelve months, by race and bloc; revenue to the last digit of a race's outcomes."""
        return self.total(f"revenue_{view}_usd_m") if basis == "revenue" else self.yearly(basis, view)[:, -1]

    def total(self, name: str) -> Amounts:
        """A total over the span, by race and bloc."""
        return self.totals[:, TOTALS.index(name)]

    def year_ends_months(self) -> npt.NDArray[np.int64]:
        """Months from the start of the span to the end of each year."""
        years = self.sales.shape[2]
        return self.horizon_months - YEAR_MONTHS * np.arange(years - 1, -1, -1)


# What is kept of a race


def year_rows(month_rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Of the rows at which months end, those at which years end, counted back from the horizon."""
    return month_rows[::-1][::YEAR_MONTHS][::-1]


def yearly_sales(monthly: Events, rows: npt.NDArray[np.int64], blocs: Blocs) -> Sales:
    """Sales of a race in each year, shape (`SALES`, years, blocs), from its cumulative monthly series."""
    at = monthly[rows]
    cumulative = np.array([_by_bloc(at[column], blocs) for column in SALES.values()])
    return np.diff(cumulative, axis=1, prepend=0.0).astype(np.float32)


def race_totals(outcomes: Events) -> Amounts:
    """Totals of a race over its span, shape (`TOTALS`, blocs), from its outcomes."""
    return np.array([outcomes[name] for name in TOTALS])


# What is said of all races


def shares(sales: Amounts, blocs: tuple[str, ...]) -> dict[str, Estimate]:
    """Share of each bloc in all sales, a ratio of means; `sales` has shape (runs, blocs)."""
    market = sales.sum(axis=1)
    return {bloc: estimate("revenue_share.origin", of_whole(sales[:, i], market)[None]) for i, bloc in enumerate(blocs)}


def p_largest(sales: Amounts, blocs: tuple[str, ...]) -> dict[str, Estimate]:
    """Probability that a bloc sells most, equals sharing the credit, and that `none` sells; they sum to 1."""
    most = sales.max(axis=1, keepdims=True)
    largest = (sales == most) & (most > 0)
    credit = largest / np.maximum(largest.sum(axis=1, keepdims=True), 1)
    won = {bloc: float(credit[:, i].sum()) for i, bloc in enumerate(blocs)} | {"none": float(np.sum(most == 0))}
    return {name: intervals.wilson(races, len(sales)) for name, races in won.items()}


def p_leads(one: Amounts, other: Amounts) -> Estimate:
    """Probability that one sells more than the other, over races; a tie is half a win."""
    return intervals.wilson(float(np.sum(one > other) + 0.5 * np.sum(one == other)), len(one))


def p_keeps(one: Amounts, other: Amounts) -> Estimate:
    """Probability that one sells more than the other ten years before the horizon and in the last year.

    Yearly sales of shape (runs, years); half a win where neither does.
    """
    if one.shape[1] <= LOOK_BACK_YEARS:
        return Estimate(None, None, None)
    more = (one - other)[:, [-1 - LOOK_BACK_YEARS, -1]]
    ahead, behind = (more > 0).all(axis=1), (more < 0).all(axis=1)
    return intervals.wilson(float(np.sum(ahead) + 0.5 * np.sum(~ahead & ~behind)), len(more))


def leaders(sales: Amounts) -> npt.NDArray[np.int64]:
    """Column of the bloc that sells more than every other, by race; `NOBODY` on a tie or where nothing is sold."""
    rivals = np.pad(sales, ((0, 0), (0, 1)))  # one who sells nothing: who leads must sell
    ordered = np.sort(rivals, axis=1)
    return np.where(ordered[:, -1] > ordered[:, -2], rivals.argmax(axis=1), NOBODY)


def leads(yearly: Amounts, leader: npt.NDArray[np.int64]) -> Amounts:
    """Share of a race's given leader minus the largest share of another bloc, (runs, years); 0 where nobody sells.

    `yearly` has shape (runs, years, blocs), `leader` (runs,).
    """
    market = yearly.sum(axis=2, keepdims=True)
    share = yearly / np.where(market > 0, market, 1.0)
    mine = np.arange(yearly.shape[2]) == leader[:, None, None]
    best_other = np.where(mine, 0.0, share).max(axis=2)
    return np.asarray(np.where(mine, share, 0.0).max(axis=2) - best_other)


def half_lives_months(lead: Amounts) -> Amounts:
    """Months until a lead is at half or less of what it was in its first year, `np.inf` if never; shape (runs,)."""
    fallen = lead <= lead[:, :1] / 2
    return np.where(fallen.any(axis=1), YEAR_MONTHS * fallen.argmax(axis=1), np.inf)


def persistence(yearly: Amounts, horizon_months: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Whether the leader of ten years before the horizon still leads, and how long its lead took to halve."""
    if horizon_months < YEAR_MONTHS * (LOOK_BACK_YEARS + 1):
        unasked = {"races": None, **Estimate(None, None, None)._asdict()}
        return unasked, unasked
    since = yearly[:, -1 - LOOK_BACK_YEARS :]
    leader = leaders(since[:, 0])
    led = leader != NOBODY
    since, leader = since[led], leader[led]
    races = {"races": len(leader)}
    kept = intervals.wilson(float(np.sum(leaders(since[:, -1]) == leader)), len(leader))
    half_life = intervals.median(half_lives_months(leads(since, leader)))
    return races | kept._asdict(), races | half_life._asdict()


def answer(holdings: Holdings) -> dict[str, Any]:
    """All numbers of the question, as they stand in `summary.json`."""
    blocs = holdings.blocs
    revenue = {view: holdings.last_year("revenue", view) for view in VIEWS}
    lasting = {view: persistence(holdings.yearly("revenue", view), holdings.horizon_months) for view in VIEWS}
    return {
        "title": TITLE,
        "shares": {
            basis: {view: _as_numbers(shares(holdings.last_year(basis, view), blocs)) for view in VIEWS}
            for basis in ("treated", "revenue")
        },
        "p_largest": {view: _as_numbers(p_largest(sales, blocs)) for view, sales in revenue.items()},
        "p_leads": {view: _as_numbers(_pairs(p_leads, sales, blocs)) for view, sales in revenue.items()},
        "p_keeps": {view: _as_numbers(_pairs(p_keeps, holdings.yearly("revenue", view), blocs)) for view in VIEWS},
        "captured_share": _each_bloc(intervals.ratio_of_means, blocs, revenue["capture"], revenue["origin"]),
        "lead_persists": {view: kept for view, (kept, _) in lasting.items()},
        "lead_half_life_months": {view: half_life for view, (_, half_life) in lasting.items()},
        **_costs(holdings),
    }


def _costs(holdings: Holdings) -> dict[str, Any]:
    """What it took: public money, patients harmed, and patients in trials that others run as well."""
    blocs, total = holdings.blocs, holdings.total
    approvals, redundant = total("global_approvals"), total("redundant_patients")
    return {
        "global_approvals": _each_bloc(intervals.mean_amount, blocs, approvals),
        "public_usd_m_per_global_approval": _each_bloc(
            intervals.ratio_of_means, blocs, total("public_usd_m"), approvals
        ),
        "patients_harmed": _each_bloc(intervals.mean_amount, blocs, total("patients_harmed")),
        "redundant_patients": _each_bloc(intervals.mean_amount, blocs, redundant),
        "redundant_share": _each_bloc(intervals.share_of_sums, blocs, redundant, total("patients_enrolled")),
    }


def _pairs(
    chance: Callable[[Amounts, Amounts], Estimate], sales: Amounts, blocs: tuple[str, ...]
) -> dict[str, Estimate]:
    """A chance for every ordered pair of blocs, which are on the last axis."""
    columns = {bloc: sales[..., i] for i, bloc in enumerate(blocs)}
    return {f"{one}>{other}": chance(columns[one], columns[other]) for one, other in permutations(blocs, 2)}


def _each_bloc(estimate: Callable[..., Estimate], blocs: tuple[str, ...], *amounts: Amounts) -> dict[str, Any]:
    """An estimate for each bloc from its columns of some amounts, of shape (runs, blocs)."""
    return _as_numbers({bloc: estimate(*(of[:, i] for of in amounts)) for i, bloc in enumerate(blocs)})


def _as_numbers(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, float | None]]:
    return {name: estimate._asdict() for name, estimate in estimates.items()}


def _by_bloc(values: npt.NDArray[Any], blocs: Blocs) -> Amounts:
    """Sums over the jurisdictions of each bloc, (years, blocs) from (years, jurisdictions)."""
    return np.stack([values[:, list(rows)].sum(axis=1, dtype=np.float64) for rows in blocs.values()], axis=1)
