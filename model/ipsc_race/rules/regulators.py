"""Regulators: harms and holds, INDs, approvals, conditional approvals, confirmations and withdrawals."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.host import rule
from ipsc_race.rules.decisions import enter_stage, next_stage
from ipsc_race.rules.desks import lay_out, move, on_desk, programme_on_desk
from ipsc_race.rules.enrolment import lane_and_place
from ipsc_race.rules.gates import is_safe_here, opens
from ipsc_race.rules.hospitals import lane_capacity_count, pace
from ipsc_race.rules.programmes import (
    APPROVAL_NEWS,
    BAD_NEWS,
    HOLD_NEWS,
    announce,
    close_campaign,
    give_up,
    in_trial,
    reach,
    reach_on,
    run_clock,
    set_clock,
    track,
)
from ipsc_race.rules.science import given_months
from ipsc_race.rules.trials import passes_given_rate, start_trial
from ipsc_race.world import FILINGS, HOLDS, INDS, RUNNING, SALES, TREATING

VERSIONS = 256  # keys the luck of a filing: version * VERSIONS + refusals so far


@rule
def report_harms(world, policy):
    """Patients treated spend the programme's harm clock: a trial goes on hold, a product on the market is weighed."""
    for i in range(world.desks[TREATING].count):
        programme = programme_on_desk(world, TREATING, i)
        if programme.status == m.CLINICAL and programme.treated_now > 0:
            programme.treated_now = 0
            for t in range(policy.n_jurisdictions + 1):
                campaign = track(policy, programme, t)
                if campaign.treated_now > 0 or campaign.sold_now > 0:
                    spend_harm_clock(world, policy, programme, campaign)
            weigh_sales(world, policy, programme)


@rule
def spend_harm_clock(world, policy, programme, campaign):
    """This month's patients of a trial, and last month's of sales."""
    j, risk = campaign.place, min(1.0, programme.harm_probability)
    if in_trial(campaign):  # what another track treated in its last month is counted already
        programme.harm_clock -= campaign.treated_now * risk
    while programme.harm_clock <= 0.0 and world.status == RUNNING:
        harm(world, policy, programme, campaign, j, campaign.lane == m.HOSPITAL)
        if in_trial(campaign) and campaign.hold_months_left <= 0.0:
            place_hold(world, policy, programme, campaign, j)
    programme.harm_clock -= campaign.sold_now * risk
    while programme.harm_clock <= 0.0 and world.status == RUNNING:
        harm(world, policy, programme, campaign, j, campaign.on_market == 0)


@rule
def weigh_sales(world, policy, programme):
    """After the harms of all places are known: what is sold and no longer safe leaves the market, or the hospitals."""
    for j in range(policy.n_jurisdictions):
        campaign = programme.campaigns[j]
        sold = campaign.sold_now > 0
        campaign.sold_now = 0
        if not sold or programme.status != m.CLINICAL or is_safe_here(world, policy, programme, j):
            continue
        if campaign.on_market != 0:
            withdraw(world, policy, programme, j, m.SAFETY)
        elif programme.translated:
            world.jurisdictions[j].felt_harms += policy.jurisdictions[j].trust.withdrawal_multiplier
            end_translation(world, policy, programme)


@rule
def end_translation(world, policy, programme):
    """Hospitals at home may no longer treat with it; a developer that had settled for that is left with nothing."""
    programme.translated = False
    reach_on(world, m.TRANSLATION_ENDED, programme, programme.study, programme.home)
    close_campaign(world, policy, programme, programme.study, programme.home, m.SAFETY)


@rule
def harm(world, policy, programme, campaign, j, in_hospital):
    """A serious product-related harm becomes known, and is felt."""
    programme.harms_count += 1
    programme.harm_clock += draws.exponential(world.key, draws.HARM, programme.id, programme.harms_count, 0)
    world.jurisdictions[j].flows.patients_harmed += 1
    reach_on(world, m.SERIOUS_HARM, programme, campaign, j)
    world.jurisdictions[j].felt_harms += surprise(policy, programme, j, in_hospital)


@rule
def surprise(policy, programme, j, in_hospital):
    """How a serious harm is felt: more outside the drug regulator, less of a product that many had without harm."""
    weight = policy.evidence.harm_prior_patients
    felt = weight / (weight + programme.patients_count)
    if in_hospital:
        felt *= policy.jurisdictions[j].trust.hospital_harm_multiplier
    return felt


