"""Partners from abroad: licences, the exits of those who took them, and buy-outs. Money and value leave home here."""

from __future__ import annotations

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.economics import nash_price
from ipsc_race.evidence import are_apart
from ipsc_race.host import rule
from ipsc_race.rules.companies import prepare_ind
from ipsc_race.rules.desks import on_desk, programme_on_desk
from ipsc_race.rules.markets import price_usd_m, reach_share
from ipsc_race.rules.programmes import EXIT_NEWS, announce, border_share, close_campaign, drawn, earn, note, reach
from ipsc_race.world import PARTNERS, PROVEN


@rule
def license_out(world, policy):
    """Partners make offers for proven products in their markets; the clock is spent by the pull of the market."""
    if not policy.mechanisms.licensing_switch:
        return
    for i in range(world.desks[PROVEN].count):
        programme = programme_on_desk(world, PROVEN, i)
        company = world.companies[programme.company]
        if (
            programme.status != m.CLINICAL
            or not programme.proven
            or not company.alive
            or company.sponsor == m.INSTITUTE
        ):
            continue
        for j in range(policy.n_jurisdictions):
            campaign = programme.campaigns[j]
            if j != programme.home and campaign.stage == m.NOT_OPEN and campaign.licensee == 0:
                rate = policy.licensing.offers_per_month * policy.jurisdictions[j].market_weight
                campaign.partner_clock -= rate * border_share(policy, programme.home, j) * world.step_months
                if campaign.partner_clock <= 0.0:
                    negotiate(world, policy, programme, company, j)


@rule
def negotiate(world, policy, programme, company, j):
    """Strike a deal if the partner can make more of the right than the developer; else wait for the next offer."""
    campaign = programme.campaigns[j]
    campaign.offers_count += 1
    key = world.jurisdictions[j].key
    sales_usd_m = expected_sales_usd_m(world, policy, programme, j)
    profit_usd_m = sales_usd_m * policy.licensing.margin_share
    own = profit_usd_m * reach_share(world, policy, programme, j)
    partners = profit_usd_m
    if are_apart(policy, programme.home, j):
        partners *= 1.0 - policy.jurisdictions[j].borders.political_wedge_share
    if partners > own:
        price_share = nash_price(own, partners, policy.licensing.bargaining_share) / sales_usd_m
        sign(world, policy, programme, company, j, price_share, sales_usd_m)
        campaign.partner_clock = draws.exponential(world.key, draws.PARTNER_EXIT, programme.id, 0, key)
    else:
        campaign.partner_clock = draws.exponential(world.key, draws.PARTNER, programme.id, campaign.offers_count, key)


@rule
def expected_sales_usd_m(world, policy, programme, j):
    """Sales that both sides expect: patients eligible now, covered, at the price there, if it works."""
    market = policy.jurisdictions[j].market
    patients = world.jurisdictions[j].cells[programme.indication].eligible_patients * market.coverage_share
    return programme.belief * patients * price_usd_m(policy, programme, j)


@rule
def sign(world, policy, programme, company, j, price_share, sales_usd_m):
    """The developer's price, as a share of sales: a part now, the rest in royalties; the partner begins its work."""
    campaign = programme.campaigns[j]
    upfront_usd_m = policy.licensing.upfront_share * price_share * sales_usd_m
    campaign.licensee = j + 1
    campaign.royalty_share = (1.0 - policy.licensing.upfront_share) * price_share
    earn(world, company, upfront_usd_m)
    world.jurisdictions[company.home].flows.licence_received_usd_m += upfront_usd_m
    world.jurisdictions[j].flows.licence_paid_usd_m += upfront_usd_m
    reach(world, m.LICENSED_OUT, programme, j)
    prepare_ind(world, policy, programme, j, max(0.0, programme.months_left))


@rule
def part_company(world, policy):
    """Partners leave before approval, at a hazard; the right goes back to the developer, and the news is bad."""
    for i in range(world.desks[PARTNERS].count):
        campaign = on_desk(world, policy, PARTNERS, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.licensee > 0 and campaign.on_market == 0:
            campaign.partner_clock -= policy.licensing.exits_per_month * world.step_months
            if campaign.partner_clock <= 0.0:
                campaign.licensee = 0
                campaign.royalty_share = 0.0
                reach(world, m.PARTNER_LEFT, programme, j)
                announce(world, policy, EXIT_NEWS, programme, j)
                if not world.companies[programme.company].alive:
                    close_campaign(world, policy, programme, campaign, j, m.OUT_OF_CASH)


@rule
def buy_out(world, policy):
    """Each proven product spends its developer's clock; at zero it is bought, once, from where capital is deep."""
    if not policy.mechanisms.buyouts_switch:
        return
    for i in range(world.desks[PROVEN].count):
        programme = programme_on_desk(world, PROVEN, i)
        company = world.companies[programme.company]
        for_sale = company.alive and company.sponsor != m.INSTITUTE and company.buyout_clock > 0.0
        if programme.status == m.CLINICAL and for_sale:
            company.buyout_clock -= policy.licensing.buyouts_per_month * world.step_months
            if company.buyout_clock <= 0.0:
                change_owner(world, policy, company)


@rule
def change_owner(world, policy, company):
    """A buyer by depth of capital and openness of borders, home included; it pays for the pivotal stage."""
    for j in range(policy.n_jurisdictions):
        world.weights[j] = buyer_weight(policy, company.home, j)
    buyer = drawn(world, policy.n_jurisdictions, draws.uniform(world.key, draws.BUYER, company.id, 0, 0))
    company.owner = buyer if buyer >= 0 else company.owner
    money = policy.rounds.pivotal_usd_m * policy.jurisdictions[company.owner].funding.capital_multiplier
    company.cash_usd_m += money
    company.raised_usd_m += money
    world.jurisdictions[company.home].flows.private_usd_m += money
    note(world, m.BOUGHT_OUT, company.index, -1, company.home, company.owner, -1, m.NO_LANE, m.NO_REASON)


@rule
def buyer_weight(policy, home, j):
    """Chance of a buyer from j, relative; one from another sphere must be let in by the developer's home."""
    weight = policy.jurisdictions[j].funding.capital_multiplier * policy.jurisdictions[j].market_weight
    if are_apart(policy, home, j):
        weight *= policy.jurisdictions[home].borders.foreign_entry_share
        weight *= 1.0 - policy.jurisdictions[j].borders.political_wedge_share
    return weight
