"""Decisions of developers: after a readout, a clearance or a rival's failure, to go on, to wait or to give up."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.evidence import has_evidence
from ipsc_race.host import rule
from ipsc_race.rules.companies import has_begun_to_register, prepare_ind
from ipsc_race.rules.desks import move, on_desk
from ipsc_race.rules.gates import is_safe_here, missing_for_approval, opens
from ipsc_race.rules.investors import is_protected, reachable_sales_usd_m
from ipsc_race.rules.programmes import (
    believe,
    close_campaign,
    forget,
    give_up,
    has_open_track,
    reach_on,
    set_clock,
    start_new_version,
    stop,
)
from ipsc_race.rules.trials import expected_cost_usd_m, given_stage, passes_given_rate, start_trial, wanted_patients
from ipsc_race.world import INDS, READOUTS, STUDIES, WAITING


@rule
def decide_on_readouts(world, policy):
    """After a readout: is it safe, is it worth going on, and what does the regulator's bar allow next?"""
    for i in range(world.desks[READOUTS].count):
        campaign = on_desk(world, policy, READOUTS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.activity == m.DECIDING and m.PHASE_1 <= campaign.stage <= m.PHASE_3:
            decide(world, policy, programme, j)


@rule
def decide(world, policy, programme, j):
    """Go on to the latest stage that the evidence allows, or close."""
    campaign = programme.campaigns[j]
    campaign.activity = 0
    if policy.evidence.attrition == m.EXOGENOUS:
        decide_at_given_rate(world, policy, programme, j)
        return
    if not is_safe_here(world, policy, programme, j):
        close_campaign(world, policy, programme, campaign, j, m.SAFETY)
        return
    following = next_stage(world, policy, programme, j, campaign.stage)
    if following == campaign.stage:
        hopeless = conviction(world, policy, programme, j) < policy.evidence.continue_to_phase_2_probability
        if hopeless and campaign.licensee == 0:  # a partner ends its own campaign only
            give_up(world, policy, programme, m.FUTILITY)
        else:
            close_campaign(world, policy, programme, campaign, j, m.FUTILITY)
        return
    enter_stage(world, policy, programme, j, following)


@rule
def decide_at_given_rate(world, policy, programme, j):
    """Benchmarks: pass at the given rate, one stage after the other."""
    campaign = programme.campaigns[j]
    rate = given_stage(policy, j, campaign.stage).success_probability
    if passes_given_rate(world, programme, j, rate, campaign.stage):
        enter_stage(world, policy, programme, j, campaign.stage + 1)
    else:
        close_campaign(world, policy, programme, campaign, j, m.GIVEN_RATE)


@rule
def conviction(world, policy, programme, j):
    """What a developer acts on in j: its belief, or certainty where a soft budget, and no partner, pays for it."""
    company = world.companies[programme.company]
    if company.alive and programme.campaigns[j].licensee == 0 and is_protected(world, policy, company):
        return 1.0
    return programme.belief


@rule
def next_stage(world, policy, programme, j, current):
    """The latest stage after `current` for which credited evidence suffices; `current` where none is worth it.

    The first trial needs no evidence, and after a phase here the next one is open. Skipping a phase is no rule of its
    own: it is what the gates allow. Where an approval wants nothing but local patients, the smallest trial gives them.
    """
    missing = missing_for_approval(world, policy, programme, j)
    if missing <= 0.0:
        return m.FILING
    bridge = bridging_stage(world, policy, programme, j, current, missing)
    if bridge > current:
        return bridge
    belief = conviction(world, policy, programme, j)
    promising = belief >= policy.evidence.continue_to_phase_3_probability
    if (
        current < m.PHASE_3
        and promising
        and (current == m.PHASE_2 or opens(world, policy, programme, j, m.PHASE_3_ENTRY))
    ):
        return m.PHASE_3
    worth_it = belief >= policy.evidence.continue_to_phase_2_probability
    if (
        current < m.PHASE_2
        and worth_it
        and (current == m.PHASE_1 or opens(world, policy, programme, j, m.PHASE_2_ENTRY))
    ):
        return m.PHASE_2
    return max(current, m.PHASE_1)


@rule
def pays_for_itself(world, policy, programme, j):
    """Whether the profit that a developer expects covers a pivotal trial: at home of all markets, abroad of one."""
    if not policy.mechanisms.sales_outlook_switch or policy.evidence.attrition == m.EXOGENOUS:
        return True
    company = world.companies[programme.company]
    if programme.campaigns[j].licensee > 0 or is_protected(world, policy, company):
        return True
    home = programme.home
    sales = world.jurisdictions[home].cells[programme.indication].sales_usd_m_per_year
    if j != home:
        sales = reachable_sales_usd_m(world, policy, programme.indication, home, j)
    profit = programme.belief * sales * policy.licensing.margin_share * policy.outlook.payback_months / 12.0
    cost = expected_cost_usd_m(world, policy, programme, j, m.PHASE_3) * world.jurisdictions[home].input_price
    return profit >= cost


@rule
def bridging_stage(world, policy, programme, j, current, missing):
    """The first phase after `current` with as many patients as are missing here and nowhere else; `current` if none."""
    if missing < math.inf:
        for stage in range(max(current + 1, m.PHASE_1), m.PHASE_3 + 1):
            if wanted_patients(world, policy, programme, j, stage) >= missing:
                return stage
    return current


@rule
def enter_stage(world, policy, programme, j, stage):
    """Start the next trial if it pays and cash covers enough of it, else wait for money; a filing costs its time."""
    campaign = programme.campaigns[j]
    if stage == m.PHASE_3 and not pays_for_itself(world, policy, programme, j):
        close_campaign(world, policy, programme, campaign, j, m.NO_MARKET)
        return
    if stage == m.FILING:
        move(world, programme, campaign, m.FILING)
        set_clock(world, campaign, policy.jurisdictions[j].regulation.filing_months)
        return
    company = world.companies[programme.company]
    cover = policy.jurisdictions[company.home].companies.start_cover_share
    cost = cover * expected_cost_usd_m(world, policy, programme, j, stage)
    cost *= world.jurisdictions[company.home].input_price
    if campaign.licensee > 0 or company.cash_usd_m - company.due_usd_m >= cost:
        start_trial(world, policy, programme, campaign, j, stage)
    else:
        move(world, programme, campaign, m.AWAITING_MONEY)
        campaign.months_left = 0.0  # what the last stage overran was spent waiting
        campaign.next_stage = stage
        company.need_usd_m = max(company.need_usd_m, cost)


@rule
def resume_waiting(world, policy):
    """Programmes that wait for money look again; what they still lack is the need that investors see."""
    for i in range(world.n_active):
        world.companies[world.active[i]].need_usd_m = 0.0
    for i in range(world.desks[WAITING].count):
        campaign = on_desk(world, policy, WAITING, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.stage == m.AWAITING_MONEY:
            enter_stage(world, policy, programme, j, campaign.next_stage)


@rule
def start_cleared_trials(world, policy):
    """An IND in force starts the latest trial for which the evidence suffices; what was read may also end it."""
    for i in range(world.desks[INDS].count):
        campaign = on_desk(world, policy, INDS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.stage == m.IND_REVIEW and campaign.activity == m.DECIDING:
            campaign.activity = 0
            hopeless = conviction(world, policy, programme, j) < policy.evidence.continue_to_phase_2_probability
            if policy.evidence.attrition == m.EXOGENOUS:
                enter_stage(world, policy, programme, j, m.PHASE_1)
            elif has_evidence(policy, programme) and hopeless:
                close_campaign(world, policy, programme, campaign, j, m.FUTILITY)
            else:
                enter_stage(world, policy, programme, j, next_stage(world, policy, programme, j, m.IND_REVIEW))


@rule
def leave_hospital_lane(world, policy):
    """After the last hospital readout: go on to a registration, or with the one under way, or give up."""
    for i in range(world.desks[STUDIES].count):
        study = on_desk(world, policy, STUDIES, i)
        programme = world.programmes[study.programme]
        if study.stage == m.HOSPITAL_STUDY and study.activity == m.DECIDING:
            study.activity = 0
            study.stage = m.CLOSED
            home = programme.home
            believe(policy, programme)
            if not is_safe_here(world, policy, programme, home):
                give_up(world, policy, programme, m.SAFETY)
            elif conviction(world, policy, programme, home) < policy.evidence.continue_to_phase_2_probability:
                give_up(world, policy, programme, m.FUTILITY)
            else:
                change_grade(world, policy, programme)
                if not has_open_track(policy, programme) and programme.translation_months_left <= 0.0:
                    stop(world, programme, m.FUTILITY)


@rule
def change_grade(world, policy, programme):
    """From hospital-grade to GMP-grade cells: without comparability the evidence of hospitals no longer counts.

    Where the registration has not begun, it begins now, and the new cells are a new version, to be tested again.
    """
    begun = has_begun_to_register(policy, programme)
    u = draws.uniform(world.key, draws.COMPARABILITY, programme.id, programme.version, 0)
    kept = u < policy.jurisdictions[programme.home].hospital_lane.comparability_probability
    if policy.mechanisms.comparability_switch and not kept:
        if begun:
            forget(policy, programme, m.HOSPITAL_GRADE)
        else:
            start_new_version(policy, programme)
        believe(policy, programme)
        still_proven = programme.belief >= policy.evidence.proof_of_concept_probability
        programme.proven = programme.proven and begun and still_proven
        reach_on(world, m.COMPARABILITY_LOST, programme, programme.study, programme.home)
    if not begun:
        prepare_ind(world, policy, programme, programme.home, max(0.0, programme.months_left))


@rule
def leave_crowded_fields(world, policy):
    """Visible failures of rivals spend a clock; at zero a developer with nothing filed, sold or licensed leaves."""
    if not policy.mechanisms.rival_failures_switch:
        return
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        company = world.companies[programme.company]
        if programme.status != m.CLINICAL or programme.committed or is_protected(world, policy, company):
            continue
        failures = -company.visible_failures
        for j in range(policy.n_jurisdictions):
            failures += world.jurisdictions[j].cells[programme.indication].visible_failures
        rate = policy.jurisdictions[programme.home].crowding.rival_failure_exit_per_month
        programme.exit_clock -= rate * max(0.0, failures) * world.step_months
        if programme.exit_clock <= 0.0:
            give_up(world, policy, programme, m.RIVAL_FAILED)
