"""Investors: public programmes give grants, private investors close rounds, sentiment moves with the news."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race.host import rule
from ipsc_race.milestones import PHASE_3

SENTIMENT_BOUND = 3.0  # log sentiment stays within a factor of 20: keeps any news scenario finite


@rule
def give_grants(world, policy):
    """Each public programme spends its budget on eligible programmes of its jurisdiction, by merit."""
    for j in range(policy.n_jurisdictions):
        funding = policy.jurisdictions[j].funding
        jurisdiction = world.jurisdictions[j]
        for f in range(funding.n_public):
            public = funding.public[f]
            if public.start_month <= world.month <= public.end_month:
                jurisdiction.public_left_usd_m[f] += public.budget_usd_m_per_year / 12.0 * world.step_months
                grants = math.floor(jurisdiction.public_left_usd_m[f] / public.grant_usd_m)
                if grants >= 1:
                    give_grants_of(world, policy, j, f, grants)
            else:
                jurisdiction.public_left_usd_m[f] = 0.0  # what was not spent lapses


@rule
def give_grants_of(world, policy, j, f, grants):
    """Choose winners by chance in proportion to merit; if luck names too many, they share the money."""
    funding = policy.jurisdictions[j].funding
    public = funding.public[f]
    total_merit = 0.0
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if is_eligible(world, public, programme, j):
            total_merit += merit(public, programme)
    winners = 0
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if is_eligible(world, public, programme, j) and wins(world, public, programme, f, grants, total_merit):
            winners += 1
    if winners == 0:
        return
    jurisdiction = world.jurisdictions[j]
    each_usd_m = min(public.grant_usd_m, jurisdiction.public_left_usd_m[f] / winners)
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if is_eligible(world, public, programme, j) and wins(world, public, programme, f, grants, total_merit):
            company = world.companies[programme.company]
            company.cash_usd_m += each_usd_m
            company.granted_usd_m += each_usd_m
            programme.grant_months_left = funding.grant_term_months
            jurisdiction.flows.public_usd_m += each_usd_m
            jurisdiction.public_left_usd_m[f] = max(0.0, jurisdiction.public_left_usd_m[f] - each_usd_m)


@rule
def is_protected(world, policy, company):
    """Whether a soft budget stands behind a developer: its own luck, against the softest public programme that pays."""
    if not policy.mechanisms.soft_budget_switch:
        return False
    funding = policy.jurisdictions[company.home].funding
    luck = draws.uniform(world.key, draws.SOFT_BUDGET, company.id, 0, 0)
    for f in range(funding.n_public):
        public = funding.public[f]
        if public.start_month <= world.month <= public.end_month and luck < public.soft_budget_share:
            return True
    return False


@rule
def plan_rescues(world, policy):
    """How many of the protected developers that cannot pay their bills this month the soft purses can save."""
    for j in range(policy.n_jurisdictions):
        world.jurisdictions[j].rescue_share = 0.0
    if not policy.mechanisms.soft_budget_switch:
        return
    for c in range(world.n_companies):
        company = world.companies[c]
        overhead = policy.jurisdictions[company.home].companies.overhead_usd_m_per_month * world.step_months
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
def is_eligible(world, public, programme, j):
    """At home here, of a living developer, without a running grant, at a stage that the programme pays for."""
    if programme.home != j or programme.grant_months_left > 0.0 or not world.companies[programme.company].alive:
        return False
    return public.clinical_switch or not programme.in_human


@rule
def merit(public, programme):
    """Weight of a programme in the competition: belief to the power of the merit elasticity."""
    return math.exp(public.merit_elasticity * math.log(max(programme.belief, 1e-6)))


@rule
def wins(world, public, programme, f, grants, total_merit):
    """Whether this month's luck gives the programme a grant of public programme f."""
    share = grants * merit(public, programme) / total_merit
    return draws.uniform(world.key, draws.GRANT, programme.id, world.tick, f) < share


@rule
def close_rounds(world, policy):
    """A developer short of runway or of the cost of its next step waits for a private round: a clock spent by mood."""
    for c in range(world.n_companies):
        company = world.companies[c]
        if not company.alive or (company.live_count == 0 and company.programmes_count > 0):
            continue
        funding = policy.jurisdictions[company.home].funding
        short = company.cash_usd_m < funding.runway_months * company.burn_usd_m
        if not short and company.cash_usd_m >= company.need_usd_m:
            continue
        mood = math.exp(world.jurisdictions[company.home].log_sentiment)
        crowding = 1.0 + funding.crowding_in_share if company.has_grant else 1.0
        company.round_clock -= funding.round_per_month * mood * crowding * world.step_months
        if company.round_clock <= 0.0:
            close_round(world, policy, company)


@rule
def close_round(world, policy, company):
    """Money comes in, sized by stage and by the depth of the home capital market."""
    rounds = policy.rounds
    if company.farthest_stage >= PHASE_3:
        size = rounds.pivotal_usd_m
    elif company.farthest_stage > 0:
        size = rounds.clinical_usd_m
    else:
        size = rounds.preclinical_usd_m
    z = draws.normal(world.key, draws.ROUND_SIZE, company.id, company.rounds_count, 0)
    size *= policy.jurisdictions[company.home].funding.capital_multiplier * math.exp(rounds.size_log_sd * z)
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
        jurisdiction.news_log = 0.0
