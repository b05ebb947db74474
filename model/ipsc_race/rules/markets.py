"""Markets: launch, uptake within capacity, shares by order and quality, price, revenue, and who keeps it."""

from __future__ import annotations

import math

from ipsc_race.economics import bass_share, share_weight
from ipsc_race.host import rule
from ipsc_race.milestones import CLINICAL, HUNDREDTH_PATIENT, REPROGRAMMED, THOUSANDTH_PATIENT
from ipsc_race.rules.desks import on_desk
from ipsc_race.rules.enrolment import left_share
from ipsc_race.rules.manufacturing import batch_doses, dose_cost_usd_m, expand_plants
from ipsc_race.rules.programmes import earn, market_price_usd_m, reach
from ipsc_race.world import SALES

HUNDRED, THOUSAND = 100, 1000


@rule
def sell(world, policy):
    """Patients of each cell take up what is sold there, as far as payers, centres and plants allow."""
    if policy.mechanisms.market_switch:
        open_markets(world, policy)
        adopt(world, policy)
        ask(world, policy)
        treat_patients(world, policy)
        expand_centres(world, policy)
    if policy.mechanisms.manufacturing_switch:
        expand_plants(world, policy)


@rule
def open_markets(world, policy):
    """Find what is sold this month, launch what is new, and weigh each product by order of entry and quality."""
    for j in range(policy.n_jurisdictions):
        world.jurisdictions[j].demand_patients = 0.0
        world.jurisdictions[j].lane_demand_patients = 0.0
        world.jurisdictions[j].supply_batches = 0.0
        for d in range(policy.n_indications):
            world.jurisdictions[j].cells[d].sale_weight = 0.0
            world.jurisdictions[j].cells[d].sellers_count = 0
    for i in range(world.desks[SALES].count):
        campaign = on_desk(world, policy, SALES, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        campaign.sale_weight = 0.0
        campaign.demand_patients = 0.0
        if programme.status == CLINICAL and is_sold(world, policy, programme, j):
            if campaign.entry_order <= 0.0:
                campaign.entry_order = order_of_entry(world, policy, programme, j)
            order, market = campaign.entry_order, policy.market
            campaign.sale_weight = share_weight(
                order, programme.effect, market.order_elasticity, market.quality_log_share
            )
            world.jurisdictions[j].cells[programme.indication].sale_weight += campaign.sale_weight
            world.jurisdictions[j].cells[programme.indication].sellers_count += 1


@rule
def is_sold(world, policy, programme, j):
    """Approved, or translated at home; somebody holds the right, and the price pays for the dose."""
    campaign = programme.campaigns[j]
    if campaign.on_market == 0 and not (programme.translated and j == programme.home):
        return False
    if campaign.licensee == 0 and not world.companies[programme.company].alive:
        return False
    kept = price_usd_m(policy, programme, j) * (1.0 - method_royalty_share(policy, programme))
    return kept > dose_cost_usd_m(world, policy, programme, j)


@rule
def price_usd_m(policy, programme, j):
    """Price of one treatment: that of hospitals without an approval, else the market's, up to the payers' ceiling."""
    if programme.translated and j == programme.home and programme.campaigns[j].on_market == 0:
        return policy.jurisdictions[j].hospital_lane.translation_usd_m_per_patient
    return market_price_usd_m(policy, programme.indication, j)


@rule
def order_of_entry(world, policy, programme, j):
    """1, and as much more for each product sold there already as its lead is long: a short lead is no lead."""
    order = 1.0
    for i in range(world.desks[SALES].count):
        campaign = on_desk(world, policy, SALES, i)
        other, months = world.programmes[campaign.programme], campaign.market_months
        here = campaign.place == j and other.indication == programme.indication
        if here and other.status == CLINICAL and months > 0.0 and is_sold(world, policy, other, j):
            order += months / (months + policy.market.short_lead_months)
    return order


@rule
def adopt(world, policy):
    """Bass: how many patients of each cell with a product would be treated this month."""
    for j in range(policy.n_jurisdictions):
        for d in range(policy.n_indications):
            cell = world.jurisdictions[j].cells[d]
            cell.uptake_patients = 0.0
            if cell.adopters_patients > 0.0:
                cell.adopters_patients *= 1.0 - left_share(policy, j, d, world.step_months)
            reachable = policy.jurisdictions[j].market.coverage_share
            reachable *= cell.adopters_patients + cell.eligible_patients
            if cell.sale_weight > 0.0 and reachable > cell.adopters_patients:
                before = cell.adopters_patients / reachable
                market = policy.market
                after = bass_share(before, market.innovation_per_month, market.imitation_per_month, world.step_months)
                cell.uptake_patients = (after - before) * reachable


@rule
def ask(world, policy):
    """Each product asks for its share of the uptake: of places to treat, and of doses from the plants at home."""
    for i in range(world.desks[SALES].count):
        campaign = on_desk(world, policy, SALES, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.sale_weight > 0.0:
            campaign.market_months += world.step_months
            cell = world.jurisdictions[j].cells[programme.indication]
            campaign.demand_patients = cell.uptake_patients * campaign.sale_weight / cell.sale_weight
            campaign.demand_patients *= reach_share(world, policy, programme, j)
            batches = campaign.demand_patients / batch_doses(policy, programme)
            world.jurisdictions[programme.home].supply_batches += batches
            if campaign.on_market != 0:
                world.jurisdictions[j].demand_patients += campaign.demand_patients
            else:
                world.jurisdictions[j].lane_demand_patients += campaign.demand_patients


@rule
def reach_share(world, policy, programme, j):
    """Part of the market that a seller reaches: less for a developer from abroad without partner or owner there."""
    if programme.campaigns[j].licensee > 0 or j in (programme.home, world.companies[programme.company].owner):
        return 1.0
    return policy.jurisdictions[programme.home].companies.reach_abroad_share


@rule
def treat_patients(world, policy):
    """Treat whom centres and plants can serve, whole patients, the rest of one carried over."""
    for i in range(world.desks[SALES].count):
        campaign = on_desk(world, policy, SALES, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.demand_patients > 0.0:
            served = min(places_share(world, policy, campaign, j), doses_share(world, policy, programme.home))
            campaign.sale_credit += campaign.demand_patients * served
            cell = world.jurisdictions[j].cells[programme.indication]
            patients = min(math.floor(campaign.sale_credit), math.floor(cell.eligible_patients))
            if patients > 0:
                campaign.sale_credit -= patients
                treat_commercially(world, policy, programme, j, patients)


@rule
def places_share(world, policy, campaign, j):
    """Share of those who ask that treatment centres, or hospitals without an approval, can take."""
    jurisdiction = world.jurisdictions[j]
    if campaign.on_market != 0:
        return min(1.0, jurisdiction.treatment_patients_per_month * world.step_months / jurisdiction.demand_patients)
    lane = policy.jurisdictions[j].hospital_lane
    places = lane.licensed_hospitals_count * lane.translation_patients_per_month * world.step_months
    return min(1.0, places / jurisdiction.lane_demand_patients)


@rule
def doses_share(world, policy, home):
    """Share of the doses asked for that the plants of the maker's home can still make."""
    if not policy.mechanisms.manufacturing_switch:
        return 1.0
    return min(1.0, world.jurisdictions[home].batches_left / world.jurisdictions[home].supply_batches)


@rule
def treat_commercially(world, policy, programme, j, patients):
    """Patients leave the pool, doses are made and used, and money changes hands."""
    campaign = programme.campaigns[j]
    cell = world.jurisdictions[j].cells[programme.indication]
    company = world.companies[programme.company]
    cell.eligible_patients -= patients
    cell.treated_patients += patients
    cell.adopters_patients += patients
    campaign.sold_now += patients
    campaign.sold_patients += patients
    programme.treated_now += patients
    programme.patients_count += patients
    programme.doses_made += patients
    programme.doses_used += patients
    home = world.jurisdictions[programme.home].flows
    home.doses_made += patients
    home.doses_used += patients
    company.experience_doses += patients
    before = programme.sold_patients
    programme.sold_patients += patients
    if before < HUNDRED <= programme.sold_patients:
        reach(world, HUNDREDTH_PATIENT, programme, j)
    if before < THOUSAND <= programme.sold_patients:
        reach(world, THOUSANDTH_PATIENT, programme, j)
    holder = campaign.licensee - 1 if campaign.licensee > 0 else company.owner
    if programme.cell_source == REPROGRAMMED:  # the market that is asked about
        world.jurisdictions[j].flows.treated += patients
        world.jurisdictions[programme.home].flows.treated_origin += patients
        world.jurisdictions[holder].flows.treated_capture += patients
    take_money(world, policy, programme, j, patients)


@rule
def take_money(world, policy, programme, j, patients):
    """Revenue by place, origin and capture; the developer keeps a part of its profit, a partner pays its royalty."""
    campaign = programme.campaigns[j]
    company = world.companies[programme.company]
    revenue = patients * price_usd_m(policy, programme, j)
    cost = patients * dose_cost_usd_m(world, policy, programme, j)
    method_royalty = method_royalty_share(policy, programme) * revenue
    royalty = 0.0
    kept = policy.market.reinvestment_share
    counted = revenue if programme.cell_source == REPROGRAMMED else 0.0
    if campaign.licensee > 0:
        partner = world.jurisdictions[campaign.licensee - 1].flows
        partner.partner_spent_usd_m += cost + method_royalty
        if company.alive:
            royalty = campaign.royalty_share * revenue
            partner.licence_paid_usd_m += royalty
            world.jurisdictions[company.home].flows.licence_received_usd_m += royalty
            earn(world, company, royalty * kept)
        partner.revenue_capture_usd_m += min(counted, revenue - royalty)
    else:
        earn(world, company, (revenue - cost - method_royalty) * kept)
        royalty = revenue
    world.jurisdictions[company.owner].flows.revenue_capture_usd_m += min(counted, royalty)
    world.jurisdictions[j].flows.revenue_usd_m += counted
    world.jurisdictions[programme.home].flows.revenue_origin_usd_m += counted


@rule
def method_royalty_share(policy, programme):
    """Part of sales that goes to who holds the rights in the reprogramming method."""
    if programme.method < 0 or not policy.mechanisms.clinical_methods_switch:
        return 0.0
    return policy.methods[programme.method].royalty_share


@rule
def expand_centres(world, policy):
    """Treatment centres grow where more patients asked this month than they could take; plants count all doses."""
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        jurisdiction.batches_wanted += jurisdiction.supply_batches / world.step_months
        if jurisdiction.demand_patients > jurisdiction.treatment_patients_per_month * world.step_months:
            rate = policy.jurisdictions[j].market.expansion_per_month
            jurisdiction.treatment_patients_per_month *= math.exp(min(1.0, rate * world.step_months))
