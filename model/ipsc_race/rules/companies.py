"""Developers: pay, start programmes, choose lane and country, go on or give up."""

from __future__ import annotations

from ipsc_race import draws
from ipsc_race.evidence import developer_belief
from ipsc_race.host import rule
from ipsc_race.milestones import (
    ABROAD_FIRST,
    APPROVAL_REVIEW,
    AWAITING_MONEY,
    CLINICAL,
    CLOSED,
    COMPANY_CLOSED,
    COMPARABILITY_LOST,
    CONDITIONAL_APPROVAL,
    DECIDING,
    EXOGENOUS,
    EXOGENOUS_GATE,
    FILING,
    FULL_APPROVAL,
    FUTILITY,
    GIVEN_RATE,
    HOME_FIRST,
    HOSPITAL_GRADE,
    HOSPITAL_REVIEW,
    HOSPITAL_STUDY,
    IND_PREPARATION,
    IND_REVIEW,
    INSTITUTE,
    NO_LANE,
    NO_MARKET,
    NOT_OPEN,
    OUT_OF_CASH,
    PARALLEL,
    PHASE_1,
    PHASE_2,
    PHASE_2_ENTRY,
    PHASE_3,
    PHASE_3_ENTRY,
    PRECLINICAL,
    REGISTRATION,
    RIVAL_FAILED,
    SAFETY,
    SETTLED_IN_HOSPITALS,
)
from ipsc_race.rules.desks import move, on_desk
from ipsc_race.rules.gates import is_safe_here, missing_for_approval, opens
from ipsc_race.rules.hospitals import apply_to_hospital, registers_beside, takes_hospital_lane
from ipsc_race.rules.investors import is_protected, plan_rescues, reachable_sales_usd_m, rescue
from ipsc_race.rules.manufacturing import release_months
from ipsc_race.rules.programmes import (
    border_share,
    charge,
    close_campaign,
    earn,
    forget,
    give_up,
    has_open_track,
    is_live,
    note,
    reach_on,
    set_clock,
    start_new_version,
    stop,
)
from ipsc_race.rules.science import start_programme
from ipsc_race.rules.trials import expected_cost_usd_m, passes_given_rate, start_trial, wanted_patients
from ipsc_race.world import INDS, RUNNING, STUDIES, TRIALS, WAITING


@rule
def pay_bills(world, policy):
    """Each developer pays its overhead and what its programmes cost last month; who cannot, closes."""
    plan_rescues(world, policy)
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        if not company.alive:
            continue
        overhead = policy.jurisdictions[company.home].companies.overhead_usd_m_per_month
        if company.sponsor == INSTITUTE:
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
        if company.sponsor == INSTITUTE:
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
        if company.alive and company.sponsor != INSTITUTE:
            income = policy.jurisdictions[company.home].companies.research_usd_m_per_month * world.step_months
            earn(world, company, income)


@rule
def close_company(world, policy, company):
    """A developer without cash ends all that is not on the market."""
    company.alive = False
    note(world, COMPANY_CLOSED, company.index, -1, company.home, company.home, -1, NO_LANE, OUT_OF_CASH)
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.company == company.index and is_live(programme):
            give_up(world, policy, programme, OUT_OF_CASH)


@rule
def start_programmes(world, policy):
    """The first programme comes with the developer; each further one waits for a clock that runs while money lasts."""
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        rules = policy.jurisdictions[company.home].companies
        if not company.alive or company.sponsor == INSTITUTE or company.programmes_count >= rules.programmes_count:
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
        if programme.status == PRECLINICAL:
            enter_clinic(world, policy, programme)
        elif programme.months_left <= 0.0 and awaits_registration(world, policy, programme):
            begin_registration(world, policy, programme)


@rule
def enter_clinic(world, policy, programme):
    """Choose the lane once the work that it asks for is done."""
    company = world.companies[programme.company]
    if takes_hospital_lane(world, policy, programme, company):
        programme.status = CLINICAL
        apply_to_hospital(world, policy, programme)
    elif programme.months_left <= 0.0:
        if policy.evidence.attrition == EXOGENOUS and not passes_given_rate(
            world, programme, programme.home,
            policy.jurisdictions[programme.home].exogenous.preclinical.success_probability, EXOGENOUS_GATE,
        ):  # fmt: skip
            give_up(world, policy, programme, GIVEN_RATE)
            return
        programme.status = CLINICAL
        begin_registration(world, policy, programme)


