"""What all actors do with a programme: note a milestone, close a campaign, stop."""

from __future__ import annotations

import math

from ipsc_race import milestones as m
from ipsc_race.evidence import are_apart, developer_belief
from ipsc_race.host import rule
from ipsc_race.world import GRADES_COUNT, OVERFLOWED

GOOD_NEWS = 1
BAD_NEWS = 2
APPROVAL_NEWS = 3
HOLD_NEWS = 4
EXIT_NEWS = 5

LEAST_MERIT = 1e-6  # a belief of nothing has no logarithm
CRUMB_MONTHS = 1e-9  # what rounding leaves of a sum of durations in tenths is no time


@rule
def note(world, milestone, company, programme_row, home, jurisdiction, indication, lane, reason):
    """Write one event; a full table stops the race."""
    if world.n_events >= len(world.events):
        world.status = OVERFLOWED
        return
    event = world.events[world.n_events]
    world.n_events += 1
    event.month = world.month
    event.milestone = milestone
    event.company = company
    event.programme = programme_row
    event.home = home
    event.jurisdiction = jurisdiction
    event.indication = indication
    event.lane = lane
    event.reason = reason
    event.cell_source = world.programmes[programme_row].cell_source if programme_row >= 0 else m.REPROGRAMMED
    event.sponsor = world.companies[company].sponsor


@rule
def reach(world, milestone, programme, j):
    """A programme reaches a milestone in jurisdiction j."""
    reach_on(world, milestone, programme, programme.campaigns[j], j)


@rule
def reach_on(world, milestone, programme, campaign, j):
    """A programme reaches a milestone on one of its tracks in jurisdiction j."""
    note(
        world, milestone, programme.company, programme.index, programme.home, j, programme.indication, campaign.lane,
        m.NO_REASON,
    )  # fmt: skip


@rule
def track(policy, programme, t):
    """Track t of a programme: its registration in jurisdiction t, or as the last its study in the hospitals at home."""
    return programme.campaigns[t] if t < policy.n_jurisdictions else programme.study


@rule
def drawn(world, count, u):
    """One of the first `count` of the world's weights, by weight at the uniform number u; -1 where all are 0."""
    total = 0.0
    for k in range(count):
        total += world.weights[k]
    left, chosen = u * total, -1
    for k in range(count):
        if world.weights[k] > 0.0 and left > 0.0:
            chosen = k
            left -= world.weights[k]
    return chosen


@rule
def announce(world, policy, kind, programme, place):
    """Public news moves private sentiment from next month on, everywhere (holds: there only), and is remembered."""
    cell = world.jurisdictions[programme.home].cells[programme.indication]
    if kind == GOOD_NEWS or kind == APPROVAL_NEWS:
        cell.visible_successes += 1.0
    elif kind == BAD_NEWS:
        cell.visible_failures += 1.0
        world.companies[programme.company].visible_failures += 1.0
    for j in range(policy.n_jurisdictions):
        funding = policy.jurisdictions[j].funding
        if kind == GOOD_NEWS:
            world.jurisdictions[j].news_log += funding.success_news_log
        elif kind == BAD_NEWS or kind == EXIT_NEWS:
            world.jurisdictions[j].news_log += funding.failure_news_log
        elif kind == APPROVAL_NEWS:
            world.jurisdictions[j].news_log += funding.approval_news_log
        elif j == place:
            world.jurisdictions[j].news_log += funding.hold_news_log


@rule
def set_clock(world, campaign, months):
    """Start a timed stage; what the last one overran within this step is carried over, so that steps do not add up."""
    overrun = max(-world.step_months, min(0.0, campaign.months_left))
    campaign.months_left = months + overrun
    campaign.clock_tick = world.tick


@rule
def run_clock(world, campaign, pace):
    """Spend a step of a timed stage at a pace, 1 being normal; true when it is over.

    A stage entered in this very step spends nothing more: it was charged what the last one overran.
    """
    if campaign.clock_tick != world.tick:
        campaign.months_left -= world.step_months * pace
    return campaign.months_left <= CRUMB_MONTHS


@rule
def in_trial(campaign):
    """Whether the campaign runs a trial."""
    stage = campaign.stage
    return stage == m.HOSPITAL_STUDY or (m.PHASE_1 <= stage <= m.PHASE_3) or stage == m.CONFIRMATION


@rule
def is_open(campaign):
    """Whether anything goes on in the campaign, sales included."""
    return campaign.stage not in (m.NOT_OPEN, m.CLOSED)


@rule
def is_live(programme):
    """Whether the programme has not ended (it may have, earlier in this month)."""
    return programme.status == m.PRECLINICAL or programme.status == m.CLINICAL


@rule
def close_campaign(world, policy, programme, campaign, j, reason):
    """End a track; the end of the last one is the end of the programme."""
    shut(world, programme, campaign, j, reason)
    if not has_open_track(policy, programme):
        stop(world, programme, reason)


