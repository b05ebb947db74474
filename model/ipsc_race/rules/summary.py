"""What a race comes to: for each bloc the few numbers that the questions ask, read off its world when it is over."""

from __future__ import annotations

import numpy as np

from ipsc_race.host import rule
from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, CONFIRMATION_MET, FIRST_IN_HUMAN, REPROGRAMMED

OUTCOME = np.dtype(  # of one bloc in one race; without padding, so that equal outcomes are equal bytes
    [
        ("first_in_human_months", "f8"),  # from the start of the span; infinite if never
        ("first_home_approval_months", "f8"),  # conditional or full, where the developer is at home
        ("first_approval_anywhere_months", "f8"),
        ("revenue_origin_usd_m", "f8"),  # of the last twelve months
        ("revenue_capture_usd_m", "f8"),
        ("treated_origin", "f8"),
        ("treated_capture", "f8"),
        ("trials_started", "f8"),  # over the span, where they happened
        ("approvals", "f8"),
        ("patients_enrolled", "f8"),
        ("patients_harmed", "f8"),
        ("redundant_patients", "f8"),
        ("public_usd_m", "f8"),  # over the span, to companies and institutes of the bloc
        ("private_usd_m", "f8"),
        ("global_approvals", "f8"),  # of products of the bloc outside it, each pair of product and place once
    ]
)
LAST_MONTHS = 12


@rule
def sum_up(world, bloc_of, monthly, outcomes):
    """Fill the outcome of each bloc, from events and monthly series; `bloc_of` is the bloc of each jurisdiction."""
    for b in range(len(outcomes)):
        outcomes[b].first_in_human_months = np.inf
        outcomes[b].first_home_approval_months = np.inf
        outcomes[b].first_approval_anywhere_months = np.inf
    for i in range(world.n_events):
        note_event(world, world.events[i], bloc_of, outcomes)
    steps = min(len(monthly) - 1, int(LAST_MONTHS / world.step_months + 0.5))
    for j in range(len(bloc_of)):
        outcome = outcomes[bloc_of[j]]
        last = monthly[len(monthly) - 1][j]
        before = monthly[len(monthly) - 1 - steps][j]
        outcome.revenue_origin_usd_m += last.revenue_origin_usd_m - before.revenue_origin_usd_m
        outcome.revenue_capture_usd_m += last.revenue_capture_usd_m - before.revenue_capture_usd_m
        outcome.treated_origin += last.treated_origin - before.treated_origin
        outcome.treated_capture += last.treated_capture - before.treated_capture
        outcome.trials_started += last.trials_started
        outcome.approvals += last.approvals
        outcome.patients_enrolled += last.patients_enrolled
        outcome.patients_harmed += last.patients_harmed
        outcome.redundant_patients += last.redundant_patients
        outcome.public_usd_m += last.public_usd_m + last.research_usd_m
        outcome.private_usd_m += last.private_usd_m


@rule
def note_event(world, event, bloc_of, outcomes):
    """Enter one event: events come in the order of time, so the first of a kind is the earliest."""
    approval = event.milestone == CONDITIONALLY_APPROVED or event.milestone == APPROVED
    if event.cell_source != REPROGRAMMED:
        return  # the question is about reprogrammed cells; embryonic ones run beside them
    if not approval and event.milestone != FIRST_IN_HUMAN and event.milestone != CONFIRMATION_MET:
        return
    outcome = outcomes[bloc_of[event.home]]
    months = float(event.month - world.start_month)
    if event.milestone == FIRST_IN_HUMAN:
        outcome.first_in_human_months = min(outcome.first_in_human_months, months)
    abroad = bloc_of[event.home] != bloc_of[event.jurisdiction]
    if approval:
        outcome.first_approval_anywhere_months = min(outcome.first_approval_anywhere_months, months)
        if event.home == event.jurisdiction:
            outcome.first_home_approval_months = min(outcome.first_home_approval_months, months)
        if abroad:
            outcome.global_approvals += 1.0
    elif event.milestone == CONFIRMATION_MET and abroad:
        outcome.global_approvals -= 1.0  # the full approval that follows is of the same product and place
