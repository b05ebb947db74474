"""The record layouts: one WORLD record holds all that changes; the plain host wears the same names as attributes.

The whole state is one record with nested arrays of records, passed by pointer: a rule that writes
`programme.months_left -= 1.0` compiles to a store. Arrays of scalars have one dimension, so that in the plain host
they are ordinary lists. Capacities are part of the type, and room that a race does not use costs it nothing; a race
that outgrows it, or takes too many turns, stops with `OVERFLOWED`: nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ipsc_race.quantities import INDICATIONS, JURISDICTIONS, PUBLIC_PROGRAMMES, RELEASE_TESTS

GRADES_COUNT = 3
LAG_MONTHS = 128  # ring of created knowledge: 60 months at half-month steps, rounded up

RUNNING, OVERFLOWED = 0, 1
DRAWN_IN_VAIN = 2  # and more: no draw agreed with what is on record of that programme of the roster, the first is 2
MAX_TURNS = 20_000_000  # of programmes and companies, one each a step: seconds, a few hundred baseline races
SEEDS = 1 << 63  # seeds below this fit the signed word that the compiled host takes them in

LINE = 64  # bytes that a processor fetches at once


def in_lines(fields: list[Any]) -> np.dtype[Any]:
    """A record of whole lines, so that the next begins with one, and of an odd number: spread over the whole cache."""
    layout = np.dtype(fields, align=True)
    names: Any = layout.names
    places: Any = layout.fields
    formats, offsets = zip(*(places[name][:2] for name in names), strict=True)
    size = (-(-layout.itemsize // LINE) | 1) * LINE
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size}, align=True)


LEDGER = np.dtype(
    [
        ("information", "f8", (GRADES_COUNT,)),  # sum of 1/v, in single-arm patients
        ("score", "f8", (GRADES_COUNT,)),  # sum of x/v
        ("patients", "f8", (GRADES_COUNT,)),  # heads
        ("randomised_patients", "f8"),  # of them in trials with two arms
    ],
    align=True,
)
CAMPAIGN = in_lines(
    [
        ("stage", "i1"),  # where it stands (milestones.py)
        ("activity", "i1"),  # within a trial: start-up, enrolling, follow-up
        ("on_market", "i1"),  # 0, ON_MARKET_CONDITIONAL or ON_MARKET
        ("licensee", "i1"),  # 1 + row of the jurisdiction whose partner holds the right here; 0: the developer
        ("track", "i1"),  # which of its tracks: row of the jurisdiction, or the last for the study in hospitals
        ("place", "i1"),  # row of the jurisdiction
        ("lane", "i1"),  # hospital or registration
        ("next_stage", "i1"),  # the stage waited for while money is short
        ("last_phase", "i1"),  # the latest phase run here; 0 for none
        ("desks", "i2"),  # those on which it lies, a bit each (rules/desks.py)
        ("hold_lifts", "b1"),  # whether the hold will be lifted
        ("programme", "i4"),  # row of its programme
        ("clock_tick", "i4"),  # step in which that clock was started
        ("intended", "i4"),  # patients that its sites intend this month
        ("offers_count", "i4"),  # of partners so far
        ("months_left", "f8"),  # of a timed stage
        ("hold_months_left", "f8"),  # > 0: on clinical hold
        ("treated_now", "i8"),  # patients treated this month
        ("wanted", "i4"),  # patients wanted
        ("enrolled", "i4"),  # patients in this trial so far
        ("sold_now", "i8"),  # patients treated commercially last month
        ("holds_count", "i4"),  # so far
        ("refusals_count", "i4"),  # of filings so far
        ("sale_weight", "f8"),  # this month's claim on the patients of the cell; 0: not sold
        ("months_enrolling", "f8"),  # since the trial opened
        ("planned_months", "f8"),  # in which the sites wanted were to enrol the patients wanted
        ("accrual_per_month", "f8"),  # with all sites active
        ("accrual_clock", "f8"),  # Exp(1) left before a trial behind its plan stops looking for patients
        ("deadline_months", "f8"),  # left to confirm a conditional approval
        ("entry_clock", "f8"),  # Exp(1) left before a foreign campaign opens
        ("partner_clock", "f8"),  # Exp(1) left before the next offer, or before the partner leaves
        ("royalty_share", "f8"),  # of sales, to the developer
        ("entry_order", "f8"),  # in its cell: 1 for the first, 2 for one long after it; 0 before launch
        ("market_months", "f8"),  # since launch
        ("demand_patients", "f8"),  # this month's
        ("sale_credit", "f8"),  # part of a patient carried over
        ("sold_patients", "i8"),  # so far
    ]
)
PROGRAMME = in_lines(
    [
        ("study", CAMPAIGN),  # its track through the hospitals at home
        ("campaigns", CAMPAIGN, (JURISDICTIONS,)),  # its registration in each jurisdiction
        ("home", "i1"),  # row of its jurisdiction
        ("indication", "i1"),  # row of its indication
        ("status", "i1"),  # preclinical, clinical or stopped
        ("in_human", "b1"),  # a patient was dosed
        ("proven", "b1"),  # has a proof of concept
        ("translated", "b1"),  # sold to patients at home outside an approval
        ("committed", "b1"),  # filed, sold or with a partner somewhere, this morning
        ("farthest_stage", "i1"),  # most advanced open track, while a month is written down
        ("index", "i4"),  # its row
        ("company", "i4"),  # row of its company
        ("next_of_company", "i4"),  # row of the programme that its company started after it; 0 for none
        ("months_left", "f8"),  # of preclinical work
        ("grant_months_left", "f8"),  # of the term of a public grant
        ("exit_clock", "f8"),  # Exp(1) left before it leaves a field where rivals failed
        ("translation_months_left", "f8"),  # > 0: asked for paid translation at home
        ("treated_now", "i8"),  # patients in trials and sales whose harms nobody has looked for yet
        ("intended_patients", "i4"),  # by its trials this month
        ("doses_wanted", "i4"),  # by its open trials this month, beyond those in stock
        ("doses_made", "i4"),  # so far
        ("doses_used", "i4"),  # so far
        ("harms_count", "i8"),  # serious harms so far
        ("id", "i8"),  # entity of its draws: jurisdiction key, n-th company, n-th programme
        ("preclinical_months", "f8"),  # of all of it
        ("belief", "f8"),  # developer's P(effect > threshold), all evidence at face value
        ("log_belief", "f8"),  # merit in competitions for grants
        ("effect", "f8"),  # true effect of the current version
        ("harm_probability", "f8"),  # true probability of serious harm per patient
        ("harm_clock", "f8"),  # Exp(1) left before the next serious harm
        ("dose_credit", "f8"),  # part of a dose under way
        ("grant_merit", "f8"),  # weight in the last competition in which it took part
        ("grant_units", "f8"),  # size of the grant that it asked for there
        ("prior_effect", "f8"),  # developer's prior mean
        ("patients_count", "i8"),  # treated in trials, all versions
        ("sold_patients", "i8"),  # treated commercially
        ("version", "i4"),  # of the product; a redesign makes a new one
        ("redesigns_count", "i4"),  # so far
        ("past_tries", "i4"),  # of the roster: draws until one agreed with what is on record
        ("cell_source", "i1"),  # reprogrammed or embryonic cells
        ("method", "i1"),  # row of its reprogramming method; -1 for none
        ("modality", "i1"),  # row of its modality
        ("tested_months", "f8", (RELEASE_TESTS,)),  # when each release test is done; 0: not begun
        ("ledger", LEDGER, (JURISDICTIONS,)),  # evidence by jurisdiction where it was raised
    ]
)
COMPANY = in_lines(
    [
        ("alive", "b1"),  # false once it could not pay
        ("has_grant", "b1"),  # a programme of it holds a public grant
        ("asks_state", "b1"),  # looks for state investors this month
        ("home", "i1"),  # row of its jurisdiction
        ("sponsor", "i1"),  # company, or institute that cannot go bankrupt
        ("farthest_stage", "i1"),  # most advanced live campaign, last month
        ("strategy", "i1"),  # home first, parallel or abroad first
        ("owner", "i1"),  # row of the jurisdiction that captures its value: home until it is bought
        ("live_count", "i4"),  # not ended, last month
        ("programmes_count", "i4"),  # started so far
        ("first_programme", "i4"),  # row of the first that it started, or took over
        ("last_programme", "i4"),  # likewise, of the last
        ("index", "i4"),  # its row
        ("founded_month", "i4"),  # calendar
        ("cash_usd_m", "f8"),  # in the bank
        ("burn_usd_m", "f8"),  # last step's cost, per month
        ("need_usd_m", "f8"),  # wanted for the next step of a programme that waits
        ("due_usd_m", "f8"),  # this step's cost so far
        ("outlook", "f8"),  # on the sales of its best programme, relative to the reference
        ("round_clock", "f8"),  # Exp(1) left before its next private round
        ("programme_clock", "f8"),  # Exp(1) left before its next programme
        ("state_clock", "f8"),  # Exp(1) left before its next round of state investors
        ("visible_failures", "f8"),  # its own, fading
        ("soft_budget_luck", "f8"),  # below the softness of a budget that stands behind it
        ("buyout_clock", "f8"),  # Exp(1) left before it is bought
        ("experience_doses", "f8"),  # made so far, for trials and sale
        ("capability", "f8"),  # pace of preclinical work; 1 is normal
        ("id", "i8"),  # entity of its draws: jurisdiction key, n-th company
        ("raised_usd_m", "f8"),  # private money ever raised, after the seed
        ("granted_usd_m", "f8"),  # public money ever received
        ("spent_usd_m", "f8"),  # money ever spent
        ("earned_usd_m", "f8"),  # money ever kept from sales, royalties, licences and research use
        ("rounds_count", "i4"),  # closed so far
        ("state_rounds_count", "i4"),  # closed so far
        ("method", "i1"),  # row of its reprogramming method; -1 for none
        ("modality", "i1"),  # row of its modality
    ]
)
CELL = in_lines(
    [
        ("knowledge", "f8"),  # what is known here, in readouts
        ("eligible_patients", "f8"),  # patients that a trial could enrol now
        ("inflow_patients", "f8"),  # all that ever entered the pool, less those who left it untreated
        ("enrolled_patients", "i8"),  # all that ever left it
        ("recruiting_count", "i8"),  # last month's recruiting campaigns
        ("intended_patients", "i8"),  # this month's
        ("available_patients", "i8"),  # whole patients to give out this month
        ("shared_so_far", "f8"),  # running sum while patients are shared out
        ("visible_successes", "f8"),  # of developers from here, fading
        ("visible_failures", "f8"),  # likewise
        ("treated_patients", "i8"),  # commercially, all that ever left the pool so
        ("adopters_patients", "f8"),  # of them, who would still be patients
        ("uptake_patients", "f8"),  # who would be treated this month
        ("sale_weight", "f8"),  # sum over the products sold here
        ("sellers_count", "i8"),  # products sold here, last month
        ("sales_usd_m_per_year", "f8"),  # that a product from here can expect, from all markets
        ("outlook", "f8"),  # on that, relative to the reference; 1 where nobody looks
        ("found_share", "f8"),  # of what a site can enrol, that it finds in its catchment
        ("created", "f8", (LAG_MONTHS,)),  # knowledge created here, ring over months
    ]
)
FLOWS = np.dtype(  # what happened this month in a jurisdiction; zeroed at its start
    [
        ("private_usd_m", "f8"),  # private rounds closed by its companies
        ("public_usd_m", "f8"),  # grants and state rounds to its companies, studies of its institutes
        ("research_usd_m", "f8"),  # public money for knowledge and founders
        ("seed_usd_m", "f8"),  # seed money of its companies
        ("spent_usd_m", "f8"),  # paid by its companies
        ("patients_enrolled", "i8"),  # here
        ("doses_made", "i8"),  # by its companies
        ("doses_used", "i8"),  # of its companies
        ("patients_harmed", "i8"),  # seriously, here
        ("approvals", "i8"),  # granted here, conditional ones included
        ("withdrawals", "i8"),  # here
        ("trials_started", "i8"),  # here
        ("doses_lost", "i8"),  # in failed batches of its companies
        ("redundant_patients", "i8"),  # enrolled here in crowded fields
        ("earned_usd_m", "f8"),  # kept by its companies
        ("licence_received_usd_m", "f8"),  # upfronts and royalties, by its companies
        ("licence_paid_usd_m", "f8"),  # likewise, by partners from here
        ("partner_spent_usd_m", "f8"),  # on trials and doses, by partners from here
        ("revenue_usd_m", "f8"),  # of sales here
        ("revenue_origin_usd_m", "f8"),  # of products from here
        ("revenue_capture_usd_m", "f8"),  # to right-holders from here
        ("treated", "i8"),  # commercially, here
        ("treated_origin", "i8"),  # with products from here
        ("treated_capture", "i8"),  # by right-holders from here
    ],
    align=True,
)
JURISDICTION = in_lines(
    [
        ("cells", CELL, (INDICATIONS,)),  # its indications
        ("index", "i8"),  # its row
        ("key", "i8"),  # keys its random numbers
        ("founded_count", "i8"),  # companies founded so far
        ("programmes_count", "i8"),  # started so far by its developers
        ("founding_clock", "f8"),  # Exp(1) left before the next founding
        ("log_sentiment", "f8"),  # mood of private capital; 0 is normal
        ("sentiment", "f8"),  # likewise, 1 being normal
        ("news_log", "f8"),  # of this month; moves sentiment in the next
        ("ind_queue_count", "i8"),  # reviews under way, last month
        ("approval_queue_count", "i8"),  # likewise, filings
        ("lane_queue_count", "i8"),  # likewise, hospital studies
        ("trials_count", "i8"),  # of its developers anywhere, last month
        ("input_price", "f8"),  # cost of inputs relative to a quiet market
        ("felt_harms", "f8"),  # serious harms felt since the last taking stock of trust
        ("salience", "f8"),  # serious harms still felt
        ("tightening", "f8"),  # of the bars, by harm
        ("stringency", "f8"),  # of the bars, in all
        ("haste", "f8"),  # pace of approval reviews under the pull of a rival; 1 is normal
        ("approvals_count", "i8"),  # granted here so far
        ("capacity_batches_per_month", "f8"),  # of all plants
        ("batches_left", "f8"),  # of this step's capacity
        ("batches_wanted", "f8"),  # per month, of that capacity
        ("treatment_patients_per_month", "f8"),  # whom all centres can take
        ("demand_patients", "f8"),  # who ask for treatment this month
        ("lane_demand_patients", "f8"),  # of them, in licensed hospitals
        ("supply_batches", "f8"),  # of doses made here, for those who ask for them this month
        ("ind_desk", "f8"),  # capacity of each desk relative to what is stated: staffed for its trade
        ("approval_desk", "f8"),
        ("lane_desk", "f8"),
        ("input_supply", "f8"),  # likewise, of inputs
        ("research_usd_m", "f8"),  # public research money of this month
        ("equity_left_usd_m", "f8"),  # of state investors; below 0 after a large round
        ("asked_usd_m", "f8"),  # of state investors this month
        ("state_pace", "f8"),  # Exp(1) spent by each who asks them
        ("soft_budget_share", "f8"),  # of the softest public programme that pays this month
        ("public_left_usd_m", "f8", (PUBLIC_PROGRAMMES,)),  # unspent money of each public programme
        ("rescue_share", "f8"),  # of those who ask to be rescued this month, whom the purses can save
        ("flows", FLOWS),  # what happened this month
    ]
)
TRACK_BITS = 4  # of a place on a desk: its track, after the row of its programme
OPEN, STUDIES, INDS, TRIALS, READOUTS, FILINGS, WAITING, HOLDS, PARTNERS, SALES, TREATING, PROVEN, SEEKING = range(13)
DESKS = SEEKING + JURISDICTIONS  # those who seek grants have a desk in each jurisdiction
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
        ("cell_source", "i2"),  # of the programme (milestones.py); reprogrammed where there is none
        ("sponsor", "i2"),  # company or institute (milestones.py)
    ]
)
MONTHLY = np.dtype(  # likewise
    [
        ("cash_usd_m", "f8"),  # companies of this home
        ("private_usd_m", "f8"),  # cumulative, to companies of this home
        ("public_usd_m", "f8"),
        ("research_usd_m", "f8"),  # cumulative, public money for knowledge and founders
        ("spent_usd_m", "f8"),
        ("knowledge", "f8"),  # sum over its cells
        ("sentiment", "f8"),
        ("stringency", "f8"),
        ("eligible_patients", "f8"),  # sum over its cells
        ("inflow_patients", "f8"),  # all that ever entered its pools
        ("earned_usd_m", "f8"),  # cumulative, kept by companies of this home
        ("licence_received_usd_m", "f8"),  # cumulative, upfronts and royalties to companies of this home
        ("licence_paid_usd_m", "f8"),  # cumulative, likewise, by partners from here
        ("partner_spent_usd_m", "f8"),  # cumulative, on trials and doses, by partners from here
        ("revenue_usd_m", "f8"),  # cumulative, of sales here
        ("revenue_origin_usd_m", "f8"),  # cumulative, of products from here
        ("revenue_capture_usd_m", "f8"),  # cumulative, to right-holders from here
        ("salience", "f8"),  # serious harms still felt
        ("lane_pace", "f8"),  # share of full speed at which each desk works
        ("ind_pace", "f8"),
        ("approval_pace", "f8"),
        ("plant_pace", "f8"),  # share of the batches asked for that its plants can make
        ("input_price", "f8"),  # relative to a quiet market
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
        ("doses_lost", "i4"),  # cumulative, in failed batches of companies of this home
        ("redundant_patients", "i4"),  # cumulative, enrolled here in crowded fields
        ("treated", "i4"),  # cumulative, commercially, here
        ("treated_origin", "i4"),  # cumulative, with products from here
        ("treated_capture", "i4"),  # cumulative, by right-holders from here
    ]
)

SIZE: tuple[int, int, int] = (24_576, 65_536, 1_048_576)  # companies, programmes and events that a world holds


def ended_early(what: str, status: int, roster: Iterable[str]) -> str:
    """Why a race ended early; `roster`: names of its programmes, whose rows are in the order of these."""
    if status >= DRAWN_IN_VAIN:
        named = f"roster.programmes.{sorted(roster)[status - DRAWN_IN_VAIN]}"
        return f"{what}: no draw agrees with what is on record of {named}: it would not have come so far and no further"
    companies, programmes, events = SIZE
    room = f"{companies:,} companies, {programmes:,} programmes, {events:,} events or {MAX_TURNS:,} turns of them"
    return f"{what} outgrew {room}; found fewer companies, or let fewer patients be harmed"


def world_type(companies: int, programmes: int, events: int) -> np.dtype[Any]:
    """Layout of a world of the given capacities."""
    desk = np.dtype(
        [
            ("count", "i8"),  # of rows on it
            ("rows", "i8", (programmes * (JURISDICTIONS + 1),)),  # in order; from TREATING on of programmes
        ],
        align=True,
    )
    return np.dtype(
        [
            ("key", "u8"),  # of this race: all its random numbers hang on it
            ("status", "i8"),  # running, or why it ended early
            ("flows_only", "b1"),  # whether monthly series are written only as far as outcomes need them
            ("turns", "i8"),  # of programmes and companies, each one a step
            ("tick", "i8"),  # steps done
            ("start_month", "i8"),  # calendar
            ("month", "i8"),  # calendar
            ("step_months", "f8"),  # length of a step
            ("n_companies", "i8"),  # live rows of each table
            ("n_programmes", "i8"),
            ("n_events", "i8"),
            ("n_live", "i8"),
            ("n_listed", "i8"),  # programmes that were there this morning, ended ones included
            ("n_active", "i8"),
            ("live", "i8", (programmes,)),  # rows of live programmes of this morning, in order
            ("active", "i8", (companies,)),  # rows of companies that are alive, or whose programmes are
            ("weights", "f8", (INDICATIONS,)),  # of what is drawn now (rules/programmes.py)
            ("applicants", "i8", (programmes,)),  # rows of those that compete for grants, then of those that win
            ("desks", desk, (DESKS,)),  # what somebody has to look at this month (rules/desks.py)
            ("jurisdictions", JURISDICTION, (JURISDICTIONS,)),
            ("companies", COMPANY, (companies,)),
            ("programmes", PROGRAMME, (programmes,)),
            ("events", EVENT, (events,)),
        ],
        align=True,
    )


def empty_world() -> np.ndarray[Any, np.dtype[Any]]:
    """One world in which nothing has happened yet, its tables at the beginning of lines."""
    layout = world_type(*SIZE)
    fields: Any = layout.fields
    memory = np.zeros(layout.itemsize + LINE, np.uint8)
    first = -(memory.ctypes.data + fields["jurisdictions"][1]) % LINE
    return memory[first : first + layout.itemsize].view(layout)
