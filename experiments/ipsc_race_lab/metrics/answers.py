"""A number for each question and race: what every comparison of worlds and points starts from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ipsc_race_lab.metrics.registry import METRICS, MILESTONES, VIEWS, Array, of_whole


def responses(
    table: Array, blocs: Sequence[str], pair: tuple[str, str], horizon_months: float | Array
) -> dict[str, Array]:
    """The answer to each question by point and replication, from outcomes of shape (points, replications, blocs).

    `horizon_months`: end of the span, of all points or of shape (points, 1).
    `lead_months.QUESTION`: by how much the first of the pair is earlier, within the span; `p_leads.QUESTION`: 1 where
    it is earlier, half on a tie; `p_reached.QUESTION`, of approvals: 1 where it has one within the span;
    `revenue_share.VIEW`: its revenue of the last twelve months and that of all, see `registry.OF_WHOLE`;
    `p_leads.revenue_VIEW`: 1 where it has more of it than the second, half on a tie.
    """
    one, other = (table[..., list(blocs).index(bloc)] for bloc in pair)
    answers: dict[str, Array] = {}
    for question in MILESTONES:
        ours, theirs = one[f"{question}_months"], other[f"{question}_months"]
        answers[f"p_leads.{question}"] = _ahead(-ours, -theirs)
        answers[f"lead_months.{question}"] = np.minimum(theirs, horizon_months) - np.minimum(ours, horizon_months)
        if f"p_reached.{question}" in METRICS:
            answers[f"p_reached.{question}"] = np.where(np.isnan(ours), np.nan, ours < horizon_months)
    for view in VIEWS:
        sold = table[f"revenue_{view}_usd_m"]
        market = sold.sum(axis=-1)
        ours, theirs = one[f"revenue_{view}_usd_m"], other[f"revenue_{view}_usd_m"]
        answers[f"p_leads.revenue_{view}"] = _ahead(ours, theirs)
        answers[f"revenue_share.{view}"] = of_whole(ours, market)
    return answers


def _ahead(ours: Array, theirs: Array) -> Array:
    """1 where ours is larger, half where they are equal; not a number where a row failed."""
    ahead = (ours > theirs) + 0.5 * (ours == theirs)
    return np.where(np.isnan(ours) | np.isnan(theirs), np.nan, ahead)
