"""Every number that is said of races: its names, its unit, its kind, and the estimator of the kind.

Whatever prints, draws or stores a metric asks here, so that the same races give the same number everywhere. A chance
has Wilson's interval, a lead Student's of the difference of restricted mean times, and a share is a ratio of sums over
races, so that a race weighs by its market. Differences are taken race by race, where worlds share their random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.estimators.intervals import (
    Estimate,
    difference_of_shares,
    paired_shares,
    paired_t,
    share_of_sums,
    share_over_points,
)

Array = npt.NDArray[Any]

OF_WHOLE = np.dtype([("part", np.float32), ("whole", np.float32)])  # what a race has of a share


class Kind(Enum):
    """What a number is, and so how it is estimated and written."""

    CHANCE = "chance"  # of a race: 0, a half or 1
    LEAD = "lead"  # months, positive where the first of the pair is earlier
    SHARE = "share"  # of a race: a part and its whole
    AMOUNT = "amount"  # a number of any unit
    MONTH = "month"  # of the calendar
    DURATION = "duration"  # months; no upper end where it may be longer than what was seen


UNITS = {Kind.CHANCE: "% of races", Kind.LEAD: "months", Kind.SHARE: "% of revenue", Kind.MONTH: "month",
         Kind.DURATION: "months"}  # fmt: skip


@dataclass(frozen=True)
class Metric:
    """A metric by its name: the title of a table or figure, and what it is called in a sentence.

    `place`: where it stands under `questions` of `summary.json`, for bloc {one} or for the pair {one} and {other}.
    """

    name: str
    title: str
    phrase: str
    kind: Kind
    place: str
    own_unit: str = ""

    @property
    def unit(self) -> str:
        """What its numbers are in, as they are shown."""
        return self.own_unit or UNITS[self.kind]


MARKET = "durable_advantage"
MILESTONES = {
    "first_in_human": "a first patient",
    "first_home_approval": "a first approval at home",
    "first_approval_anywhere": "a first approval anywhere",
}
VIEWS = ("origin", "capture")
PAIR, ONE = "{one}>{other}", "{one}"


def _chance(name: str, what: str, place: str) -> Metric:
    return Metric(name, f"Probability of {what}", f"the probability of {what}", Kind.CHANCE, place)


def _lead(name: str, what: str, place: str) -> Metric:
    return Metric(name, f"Lead to {what} (months)", f"the lead to {what}", Kind.LEAD, place)


def _share(name: str, what: str, place: str, unit: str = "") -> Metric:
    return Metric(name, f"Share of {what.replace(' by', ', by')}", f"the share of {what}", Kind.SHARE, place, unit)


def _amount(name: str, what: str, unit: str, place: str = "") -> Metric:
    return Metric(name, f"{what[0].upper()}{what[1:]}", f"the {what}", Kind.AMOUNT, place, unit)


def _by_name(*metrics: Metric) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


METRICS: dict[str, Metric] = _by_name(  # by which worlds are compared
    *(
        metric
        for name, what in MILESTONES.items()
        for metric in (
            _chance(f"p_leads.{name}", f"leading to {what}", f"{name}.p_leads.{PAIR}"),
            _lead(f"lead_months.{name}", what, f"{name}.lead_months.{PAIR}"),
        )
    ),
    *(  # a first patient comes in all but every race
        _chance(f"p_reached.{name}", f"{what.replace('a first', 'an')} within the span", f"{name}.p_reached.{ONE}")
        for name, what in [*MILESTONES.items()][1:]
    ),
    *(
        metric
        for view in VIEWS
        for metric in (
            _chance(f"p_leads.revenue_{view}", f"the larger revenue by {view}", f"{MARKET}.p_leads.{view}.{PAIR}"),
            _share(f"revenue_share.{view}", f"revenue by {view}", f"{MARKET}.shares.revenue.{view}.{ONE}"),
        )
    ),
)
RUN_METRICS: dict[str, Metric] = _by_name(  # that a run says besides
    _chance("p_reached.first_in_human", "a first patient within the span", f"first_in_human.p_reached.{ONE}"),
    *(
        _chance(f"p_first.{name}", f"being first of all to {what}", f"{name}.p_first.{ONE}")
        for name, what in MILESTONES.items()
    ),
    *(
        Metric(f"median_month.{name}", f"Median month of {what}", f"the median month of {what}", Kind.MONTH,
               f"{name}.median_month.{ONE}")
        for name, what in MILESTONES.items()
    ),
    *(
        metric
        for view in VIEWS
        for metric in (
            _share(f"treated_share.{view}", f"patients treated by {view}", f"{MARKET}.shares.treated.{view}.{ONE}",
                   "% of patients"),
            _chance(f"p_largest.{view}", f"the largest revenue of all by {view}", f"{MARKET}.p_largest.{view}.{ONE}"),
            _chance(f"p_keeps.{view}", f"the larger revenue by {view}, now and ten years before",
                    f"{MARKET}.p_keeps.{view}.{PAIR}"),
            _chance(f"lead_persists.{view}", f"the leader by {view} leading ten years on",
                    f"{MARKET}.lead_persists.{view}"),
            Metric(f"lead_half_life_months.{view}", f"Half-life of a lead by {view}",
                   f"the half-life of a lead by {view}", Kind.DURATION, f"{MARKET}.lead_half_life_months.{view}"),
        )
    ),
    _amount("captured_share", "revenue captured by revenue of own products", "USD per USD",
            f"{MARKET}.captured_share.{ONE}"),
    _amount("global_approvals", "approvals abroad", "approvals", f"{MARKET}.global_approvals.{ONE}"),
    _amount("public_usd_m_per_global_approval", "public money per approval abroad", "USD m",
            f"{MARKET}.public_usd_m_per_global_approval.{ONE}"),
    _amount("patients_harmed", "patients harmed", "patients", f"{MARKET}.patients_harmed.{ONE}"),
    _amount("redundant_patients", "patients in redundant trials", "patients", f"{MARKET}.redundant_patients.{ONE}"),
    _share("redundant_share", "trial patients in redundant trials", f"{MARKET}.redundant_share.{ONE}",
           "% of trial patients"),
    _amount("approvals", "approvals", "approvals"),
)  # fmt: skip
ALL_METRICS = METRICS | RUN_METRICS


def in_summary(name: str, summary: Mapping[str, Any], one: str = "", other: str = "") -> Any:
    """A metric as it stands in `summary.json`: of one bloc, against another where it compares.

    None where an older summary does not hold it.
    """
    content: Any = summary["questions"]
    for key in ALL_METRICS[name].place.format(one=one, other=other).split("."):
        content = content.get(key) if content else None
    return content


def kind_of(name: str) -> Kind:
    """The kind of a metric; what is not registered is an amount."""
    return ALL_METRICS[name].kind if name in ALL_METRICS else Kind.AMOUNT


def is_chance(name: str) -> bool:
    """Whether a race answers with 0, a half or 1."""
    return kind_of(name) is Kind.CHANCE


def is_lead(name: str) -> bool:
    """Whether a race answers with months."""
    return kind_of(name) is Kind.LEAD


def of_whole(parts: Array, wholes: Array) -> Array:
    """Parts and their wholes, race by race, as they are kept."""
    table = np.empty(np.shape(parts), OF_WHOLE)
    table["part"], table["whole"] = parts, wholes
    return table


def per_race(table: Array) -> Array:
    """A number for each race; of a share the race's own, nothing where it has no whole."""
    if table.dtype != OF_WHOLE:
        return table
    none = table["whole"] == 0
    return np.asarray(np.where(none, np.float32(0), table["part"] / np.where(none, np.float32(1), table["whole"])))


def estimate(name: str, table: Array) -> Estimate:
    """A metric with its interval, from answers of shape (points, races), a column with the same random numbers."""
    kind = kind_of(name)
    if kind is Kind.CHANCE:
        return share_over_points(table)
    if kind is Kind.SHARE:
        return share_of_sums(*_sums(table))
    return paired_t(table.mean(axis=0, dtype=np.float64))


def difference(name: str, there: Array, here: Array) -> Estimate:
    """What a metric is more in one table of answers than in another, race by race."""
    kind = kind_of(name)
    if kind is Kind.SHARE:
        return difference_of_shares(_sums(there), _sums(here))
    more = there.mean(axis=0, dtype=np.float64) - here.mean(axis=0, dtype=np.float64)
    one_point = len(there) == len(here) == 1
    return paired_shares(more) if kind is Kind.CHANCE and (one_point or not np.ptp(more)) else paired_t(more)


def _sums(table: Array) -> tuple[Array, Array]:
    """Parts and wholes of each race, summed over points."""
    return table["part"].sum(axis=0, dtype=np.float64), table["whole"].sum(axis=0, dtype=np.float64)
