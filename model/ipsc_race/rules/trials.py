"""Trials: sites activate, patients enrol, are followed, and the trial reads out."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race.evidence import developer_belief, trial_variance
from ipsc_race.host import rule
from ipsc_race.milestones import (
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
    PIVOTAL_GRADE,
    PROOF_OF_CONCEPT,
    START_UP,
)
from ipsc_race.rules.programmes import (
    BAD_NEWS,
    GOOD_NEWS,
    announce,
    charge_trial,
    in_trial,
    reach,
    run_clock,
    set_clock,
)
from ipsc_race.rules.science import given_months, learn


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
def wanted_patients(policy, j, stage):
    """Patients wanted: by design, or set by the regulator for a confirmation."""
    if stage == CONFIRMATION:
        return policy.jurisdictions[j].regulation.conditional.confirmation_patients
    return design(policy, stage).enrolled_patients


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
def expected_cost_usd_m(policy, programme, j, stage):
    """What a developer expects a trial to cost: its patients, and running it through follow-up."""
    if policy.evidence.attrition == EXOGENOUS:
        return 0.0
    patients = wanted_patients(policy, j, stage) * patient_cost_usd_m(policy, programme, j, stage)
    running = design(policy, stage).fixed_usd_m_per_month * follow_up_months(policy, programme, stage)
    return patients + running * policy.jurisdictions[j].sites.cost_multiplier


@rule
def start_trial(world, policy, programme, j, stage):
    """Begin a trial: sites are found, and with them its own accrual rate (a Poisson-gamma trial)."""
    campaign = programme.campaigns[j]
    campaign.stage = stage
    campaign.enrolled = 0
    campaign.months_enrolling = 0.0
    if policy.evidence.attrition == EXOGENOUS:
        campaign.activity = FOLLOW_UP
        campaign.wanted = 0
        set_clock(
            world,
            campaign,
            given_months(world, policy, programme, j, given_mean_months(policy, j, stage), stage),
        )
        open_trial(world, programme, j)
        return
    rules = policy.jurisdictions[j]
    campaign.activity = START_UP
    if stage == HOSPITAL_STUDY:
        set_clock(world, campaign, rules.hospital_lane.start_up_months)
    else:
        set_clock(world, campaign, rules.regulation.start_up_months)
    campaign.wanted = wanted_patients(policy, j, stage)
    campaign.accrual_per_month = accrual(world, policy, programme, j, stage)


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
    count = min(design(policy, stage).sites_count, math.ceil(sites.capacity_count / (1.0 + rivals)))
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
def open_trial(world, programme, j):
    """The trial opens to patients."""
    campaign = programme.campaigns[j]
    world.jurisdictions[j].flows.trials_started += 1
    if campaign.stage == HOSPITAL_STUDY:
        reach(world, HOSPITAL_STUDY_OPENED, programme, j)
    elif campaign.stage == PHASE_1:
        reach(world, PHASE_1_STARTED, programme, j)
    elif campaign.stage == PHASE_2:
        reach(world, PHASE_2_STARTED, programme, j)
    elif campaign.stage == PHASE_3:
        reach(world, PHASE_3_STARTED, programme, j)
    else:
        reach(world, CONFIRMATION_STARTED, programme, j)


@rule
def activate_sites(world, policy):
    """Trials open, and each asks for what its sites intend this month: Poisson, cut to places and doses left."""
    for j in range(policy.n_jurisdictions):
        for d in range(policy.n_indications):
            world.jurisdictions[j].cells[d].intended_patients = 0
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != CLINICAL:
            continue
        for j in range(policy.n_jurisdictions):
            campaign = programme.campaigns[j]
            campaign.intended = 0
            campaign.treated_now = 0
            if in_trial(campaign) and campaign.activity > 0 and campaign.activity <= FOLLOW_UP:
                cost = design(policy, campaign.stage).fixed_usd_m_per_month * world.step_months
                charge_trial(world, programme, j, cost * policy.jurisdictions[j].sites.cost_multiplier)
                if campaign.hold_months_left <= 0.0:
                    activate(world, policy, programme, j)


@rule
def activate(world, policy, programme, j):
    """Start-up runs out and the trial opens; an open trial states the patients that it intends."""
    campaign = programme.campaigns[j]
    if campaign.activity == START_UP:
        if run_clock(world, campaign, 1.0):
            campaign.activity = ENROLLING
            open_trial(world, programme, j)
    elif campaign.activity == ENROLLING:
        step = world.step_months
        ramp_months = policy.jurisdictions[j].sites.activation_months
        midway = campaign.months_enrolling + 0.5 * step
        active_share = min(1.0, midway / ramp_months) if ramp_months > 0.0 else 1.0
        campaign.months_enrolling += step
        key = world.jurisdictions[j].key
        u = draws.uniform(world.key, draws.ACCRUAL, programme.id, world.tick, key)
        intended = draws.poisson_quantile(u, campaign.accrual_per_month * active_share * step)
        doses = programme.doses_made - programme.doses_used - reserved_doses(programme, j)
        campaign.intended = max(0, min(intended, campaign.wanted - campaign.enrolled, doses))
        world.jurisdictions[j].cells[programme.indication].intended_patients += campaign.intended


@rule
def reserved_doses(programme, j):
    """Doses that the programme's other trials have asked for this month."""
    total = 0
    for other in range(j):
        total += programme.campaigns[other].intended
    return total


