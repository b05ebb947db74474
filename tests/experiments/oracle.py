"""What a race comes to, by another hand than `rules/summary.py`: array expressions over whole tables of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, FIRST_IN_HUMAN, REPROGRAMMED
from ipsc_race.rules.summary import OUTCOME

Events = npt.NDArray[Any]
Blocs = Mapping[str, tuple[int, ...]]
QUESTIONS = ("first_in_human", "first_home_approval", "first_approval_anywhere")


def is_approval(events: Events) -> npt.NDArray[np.bool_]:
    return np.isin(events["milestone"], (CONDITIONALLY_APPROVED, APPROVED))


def first_months(events: Events, question: str, blocs: Blocs, start_month: int) -> npt.NDArray[np.float64]:
    """Months from the start of the span to the first event of each bloc that counts; infinite if none."""
    asked = events["milestone"] == FIRST_IN_HUMAN if question == "first_in_human" else is_approval(events)
    if question == "first_home_approval":
        asked = asked & (events["home"] == events["jurisdiction"])
    months = events["month"][asked].astype(np.float64) - start_month
    home = events["home"][asked]
    return np.array([np.min(months[np.isin(home, rows)], initial=np.inf) for rows in blocs.values()])


def global_approvals(events: Events, blocs: Blocs) -> list[int]:
    """Products of each bloc times places outside it that approved them, each pair once."""
    granted = events[is_approval(events)]
    pairs = {(int(e["programme"]), int(e["home"]), int(e["jurisdiction"])) for e in granted}
    return [sum(home in rows and place not in rows for _, home, place in pairs) for rows in blocs.values()]


def outcomes(events: Events, monthly: Any, blocs: Blocs, start_month: int, steps_a_month: int = 1) -> Events:
    """Outcomes of a race, one a bloc: milestones of reprogrammed products alone."""
    events = events[events["cell_source"] == REPROGRAMMED]
    found = np.zeros(len(blocs), OUTCOME)
    for question in QUESTIONS:
        found[f"{question}_months"] = first_months(events, question, blocs, start_month)
    found["global_approvals"] = global_approvals(events, blocs)
    year = min(len(monthly) - 1, 12 * steps_a_month)
    for b, rows in enumerate(blocs.values()):
        last, before = (monthly[at][list(rows)] for at in (-1, -1 - year))
        for name in ("revenue_origin_usd_m", "revenue_capture_usd_m", "treated_origin", "treated_capture"):
            found[b][name] = float(last[name].sum()) - float(before[name].sum())
        for name in ("trials_started", "approvals", "patients_enrolled", "patients_harmed", "redundant_patients",
                     "public_usd_m", "private_usd_m"):  # fmt: skip
            found[b][name] = float(last[name].sum())
        found[b]["public_usd_m"] += float(last["research_usd_m"].sum())
    return found
