"""Hospitals: the lane outside the drug regulator, its studies, redesigns and paid translation at home."""

from __future__ import annotations

from ipsc_race import draws
from ipsc_race.evidence import developer_belief, regulator_belief, tightened
from ipsc_race.host import rule
from ipsc_race.milestones import (
    CLINICAL,
    DECIDING,
    EXOGENOUS,
    HOSPITAL,
    HOSPITAL_REVIEW,
    HOSPITAL_STUDY,
    NOT_OPEN,
    REDESIGN,
    REDESIGNED,
    TRANSLATED_AT_HOME,
)
from ipsc_race.rules.programmes import charge, reach, run_clock, set_clock
from ipsc_race.rules.trials import expected_cost_usd_m, start_trial


@rule
def takes_hospital_lane(world, policy, programme, company):
    """Whether the programme is ready for the lane, the lane is open, and its developer is one that uses it."""
    lane = policy.jurisdictions[programme.home].hospital_lane
    if not lane.open_switch or lane.licensed_hospitals_count <= 0.0 or policy.evidence.attrition == EXOGENOUS:
        return False
    if programme.months_left > (1.0 - lane.preparation_share) * programme.preclinical_months:
        return False
    return draws.uniform(world.key, draws.LANE_CHOICE, company.id, 0, 0) < lane.use_share


@rule
def apply_to_hospital(world, policy, programme):
    """Ask an ethics committee, then file with the health ministry."""
    campaign = programme.campaigns[programme.home]
    campaign.stage = HOSPITAL_REVIEW
    campaign.lane = HOSPITAL
    set_clock(world, campaign, policy.jurisdictions[programme.home].hospital_lane.review_months)


@rule
def review_studies(world, policy):
    """Studies wait for their review, slower when more ask than licensed hospitals can take on; redesigns end."""
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != CLINICAL:
            continue
        j = programme.home
        campaign = programme.campaigns[j]
        if campaign.stage == HOSPITAL_REVIEW:
            ready = run_clock(world, campaign, review_pace(world, policy, j))
        elif campaign.stage == REDESIGN:
            ready = run_clock(world, campaign, 1.0)
            cost = policy.indications[programme.indication].preclinical_usd_m_per_month
            charge(world, programme, cost * policy.jurisdictions[j].sites.cost_multiplier * world.step_months)
        else:
            continue
        company = world.companies[programme.company]
        cost = expected_cost_usd_m(policy, programme, j, HOSPITAL_STUDY)
        cost *= policy.jurisdictions[j].companies.start_cover_share
        if ready:
            if company.cash_usd_m - company.due_usd_m >= cost:
                start_trial(world, policy, programme, j, HOSPITAL_STUDY)
            else:
                company.need_usd_m = max(company.need_usd_m, cost)


@rule
def review_pace(world, policy, j):
    """Share of full speed at which the lane reviews: capacity over last month's queue, at most 1."""
    lane = policy.jurisdictions[j].hospital_lane
    queue = world.jurisdictions[j].lane_queue_count
    capacity = lane.licensed_hospitals_count * lane.studies_per_hospital_year / 12.0 * lane.review_months
    return min(1.0, capacity / queue) if queue > 0 else 1.0


@rule
def follow_hospital_readouts(world, policy):
    """Below the target, with a redesign left: redesign. Else the developer decides; a proven product may be sold."""
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != CLINICAL:
            continue
        campaign = programme.campaigns[programme.home]
        lane = policy.jurisdictions[programme.home].hospital_lane
        if campaign.stage == HOSPITAL_STUDY and campaign.activity == DECIDING:
            if programme.belief < lane.target_probability and programme.redesigns_count < lane.redesigns_count:
                redesign(world, policy, programme, lane)
            elif lane.translation_switch and meets_translation_bar(policy, programme, lane):
                programme.translation_months_left = max(lane.translation_review_months, world.step_months)
        if programme.translation_months_left > 0.0 and not programme.translated:
            programme.translation_months_left -= world.step_months
            if programme.translation_months_left <= 0.0 and campaign.stage != NOT_OPEN:
                programme.translated = True
                reach(world, TRANSLATED_AT_HOME, programme, programme.home)


@rule
def meets_translation_bar(policy, programme, lane):
    """Whether the health ministry would let hospitals treat patients with it for money."""
    stringency = policy.jurisdictions[programme.home].regulation.stringency
    bar = tightened(lane.translation_probability, stringency)
    return regulator_belief(policy, programme, programme.home) >= bar


@rule
def redesign(world, policy, programme, lane):
    """A better product, a new version: gains shrink geometrically, and evidence on the old version no longer counts."""
    gain = lane.redesign_effect
    for _ in range(programme.redesigns_count):
        gain *= lane.redesign_shrink_share
    programme.redesigns_count += 1
    programme.version += 1
    programme.effect += gain
    programme.prior_effect += gain
    for j in range(policy.n_jurisdictions):
        ledger = programme.ledger[j]
        for grade in range(3):
            ledger.information[grade] = 0.0
            ledger.score[grade] = 0.0
    programme.belief = developer_belief(policy, programme)
    programme.proven = False
    campaign = programme.campaigns[programme.home]
    campaign.stage = REDESIGN
    campaign.activity = 0
    set_clock(world, campaign, lane.redesign_months)
    reach(world, REDESIGNED, programme, programme.home)