@rule
def enrol_patients(world, policy):
    """Share the eligible patients of a cell among its trials in proportion to intent, whole patients, none left over.

    Systematic rounding: trial i gets floor(u + S_i) - floor(u + S_(i-1)) of the running sum S of exact shares, one
    uniform u a cell and month; all available patients are given out and no trial gains by its place.
    """
    for j in range(policy.n_jurisdictions):
        for d in range(policy.n_indications):
            cell = world.jurisdictions[j].cells[d]
            patients = policy.jurisdictions[j].patients[d]
            inflow = patients.incident_patients_per_month * patients.eligible_share * world.step_months
            cell.eligible_patients += inflow
            cell.inflow_patients += inflow
            if not policy.mechanisms.saturation_switch:  # who is missing comes from elsewhere
                missing = max(0.0, cell.intended_patients - cell.eligible_patients)
                cell.eligible_patients += missing
                cell.inflow_patients += missing
            cell.available_patients = math.floor(cell.eligible_patients)
            entity = world.jurisdictions[j].key * 256 + d
            cell.shared_so_far = draws.uniform(world.key, draws.SHARING, entity, world.tick, 0)
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != CLINICAL:
            continue
        for j in range(policy.n_jurisdictions):
            if programme.campaigns[j].intended > 0:
                enrol(world, policy, programme, j)


@rule
def enrol(world, policy, programme, j):
    """Enrol this month's patients of one trial: what its sites intend, cut to its share of the patients."""
    campaign = programme.campaigns[j]
    cell = world.jurisdictions[j].cells[programme.indication]
    patients = campaign.intended
    if cell.intended_patients > cell.available_patients:
        before = math.floor(cell.shared_so_far)
        cell.shared_so_far += campaign.intended * cell.available_patients / cell.intended_patients
        patients = math.floor(cell.shared_so_far + 1e-9) - before  # 1e-9: a sum of thirds must reach its whole
    if patients > 0:
        treat(world, policy, programme, j, patients)
    if campaign.enrolled >= campaign.wanted:
        campaign.activity = FOLLOW_UP
        analysis = design(policy, campaign.stage).analysis_months
        set_clock(world, campaign, follow_up_months(policy, programme, campaign.stage) + analysis)


@rule
def treat(world, policy, programme, j, patients):
    """Patients leave the eligible pool, use doses and cost money; the first ever is a milestone."""
    campaign = programme.campaigns[j]
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
    charge_trial(world, programme, j, patients * patient_cost_usd_m(policy, programme, j, campaign.stage))
    if not programme.in_human:
        programme.in_human = True
        reach(world, FIRST_IN_HUMAN, programme, j)


@rule
def read_out_trials(world, policy):
    """Follow-up ends; the trial reads the effect with noise and optimism, and the ledger keeps it."""
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != CLINICAL:
            continue
        for j in range(policy.n_jurisdictions):
            campaign = programme.campaigns[j]
            followed = campaign.activity == FOLLOW_UP and campaign.hold_months_left <= 0.0 and in_trial(campaign)
            if followed and run_clock(world, campaign, 1.0):
                read_out(world, policy, programme, j)


@rule
def read_out(world, policy, programme, j):
    """Enter the result, tell the world, and leave the decision to those who decide."""
    campaign = programme.campaigns[j]
    campaign.activity = DECIDING
    if policy.evidence.attrition != EXOGENOUS:
        weigh(world, policy, programme, j)
        learn(world, policy, programme.home, programme.indication)
    if campaign.stage == HOSPITAL_STUDY:
        reach(world, HOSPITAL_STUDY_READ_OUT, programme, j)
    elif campaign.stage == PHASE_1:
        reach(world, PHASE_1_READ_OUT, programme, j)
    elif campaign.stage == PHASE_2:
        reach(world, PHASE_2_READ_OUT, programme, j)
    elif campaign.stage == PHASE_3:
        reach(world, PHASE_3_READ_OUT, programme, j)
        promising = programme.belief >= policy.evidence.continue_to_phase_3_probability
        announce(world, policy, GOOD_NEWS if promising else BAD_NEWS, programme, j)
    if not programme.proven and programme.belief >= policy.evidence.proof_of_concept_probability:
        programme.proven = True
        reach(world, PROOF_OF_CONCEPT, programme, j)
        announce(world, policy, GOOD_NEWS, programme, j)


@rule
def weigh(world, policy, programme, j):
    """x ~ N(effect + optimism, v): noise keyed by programme, stage, version and place, never by month."""
    campaign = programme.campaigns[j]
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
    programme.belief = developer_belief(policy, programme)


@rule
def grade_of(stage):
    """Grade of the evidence that a stage raises."""
    if stage == HOSPITAL_STUDY:
        return HOSPITAL_GRADE
    if stage == PHASE_3 or stage == CONFIRMATION:
        return PIVOTAL_GRADE
    return EXPLORATORY_GRADE
