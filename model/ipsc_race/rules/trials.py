"""Trials: how they are designed, begun and read."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.evidence import trial_variance
from ipsc_race.host import rule
from ipsc_race.rules.desks import lay_out, move, on_desk
from ipsc_race.rules.programmes import BAD_NEWS, GOOD_NEWS, announce, believe, in_trial, reach_on, run_clock, set_clock
from ipsc_race.rules.science import given_months, know
from ipsc_race.world import TRIALS


@rule
def design(policy, stage):
    """Design of the trial of a stage."""
    if stage == m.HOSPITAL_STUDY:
        return policy.trials.hospital
    if stage == m.PHASE_1:
        return policy.trials.phase_1
    if stage == m.PHASE_2:
        return policy.trials.phase_2
    return policy.trials.phase_3 if stage == m.PHASE_3 else policy.trials.confirmation


@rule
def wanted_patients(world, policy, programme, j, stage):
    """Patients wanted: by design, larger or smaller by place and by the luck of a trial; of a confirmation as told."""
    if stage == m.CONFIRMATION:
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
    if stage == m.CONFIRMATION or not policy.mechanisms.trial_variety_switch:
        return sites
    return math.ceil(sites * policy.jurisdictions[j].sites.trial_size_multiplier)


@rule
def follow_up_months(policy, programme, stage):
    """Fixed follow-up of each patient, the floor that no population compresses, after the making of the last dose."""
    indication = policy.indications[programme.indication]
    months = indication.early_follow_up_months
    if stage == m.PHASE_3 or stage == m.CONFIRMATION:
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
    if stage == m.HOSPITAL_STUDY:
        cost *= policy.jurisdictions[j].hospital_lane.cost_multiplier
    return cost


@rule
def expected_cost_usd_m(world, policy, programme, j, stage):
    """What a developer expects a trial to cost: its patients, and running it through follow-up."""
    if policy.evidence.attrition == m.EXOGENOUS:
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
    if m.PHASE_1 <= stage <= m.PHASE_3:
        campaign.last_phase = stage
    if policy.evidence.attrition == m.EXOGENOUS:
        campaign.activity = m.FOLLOW_UP
        campaign.wanted = 0
        months = given_months(world, policy, programme, j, given_stage(policy, j, stage).duration_months, stage)
        set_clock(world, campaign, months)
        open_trial(world, programme, campaign, j)
        return
    campaign.activity = m.START_UP
    campaign.wanted = wanted_patients(world, policy, programme, j, stage)
    campaign.accrual_per_month = accrual(world, policy, programme, j, stage)
    found_share = world.jurisdictions[j].cells[programme.indication].found_share
    campaign.planned_months = planned_months(policy, campaign, j, stage, found_share)
    luck = version_and_place(world, programme, j)
    campaign.accrual_clock = draws.exponential(world.key, draws.ACCRUAL_FAILURE, programme.id, stage, luck)
    set_clock(world, campaign, start_up)
    if joined:
        campaign.months_enrolling = policy.jurisdictions[j].sites.activation_months  # its sites are active
        reach_on(world, m.PHASES_JOINED, programme, campaign, j)


@rule
def follows_at_once(world, policy, programme, campaign, j, stage):
    """Whether a phase is one protocol with the phase before it (Phase 1/2, 2/3): no new IND, sites or start-up."""
    if not policy.mechanisms.joined_phases_switch or policy.evidence.attrition == m.EXOGENOUS:
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
    months = rules.hospital_lane.start_up_months if stage == m.HOSPITAL_STUDY else rules.regulation.start_up_months
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
def given_stage(policy, j, stage):
    """Success rate and duration of a phase where they are given."""
    stages = policy.jurisdictions[j].exogenous
    if stage == m.PHASE_1:
        return stages.phase_1
    return stages.phase_2 if stage == m.PHASE_2 else stages.phase_3


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
    reach_on(world, m.OPENED[campaign.stage], programme, campaign, j)


@rule
def read_out_trials(world, policy):
    """Follow-up ends; the trial reads the effect with noise and optimism, and the ledger keeps it."""
    for i in range(world.desks[TRIALS].count):
        campaign = on_desk(world, policy, TRIALS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        followed = campaign.activity == m.FOLLOW_UP and campaign.hold_months_left <= 0.0 and in_trial(campaign)
        if followed and run_clock(world, campaign, 1.0):
            read_out(world, policy, programme, campaign, j)


@rule
def read_out(world, policy, programme, campaign, j):
    """Enter the result, tell the world, and leave the decision to those who decide."""
    campaign.activity = m.DECIDING
    lay_out(world, programme, campaign)
    if policy.evidence.attrition != m.EXOGENOUS:
        weigh(world, policy, programme, campaign, j)
        know(world, programme.home, programme.indication, policy.science.knowledge_per_readout_count)
    if campaign.stage != m.CONFIRMATION:
        reach_on(world, m.READ_OUT[campaign.stage], programme, campaign, j)
    if campaign.stage == m.PHASE_3:
        promising = programme.belief >= policy.evidence.continue_to_phase_3_probability
        announce(world, policy, GOOD_NEWS if promising else BAD_NEWS, programme, j)
    if not programme.proven and programme.belief >= policy.evidence.proof_of_concept_probability:
        programme.proven = True
        reach_on(world, m.PROOF_OF_CONCEPT, programme, campaign, j)
        announce(world, policy, GOOD_NEWS, programme, j)


@rule
def weigh(world, policy, programme, campaign, j):
    """x ~ N(effect + optimism, v): noise keyed by programme, stage, version and place, never by month."""
    variance = trial_variance(campaign.enrolled, design(policy, campaign.stage).arms_count)
    noise = draws.normal(world.key, draws.READOUT, programme.id, campaign.stage, version_and_place(world, programme, j))
    observed = programme.effect + bias_of(policy, campaign.stage) + math.sqrt(variance) * noise
    enter_in_ledger(policy, programme, j, campaign.stage, campaign.enrolled, observed)
    believe(policy, programme)


@rule
def bias_of(policy, stage):
    """Optimism of what the trial of a stage reads, by its setting."""
    optimism = policy.evidence.optimism
    if grade_of(stage) == m.HOSPITAL_GRADE:
        return optimism.hospital_effect
    return optimism.single_arm_effect if design(policy, stage).arms_count == 1 else optimism.randomised_effect


@rule
def enter_in_ledger(policy, programme, j, stage, patients, observed):
    """Keep what a trial in jurisdiction j read."""
    grade, arms = grade_of(stage), design(policy, stage).arms_count
    variance = trial_variance(patients, arms)
    ledger = programme.ledger[j]
    ledger.information[grade] += 1.0 / variance
    ledger.score[grade] += observed / variance
    ledger.patients[grade] += patients
    if arms > 1:
        ledger.randomised_patients += patients


@rule
def grade_of(stage):
    """Grade of the evidence that a stage raises."""
    if stage == m.HOSPITAL_STUDY:
        return m.HOSPITAL_GRADE
    if stage == m.PHASE_3 or stage == m.CONFIRMATION:
        return m.PIVOTAL_GRADE
    return m.EXPLORATORY_GRADE
