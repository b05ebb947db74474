"""The month: the whole model as one ordered list of rules. Read this first."""

from __future__ import annotations

import math

from ipsc_race.draws import PHILOX, philox_key
from ipsc_race.host import rule
from ipsc_race.rules import (
    companies,
    decisions,
    enrolment,
    hospitals,
    institutes,
    investors,
    manufacturing,
    markets,
    partners,
    recording,
    regulators,
    roster,
    science,
    trials,
    trust,
)
from ipsc_race.rules.desks import clear_desks


@rule
def month(world, policy, rows, previous):
    """One step of the world under the policy in force; `rows` receives what is recorded, after `previous`."""
    world.month = world.start_month + math.floor(world.tick * world.step_months)
    prepare(world, policy)
    develop(world, policy)
    judge(world, policy)
    # 11 Record
    recording.write_month(world, policy, rows, previous)
    world.tick += 1


@rule
def prepare(world, policy):
    """Calendar, science and money: dated policy changes arrive as another `policy`."""
    # 1 The calendar: everybody sees last month's facts
    recording.open_month(world, policy)
    regulators.staff_desks(world, policy)
    manufacturing.price_inputs(world, policy)
    # 2 Science
    science.age_knowledge(world, policy)
    institutes.spend_research_money(world, policy)
    science.found_companies(world, policy)
    # 3 Investors
    investors.move_sentiment(world, policy)
    investors.look_ahead(world, policy)
    investors.give_grants(world, policy)
    investors.close_state_rounds(world, policy)
    investors.close_rounds(world, policy)


@rule
def develop(world, policy):
    """What developers, plants, hospitals and sites do."""
    # 4 Companies
    companies.earn_research(world, policy)
    companies.pay_bills(world, policy)
    companies.start_programmes(world, policy)
    institutes.start_studies(world, policy)
    companies.advance_preclinical(world, policy)
    decisions.leave_crowded_fields(world, policy)
    partners.part_company(world, policy)
    partners.buy_out(world, policy)
    partners.license_out(world, policy)
    companies.go_abroad(world, policy)
    decisions.resume_waiting(world, policy)
    # 5 Manufacturing
    manufacturing.make_doses(world, policy)
    # 6 Hospitals and sites activate, patients enrol
    hospitals.review_studies(world, policy)
    enrolment.search_catchments(world, policy)
    enrolment.activate_sites(world, policy)
    enrolment.enrol_patients(world, policy)


@rule
def judge(world, policy):
    """What becomes known of products, and what is made of it."""
    # 7 Safety
    regulators.report_harms(world, policy)
    trust.move_trust(world, policy)
    regulators.lift_holds(world, policy)
    # 8 Trials read out, evidence enters the ledger, developers decide
    trials.read_out_trials(world, policy)
    hospitals.follow_hospital_readouts(world, policy)
    institutes.hand_over(world, policy)
    decisions.leave_hospital_lane(world, policy)
    decisions.decide_on_readouts(world, policy)
    # 9 Regulators decide
    regulators.review_inds(world, policy)
    decisions.start_cleared_trials(world, policy)
    regulators.review_filings(world, policy)
    regulators.judge_confirmations(world, policy)
    # 10 Markets
    markets.sell(world, policy)


@rule
def begin(world, policy, key, start_month):
    """The first morning of a race: patients in their pools, who is there by name, and else empty tables."""
    world.key = philox_key(key) if policy.span.generator == PHILOX else key
    world.start_month = start_month
    world.month = start_month
    world.step_months = policy.span.step_months
    clear_desks(world)
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        jurisdiction.index = j
        jurisdiction.key = policy.jurisdictions[j].draw_key
        jurisdiction.input_price = 1.0
        jurisdiction.haste = 1.0
        jurisdiction.sentiment = 1.0
        jurisdiction.stringency = policy.jurisdictions[j].regulation.stringency
        jurisdiction.ind_desk = 1.0
        jurisdiction.approval_desk = 1.0
        jurisdiction.lane_desk = 1.0
        jurisdiction.input_supply = 1.0
        jurisdiction.capacity_batches_per_month = policy.jurisdictions[j].manufacturing.capacity_batches_per_month
        jurisdiction.treatment_patients_per_month = policy.jurisdictions[j].market.treatment_patients_per_month
        for d in range(policy.n_indications):
            cell = jurisdiction.cells[d]
            patients = policy.jurisdictions[j].patients[d]
            cell.eligible_patients = patients.prevalent_patients * patients.eligible_share
            cell.eligible_patients *= policy.jurisdictions[j].pool_multiplier
            cell.inflow_patients = cell.eligible_patients
            cell.found_share = 1.0
            cell.outlook = 1.0
            cell.knowledge = policy.roster.knowledge_count
    roster.enter_roster(world, policy)