@rule
def awaits_registration(world, policy, programme):
    """Whether nothing has gone to any regulator yet, though its developer registers beside its hospital study."""
    if programme.study.stage not in (HOSPITAL_REVIEW, HOSPITAL_STUDY):
        return False
    if world.companies[programme.company].sponsor == INSTITUTE:
        return False  # registration is for the company that takes it over
    return not has_begun_to_register(policy, programme) and registers_beside(world, policy, programme)


@rule
def has_begun_to_register(policy, programme):
    """Whether a registration was ever begun anywhere."""
    begun = False
    for j in range(policy.n_jurisdictions):
        begun = begun or programme.campaigns[j].stage != NOT_OPEN
    return begun


@rule
def begin_registration(world, policy, programme):
    """Prepare the first IND, at home or abroad."""
    j = first_country(world, policy, programme, world.companies[programme.company])
    prepare_ind(world, policy, programme, j, max(-world.step_months, programme.months_left))


@rule
def first_country(world, policy, programme, company):
    """Home, or for those who go abroad first a foreign market by its pull."""
    if company.strategy != ABROAD_FIRST:
        return company.home
    total = 0.0
    for j in range(policy.n_jurisdictions):
        if j != company.home:
            total += policy.jurisdictions[j].market_weight * border_share(policy, company.home, j)
    left = draws.uniform(world.key, draws.STRATEGY, programme.id, 0, 1) * total
    chosen = company.home
    for j in range(policy.n_jurisdictions):
        weight = policy.jurisdictions[j].market_weight * border_share(policy, company.home, j)
        if j != company.home and weight > 0.0 and left > 0.0:
            chosen = j
            left -= weight
    return chosen


@rule
def prepare_ind(world, policy, programme, j, extra_months):
    """Begin to prepare an IND (clinical trial application) in jurisdiction j."""
    campaign = programme.campaigns[j]
    campaign.lane = REGISTRATION
    move(world, programme, campaign, IND_PREPARATION)
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
        prepared = prepared or (other != j and programme.campaigns[other].stage >= IND_REVIEW)
    return prepared


@rule
def go_abroad(world, policy):
    """A product goes to one more country when its clock, spent by the pull of that market, runs out."""
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != CLINICAL:
            continue
        company = world.companies[programme.company]
        if not company.alive or not may_go_abroad(policy, programme, company):
            continue
        rate = policy.jurisdictions[company.home].companies.abroad_per_month * world.step_months
        for j in range(policy.n_jurisdictions):
            campaign = programme.campaigns[j]
            if campaign.stage == NOT_OPEN:
                campaign.entry_clock -= (
                    rate * policy.jurisdictions[j].market_weight * border_share(policy, company.home, j)
                )
                if campaign.entry_clock <= 0.0:
                    prepare_ind(world, policy, programme, j, max(0.0, programme.months_left))


@rule
def may_go_abroad(policy, programme, company):
    """In parallel: beside the home IND. Home first: after a pivotal trial or an approval there. Others: when proven."""
    if programme.study.stage == SETTLED_IN_HOSPITALS:
        return False
    home = programme.campaigns[company.home]
    if company.strategy == PARALLEL and policy.mechanisms.early_abroad_switch and IND_REVIEW <= home.stage != CLOSED:
        return True
    if not programme.proven:
        return False
    if company.strategy != HOME_FIRST:
        return True
    return home.on_market != 0 or PHASE_3 <= home.stage <= FILING + 1


