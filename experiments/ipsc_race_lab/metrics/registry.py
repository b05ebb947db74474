"""Every metric of a race that worlds are compared by: its names, its unit, its kind, and the estimator of the kind.

Whatever prints, draws or stores a metric asks here, so that the same races give the same number everywhere. A chance
has Wilson's interval, a lead Student's of the difference of restricted mean times, and a share is a ratio of sums over
races, so that a race weighs by its market. Differences are taken race by race, where worlds share their luck.
"""

from __future__ import annotations

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
    """What a race answers with."""

    CHANCE = "chance"  # 0, a half or 1
    LEAD = "lead"  # months, positive where the first of the pair is earlier
    SHARE = "share"  # a part and its whole
    AMOUNT = "amount"  # a number


@dataclass(frozen=True)
class Metric:
    """A metric by its name: the title of a table or figure, and what it is called in a sentence."""

    name: str
    title: str
    phrase: str
    kind: Kind

    @property
    def unit(self) -> str:
        """What its numbers are in, as they are shown."""
        return {Kind.CHANCE: "% of races", Kind.LEAD: "months", Kind.SHARE: "% of revenue", Kind.AMOUNT: ""}[self.kind]


def _chance(name: str, what: str) -> Metric:
    return Metric(name, f"Probability of {what}", f"the probability of {what}", Kind.CHANCE)


def _lead(name: str, what: str) -> Metric:
    return Metric(name, f"Lead to {what} (months)", f"the lead to {what}", Kind.LEAD)


def _share(name: str, what: str) -> Metric:
    return Metric(name, f"Share of {what.replace(' by', ', by')}", f"the share of {what}", Kind.SHARE)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _chance("p_leads.first_in_human", "leading to a first patient"),
        _lead("lead_months.first_in_human", "a first patient"),
        _chance("p_leads.first_home_approval", "leading to a first approval at home"),
        _lead("lead_months.first_home_approval", "a first approval at home"),
        _chance("p_leads.first_approval_anywhere", "leading to a first approval anywhere"),
        _lead("lead_months.first_approval_anywhere", "a first approval anywhere"),
        _chance("p_reached.first_home_approval", "an approval at home within the span"),
        _chance("p_reached.first_approval_anywhere", "an approval anywhere within the span"),
        _chance("p_leads.revenue_origin", "the larger revenue by origin"),
        _share("revenue_share.origin", "revenue by origin"),
        _chance("p_leads.revenue_capture", "the larger revenue by capture"),
        _share("revenue_share.capture", "revenue by capture"),
    )
}


def kind_of(name: str) -> Kind:
    """The kind of a metric; what is not registered is an amount."""
    return METRICS[name].kind if name in METRICS else Kind.AMOUNT


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
    """A metric with its interval, from answers of shape (points, races), the races of a column with one luck."""
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
