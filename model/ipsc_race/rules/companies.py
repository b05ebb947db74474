"""Developers: pay, start programmes, choose lane and country."""

from __future__ import annotations

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.host import rule
from ipsc_race.rules.desks import move
from ipsc_race.rules.hospitals import apply_to_hospital, registers_beside, takes_hospital_lane
from ipsc_race.rules.investors import plan_rescues, rescue
from ipsc_race.rules.manufacturing import release_months
from ipsc_race.rules.programmes import border_share, charge, drawn, earn, give_up, is_live, note, set_clock
from ipsc_race.rules.science import start_programme
from ipsc_race.rules.trials import passes_given_rate
from ipsc_race.world import RUNNING


@rule
def pay_bills(world, policy):
    """Each developer pays its overhead and what its programmes cost last month; who cannot, closes."""
    plan_rescues(world, policy)
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        if not company.alive:
            continue
        overhead = policy.jurisdictions[company.home].companies.overhead_usd_m_per_month
        if company.sponsor == m.INSTITUTE:
            overhead = 0.0  # paid by its university or hospital
        due = company.due_usd_m + overhead * world.step_months
        if due > company.cash_usd_m:
            rescue(world, policy, company, due)
        paid = min(due, company.cash_usd_m)
        company.cash_usd_m -= paid
        company.spent_usd_m += paid
        company.burn_usd_m = due / world.step_months
        company.due_usd_m = 0.0
        world.jurisdictions[company.home].flows.spent_usd_m += paid
        if company.sponsor == m.INSTITUTE:
            company.due_usd_m = due - paid  # what it cannot pay waits for the next money
        elif paid < due:
            close_company(world, policy, company)


@rule
def earn_research(world, policy):
    """Lines for disease modelling and drug screening earn a little, whatever becomes of the therapy."""
    if not policy.mechanisms.research_revenue_switch:
        return
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        if company.alive and company.sponsor != m.INSTITUTE:
            income = policy.jurisdictions[company.home].companies.research_usd_m_per_month * world.step_months
            earn(world, company, income)


@rule
def close_company(world, policy, company):
    """A developer without cash ends all that is not on the market."""
    company.alive = False
    note(world, m.COMPANY_CLOSED, company.index, -1, company.home, company.home, -1, m.NO_LANE, m.OUT_OF_CASH)
    row = company.first_programme
    for _ in range(company.programmes_count):
        programme = world.programmes[row]
        row = programme.next_of_company
        if is_live(programme):
            give_up(world, policy, programme, m.OUT_OF_CASH)


@rule
def start_programmes(world, policy):
    """The first programme comes with the developer; each further one waits for a clock that runs while money lasts."""
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        rules = policy.jurisdictions[company.home].companies
        if not company.alive or company.sponsor == m.INSTITUTE or company.programmes_count >= rules.programmes_count:
            continue
        if company.programmes_count > 0:
            runway = policy.jurisdictions[company.home].funding.runway_months * company.burn_usd_m
            if company.cash_usd_m < max(runway, company.need_usd_m):
                continue
            looks = policy.mechanisms.sales_outlook_switch and company.live_count > 0
            pace = company.outlook if looks else 1.0
            company.programme_clock -= rules.next_programme_per_month * pace * world.step_months
        if company.programme_clock <= 0.0 and world.status == RUNNING:
            start_programme(world, policy, company)
            when = company.programmes_count
            company.programme_clock = draws.exponential(world.key, draws.NEXT_PROGRAMME, company.id, when, 0)


@rule
def advance_preclinical(world, policy):
    """Preclinical work goes on beside a hospital study; when enough of it is done the programme goes to the clinic."""
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if not is_live(programme):
            continue
        if programme.months_left > 0.0:
            waits = programme.months_left > programme.preclinical_months  # for a method: that costs nothing
            programme.months_left -= world.step_months
            cost = 0.0 if waits else policy.indications[programme.indication].preclinical_usd_m_per_month
            local = policy.jurisdictions[programme.home].sites.cost_multiplier
            charge(world, programme, cost * local * world.step_months)
        if programme.status == m.PRECLINICAL:
            enter_clinic(world, policy, programme)
        elif programme.months_left <= 0.0 and awaits_registration(world, policy, programme):
            begin_registration(world, policy, programme)