@rule
def has_open_track(policy, programme):
    """Whether anything goes on with a programme anywhere."""
    found = False
    for t in range(policy.n_jurisdictions + 1):
        found = found or is_open(track(policy, programme, t))
    return found


@rule
def shut(world, programme, campaign, j, reason):
    """Nothing goes on any more on a track."""
    campaign.stage = m.CLOSED
    campaign.activity = 0
    campaign.on_market = 0
    campaign.licensee = 0
    campaign.hold_months_left = 0.0
    note(
        world, m.CAMPAIGN_STOPPED, programme.company, programme.index, programme.home, j, programme.indication,
        campaign.lane, reason,
    )  # fmt: skip


@rule
def stop(world, programme, reason):
    """End a programme."""
    programme.status = m.STOPPED
    note(
        world, m.PROGRAMME_STOPPED, programme.company, programme.index, programme.home, programme.home,
        programme.indication, m.NO_LANE, reason,
    )  # fmt: skip


@rule
def give_up(world, policy, programme, reason):
    """Close all that is not on the market; without a product on the market the programme ends."""
    if not close_unsold(world, policy, programme, reason):
        stop(world, programme, reason)


@rule
def close_unsold(world, policy, programme, reason):
    """Close all tracks that are not on the market; true if one is, or if a partner goes on where money ran out."""
    sells = False
    for t in range(policy.n_jurisdictions + 1):
        campaign = track(policy, programme, t)
        partner_goes_on = campaign.licensee > 0 and reason == m.OUT_OF_CASH and is_open(campaign)
        if campaign.on_market != 0:
            sells = True
            if campaign.stage == m.CONFIRMATION and not partner_goes_on:
                campaign.activity = 0  # nobody runs the owed trial any more; the deadline will tell
        elif partner_goes_on:
            sells = True
        elif is_open(campaign):
            shut(world, programme, campaign, campaign.place, reason)
    return sells


@rule
def charge(world, programme, amount_usd_m):
    """Put a cost, at home prices of inputs, on the bill that the programme's company pays next month."""
    price = world.jurisdictions[programme.home].input_price
    world.companies[programme.company].due_usd_m += amount_usd_m * price


@rule
def earn(world, company, amount_usd_m):
    """A developer keeps money that it earned."""
    company.cash_usd_m += amount_usd_m
    company.earned_usd_m += amount_usd_m
    world.jurisdictions[company.home].flows.earned_usd_m += amount_usd_m


@rule
def charge_trial(world, programme, campaign, amount_usd_m):
    """Put the cost of a trial on the bill of who runs it there: the developer, or the partner who holds the right."""
    licensee = campaign.licensee
    if licensee > 0:
        world.jurisdictions[licensee - 1].flows.partner_spent_usd_m += amount_usd_m
    else:
        charge(world, programme, amount_usd_m)


@rule
def donor_modality(policy, modality):
    """The first modality made of a donor's cells; the given one where it is, or where there is none."""
    if policy.modalities[modality].donor_cells_switch:
        return modality
    for k in range(policy.n_modalities):
        if policy.modalities[k].donor_cells_switch:
            return k
    return modality


@rule
def market_price_usd_m(policy, indication, j):
    """Price of one treatment in jurisdiction j, up to the payers' ceiling."""
    market = policy.jurisdictions[j].market
    price = policy.indications[indication].price_usd_m_per_patient * market.price_multiplier
    if policy.mechanisms.price_ceiling_switch:
        price = min(price, market.price_ceiling_usd_m_per_patient)
    return price


@rule
def border_share(policy, home, j):
    """Pace at which developers from `home` enter j relative to open borders."""
    if not are_apart(policy, home, j):
        return 1.0
    return policy.jurisdictions[home].borders.product_export_share * policy.jurisdictions[j].borders.foreign_entry_share


@rule
def start_new_version(policy, programme):
    """A new cell-line version: what was found on the old one no longer counts for anyone, release tests included."""
    programme.version += 1
    for t in range(policy.n_release_tests):
        if programme.tested_months[t] > 0.0:
            programme.tested_months[t] = 0.0
            programme.harm_probability /= 1.0 - policy.release_tests[t].risk_removed_share
    for grade in range(GRADES_COUNT):
        forget(policy, programme, grade)
    for j in range(policy.n_jurisdictions):
        programme.ledger[j].randomised_patients = 0.0
    believe(policy, programme)
    programme.proven = False


@rule
def believe(policy, programme):
    """What the developer believes by all its evidence, and how public programmes weigh that."""
    programme.belief = developer_belief(policy, programme)
    programme.log_belief = math.log(max(programme.belief, LEAST_MERIT))


@rule
def forget(policy, programme, grade):
    """Strike the evidence of a grade from the ledger."""
    for j in range(policy.n_jurisdictions):
        programme.ledger[j].information[grade] = 0.0
        programme.ledger[j].score[grade] = 0.0
        programme.ledger[j].patients[grade] = 0.0
