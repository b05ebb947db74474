"""A number for each question and race: what every comparison of worlds and points starts from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import typing as npt

from ipsc_race_lab.metrics.durable import VIEWS
from ipsc_race_lab.metrics.questions import QUESTIONS

Array = npt.NDArray[Any]

REACHED = ("first_home_approval", "first_approval_anywhere")  # a first patient comes in all but every race
TITLES = {  # of the questions that `responses` answers, for people
    "p_leads.first_in_human": "Probability of leading to a first patient",
    "lead_months.first_in_human": "Lead to a first patient (months)",
    "p_leads.first_home_approval": "Probability of leading to a first approval at home",
    "lead_months.first_home_approval": "Lead to a first approval at home (months)",
    "p_leads.first_approval_anywhere": "Probability of leading to a first approval anywhere",
    "lead_months.first_approval_anywhere": "Lead to a first approval anywhere (months)",
    "p_reached.first_home_approval": "Probability of an approval at home within the span",
    "p_reached.first_approval_anywhere": "Probability of an approval anywhere within the span",
    "p_leads.revenue_origin": "Probability of the larger revenue, by origin",
    "revenue_share.origin": "Share of revenue, by origin",
    "p_leads.revenue_capture": "Probability of the larger revenue, by capture",
    "revenue_share.capture": "Share of revenue, by capture",
}


def responses(
    table: Array, blocs: Sequence[str], pair: tuple[str, str], horizon_months: float | Array
) -> dict[str, Array]:
    """The answer to each question by point and replication, from outcomes of shape (points, replications, blocs).

    `horizon_months`: end of the span, of all points or of shape (points, 1).
    `lead_months.QUESTION`: by how much the first of the pair is earlier, within the span; `p_leads.QUESTION`: 1 where
    it is earlier, half on a tie; `p_reached.QUESTION`, of approvals: 1 where it has one within the span;
    `revenue_share.VIEW`: its share of the revenue of the last twelve months, 0 where nobody sells;
    `p_leads.revenue_VIEW`: 1 where it has more of it than the second, half on a tie.
    """
    one, other = (table[..., list(blocs).index(bloc)] for bloc in pair)
    answers: dict[str, Array] = {}
    for question in QUESTIONS:
        ours, theirs = one[f"{question}_months"], other[f"{question}_months"]
        answers[f"p_leads.{question}"] = _ahead(-ours, -theirs)
        answers[f"lead_months.{question}"] = np.minimum(theirs, horizon_months) - np.minimum(ours, horizon_months)
        if question in REACHED:
            answers[f"p_reached.{question}"] = np.where(np.isnan(ours), np.nan, ours < horizon_months)
    for view in VIEWS:
        sold = table[f"revenue_{view}_usd_m"]
        market = sold.sum(axis=-1)
        ours, theirs = one[f"revenue_{view}_usd_m"], other[f"revenue_{view}_usd_m"]
        answers[f"p_leads.revenue_{view}"] = _ahead(ours, theirs)
        answers[f"revenue_share.{view}"] = np.where(market > 0, ours / np.where(market > 0, market, 1.0), 0.0)
    return answers


def _ahead(ours: Array, theirs: Array) -> Array:
    """1 where ours is larger, half where they are equal; not a number where a row failed."""
    ahead = (ours > theirs) + 0.5 * (ours == theirs)
    return np.where(np.isnan(ours) | np.isnan(theirs), np.nan, ahead)