@rule
def decide_on_readouts(world, policy):
    """After a readout: is it safe, is it worth going on, and what does the regulator's bar allow next?"""
    desk = world.desks[TRIALS]
    for i in range(desk.count):
        campaign = on_desk(world, policy, desk, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.activity == DECIDING and PHASE_1 <= campaign.stage <= PHASE_3:
            decide(world, policy, programme, j)


@rule
def decide(world, policy, programme, j):
    """Go on to the latest stage that the evidence allows, or close."""
    campaign = programme.campaigns[j]
    campaign.activity = 0
    if policy.evidence.attrition == EXOGENOUS:
        decide_at_given_rate(world, policy, programme, j)
        return
    if not is_safe_here(world, policy, programme, j):
        close_campaign(world, policy, programme, campaign, j, SAFETY)
        return
    following = next_stage(world, policy, programme, j, campaign.stage)
    if following == campaign.stage:
        hopeless = conviction(world, policy, programme, j) < policy.evidence.continue_to_phase_2_probability
        if hopeless and campaign.licensee == 0:  # a partner ends its own campaign only
            give_up(world, policy, programme, FUTILITY)
        else:
            close_campaign(world, policy, programme, campaign, j, FUTILITY)
        return
    enter_stage(world, policy, programme, j, following)


@rule
def decide_at_given_rate(world, policy, programme, j):
    """Benchmarks: pass at the given rate, one stage after the other."""
    campaign = programme.campaigns[j]
    stages = policy.jurisdictions[j].exogenous
    if campaign.stage == PHASE_1:
        rate = stages.phase_1.success_probability
    elif campaign.stage == PHASE_2:
        rate = stages.phase_2.success_probability
    else:
        rate = stages.phase_3.success_probability
    if passes_given_rate(world, programme, j, rate, campaign.stage):
        enter_stage(world, policy, programme, j, campaign.stage + 1)
    else:
        close_campaign(world, policy, programme, campaign, j, GIVEN_RATE)


@rule
def conviction(world, policy, programme, j):
    """What a developer acts on in j: its belief, or certainty where a soft budget, and no partner, pays for it."""
    company = world.companies[programme.company]
    if company.alive and programme.campaigns[j].licensee == 0 and is_protected(world, policy, company):
        return 1.0
    return programme.belief


@rule
def next_stage(world, policy, programme, j, current):
    """The latest stage after `current` for which credited evidence suffices; `current` where none is worth it.

    The first trial needs no evidence, and after a phase here the next one is open. Skipping a phase is no rule of its
    own: it is what the gates allow. Where an approval wants nothing but local patients, the smallest trial gives them.
    """
    approvable = opens(world, policy, programme, j, FULL_APPROVAL)
    if approvable or opens(world, policy, programme, j, CONDITIONAL_APPROVAL):
        return FILING
    bridge = bridging_stage(world, policy, programme, j, current)
    if bridge > current:
        return bridge
    belief = conviction(world, policy, programme, j)
    promising = belief >= policy.evidence.continue_to_phase_3_probability
    if current < PHASE_3 and promising and (current == PHASE_2 or opens(world, policy, programme, j, PHASE_3_ENTRY)):
        return PHASE_3
    worth_it = belief >= policy.evidence.continue_to_phase_2_probability
    if current < PHASE_2 and worth_it and (current == PHASE_1 or opens(world, policy, programme, j, PHASE_2_ENTRY)):
        return PHASE_2
    return max(current, PHASE_1)


@rule
def pays_for_itself(world, policy, programme, j):
    """Whether the profit that a developer expects covers a pivotal trial: at home of all markets, abroad of one."""
    if not policy.mechanisms.sales_outlook_switch or policy.evidence.attrition == EXOGENOUS:
        return True
    company = world.companies[programme.company]
    if programme.campaigns[j].licensee > 0 or is_protected(world, policy, company):
        return True
    home = programme.home
    sales = world.jurisdictions[home].cells[programme.indication].sales_usd_m_per_year
    if j != home:
        sales = reachable_sales_usd_m(world, policy, programme.indication, home, j)
    profit = programme.belief * sales * policy.licensing.margin_share * policy.outlook.payback_months / 12.0
    cost = expected_cost_usd_m(world, policy, programme, j, PHASE_3) * world.jurisdictions[home].input_price
    return profit >= cost


@rule
def bridging_stage(world, policy, programme, j, current):
    """The first phase after `current` with as many patients as are missing here and nowhere else; `current` if none."""
    missing = missing_for_approval(world, policy, programme, j)
    if missing > 0.0:
        for stage in range(max(current + 1, PHASE_1), PHASE_3 + 1):
            if wanted_patients(world, policy, programme, j, stage) >= missing:
                return stage
    return current


@rule
def enter_stage(world, policy, programme, j, stage):
    """Start the next trial if it pays and cash covers enough of it, else wait for money; a filing costs its time."""
    campaign = programme.campaigns[j]
    if stage == PHASE_3 and not pays_for_itself(world, policy, programme, j):
        close_campaign(world, policy, programme, campaign, j, NO_MARKET)
        return
    if stage == FILING:
        move(world, programme, campaign, FILING)
        set_clock(world, campaign, policy.jurisdictions[j].regulation.filing_months)
        return
    company = world.companies[programme.company]
    cover = policy.jurisdictions[company.home].companies.start_cover_share
    cost = (
        cover * expected_cost_usd_m(world, policy, programme, j, stage) * world.jurisdictions[company.home].input_price
    )
    if campaign.licensee > 0 or company.cash_usd_m - company.due_usd_m >= cost:
        start_trial(world, policy, programme, campaign, j, stage)
    else:
        move(world, programme, campaign, AWAITING_MONEY)
        campaign.months_left = 0.0  # what the last stage overran was spent waiting
        campaign.next_stage = stage
        company.need_usd_m = max(company.need_usd_m, cost)


@rule
def resume_waiting(world, policy):
    """Programmes that wait for money look again; what they still lack is the need that investors see."""
    for i in range(world.n_active):
        world.companies[world.active[i]].need_usd_m = 0.0
    desk = world.desks[WAITING]
    for i in range(desk.count):
        campaign = on_desk(world, policy, desk, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.stage == AWAITING_MONEY:
            enter_stage(world, policy, programme, j, campaign.next_stage)


@rule
def start_cleared_trials(world, policy):
    """An IND in force starts the latest trial for which the evidence suffices."""
    desk = world.desks[INDS]
    for i in range(desk.count):
        campaign = on_desk(world, policy, desk, i)
        programme, j = world.programmes[campaign.programme], campaign.place
        if campaign.stage == IND_REVIEW and campaign.activity == DECIDING:
            campaign.activity = 0
            hopeless = conviction(world, policy, programme, j) < policy.evidence.continue_to_phase_2_probability
            if policy.evidence.attrition == EXOGENOUS:
                enter_stage(world, policy, programme, j, PHASE_1)
            elif programme.in_human and hopeless:
                close_campaign(world, policy, programme, campaign, j, FUTILITY)
            else:
                enter_stage(world, policy, programme, j, next_stage(world, policy, programme, j, IND_REVIEW))


@rule
def leave_hospital_lane(world, policy):
    """After the last hospital readout: go on to a registration, or with the one under way, or give up."""
    desk = world.desks[STUDIES]
    for i in range(desk.count):
        study = on_desk(world, policy, desk, i)
        programme = world.programmes[study.programme]
        if study.stage == HOSPITAL_STUDY and study.activity == DECIDING:
            study.activity = 0
            study.stage = CLOSED
            home = programme.home
            programme.belief = developer_belief(policy, programme)
            if not is_safe_here(world, policy, programme, home):
                give_up(world, policy, programme, SAFETY)
            elif conviction(world, policy, programme, home) < policy.evidence.continue_to_phase_2_probability:
                give_up(world, policy, programme, FUTILITY)
            else:
                change_grade(world, policy, programme)
                if not has_open_track(policy, programme) and programme.translation_months_left <= 0.0:
                    stop(world, programme, FUTILITY)


@rule
def change_grade(world, policy, programme):
    """From hospital-grade to GMP-grade cells: without comparability the evidence of hospitals no longer counts.

    Where the registration has not begun, it begins now, and the new cells are a new version, to be tested again.
    """
    begun = has_begun_to_register(policy, programme)
    u = draws.uniform(world.key, draws.COMPARABILITY, programme.id, programme.version, 0)
    kept = u < policy.jurisdictions[programme.home].hospital_lane.comparability_probability
    if policy.mechanisms.comparability_switch and not kept:
        if begun:
            forget(policy, programme, HOSPITAL_GRADE)
        else:
            start_new_version(policy, programme)
        programme.belief = developer_belief(policy, programme)
        programme.proven = programme.proven and begun and is_proven(policy, programme)
        reach_on(world, COMPARABILITY_LOST, programme, programme.study, programme.home)
    if not begun:
        prepare_ind(world, policy, programme, programme.home, max(0.0, programme.months_left))


@rule
def is_proven(policy, programme):
    """Whether what is left of the evidence is a proof of concept."""
    return programme.belief >= policy.evidence.proof_of_concept_probability


@rule
def leave_crowded_fields(world, policy):
    """Visible failures of rivals spend a clock; at zero a developer with nothing filed, sold or licensed leaves."""
    if not policy.mechanisms.rival_failures_switch:
        return
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        company = world.companies[programme.company]
        if programme.status != CLINICAL or is_protected(world, policy, company) or is_committed(policy, programme):
            continue
        failures = -company.visible_failures
        for j in range(policy.n_jurisdictions):
            failures += world.jurisdictions[j].cells[programme.indication].visible_failures
        rate = policy.jurisdictions[programme.home].crowding.rival_failure_exit_per_month
        programme.exit_clock -= rate * max(0.0, failures) * world.step_months
        if programme.exit_clock <= 0.0:
            give_up(world, policy, programme, RIVAL_FAILED)


@rule
def is_committed(policy, programme):
    """Whether it is filed, sold or in the hands of a partner somewhere: too late to leave for a rival's failure."""
    committed = programme.translated
    for j in range(policy.n_jurisdictions):
        campaign = programme.campaigns[j]
        committed = committed or campaign.on_market != 0 or campaign.licensee > 0
        committed = committed or campaign.stage == FILING or campaign.stage == APPROVAL_REVIEW
    return committed
