"""Investors: public programmes give grants, private investors close rounds, sentiment moves with the news."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race.host import rule
from ipsc_race.milestones import AWAITING_MONEY, CLOSED, INSTITUTE, PHASE_3
from ipsc_race.rules.desks import programme_on_desk
from ipsc_race.rules.programmes import border_share, market_price_usd_m
from ipsc_race.world import SEEKING

SENTIMENT_BOUND = 2.0  # log sentiment stays within a factor of 7: yearly sums on record varied by two
OUTLOOK_BOUND = 2.0  # log outlook likewise, within a factor of 7


@rule
def look_ahead(world, policy):
    """What a product from each place can expect to sell in a year, from all markets, by last month's facts.

    Eligible and covered patients at the price that payers allow, shared with what is sold there already; abroad only
    what a developer from here can reach. So prices, ceilings, pools and rivals reach back to the laboratory.
    """
    for j in range(policy.n_jurisdictions):
        for d in range(policy.n_indications):
            world.jurisdictions[j].cells[d].sales_usd_m_per_year = 0.0
    if not policy.mechanisms.sales_outlook_switch:
        return
    for j in range(policy.n_jurisdictions):
        for d in range(policy.n_indications):
            cell = world.jurisdictions[j].cells[d]
            for k in range(policy.n_jurisdictions):
                cell.sales_usd_m_per_year += reachable_sales_usd_m(world, policy, d, j, k)
            log_sales = math.log(max(1e-9, cell.sales_usd_m_per_year / policy.outlook.reference_usd_m_per_year))
            moved = policy.outlook.sales_elasticity * log_sales
            cell.outlook = math.exp(min(OUTLOOK_BOUND, max(-OUTLOOK_BOUND, moved)))


@rule
def reachable_sales_usd_m(world, policy, d, j, k):
    """What a product from j can expect to sell in market k in a year, shared with what is sold there already."""
    market = policy.jurisdictions[k].market
    there = world.jurisdictions[k].cells[d]
    patients = there.eligible_patients * market.coverage_share * policy.outlook.treated_share_per_year
    reach = 1.0 if j == k else policy.jurisdictions[j].companies.reach_abroad_share * border_share(policy, j, k)
    return reach * patients * market_price_usd_m(policy, d, k) / (1.0 + there.sellers_count)


@rule
def give_grants(world, policy):
    """Each public programme's budget: a part for research, a part for state investors, the rest in grants by merit."""
    for j in range(policy.n_jurisdictions):
        funding = policy.jurisdictions[j].funding
        jurisdiction = world.jurisdictions[j]
        jurisdiction.soft_budget_share = 0.0
        for f in range(funding.n_public):
            public = funding.public[f]
            if is_paying(world, public):
                jurisdiction.soft_budget_share = max(jurisdiction.soft_budget_share, public.soft_budget_share)
                income = monthly_budget_usd_m(funding, public) * world.step_months
                equity = equity_share(policy, public)
                jurisdiction.equity_left_usd_m += income * equity
                jurisdiction.public_left_usd_m[f] += income * (1.0 - equity - research_share(policy, public))
                grants = math.floor(jurisdiction.public_left_usd_m[f] / public.grant_usd_m)
                if grants >= 1:
                    give_grants_of(world, policy, j, f, grants)
            else:
                jurisdiction.public_left_usd_m[f] = 0.0  # what was not spent lapses


@rule
def is_paying(world, public):
    """Whether a public programme has begun and not ended."""
    return public.start_month <= world.month <= public.end_month


@rule
def monthly_budget_usd_m(funding, public):
    """What a public programme has to spend in a month."""
    return public.budget_usd_m_per_year * funding.budget_multiplier / 12.0


@rule
def equity_share(policy, public):
    """Part of a budget that buys into rounds: no more than research leaves of it."""
    left = 1.0 - research_share(policy, public)
    return min(public.equity_share, left) if policy.mechanisms.state_capital_switch else 0.0


@rule
def research_share(policy, public):
    """Part of a budget that pays institutes."""
    return public.research_share if policy.mechanisms.institutions_switch else 0.0


