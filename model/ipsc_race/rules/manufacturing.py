"""Manufacturing: release tests, doses for trials, shared GMP capacity, failed batches, learning, prices of inputs."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race.economics import learning_multiplier
from ipsc_race.host import rule
from ipsc_race.milestones import ENROLLING, START_UP
from ipsc_race.rules.desks import on_desk, programme_on_desk
from ipsc_race.rules.programmes import charge, charge_trial, donor_modality, in_trial
from ipsc_race.world import TREATING, TRIALS


@rule
def price_inputs(world, policy):
    """Inputs cost more where many trials bid for them; by last month's count."""
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        jurisdiction.input_price = 1.0
        if policy.mechanisms.input_prices_switch:
            crowding = policy.jurisdictions[j].crowding
            supply = crowding.input_capacity_count * jurisdiction.input_supply
            if jurisdiction.trials_count > supply:
                jurisdiction.input_supply *= math.exp(min(1.0, crowding.input_growth_per_month * world.step_months))
            busy = 1.0 + jurisdiction.trials_count / supply
            jurisdiction.input_price = math.exp(crowding.input_price_elasticity * math.log(busy))


@rule
def release_months(world, policy, programme, campaign, demanded):
    """Begin the release tests that are demanded and not yet begun; months until all demanded are done, side by side."""
    months = 0.0
    if not policy.mechanisms.release_tests_switch:
        return months
    now = (world.tick + 1) * world.step_months
    for t in range(policy.n_release_tests):
        if demanded[t] > 0.0:
            test = policy.release_tests[t]
            if programme.tested_months[t] <= 0.0:
                programme.tested_months[t] = now + test.duration_months
                programme.harm_probability *= 1.0 - test.risk_removed_share
                charge_trial(world, programme, campaign, test.cost_usd_m)
            months = max(months, programme.tested_months[t] - now)
    return months


@rule
def make_doses(world, policy):
    """Each programme with an open trial makes doses up to what its trials still want and its capacity allows."""
    count_wanted(world, policy)
    share_capacity(world, policy)
    for i in range(world.desks[TREATING].count):
        programme = programme_on_desk(world, TREATING, i)
        wanted = programme.doses_wanted
        if wanted <= 0:
            continue
        manufacturing = policy.jurisdictions[programme.home].manufacturing
        jurisdiction = world.jurisdictions[programme.home]
        per_month = manufacturing.trial_batches_per_month * batch_doses(policy, programme)
        if policy.mechanisms.manufacturing_switch:
            per_month = min(per_month, wanted / world.step_months)
            per_month *= min(1.0, jurisdiction.capacity_batches_per_month / max(jurisdiction.batches_wanted, 1e-9))
        programme.dose_credit = min(programme.dose_credit, 1.0) + per_month * world.step_months
        made = min(wanted, math.floor(programme.dose_credit))
        programme.dose_credit -= made
        if made > 0:
            finish_batch(world, policy, programme, made)


@rule
def count_wanted(world, policy):
    """Doses that the open trials of each programme still want, beyond those in stock."""
    for i in range(world.desks[TREATING].count):
        programme = programme_on_desk(world, TREATING, i)
        programme.doses_wanted = programme.doses_used - programme.doses_made
    for i in range(world.desks[TRIALS].count):
        campaign = on_desk(world, policy, TRIALS, i)
        if in_trial(campaign) and (campaign.activity == START_UP or campaign.activity == ENROLLING):
            world.programmes[campaign.programme].doses_wanted += campaign.wanted - campaign.enrolled


@rule
def batch_doses(policy, programme):
    """Doses that a batch of a programme gives, by whose cells they are; a donor's where modalities are switched off."""
    if policy.mechanisms.modality_switch:
        return policy.modalities[programme.modality].batch_doses
    return policy.modalities[donor_modality(policy, programme.modality)].batch_doses


@rule
def share_capacity(world, policy):
    """What trials ask this month of the plants at home; the plants serve all in proportion."""
    for j in range(policy.n_jurisdictions):
        world.jurisdictions[j].batches_wanted = 0.0
        world.jurisdictions[j].batches_left = world.jurisdictions[j].capacity_batches_per_month * world.step_months
    for i in range(world.desks[TREATING].count):
        programme = programme_on_desk(world, TREATING, i)
        if programme.doses_wanted > 0 and policy.mechanisms.manufacturing_switch:
            per_month = policy.jurisdictions[programme.home].manufacturing.trial_batches_per_month
            batches = programme.doses_wanted / batch_doses(policy, programme)
            world.jurisdictions[programme.home].batches_wanted += min(per_month, batches / world.step_months)


@rule
def finish_batch(world, policy, programme, made):
    """A month's batch is released, or fails as a whole: then it is paid for and lost."""
    company = world.companies[programme.company]
    jurisdiction = world.jurisdictions[programme.home]
    if policy.mechanisms.manufacturing_switch:
        jurisdiction.batches_left = max(0.0, jurisdiction.batches_left - made / batch_doses(policy, programme))
        company.experience_doses += made
        failing = policy.jurisdictions[programme.home].manufacturing.batch_failure_probability
        failing *= learned(world, policy, programme)
        if draws.uniform(world.key, draws.BATCH, programme.id, world.tick, 0) < failing:
            jurisdiction.flows.doses_lost += made
            charge(world, programme, made * dose_cost_usd_m(world, policy, programme, programme.home))
            return
    programme.doses_made += made
    jurisdiction.flows.doses_made += made


@rule
def learned(world, policy, programme):
    """Cost and failures relative to the start, by the doses that the maker has made (Wright's law)."""
    if not policy.mechanisms.manufacturing_switch:
        return 1.0
    manufacturing = policy.jurisdictions[programme.home].manufacturing
    made = world.companies[programme.company].experience_doses
    return learning_multiplier(made, manufacturing.reference_doses, manufacturing.learning_share)


@rule
def dose_cost_usd_m(world, policy, programme, j):
    """Cost of making one dose now, for patients in j; hospital-grade cells cost as studies with them do."""
    cost = policy.jurisdictions[programme.home].manufacturing.dose_usd_m_per_patient
    if policy.mechanisms.modality_switch:
        cost *= policy.modalities[programme.modality].dose_cost_multiplier
    if programme.translated and j == programme.home and programme.campaigns[j].on_market == 0:
        cost *= policy.jurisdictions[j].hospital_lane.cost_multiplier
    return cost * learned(world, policy, programme)


@rule
def expand_plants(world, policy):
    """Plants grow where more was asked of them this month than they could make."""
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        if jurisdiction.batches_wanted > jurisdiction.capacity_batches_per_month:
            rate = policy.jurisdictions[j].manufacturing.expansion_per_month
            jurisdiction.capacity_batches_per_month *= math.exp(min(1.0, rate * world.step_months))