@rule
def place_hold(world, policy, programme, campaign, j):
    """A clinical hold of exponential length; some are never lifted."""
    regulation = policy.jurisdictions[j].regulation
    campaign.holds_count += 1
    key = lane_and_place(world, campaign, j)
    wait = draws.exponential(world.key, draws.HOLD_MONTHS, programme.id, campaign.holds_count, key)
    campaign.hold_months_left = max(regulation.hold_months * wait, 1e-9)
    u = draws.uniform(world.key, draws.HOLD_LIFT, programme.id, campaign.holds_count, key)
    lay_out(world, programme, campaign)
    campaign.hold_lifts = u < regulation.hold_lift_probability
    reach_on(world, m.HOLD_PLACED, programme, campaign, j)
    announce(world, policy, HOLD_NEWS, programme, j)


@rule
def lift_holds(world, policy):
    """Holds run out: lifted, or the campaign ends; harm above the bar ends it too."""
    for i in range(world.desks[HOLDS].count):
        campaign = on_desk(world, policy, HOLDS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.hold_months_left > 0.0 and programme.status == m.CLINICAL:
            campaign.hold_months_left -= world.step_months
            if campaign.hold_months_left <= 0.0:
                end_hold(world, policy, programme, campaign, j)


@rule
def end_hold(world, policy, programme, campaign, j):
    """The hold is lifted, or it is the end of the track."""
    if not campaign.hold_lifts:
        end_campaign(world, policy, programme, campaign, j, m.HOLD_NOT_LIFTED)
    elif not is_safe_here(world, policy, programme, j):
        end_campaign(world, policy, programme, campaign, j, m.SAFETY)
    else:
        campaign.hold_months_left = 0.0
        reach_on(world, m.HOLD_LIFTED, programme, campaign, j)


@rule
def end_campaign(world, policy, programme, campaign, j, reason):
    """Close a track; a product sold there is withdrawn with it."""
    if campaign.on_market != 0:
        withdraw(world, policy, programme, j, reason)
    else:
        close_campaign(world, policy, programme, campaign, j, reason)


@rule
def staff_desks(world, policy):
    """A desk that had more before it last month than it can take is staffed for more: capacity grows with its trade."""
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        regulation = policy.jurisdictions[j].regulation
        lane = policy.jurisdictions[j].hospital_lane
        growth = math.exp(min(1.0, regulation.capacity_growth_per_month * world.step_months))
        if 0.0 < regulation.ind_capacity_count * jurisdiction.ind_desk < jurisdiction.ind_queue_count:
            jurisdiction.ind_desk *= growth
        if 0.0 < regulation.approval_capacity_count * jurisdiction.approval_desk < jurisdiction.approval_queue_count:
            jurisdiction.approval_desk *= growth
        if 0.0 < lane_capacity_count(policy, jurisdiction, j) < jurisdiction.lane_queue_count:
            jurisdiction.lane_desk *= math.exp(min(1.0, lane.capacity_growth_per_month * world.step_months))


@rule
def ind_pace(policy, jurisdiction, j):
    """Share of full speed at which INDs are reviewed."""
    capacity = policy.jurisdictions[j].regulation.ind_capacity_count * jurisdiction.ind_desk
    return pace(capacity, jurisdiction.ind_queue_count)


@rule
def approval_pace(policy, jurisdiction, j):
    """Share of full speed at which filings are reviewed."""
    capacity = policy.jurisdictions[j].regulation.approval_capacity_count * jurisdiction.approval_desk
    return pace(capacity, jurisdiction.approval_queue_count)


@rule
def review_inds(world, policy):
    """Preparation ends in a filing, review in a clearance or a hold; a crowded desk works slower for all."""
    for i in range(world.desks[INDS].count):
        campaign = on_desk(world, policy, INDS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        regulation = policy.jurisdictions[j].regulation
        if campaign.stage == m.IND_PREPARATION and run_clock(world, campaign, 1.0):
            campaign.stage = m.IND_REVIEW
            campaign.activity = 0
            extra_months = regulation.foreign_sponsor_months if is_foreign(programme, j) else 0.0
            set_clock(world, campaign, regulation.ind_review_months + extra_months)
            reach(world, m.IND_FILED, programme, j)
        reviewed = campaign.stage == m.IND_REVIEW and campaign.hold_months_left <= 0.0
        if reviewed and run_clock(world, campaign, ind_pace(policy, world.jurisdictions[j], j)):
            decide_ind(world, policy, programme, j)


@rule
def is_foreign(programme, j):
    """Whether the sponsor in j is from abroad: a partner there is not."""
    return j != programme.home and programme.campaigns[j].licensee == 0


@rule
def decide_ind(world, policy, programme, j):
    """Hold (once, by the luck of programme and place) or clear."""
    campaign = programme.campaigns[j]
    if campaign.activity != m.REVIEWED:
        campaign.activity = m.REVIEWED
        key = world.jurisdictions[j].key
        u = draws.uniform(world.key, draws.IND_HOLD, programme.id, programme.version, key)
        if u < policy.jurisdictions[j].regulation.ind_hold_probability:
            place_hold(world, policy, programme, campaign, j)
            return
    campaign.activity = m.DECIDING
    reach(world, m.IND_CLEARED, programme, j)


@rule
def review_filings(world, policy):
    """Filings are made and decided."""
    for i in range(world.desks[FILINGS].count):
        campaign = on_desk(world, policy, FILINGS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.stage == m.FILING and run_clock(world, campaign, 1.0):
            file(world, policy, programme, j)
        if campaign.stage == m.APPROVAL_REVIEW:
            speed = approval_pace(policy, world.jurisdictions[j], j) * world.jurisdictions[j].haste
            if run_clock(world, campaign, speed):
                decide_approval(world, policy, programme, j)


@rule
def file(world, policy, programme, j):
    """File for marketing approval."""
    campaign = programme.campaigns[j]
    campaign.stage = m.APPROVAL_REVIEW
    months = policy.jurisdictions[j].regulation.approval_review_months
    if policy.evidence.attrition == m.EXOGENOUS:
        mean = policy.jurisdictions[j].exogenous.review.duration_months
        months = given_months(world, policy, programme, j, mean, m.APPROVAL_REVIEW)
    elif is_foreign(programme, j):
        months += policy.jurisdictions[j].regulation.foreign_sponsor_months
    set_clock(world, campaign, months)
    reach(world, m.FILED, programme, j)


@rule
def decide_approval(world, policy, programme, j):
    """Approve in full or on condition if bar, safety and plant allow; otherwise refuse."""
    if policy.evidence.attrition == m.EXOGENOUS:
        rate = policy.jurisdictions[j].exogenous.review.success_probability
        if passes_given_rate(world, programme, j, rate, m.APPROVAL_REVIEW):
            approve(world, policy, programme, j)
        else:
            close_campaign(world, policy, programme, programme.campaigns[j], j, m.GIVEN_RATE)
        return
    if not plant_passes(world, policy, programme, j):
        refuse(world, policy, programme, j)
    elif opens(world, policy, programme, j, m.FULL_APPROVAL):
        approve(world, policy, programme, j)
    elif opens(world, policy, programme, j, m.CONDITIONAL_APPROVAL):
        approve_conditionally(world, policy, programme, j)
    elif not is_safe_here(world, policy, programme, j):
        close_campaign(world, policy, programme, programme.campaigns[j], j, m.SAFETY)
    else:
        ask_for_data(world, policy, programme, j)


@rule
def plant_passes(world, policy, programme, j):
    """Whether the plant passes the inspection of this filing."""
    refusals, key = programme.campaigns[j].refusals_count, world.jurisdictions[j].key
    luck = programme.version * VERSIONS + refusals
    u = draws.uniform(world.key, draws.MANUFACTURING_REVIEW, programme.id, luck, key)
    return u < policy.jurisdictions[j].regulation.manufacturing_pass_probability


@rule
def ask_for_data(world, policy, programme, j):
    """What convinced at the filing no longer does: another trial, if one is left, or the end of it here."""
    campaign = programme.campaigns[j]
    reach(world, m.FILING_REFUSED, programme, j)
    campaign.refusals_count += 1
    done = max(campaign.last_phase, m.IND_REVIEW)
    following = next_stage(world, policy, programme, j, done)
    if policy.mechanisms.resubmission_switch and done < following <= m.PHASE_3:
        enter_stage(world, policy, programme, j, following)
    else:
        close_campaign(world, policy, programme, campaign, j, m.REFUSED)


@rule
def refuse(world, policy, programme, j):
    """The plant fails: where that can be mended the filing comes back, otherwise it is the end of it here."""
    campaign = programme.campaigns[j]
    regulation = policy.jurisdictions[j].regulation
    reach(world, m.FILING_REFUSED, programme, j)
    u = draws.uniform(world.key, draws.RESUBMISSION, programme.id, campaign.refusals_count, world.jurisdictions[j].key)
    campaign.refusals_count += 1
    if policy.mechanisms.resubmission_switch and u < regulation.resubmission_share:
        move(world, programme, campaign, m.FILING)
        set_clock(world, campaign, regulation.resubmission_months)
    else:
        close_campaign(world, policy, programme, campaign, j, m.REFUSED)


@rule
def approve(world, policy, programme, j):
    """Full approval."""
    campaign = programme.campaigns[j]
    campaign.activity = 0
    campaign.on_market = m.ON_MARKET
    move(world, programme, campaign, m.ON_MARKET)
    world.jurisdictions[j].flows.approvals += 1
    world.jurisdictions[j].approvals_count += 1
    reach(world, m.APPROVED, programme, j)
    announce(world, policy, APPROVAL_NEWS, programme, j)


@rule
def approve_conditionally(world, policy, programme, j):
    """Approval against a promise: the clock of the confirmation starts, and so does its trial."""
    campaign = programme.campaigns[j]
    campaign.on_market = m.ON_MARKET_CONDITIONAL
    campaign.deadline_months = policy.jurisdictions[j].regulation.conditional.deadline_months
    world.jurisdictions[j].flows.approvals += 1
    world.jurisdictions[j].approvals_count += 1
    reach(world, m.CONDITIONALLY_APPROVED, programme, j)
    announce(world, policy, APPROVAL_NEWS, programme, j)
    if policy.mechanisms.confirmation_switch:
        start_trial(world, policy, programme, campaign, j, m.CONFIRMATION)
    else:
        move(world, programme, campaign, m.ON_MARKET_CONDITIONAL)
        campaign.activity = 0


@rule
def judge_confirmations(world, policy):
    """A conditional approval is made full, or withdrawn when its trial fails or its deadline passes."""
    if not policy.mechanisms.confirmation_switch:
        return
    for i in range(world.desks[SALES].count):
        campaign = on_desk(world, policy, SALES, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.on_market != m.ON_MARKET_CONDITIONAL or programme.status != m.CLINICAL:
            continue
        campaign.deadline_months -= world.step_months
        if campaign.stage == m.CONFIRMATION and campaign.activity == m.DECIDING:
            judge(world, policy, programme, j)
        elif campaign.deadline_months <= 0.0:
            withdraw(world, policy, programme, j, m.DEADLINE_MISSED)


@rule
def judge(world, policy, programme, j):
    """Full approval if the gate of a confirmation opens, with all that has been found by now."""
    if opens(world, policy, programme, j, m.CONFIRMATION_GATE):
        reach(world, m.CONFIRMATION_MET, programme, j)
        campaign = programme.campaigns[j]
        campaign.stage = m.ON_MARKET
        campaign.activity = 0
        campaign.on_market = m.ON_MARKET
        reach(world, m.APPROVED, programme, j)
    else:
        withdraw(world, policy, programme, j, m.CONFIRMATION_FAILED)


@rule
def withdraw(world, policy, programme, j, reason):
    """A product leaves the market; where its developer no longer believes in it, everything else ends too."""
    campaign = programme.campaigns[j]
    world.jurisdictions[j].flows.withdrawals += 1
    world.jurisdictions[j].felt_harms += policy.jurisdictions[j].trust.withdrawal_multiplier
    reach(world, m.WITHDRAWN, programme, j)
    if reason == m.SAFETY and programme.translated and j == programme.home:
        end_translation(world, policy, programme)
    announce(world, policy, BAD_NEWS, programme, j)
    campaign.on_market = 0
    close_campaign(world, policy, programme, campaign, j, reason)
    futile = programme.belief < policy.evidence.continue_to_phase_2_probability
    if futile and programme.status == m.CLINICAL and campaign.stage == m.CLOSED:
        give_up(world, policy, programme, reason)