@rule
def give_grants_of(world, policy, j, f, grants):
    """Choose winners by chance in proportion to merit, larger grants at later stages; if too many win, they share."""
    funding = policy.jurisdictions[j].funding
    public = funding.public[f]
    applicants = 0
    total_merit = 0.0
    for i in range(world.desks[SEEKING + j].count):
        programme = programme_on_desk(world, SEEKING + j, i)
        if is_eligible(public, programme):
            world.applicants[applicants] = programme.index
            applicants += 1
            programme.grant_merit = merit(public, programme)
            programme.grant_units = grant_multiplier(policy, programme)
            total_merit += programme.grant_merit * programme.grant_units
    winners = 0
    units = 0.0
    for i in range(applicants):
        programme = world.programmes[world.applicants[i]]
        if wins(world, programme, f, grants, total_merit):
            world.applicants[winners] = programme.index
            winners += 1
            units += programme.grant_units
    jurisdiction = world.jurisdictions[j]
    unit_usd_m = min(public.grant_usd_m, jurisdiction.public_left_usd_m[f] / units) if units > 0.0 else 0.0
    for i in range(winners):
        programme = world.programmes[world.applicants[i]]
        each_usd_m = unit_usd_m * programme.grant_units
        pay_public(world, world.companies[programme.company], each_usd_m)
        programme.grant_months_left = funding.grant_term_months
        jurisdiction.public_left_usd_m[f] = max(0.0, jurisdiction.public_left_usd_m[f] - each_usd_m)


@rule
def pay_public(world, company, amount_usd_m):
    """Public money reaches a developer or an institute."""
    company.cash_usd_m += amount_usd_m
    company.granted_usd_m += amount_usd_m
    world.jurisdictions[company.home].flows.public_usd_m += amount_usd_m


@rule
def grant_multiplier(policy, programme):
    """Size of a grant by how far the programme is."""
    if not programme.in_human:
        return 1.0
    pivotal = False
    for j in range(policy.n_jurisdictions):
        campaign = programme.campaigns[j]
        stage = campaign.next_stage if campaign.stage == AWAITING_MONEY else campaign.stage
        pivotal = pivotal or PHASE_3 <= stage < CLOSED or campaign.on_market != 0
    return policy.grants.pivotal_multiplier if pivotal else policy.grants.clinical_multiplier


@rule
def is_protected(world, policy, company):
    """Whether a soft budget stands behind a developer: its own luck, against the softest public programme that pays."""
    if not policy.mechanisms.soft_budget_switch or company.sponsor == INSTITUTE:
        return False
    return company.soft_budget_luck < world.jurisdictions[company.home].soft_budget_share


@rule
def plan_rescues(world, policy):
    """How many of the protected developers that cannot pay their bills this month the soft purses can save."""
    for j in range(policy.n_jurisdictions):
        world.jurisdictions[j].rescue_share = 0.0
    if not policy.mechanisms.soft_budget_switch:
        return
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        overhead = policy.jurisdictions[company.home].companies.overhead_usd_m_per_month * world.step_months
        if company.sponsor == INSTITUTE:
            continue
        short = company.due_usd_m + overhead - company.cash_usd_m
        if company.alive and short > 0.0 and is_protected(world, policy, company):
            world.jurisdictions[company.home].rescue_share += short
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        if jurisdiction.rescue_share > 0.0:
            jurisdiction.rescue_share = min(1.0, soft_purse_usd_m(world, policy, j) / jurisdiction.rescue_share)


@rule
def soft_purse_usd_m(world, policy, j):
    """Unspent money of the public programmes with a soft budget."""
    funding = policy.jurisdictions[j].funding
    purse = 0.0
    for f in range(funding.n_public):
        if funding.public[f].soft_budget_share > 0.0:
            purse += world.jurisdictions[j].public_left_usd_m[f]
    return purse


@rule
def rescue(world, policy, company, due_usd_m):
    """Public money pays in full what a protected developer cannot, or nothing: by lot where the purses are short."""
    jurisdiction = world.jurisdictions[company.home]
    short_usd_m = due_usd_m - company.cash_usd_m
    drawn = draws.uniform(world.key, draws.RESCUE, company.id, world.tick, 0) < jurisdiction.rescue_share
    if not drawn or not is_protected(world, policy, company):
        return
    if soft_purse_usd_m(world, policy, company.home) < short_usd_m:
        return
    funding = policy.jurisdictions[company.home].funding
    company.granted_usd_m += short_usd_m
    company.cash_usd_m = due_usd_m
    jurisdiction.flows.public_usd_m += short_usd_m
    for f in range(funding.n_public):
        if funding.public[f].soft_budget_share > 0.0:
            paid = min(short_usd_m, jurisdiction.public_left_usd_m[f])
            jurisdiction.public_left_usd_m[f] -= paid
            short_usd_m -= paid


@rule
def is_eligible(public, programme):
    """Of those who seek grants here: without one since this morning, at a stage that the programme pays for."""
    return programme.grant_months_left <= 0.0 and (public.clinical_switch or not programme.in_human)


@rule
def merit(public, programme):
    """Weight of a programme in the competition: belief to the power of the merit elasticity."""
    if public.merit_elasticity == 0.0:
        return 1.0
    return math.exp(public.merit_elasticity * programme.log_belief)


@rule
def wins(world, programme, f, grants, total_merit):
    """Whether this month's luck gives the programme a grant of public programme f."""
    share = grants * programme.grant_merit / total_merit
    return draws.uniform(world.key, draws.GRANT, programme.id, world.tick, f) < share