@rule
def enter_clinic(world, policy, programme):
    """Choose the lane once the work that it asks for is done."""
    company = world.companies[programme.company]
    if takes_hospital_lane(world, policy, programme, company):
        programme.status = m.CLINICAL
        apply_to_hospital(world, policy, programme)
    elif programme.months_left <= 0.0:
        if policy.evidence.attrition == m.EXOGENOUS and not passes_given_rate(
            world, programme, programme.home,
            policy.jurisdictions[programme.home].exogenous.preclinical.success_probability, m.EXOGENOUS_GATE,
        ):  # fmt: skip
            give_up(world, policy, programme, m.GIVEN_RATE)
            return
        programme.status = m.CLINICAL
        begin_registration(world, policy, programme)


@rule
def awaits_registration(world, policy, programme):
    """Whether nothing has gone to any regulator yet, though its developer registers beside its hospital study."""
    if programme.study.stage not in (m.HOSPITAL_REVIEW, m.HOSPITAL_STUDY):
        return False
    if world.companies[programme.company].sponsor == m.INSTITUTE:
        return False  # registration is for the company that takes it over
    return not has_begun_to_register(policy, programme) and registers_beside(world, policy, programme)


@rule
def has_begun_to_register(policy, programme):
    """Whether a registration was ever begun anywhere."""
    begun = False
    for j in range(policy.n_jurisdictions):
        begun = begun or programme.campaigns[j].stage != m.NOT_OPEN
    return begun


@rule
def begin_registration(world, policy, programme):
    """Prepare the first IND, at home or abroad."""
    j = first_country(world, policy, programme, world.companies[programme.company])
    prepare_ind(world, policy, programme, j, max(-world.step_months, programme.months_left))


@rule
def first_country(world, policy, programme, company):
    """Home, or for those who go abroad first a foreign market by its pull."""
    if company.strategy != m.ABROAD_FIRST:
        return company.home
    for j in range(policy.n_jurisdictions):
        pull = policy.jurisdictions[j].market_weight * border_share(policy, company.home, j)
        world.weights[j] = pull if j != company.home else 0.0
    chosen = drawn(world, policy.n_jurisdictions, draws.uniform(world.key, draws.STRATEGY, programme.id, 0, 1))
    return chosen if chosen >= 0 else company.home


@rule
def prepare_ind(world, policy, programme, j, extra_months):
    """Begin to prepare an IND (clinical trial application) in jurisdiction j."""
    campaign = programme.campaigns[j]
    campaign.lane = m.REGISTRATION
    move(world, programme, campaign, m.IND_PREPARATION)
    regulation = policy.jurisdictions[j].regulation
    months = regulation.ind_preparation_months
    if policy.mechanisms.early_abroad_switch and was_prepared_elsewhere(policy, programme, j):
        months *= regulation.repeat_preparation_share
    testing_months = release_months(world, policy, programme, campaign, regulation.release_test_switch)
    set_clock(world, campaign, months + extra_months + testing_months)


@rule
def was_prepared_elsewhere(policy, programme, j):
    """Whether an IND of the product has been filed in another country: bank, toxicology and most of the file exist."""
    prepared = False
    for other in range(policy.n_jurisdictions):
        prepared = prepared or (other != j and programme.campaigns[other].stage >= m.IND_REVIEW)
    return prepared


@rule
def go_abroad(world, policy):
    """A product goes to one more country when its clock, spent by the pull of that market, runs out."""
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != m.CLINICAL:
            continue
        company = world.companies[programme.company]
        if not company.alive or not may_go_abroad(policy, programme, company):
            continue
        rate = policy.jurisdictions[company.home].companies.abroad_per_month * world.step_months
        for j in range(policy.n_jurisdictions):
            campaign = programme.campaigns[j]
            if campaign.stage == m.NOT_OPEN:
                pull = rate * policy.jurisdictions[j].market_weight * border_share(policy, company.home, j)
                campaign.entry_clock -= pull
                if campaign.entry_clock <= 0.0:
                    prepare_ind(world, policy, programme, j, max(0.0, programme.months_left))


@rule
def may_go_abroad(policy, programme, company):
    """In parallel: beside the home IND. Home first: after a pivotal trial or an approval there. Others: when proven."""
    early = company.strategy == m.PARALLEL and policy.mechanisms.early_abroad_switch
    if not (early or programme.proven) or programme.study.stage == m.SETTLED_IN_HOSPITALS:
        return False
    home = programme.campaigns[company.home]
    if early and m.IND_REVIEW <= home.stage != m.CLOSED:
        return True
    if not programme.proven:
        return False
    if company.strategy != m.HOME_FIRST:
        return True
    return home.on_market != 0 or m.PHASE_3 <= home.stage <= m.FILING + 1
