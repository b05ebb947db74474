"""The record layouts: one WORLD record holds all that changes; the plain host wears the same names as attributes.

The whole state is one record with nested arrays of records, passed by pointer: a rule that writes
`programme.months_left -= 1.0` compiles to a store. Arrays of scalars have one dimension, so that in the plain host
they are ordinary lists. Capacities are part of the type: a race that outgrows its size stops with `OVERFLOWED` and is
run again at the next one; nothing is dropped.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ipsc_race.quantities import INDICATIONS, JURISDICTIONS, PUBLIC_PROGRAMMES

GRADES_COUNT = 3
LAG_MONTHS = 128  # ring of created knowledge: 60 months at half-month steps, rounded up

RUNNING, OVERFLOWED = 0, 1

LEDGER = np.dtype(
    [
        ("information", "f8", (GRADES_COUNT,)),  # sum of 1/v, in single-arm patients
        ("score", "f8", (GRADES_COUNT,)),  # sum of x/v
    ],
    align=True,
)
CAMPAIGN = np.dtype(
    [
        ("stage", "i8"),
        ("activity", "i8"),  # within a trial: start-up, enrolling, follow-up
        ("lane", "i8"),
        ("next_stage", "i8"),  # the stage waited for while money is short
        ("months_left", "f8"),
        ("hold_months_left", "f8"),  # > 0: on clinical hold
        ("hold_lifts", "b1"),
        ("holds_count", "i8"),
        ("attempts_count", "i8"),  # trials begun here: keys their draws
        ("enrolled", "i8"),
        ("wanted", "i8"),
        ("intended", "i8"),  # patients that its sites intend this month
        ("treated_now", "i8"),  # patients treated this month
        ("accrual_per_month", "f8"),  # with all sites active
        ("months_enrolling", "f8"),
        ("deadline_months", "f8"),
        ("on_market", "i8"),  # 0, ON_MARKET_CONDITIONAL or ON_MARKET
        ("entry_clock", "f8"),  # Exp(1) left before a foreign campaign opens
    ],
    align=True,
)
PROGRAMME = np.dtype(
    [
        ("id", "i8"),  # entity of its draws: jurisdiction key, n-th company, n-th programme
        ("index", "i8"),  # its row
        ("company", "i8"),  # row of its company
        ("home", "i8"),
        ("indication", "i8"),
        ("status", "i8"),
        ("months_left", "f8"),  # of preclinical work
        ("preclinical_months", "f8"),  # of all of it
        ("belief", "f8"),  # developer's P(effect > threshold), all evidence at face value
        ("prior_effect", "f8"),  # developer's prior mean
        ("method", "i8"),
        ("effect", "f8"),  # true effect of the current version
        ("harm_probability", "f8"),  # true probability of serious harm per patient
        ("harm_clock", "f8"),  # Exp(1) left before the next serious harm
        ("harms_count", "i8"),
        ("patients_count", "i8"),  # treated in trials, all versions
        ("version", "i8"),
        ("redesigns_count", "i8"),
        ("in_human", "b1"),
        ("proven", "b1"),  # has a proof of concept
        ("translated", "b1"),
        ("translation_months_left", "f8"),  # > 0: asked for paid translation at home
        ("grant_months_left", "f8"),  # of the term of a public grant
        ("dose_credit", "f8"),  # part of a dose under way
        ("doses_made", "i8"),
        ("doses_used", "i8"),
        ("ledger", LEDGER, (JURISDICTIONS,)),
        ("campaigns", CAMPAIGN, (JURISDICTIONS,)),
    ],
    align=True,
)
COMPANY = np.dtype(
    [
        ("id", "i8"),
        ("index", "i8"),
        ("home", "i8"),
        ("alive", "b1"),
        ("founded_month", "i8"),
        ("cash_usd_m", "f8"),
        ("burn_usd_m", "f8"),  # last step's cost, per month
        ("due_usd_m", "f8"),  # this step's cost so far
        ("need_usd_m", "f8"),  # wanted for the next step of a programme that waits
        ("capability", "f8"),
        ("strategy", "i8"),
        ("method", "i8"),
        ("programmes_count", "i8"),
        ("live_count", "i8"),
        ("farthest_stage", "i8"),  # most advanced live campaign, last month
        ("has_grant", "b1"),
        ("programme_clock", "f8"),
        ("round_clock", "f8"),
        ("rounds_count", "i8"),
        ("raised_usd_m", "f8"),
        ("granted_usd_m", "f8"),
        ("spent_usd_m", "f8"),
    ],
    align=True,
)
CELL = np.dtype(
    [
        ("knowledge", "f8"),
        ("created", "f8", (LAG_MONTHS,)),  # knowledge created here, ring over months
        ("eligible_patients", "f8"),
        ("inflow_patients", "f8"),  # all that ever entered the pool
        ("enrolled_patients", "i8"),  # all that ever left it
        ("recruiting_count", "i8"),  # last month's recruiting campaigns
        ("intended_patients", "i8"),  # this month's
        ("available_patients", "i8"),
        ("shared_so_far", "f8"),  # running sum while patients are shared out
    ],
    align=True,
)
FLOWS = np.dtype(  # what happened this month in a jurisdiction; zeroed at its start
    [
        ("private_usd_m", "f8"),
        ("public_usd_m", "f8"),
        ("seed_usd_m", "f8"),
        ("spent_usd_m", "f8"),
        ("patients_enrolled", "i8"),
        ("doses_made", "i8"),
        ("doses_used", "i8"),
        ("patients_harmed", "i8"),
        ("approvals", "i8"),
        ("withdrawals", "i8"),
        ("trials_started", "i8"),
    ],
    align=True,
)
JURISDICTION = np.dtype(
    [
        ("index", "i8"),
        ("key", "i8"),
        ("founded_count", "i8"),
        ("founding_clock", "f8"),
        ("log_sentiment", "f8"),
        ("stringency", "f8"),
        ("news_log", "f8"),  # of this month; moves sentiment in the next
        ("ind_queue_count", "i8"),  # reviews under way, last month
        ("approval_queue_count", "i8"),
        ("lane_queue_count", "i8"),
        ("public_left_usd_m", "f8", (PUBLIC_PROGRAMMES,)),
        ("flows", FLOWS),
        ("cells", CELL, (INDICATIONS,)),
    ],
    align=True,
)
EVENT = np.dtype(  # without padding, so that equal events are equal bytes
    [
        ("month", "i4"),  # calendar month
        ("company", "i4"),  # rows; -1 where there is none
        ("programme", "i4"),
        ("milestone", "i2"),
        ("home", "i2"),
        ("jurisdiction", "i2"),
        ("indication", "i2"),
        ("lane", "i2"),
        ("reason", "i2"),
    ]
)
MONTHLY = np.dtype(  # likewise
    [
        ("cash_usd_m", "f8"),  # companies of this home
        ("private_usd_m", "f8"),  # cumulative, to companies of this home
        ("public_usd_m", "f8"),
        ("spent_usd_m", "f8"),
        ("knowledge", "f8"),  # sum over its cells
        ("sentiment", "f8"),
        ("stringency", "f8"),
        ("eligible_patients", "f8"),  # sum over its cells
        ("companies", "i4"),  # alive
        ("preclinical", "i4"),  # programmes of this home by their most advanced live campaign
        ("hospital", "i4"),
        ("ind", "i4"),
        ("phase_1", "i4"),
        ("phase_2", "i4"),
        ("phase_3", "i4"),
        ("review", "i4"),
        ("on_market", "i4"),
        ("stopped", "i4"),
        ("recruiting", "i4"),  # campaigns that enrol here
        ("trials_started", "i4"),  # cumulative, hospital studies included, run here
        ("patients_enrolled", "i4"),  # cumulative, enrolled here
        ("doses_made", "i4"),  # cumulative, by companies of this home
        ("doses_used", "i4"),
        ("patients_harmed", "i4"),  # cumulative, here
        ("approvals", "i4"),  # cumulative, granted here
        ("withdrawals", "i4"),
    ]
)

SIZES: tuple[tuple[int, int, int], ...] = ((512, 1024, 16384), (4096, 8192, 131072))


def world_type(companies: int, programmes: int, events: int) -> np.dtype[Any]:
    """Layout of a world of the given capacities."""
    return np.dtype(
        [
            ("key", "u8"),
            ("status", "i8"),
            ("tick", "i8"),
            ("start_month", "i8"),  # calendar
            ("month", "i8"),  # calendar
            ("step_months", "f8"),
            ("n_companies", "i8"),
            ("n_programmes", "i8"),
            ("n_events", "i8"),
            ("n_live", "i8"),
            ("live", "i8", (programmes,)),  # rows of live programmes, in order
            ("jurisdictions", JURISDICTION, (JURISDICTIONS,)),
            ("companies", COMPANY, (companies,)),
            ("programmes", PROGRAMME, (programmes,)),
            ("events", EVENT, (events,)),
        ],
        align=True,
    )