@rule
def is_raising(policy, company):
    """Whether a developer looks for money: short of runway, or of the cost of its next step."""
    if not company.alive or company.sponsor == INSTITUTE:
        return False
    if company.live_count == 0 and company.programmes_count > 0:
        return False
    short = company.cash_usd_m < policy.jurisdictions[company.home].funding.runway_months * company.burn_usd_m
    return short or company.cash_usd_m < company.need_usd_m


@rule
def close_state_rounds(world, policy):
    """State investors buy into rounds as far as their budget goes: each who asks waits at the pace that it can pay.

    The clocks of all who ask are spent by the purse's share of what is asked, so that in the mean it is spent in full;
    who is served gets a whole round, and a purse that is overdrawn so is made good by the months to come.
    """
    if not policy.mechanisms.state_capital_switch:
        return
    for j in range(policy.n_jurisdictions):
        world.jurisdictions[j].asked_usd_m = 0.0
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        home = world.jurisdictions[company.home]
        company.asks_state = home.equity_left_usd_m > 0.0 and is_raising(policy, company)
        if company.asks_state:
            home.asked_usd_m += state_round_usd_m(policy, company)
    for j in range(policy.n_jurisdictions):
        home = world.jurisdictions[j]
        home.state_pace = home.equity_left_usd_m / home.asked_usd_m if home.asked_usd_m > 0.0 else 0.0
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        if company.asks_state:
            company.state_clock -= world.jurisdictions[company.home].state_pace
            if company.state_clock <= 0.0:
                close_state_round(world, policy, company)


@rule
def close_state_round(world, policy, company):
    """State investors pay a whole round, overdrawing their purse if need be."""
    size = state_round_usd_m(policy, company)
    world.jurisdictions[company.home].equity_left_usd_m -= size
    pay_public(world, company, size)
    company.state_rounds_count += 1
    company.state_clock = draws.exponential(world.key, draws.STATE_ROUND, company.id, company.state_rounds_count, 0)


@rule
def close_rounds(world, policy):
    """A developer that is raising waits for a private round: a clock spent by mood, and by the sales expected."""
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        if not is_raising(policy, company):
            continue
        funding = policy.jurisdictions[company.home].funding
        mood = world.jurisdictions[company.home].sentiment
        if policy.mechanisms.sales_outlook_switch:
            mood *= company.outlook
        crowding = 1.0 + funding.crowding_in_share if company.has_grant else 1.0
        company.round_clock -= funding.round_per_month * mood * crowding * world.step_months
        if company.round_clock <= 0.0:
            close_round(world, policy, company)


@rule
def stage_round_usd_m(policy, company):
    """Size of a round by the most advanced stage of the developer, at US prices."""
    if company.farthest_stage >= PHASE_3:
        return policy.rounds.pivotal_usd_m
    if company.farthest_stage > 0:
        return policy.rounds.clinical_usd_m
    return policy.rounds.preclinical_usd_m


@rule
def state_round_usd_m(policy, company):
    """Size of a round of state investors: by stage, and not by how deep private capital is."""
    return stage_round_usd_m(policy, company) * policy.jurisdictions[company.home].funding.state_round_multiplier


@rule
def close_round(world, policy, company):
    """Money comes in, more where more sales are expected."""
    z = draws.normal(world.key, draws.ROUND_SIZE, company.id, company.rounds_count, 0)
    depth = policy.jurisdictions[company.home].funding.capital_multiplier
    size = stage_round_usd_m(policy, company) * (depth * math.exp(policy.rounds.size_log_sd * z))
    if policy.mechanisms.sales_outlook_switch:
        size *= company.outlook
    company.cash_usd_m += size
    company.raised_usd_m += size
    world.jurisdictions[company.home].flows.private_usd_m += size
    company.rounds_count += 1
    company.round_clock = draws.exponential(world.key, draws.ROUND, company.id, company.rounds_count, 0)


@rule
def move_sentiment(world, policy):
    """Log sentiment returns to 0, is shaken by noise and moved by last month's news."""
    step = world.step_months
    for j in range(policy.n_jurisdictions):
        funding = policy.jurisdictions[j].funding
        jurisdiction = world.jurisdictions[j]
        z = draws.normal(world.key, draws.SENTIMENT, jurisdiction.key, world.tick, 0)
        moved = jurisdiction.log_sentiment * math.exp(-funding.sentiment_reversion_per_month * step)
        moved += funding.sentiment_log_sd * math.sqrt(step) * z + jurisdiction.news_log
        jurisdiction.log_sentiment = min(SENTIMENT_BOUND, max(-SENTIMENT_BOUND, moved))
        jurisdiction.sentiment = math.exp(jurisdiction.log_sentiment)
        jurisdiction.news_log = 0.0
