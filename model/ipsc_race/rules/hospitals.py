"""Hospitals: the lane outside the drug regulator, its studies, redesigns and paid translation at home."""

from __future__ import annotations

from ipsc_race import draws
from ipsc_race.evidence import regulator_belief, tightened
from ipsc_race.host import rule
from ipsc_race.milestones import (
    AWAITING_MONEY,
    CLINICAL,
    DECIDING,
    EXOGENOUS,
    HOSPITAL,
    HOSPITAL_REVIEW,
    HOSPITAL_STUDY,
    NOT_OPEN,
    PHASE_1,
    REDESIGN,
    REDESIGNED,
    SETTLED_AT_HOME,
    SETTLED_IN_HOSPITALS,
    TRANSLATED_AT_HOME,
)
from ipsc_race.rules.manufacturing import release_months
from ipsc_race.rules.programmes import charge, is_open, reach, run_clock, set_clock, start_new_version
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
    lane = policy.jurisdictions[programme.home].hospital_lane
    set_clock(
        world,
        campaign,
        lane.review_months + release_months(world, policy, programme, programme.home, lane.release_test_switch),
    )


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
        cost *= policy.jurisdictions[j].companies.start_cover_share * world.jurisdictions[j].input_price
        if ready:
            if company.cash_usd_m - company.due_usd_m >= cost:
                start_trial(world, policy, programme, j, HOSPITAL_STUDY)
            else:
                company.need_usd_m = max(company.need_usd_m, cost)


@rule
def review_pace(world, policy, j):
    """Share of full speed at which the lane reviews: capacity over last month's queue, at most 1; less after harm."""
    lane = policy.jurisdictions[j].hospital_lane
    queue = world.jurisdictions[j].lane_queue_count
    capacity = lane.licensed_hospitals_count * lane.studies_per_hospital_year / 12.0 * lane.review_months
    pace = min(1.0, capacity / queue) if queue > 0 else 1.0
    return pace / (1.0 + world.jurisdictions[j].tightening)


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
            elif lane.translation_switch and meets_translation_bar(world, policy, programme, lane):
                programme.translation_months_left = max(lane.translation_review_months, world.step_months)
        if programme.translation_months_left > 0.0 and not programme.translated:
            programme.translation_months_left -= world.step_months
            alive = world.companies[programme.company].alive
            if programme.translation_months_left <= 0.0 and campaign.stage != NOT_OPEN and alive:
                programme.translated = True
                reach(world, TRANSLATED_AT_HOME, programme, programme.home)
                settle(world, policy, programme)


@rule
def settle(world, policy, programme):
    """The trap of translation at home: some developers stop there, unless the product is on its way elsewhere."""
    campaign = programme.campaigns[programme.home]
    stage = campaign.next_stage if campaign.stage == AWAITING_MONEY else campaign.stage
    if not policy.mechanisms.translation_trap_switch or not HOSPITAL_REVIEW <= stage <= PHASE_1:
        return
    for j in range(policy.n_jurisdictions):
        if j != programme.home and is_open(programme.campaigns[j]):
            return
    lane = policy.jurisdictions[programme.home].hospital_lane
    if draws.uniform(world.key, draws.TRANSLATION_TRAP, programme.id, 0, 0) < lane.translation_trap_share:
        campaign.stage = SETTLED_IN_HOSPITALS
        campaign.activity = 0
        campaign.hold_months_left = 0.0
        reach(world, SETTLED_AT_HOME, programme, programme.home)


@rule
def meets_translation_bar(world, policy, programme, lane):
    """Whether the health ministry would let hospitals treat patients with it for money."""
    bar = tightened(lane.translation_probability, world.jurisdictions[programme.home].stringency)
    return regulator_belief(policy, programme, programme.home) >= bar


@rule
def redesign(world, policy, programme, lane):
    """A better product, a new version: gains shrink geometrically, and evidence on the old version no longer counts."""
    gain = lane.redesign_effect
    for _ in range(programme.redesigns_count):
        gain *= lane.redesign_shrink_share
    programme.redesigns_count += 1
    programme.effect += gain
    programme.prior_effect += gain
    start_new_version(policy, programme)
    campaign = programme.campaigns[programme.home]
    campaign.stage = REDESIGN
    campaign.activity = 0
    testing_months = release_months(world, policy, programme, programme.home, lane.release_test_switch)
    set_clock(world, campaign, lane.redesign_months + testing_months)
    reach(world, REDESIGNED, programme, programme.home)
