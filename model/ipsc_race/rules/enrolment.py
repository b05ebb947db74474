"""Enrolment: sites search their catchments and activate, patients and doses are shared among trials."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.economics import finding_share
from ipsc_race.host import rule
from ipsc_race.rules.desks import on_desk, programme_on_desk
from ipsc_race.rules.programmes import charge_trial, close_campaign, in_trial, reach_on, run_clock, set_clock, track
from ipsc_race.rules.trials import design, follow_up_months, open_trial, patient_cost_usd_m
from ipsc_race.world import TREATING, TRIALS

ROUNDING = 1e-9  # a sum of thirds must reach its whole


@rule
def search_catchments(world, policy):
    """Each site looks among the eligible patients of its catchment: the fewer are left, the slower it enrols.

    Trials and sales draw on one pool, so each slows the others; ten times the patients speed a trial that looks for
    them, and leave alone one whose sites have their hands full.
    """
    for j in range(policy.n_jurisdictions):
        sites = policy.jurisdictions[j].sites
        for d in range(policy.n_indications):
            cell = world.jurisdictions[j].cells[d]
            cell.found_share = 1.0
            if policy.mechanisms.catchment_switch:
                patients = cell.eligible_patients
                if not policy.mechanisms.saturation_switch:
                    patients = settled_patients(policy, j, d)  # each trial has them to itself
                found = sites.finding_per_month * max(0.0, patients) / sites.catchments_count
                cell.found_share = finding_share(found, sites.accrual_patients_per_site_month)


@rule
def activate_sites(world, policy):
    """Trials open, and each asks for what its sites intend this month: Poisson, cut to places and doses left."""
    for j in range(policy.n_jurisdictions):
        for d in range(policy.n_indications):
            world.jurisdictions[j].cells[d].intended_patients = 0
    for i in range(world.desks[TREATING].count):
        programme_on_desk(world, TREATING, i).intended_patients = 0
    for i in range(world.desks[TRIALS].count):
        campaign = on_desk(world, policy, TRIALS, i)
        programme = world.programmes[campaign.programme]
        campaign.intended = 0
        campaign.treated_now = 0
        if programme.status == m.CLINICAL and in_trial(campaign) and 0 < campaign.activity <= m.FOLLOW_UP:
            run_trial(world, policy, programme, campaign, campaign.place)
            programme.intended_patients += campaign.intended
    for i in range(world.desks[TREATING].count):
        programme = programme_on_desk(world, TREATING, i)
        if programme.intended_patients > 0 and programme.status == m.CLINICAL:
            share_doses(world, policy, programme)


@rule
def run_trial(world, policy, programme, campaign, j):
    """A month of a trial that is under way costs money, and unless it is on hold it looks for patients."""
    cost = design(policy, campaign.stage).fixed_usd_m_per_month * world.step_months
    charge_trial(world, programme, campaign, cost * policy.jurisdictions[j].sites.cost_multiplier)
    if campaign.hold_months_left <= 0.0:
        run_out_of_patience(world, policy, programme, campaign, j)
        activate(world, policy, programme, campaign, j)


@rule
def activate(world, policy, programme, campaign, j):
    """Start-up runs out and the trial opens, to the patient found by then; an open trial states whom it intends."""
    waiting = 0
    if campaign.activity == m.START_UP:
        started = campaign.months_left > 0.0
        if not run_clock(world, campaign, 1.0):
            return
        campaign.activity = m.ENROLLING
        open_trial(world, programme, campaign, j)
        if not policy.mechanisms.prescreening_switch or not started:
            return
        waiting = 1 if campaign.accrual_per_month > 0.0 else 0
    elif campaign.activity != m.ENROLLING:
        return
    intended = max(waiting, intended_patients(world, policy, programme, campaign, j))
    campaign.intended = max(0, min(intended, campaign.wanted - campaign.enrolled))


@rule
def intended_patients(world, policy, programme, campaign, j):
    """Patients that the active sites of a trial would enrol this month, if there are enough: Poisson."""
    step = world.step_months
    ramp_months = policy.jurisdictions[j].sites.activation_months
    midway = campaign.months_enrolling + 0.5 * step
    active_share = min(1.0, midway / ramp_months) if ramp_months > 0.0 else 1.0
    campaign.months_enrolling += step
    u = draws.uniform(world.key, draws.ACCRUAL, programme.id, world.tick, lane_and_place(world, campaign, j))
    found_share = world.jurisdictions[j].cells[programme.indication].found_share
    return draws.poisson_quantile(u, campaign.accrual_per_month * found_share * active_share * step)


@rule
def lane_and_place(world, campaign, j):
    """What keys the luck of a month of enrolment: two tracks of a programme in one place have luck of their own."""
    return campaign.lane * 256 + world.jurisdictions[j].key


@rule
def share_doses(world, policy, programme):
    """Cut what the trials of a programme intend to the doses in stock, in proportion, and tell the cells.

    Systematic rounding as of patients (`enrol_patients`), one uniform a programme and month: no place comes first.
    """
    doses, intended, shared = programme.doses_made - programme.doses_used, programme.intended_patients, 0.0
    if intended > doses:
        shared = draws.uniform(world.key, draws.DOSE_SHARING, programme.id, world.tick, 0)
    for t in range(policy.n_jurisdictions + 1):
        campaign = track(policy, programme, t)
        if in_trial(campaign) and campaign.intended > 0:
            if intended > doses:
                before = math.floor(shared)
                shared += campaign.intended * doses / intended
                campaign.intended = math.floor(shared + ROUNDING) - before
            world.jurisdictions[campaign.place].cells[programme.indication].intended_patients += campaign.intended


@rule
def enrol_patients(world, policy):
    """Share the eligible patients of a cell among its trials in proportion to intent, whole patients, none left over.

    Systematic rounding: trial i gets floor(u + S_i) - floor(u + S_(i-1)) of the running sum S of exact shares, one
    uniform u a cell and month; all available patients are given out and no trial gains by its place.
    """
    for j in range(policy.n_jurisdictions):
        for d in range(policy.n_indications):
            cell = world.jurisdictions[j].cells[d]
            inflow = net_inflow_patients(policy, j, d, cell.eligible_patients, world.step_months)
            cell.eligible_patients += inflow
            cell.inflow_patients += inflow
            if not policy.mechanisms.saturation_switch:  # who is missing comes from elsewhere
                missing = max(0.0, cell.intended_patients - cell.eligible_patients)
                cell.eligible_patients += missing
                cell.inflow_patients += missing
            cell.available_patients = math.floor(cell.eligible_patients)
            if cell.intended_patients > cell.available_patients:
                entity = world.jurisdictions[j].key * 256 + d
                cell.shared_so_far = draws.uniform(world.key, draws.SHARING, entity, world.tick, 0)
    for i in range(world.desks[TRIALS].count):
        campaign = on_desk(world, policy, TRIALS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if programme.status == m.CLINICAL and campaign.intended > 0:
            enrol(world, policy, programme, campaign, j)


@rule
def settled_patients(policy, j, d):
    """Eligible patients of a cell on whom nobody draws."""
    patients = policy.jurisdictions[j].patients[d]
    return patients.prevalent_patients * patients.eligible_share * policy.jurisdictions[j].pool_multiplier


@rule
def left_share(policy, j, d, step_months):
    """Share of the patients of a cell who leave it in a step: they stay as long as prevalence says on average.

    Prevalence = incidence x duration; nobody leaves where pools do not turn over.
    """
    patients = policy.jurisdictions[j].patients[d]
    if not policy.mechanisms.catchment_switch or patients.prevalent_patients <= 0.0:
        return 0.0
    return 1.0 - math.exp(-patients.incident_patients_per_month / patients.prevalent_patients * step_months)


@rule
def net_inflow_patients(policy, j, d, eligible_patients, step_months):
    """Patients who fall ill, less those who leave the pool untreated: one that nobody draws on stays as it was."""
    patients = policy.jurisdictions[j].patients[d]
    if not policy.mechanisms.catchment_switch or patients.prevalent_patients <= 0.0:
        entering = patients.incident_patients_per_month * patients.eligible_share * step_months
        return entering * policy.jurisdictions[j].pool_multiplier
    return (settled_patients(policy, j, d) - eligible_patients) * left_share(policy, j, d, step_months)


@rule
def enrol(world, policy, programme, campaign, j):
    """Enrol this month's patients of one trial: what its sites intend, cut to its share of the patients."""
    cell = world.jurisdictions[j].cells[programme.indication]
    patients = campaign.intended
    if cell.intended_patients > cell.available_patients:
        before = math.floor(cell.shared_so_far)
        cell.shared_so_far += campaign.intended * cell.available_patients / cell.intended_patients
        patients = math.floor(cell.shared_so_far + ROUNDING) - before
    if patients > 0:
        treat(world, policy, programme, campaign, j, patients)
    if campaign.enrolled >= campaign.wanted:
        close_enrolment(world, policy, programme, campaign)


