"""Trials: sites activate, patients enrol, are followed, and the trial reads out."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race.economics import finding_share
from ipsc_race.evidence import developer_belief, trial_variance
from ipsc_race.host import rule
from ipsc_race.milestones import (
    ACCRUAL_FAILED,
    CLINICAL,
    CONFIRMATION,
    CONFIRMATION_STARTED,
    DECIDING,
    ENROLLING,
    EXOGENOUS,
    EXPLORATORY_GRADE,
    FIRST_IN_HUMAN,
    FOLLOW_UP,
    HOSPITAL_GRADE,
    HOSPITAL_STUDY,
    HOSPITAL_STUDY_OPENED,
    HOSPITAL_STUDY_READ_OUT,
    PHASE_1,
    PHASE_1_READ_OUT,
    PHASE_1_STARTED,
    PHASE_2,
    PHASE_2_READ_OUT,
    PHASE_2_STARTED,
    PHASE_3,
    PHASE_3_READ_OUT,
    PHASE_3_STARTED,
    PHASES_JOINED,
    PIVOTAL_GRADE,
    PROOF_OF_CONCEPT,
    START_UP,
    TOO_FEW_PATIENTS,
)
from ipsc_race.rules.desks import move, on_desk
from ipsc_race.rules.programmes import (
    BAD_NEWS,
    GOOD_NEWS,
    announce,
    charge_trial,
    close_campaign,
    in_trial,
    place,
    reach_on,
    run_clock,
    set_clock,
    track,
)
from ipsc_race.rules.science import given_months, learn
from ipsc_race.world import TREATING, TRIALS

ROUNDING = 1e-9  # a sum of thirds must reach its whole


@rule
def design(policy, stage):
    """Design of the trial of a stage."""
    if stage == HOSPITAL_STUDY:
        return policy.trials.hospital
    if stage == PHASE_1:
        return policy.trials.phase_1
    if stage == PHASE_2:
        return policy.trials.phase_2
    if stage == PHASE_3:
        return policy.trials.phase_3
    return policy.trials.confirmation


@rule
def wanted_patients(world, policy, programme, j, stage):
    """Patients wanted: by design, larger or smaller by place and by the luck of a trial; of a confirmation as told."""
    if stage == CONFIRMATION:
        return policy.jurisdictions[j].regulation.conditional.confirmation_patients
    patients = design(policy, stage).enrolled_patients
    if not policy.mechanisms.trial_variety_switch:
        return patients
    z = draws.normal(world.key, draws.TRIAL_SIZE, programme.id, stage, version_and_place(world, programme, j))
    scaled = patients * policy.jurisdictions[j].sites.trial_size_multiplier * math.exp(policy.trials.size_log_sd * z)
    return max(1, math.floor(scaled + 0.5))


@rule
def wanted_sites(policy, j, stage):
    """Sites wanted by a trial, in proportion to the size of trials in the place."""
    sites = design(policy, stage).sites_count
    if stage == CONFIRMATION or not policy.mechanisms.trial_variety_switch:
        return sites
    return math.ceil(sites * policy.jurisdictions[j].sites.trial_size_multiplier)


@rule
def follow_up_months(policy, programme, stage):
    """Fixed follow-up of each patient, the floor that no population compresses, after the making of the last dose."""
    indication = policy.indications[programme.indication]
    months = indication.early_follow_up_months
    if stage == PHASE_3 or stage == CONFIRMATION:
        months = indication.pivotal_follow_up_months
    if not policy.mechanisms.follow_up_floor_switch:
        months = 0.0
    if policy.mechanisms.modality_switch:
        months += policy.modalities[programme.modality].lead_months
    return months


@rule
def patient_cost_usd_m(policy, programme, j, stage):
    """Cost of one trial patient in jurisdiction j."""
    cost = policy.indications[programme.indication].patient_usd_m_per_patient
    if policy.mechanisms.modality_switch:
        cost += policy.modalities[programme.modality].added_usd_m_per_patient
    cost *= policy.jurisdictions[j].sites.cost_multiplier
    if stage == HOSPITAL_STUDY:
        cost *= policy.jurisdictions[j].hospital_lane.cost_multiplier
    return cost


@rule
def expected_cost_usd_m(world, policy, programme, j, stage):
    """What a developer expects a trial to cost: its patients, and running it through follow-up."""
    if policy.evidence.attrition == EXOGENOUS:
        return 0.0
    patients = wanted_patients(world, policy, programme, j, stage) * patient_cost_usd_m(policy, programme, j, stage)
    running = design(policy, stage).fixed_usd_m_per_month * follow_up_months(policy, programme, stage)
    return patients + running * policy.jurisdictions[j].sites.cost_multiplier


@rule
def start_trial(world, policy, programme, campaign, j, stage):
    """Begin a trial: sites are found, and with them its own accrual rate (a Poisson-gamma trial)."""
    joined = follows_at_once(world, policy, programme, campaign, j, stage)
    move(world, programme, campaign, stage)
    campaign.enrolled = 0
    campaign.months_enrolling = 0.0
    start_up = 0.0 if joined else start_up_months(world, policy, programme, j, stage)
    if PHASE_1 <= stage <= PHASE_3:
        campaign.last_phase = stage
    if policy.evidence.attrition == EXOGENOUS:
        campaign.activity = FOLLOW_UP
        campaign.wanted = 0
        months = given_months(world, policy, programme, j, given_mean_months(policy, j, stage), stage)
        set_clock(world, campaign, months)
        open_trial(world, programme, campaign, j)
        return
    campaign.activity = START_UP
    campaign.wanted = wanted_patients(world, policy, programme, j, stage)
    campaign.accrual_per_month = accrual(world, policy, programme, j, stage)
    found_share = world.jurisdictions[j].cells[programme.indication].found_share
    campaign.planned_months = planned_months(policy, campaign, j, stage, found_share)
    luck = version_and_place(world, programme, j)
    campaign.accrual_clock = draws.exponential(world.key, draws.ACCRUAL_FAILURE, programme.id, stage, luck)
    set_clock(world, campaign, start_up)
    if joined:
        campaign.months_enrolling = policy.jurisdictions[j].sites.activation_months  # its sites are active
        reach_on(world, PHASES_JOINED, programme, campaign, j)


@rule
def follows_at_once(world, policy, programme, campaign, j, stage):
    """Whether a phase is one protocol with the phase before it (Phase 1/2, 2/3): no new IND, sites or start-up."""
    if not policy.mechanisms.joined_phases_switch or policy.evidence.attrition == EXOGENOUS:
        return False
    if campaign.last_phase == 0 or stage != campaign.last_phase + 1:
        return False
    u = draws.uniform(world.key, draws.JOINED, programme.id, stage, world.jurisdictions[j].key)
    return u < policy.jurisdictions[j].regulation.joined_phases_share


@rule
def start_up_months(world, policy, programme, j, stage):
    """From the decision to the first patient: preparation, and after permission log-normal about what is usual here."""
    rules = policy.jurisdictions[j]
    preparation = design(policy, stage).preparation_months if programme.campaigns[j].last_phase > 0 else 0.0
    months = rules.hospital_lane.start_up_months if stage == HOSPITAL_STUDY else rules.regulation.start_up_months
    if not policy.mechanisms.trial_variety_switch:
        return preparation + months
    z = draws.normal(world.key, draws.TRIAL_START, programme.id, stage, version_and_place(world, programme, j))
    return preparation + months * math.exp(policy.trials.start_up_log_sd * z)


@rule
def planned_months(policy, campaign, j, stage, found_share):
    """Months in which the sites wanted, at the rate of today, would enrol the patients wanted."""
    sites = policy.jurisdictions[j].sites
    rate = wanted_sites(policy, j, stage) * sites.accrual_patients_per_site_month * found_share
    return campaign.wanted / rate + 0.5 * sites.activation_months if rate > 0.0 else 0.0


@rule
def given_mean_months(policy, j, stage):
    """Duration of a phase where it is given."""
    stages = policy.jurisdictions[j].exogenous
    if stage == PHASE_1:
        return stages.phase_1.duration_months
    if stage == PHASE_2:
        return stages.phase_2.duration_months
    return stages.phase_3.duration_months


@rule
def passes_given_rate(world, programme, j, probability, stage):
    """Pass or fail of a stage where success rates are given: one draw for programme and stage."""
    key = world.jurisdictions[j].key
    return draws.uniform(world.key, draws.EXOGENOUS_PASS, programme.id, stage, key) < probability


@rule
def accrual(world, policy, programme, j, stage):
    """Patients a month with all sites active: C sites of rate Gamma(shape, mean) each, so Gamma(C * shape) in sum.

    Anisimov & Fedorov 2007 (doi:10.1002/sim.2956). Sites of the cell are shared with the trials that recruit there.
    """
    sites = policy.jurisdictions[j].sites
    rivals = 0
    if policy.mechanisms.saturation_switch:
        rivals = world.jurisdictions[j].cells[programme.indication].recruiting_count
    count = min(wanted_sites(policy, j, stage), math.ceil(sites.capacity_count / (1.0 + rivals)))
    if count <= 0 or sites.accrual_patients_per_site_month <= 0.0:
        return 0.0
    u = draws.uniform(world.key, draws.SITE_RATE, programme.id, stage, version_and_place(world, programme, j))
    shape = sites.accrual_shape
    return draws.gamma_quantile(u, shape * count) / shape * sites.accrual_patients_per_site_month


@rule
def version_and_place(world, programme, j):
    """What keys the luck of a trial beside programme and stage: a redesign has other luck, another place too."""
    return programme.version * 256 + world.jurisdictions[j].key


@rule
def open_trial(world, programme, campaign, j):
    """The trial opens to patients."""
    world.jurisdictions[j].flows.trials_started += 1
    if campaign.stage == HOSPITAL_STUDY:
        reach_on(world, HOSPITAL_STUDY_OPENED, programme, campaign, j)
    elif campaign.stage == PHASE_1:
        reach_on(world, PHASE_1_STARTED, programme, campaign, j)
    elif campaign.stage == PHASE_2:
        reach_on(world, PHASE_2_STARTED, programme, campaign, j)
    elif campaign.stage == PHASE_3:
        reach_on(world, PHASE_3_STARTED, programme, campaign, j)
    else:
        reach_on(world, CONFIRMATION_STARTED, programme, campaign, j)


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
    desk = world.desks[TREATING]
    for i in range(desk.count):
        programme = world.programmes[desk.rows[i]]
        if programme.status != CLINICAL:
            continue
        intended = 0
        for t in range(policy.n_jurisdictions + 1):
            campaign = track(policy, programme, t)
            j = place(policy, programme, t)
            campaign.intended = 0
            campaign.treated_now = 0
            if in_trial(campaign) and campaign.activity > 0 and campaign.activity <= FOLLOW_UP:
                cost = design(policy, campaign.stage).fixed_usd_m_per_month * world.step_months
                charge_trial(world, programme, campaign, cost * policy.jurisdictions[j].sites.cost_multiplier)
                if campaign.hold_months_left <= 0.0:
                    run_out_of_patience(world, policy, programme, campaign, j)
                    activate(world, policy, programme, campaign, j)
                    intended += campaign.intended
        if intended > 0:
            share_doses(world, policy, programme, intended)


@rule
def activate(world, policy, programme, campaign, j):
    """Start-up runs out and the trial opens, to the patient found by then; an open trial states whom it intends."""
    waiting = 0
    if campaign.activity == START_UP:
        started = campaign.months_left > 0.0
        if not run_clock(world, campaign, 1.0):
            return
        campaign.activity = ENROLLING
        open_trial(world, programme, campaign, j)
        if not policy.mechanisms.prescreening_switch or not started:
            return
        waiting = 1 if campaign.accrual_per_month > 0.0 else 0
    elif campaign.activity != ENROLLING:
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
def share_doses(world, policy, programme, intended):
    """Cut what the trials of a programme intend to the doses in stock, in proportion, and tell the cells.

    Systematic rounding as of patients (`enrol_patients`), one uniform a programme and month: no place comes first.
    """
    doses = programme.doses_made - programme.doses_used
    shared = draws.uniform(world.key, draws.DOSE_SHARING, programme.id, world.tick, 0)
    for t in range(policy.n_jurisdictions + 1):
        campaign = track(policy, programme, t)
        if campaign.intended > 0:
            if intended > doses:
                before = math.floor(shared)
                shared += campaign.intended * doses / intended
                campaign.intended = math.floor(shared + ROUNDING) - before
            cell = world.jurisdictions[place(policy, programme, t)].cells[programme.indication]
            cell.intended_patients += campaign.intended


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
    desk = world.desks[TRIALS]
    for i in range(desk.count):
        campaign = on_desk(world, policy, desk, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if programme.status == CLINICAL and campaign.intended > 0:
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
    campaign.activity = FOLLOW_UP
    analysis = design(policy, campaign.stage).analysis_months
    set_clock(world, campaign, follow_up_months(policy, programme, campaign.stage) + analysis)


@rule
def run_out_of_patience(world, policy, programme, campaign, j):
    """A trial past its plan may stop looking for patients: it is read with those it has, or given up for too few."""
    behind = campaign.activity == ENROLLING and campaign.months_enrolling > campaign.planned_months
    if not policy.mechanisms.accrual_failure_switch or not behind:
        return
    campaign.accrual_clock -= policy.trials.accrual_failure_per_month * world.step_months
    if campaign.accrual_clock > 0.0:
        return
    reach_on(world, ACCRUAL_FAILED, programme, campaign, j)
    least_share = 0.0 if campaign.stage == HOSPITAL_STUDY else policy.trials.least_read_share
    if campaign.enrolled > 0 and campaign.enrolled >= least_share * campaign.wanted:
        campaign.wanted = campaign.enrolled
        close_enrolment(world, policy, programme, campaign)
    elif campaign.stage == CONFIRMATION:
        campaign.activity = 0  # the deadline of the approval will tell
    else:
        close_campaign(world, policy, programme, campaign, j, TOO_FEW_PATIENTS)


@rule
def treat(world, policy, programme, campaign, j, patients):
    """Patients leave the eligible pool, use doses and cost money; the first ever is a milestone."""
    jurisdiction = world.jurisdictions[j]
    cell = jurisdiction.cells[programme.indication]
    cell.eligible_patients -= patients
    cell.enrolled_patients += patients
    campaign.enrolled += patients
    campaign.treated_now = patients
    programme.patients_count += patients
    programme.doses_used += patients
    jurisdiction.flows.patients_enrolled += patients
    if cell.recruiting_count > policy.science.redundant_rivals_count:
        jurisdiction.flows.redundant_patients += patients
    world.jurisdictions[programme.home].flows.doses_used += patients
    charge_trial(world, programme, campaign, patients * patient_cost_usd_m(policy, programme, j, campaign.stage))
    if not programme.in_human:
        programme.in_human = True
        reach_on(world, FIRST_IN_HUMAN, programme, campaign, j)


@rule
def read_out_trials(world, policy):
    """Follow-up ends; the trial reads the effect with noise and optimism, and the ledger keeps it."""
    desk = world.desks[TRIALS]
    for i in range(desk.count):
        campaign = on_desk(world, policy, desk, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        followed = campaign.activity == FOLLOW_UP and campaign.hold_months_left <= 0.0 and in_trial(campaign)
        if followed and run_clock(world, campaign, 1.0):
            read_out(world, policy, programme, campaign, j)


@rule
def read_out(world, policy, programme, campaign, j):
    """Enter the result, tell the world, and leave the decision to those who decide."""
    campaign.activity = DECIDING
    if policy.evidence.attrition != EXOGENOUS:
        weigh(world, policy, programme, campaign, j)
        learn(world, policy, programme.home, programme.indication)
    if campaign.stage == HOSPITAL_STUDY:
        reach_on(world, HOSPITAL_STUDY_READ_OUT, programme, campaign, j)
    elif campaign.stage == PHASE_1:
        reach_on(world, PHASE_1_READ_OUT, programme, campaign, j)
    elif campaign.stage == PHASE_2:
        reach_on(world, PHASE_2_READ_OUT, programme, campaign, j)
    elif campaign.stage == PHASE_3:
        reach_on(world, PHASE_3_READ_OUT, programme, campaign, j)
        promising = programme.belief >= policy.evidence.continue_to_phase_3_probability
        announce(world, policy, GOOD_NEWS if promising else BAD_NEWS, programme, j)
    if not programme.proven and programme.belief >= policy.evidence.proof_of_concept_probability:
        programme.proven = True
        reach_on(world, PROOF_OF_CONCEPT, programme, campaign, j)
        announce(world, policy, GOOD_NEWS, programme, j)


@rule
def weigh(world, policy, programme, campaign, j):
    """x ~ N(effect + optimism, v): noise keyed by programme, stage, version and place, never by month."""
    arms = design(policy, campaign.stage).arms_count
    variance = trial_variance(campaign.enrolled, arms)
    grade = grade_of(campaign.stage)
    optimism = policy.evidence.optimism
    bias = optimism.randomised_effect
    if grade == HOSPITAL_GRADE:
        bias = optimism.hospital_effect
    elif arms == 1:
        bias = optimism.single_arm_effect
    noise = draws.normal(world.key, draws.READOUT, programme.id, campaign.stage, version_and_place(world, programme, j))
    observed = programme.effect + bias + math.sqrt(variance) * noise
    ledger = programme.ledger[j]
    ledger.information[grade] += 1.0 / variance
    ledger.score[grade] += observed / variance
    ledger.patients[grade] += campaign.enrolled
    if arms > 1:
        ledger.randomised_patients += campaign.enrolled
    programme.belief = developer_belief(policy, programme)


@rule
def grade_of(stage):
    """Grade of the evidence that a stage raises."""
    if stage == HOSPITAL_STUDY:
        return HOSPITAL_GRADE
    if stage == PHASE_3 or stage == CONFIRMATION:
        return PIVOTAL_GRADE
    return EXPLORATORY_GRADE