@rule
def close_enrolment(world, policy, programme, campaign):
    """The last patient is in: follow-up, then analysis."""
    campaign.activity = m.FOLLOW_UP
    analysis = design(policy, campaign.stage).analysis_months
    set_clock(world, campaign, follow_up_months(policy, programme, campaign.stage) + analysis)


@rule
def run_out_of_patience(world, policy, programme, campaign, j):
    """A trial past its plan may stop looking for patients: it is read with those it has, or given up for too few."""
    behind = campaign.activity == m.ENROLLING and campaign.months_enrolling > campaign.planned_months
    if not policy.mechanisms.accrual_failure_switch or not behind:
        return
    campaign.accrual_clock -= policy.trials.accrual_failure_per_month * world.step_months
    if campaign.accrual_clock > 0.0:
        return
    reach_on(world, m.ACCRUAL_FAILED, programme, campaign, j)
    least_share = 0.0 if campaign.stage == m.HOSPITAL_STUDY else policy.trials.least_read_share
    if campaign.enrolled > 0 and campaign.enrolled >= least_share * campaign.wanted:
        campaign.wanted = campaign.enrolled
        close_enrolment(world, policy, programme, campaign)
    elif campaign.stage == m.CONFIRMATION:
        campaign.activity = 0  # the deadline of the approval will tell
    else:
        close_campaign(world, policy, programme, campaign, j, m.TOO_FEW_PATIENTS)


@rule
def treat(world, policy, programme, campaign, j, patients):
    """Patients leave the eligible pool, use doses and cost money; the first ever is a milestone."""
    jurisdiction = world.jurisdictions[j]
    cell = jurisdiction.cells[programme.indication]
    cell.eligible_patients -= patients
    cell.enrolled_patients += patients
    campaign.enrolled += patients
    campaign.treated_now = patients
    programme.treated_now += patients
    programme.patients_count += patients
    programme.doses_used += patients
    jurisdiction.flows.patients_enrolled += patients
    if cell.recruiting_count > policy.science.redundant_rivals_count:
        jurisdiction.flows.redundant_patients += patients
    world.jurisdictions[programme.home].flows.doses_used += patients
    charge_trial(world, programme, campaign, patients * patient_cost_usd_m(policy, programme, j, campaign.stage))
    if not programme.in_human:
        programme.in_human = True
        reach_on(world, m.FIRST_IN_HUMAN, programme, campaign, j)
