"""Institutes: universities and hospitals turn public research money into knowledge, founders and studies of their own.

An institute is a sponsor that cannot go bankrupt: what it cannot pay waits for the next year's money. It starts a study
when its money covers one, takes it to patients through the hospitals, or where there is no such lane under an IND, and
hands what works to a company founded for it.
"""

from __future__ import annotations

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.host import rule
from ipsc_race.rules.desks import on_desk
from ipsc_race.rules.gates import is_safe_here
from ipsc_race.rules.investors import is_paying, monthly_budget_usd_m, pay_public, research_share
from ipsc_race.rules.programmes import note
from ipsc_race.rules.science import (
    COMPANY_KEYS,
    PROGRAMME_KEYS,
    equip_company,
    know,
    named_count,
    open_company,
    start_programme,
)
from ipsc_race.world import OVERFLOWED, READOUTS, RUNNING

INSTITUTE_KEYS = COMPANY_KEYS // 2  # entity of the i-th institute of a jurisdiction, beyond those of companies
SPIN_OUT_KEYS = COMPANY_KEYS // 4  # of the company founded for the n-th programme of the i-th institute


@rule
def spend_research_money(world, policy):
    """Research money becomes knowledge and founders, and what is kept for studies goes to the institutes by weight."""
    if not policy.mechanisms.institutions_switch:
        return
    if world.tick == 0:
        open_institutes(world, policy)
    for j in range(policy.n_jurisdictions):
        here = policy.jurisdictions[j]
        money = research_usd_m(world, policy, j)
        world.jurisdictions[j].research_usd_m = money
        total = 0.0
        for i in range(here.n_institutes):
            total += here.institutes[i].research_weight
        for_studies = money * here.research.studies_share if total > 0.0 else 0.0
        world.jurisdictions[j].flows.research_usd_m += money - for_studies
        add_knowledge(world, policy, j, money - for_studies)
        for i in range(here.n_institutes):
            if total > 0.0:
                share = here.institutes[i].research_weight / total
                pay_public(world, world.companies[institute_row(policy, j, i)], for_studies * share)


@rule
def research_usd_m(world, policy, j):
    """Research money of all public programmes of a jurisdiction this month."""
    funding = policy.jurisdictions[j].funding
    total = 0.0
    for f in range(funding.n_public):
        public = funding.public[f]
        if is_paying(world, public):
            total += monthly_budget_usd_m(funding, public) * research_share(policy, public) * world.step_months
    return total


@rule
def add_knowledge(world, policy, j, money):
    """Knowledge in every cell at home, by start weight; others hear of it later."""
    total = 0.0
    for d in range(policy.n_indications):
        total += policy.indications[d].start_weight
    for d in range(policy.n_indications):
        if total > 0.0:
            share = policy.indications[d].start_weight / total
            found = policy.science.knowledge_per_usd_m * money * share
            know(world, j, d, found)


@rule
def open_institutes(world, policy):
    """On the first morning the institutes stand in the first rows of the table, behind the roster, by jurisdiction."""
    for j in range(policy.n_jurisdictions):
        for i in range(policy.jurisdictions[j].n_institutes):
            if world.n_companies >= len(world.companies):
                world.status = OVERFLOWED
                return
            entity = world.jurisdictions[j].key * COMPANY_KEYS + INSTITUTE_KEYS + i
            institute = open_company(world, j, entity)
            institute.sponsor = m.INSTITUTE
            equip_company(world, policy, institute, 0.0)
            institute.strategy = m.HOME_FIRST


@rule
def institute_row(policy, j, i):
    """Row of the i-th institute of jurisdiction j in the table of companies."""
    row = named_count(policy) + i
    for other in range(j):
        row += policy.jurisdictions[other].n_institutes
    return row


@rule
def start_studies(world, policy):
    """An institute begins another programme when its money covers all that it has under way, and one more."""
    if not policy.mechanisms.institutions_switch:
        return
    for j in range(policy.n_jurisdictions):
        one = study_cost_usd_m(policy, j)
        for i in range(policy.jurisdictions[j].n_institutes):
            institute = world.companies[institute_row(policy, j, i)]
            most = PROGRAMME_KEYS - 1
            if institute.programmes_count >= most or world.status != RUNNING:
                continue
            if institute.cash_usd_m - institute.due_usd_m >= (institute.live_count + 1) * one:
                start_programme(world, policy, institute)


@rule
def study_cost_usd_m(policy, j):
    """What a programme costs an institute from the bench to its first readout, over the indications in the mean."""
    total = 0.0
    cost = 0.0
    local = policy.jurisdictions[j].sites.cost_multiplier
    trial = policy.trials.hospital if policy.jurisdictions[j].hospital_lane.open_switch else policy.trials.phase_1
    for d in range(policy.n_indications):
        indication = policy.indications[d]
        bench = indication.preclinical_months * indication.preclinical_usd_m_per_month
        ward = trial.enrolled_patients * indication.patient_usd_m_per_patient
        running = trial.fixed_usd_m_per_month * (indication.early_follow_up_months + trial.analysis_months)
        cost += indication.start_weight * (bench + ward + running) * local
        total += indication.start_weight
    return cost / total if total > 0.0 else 0.0


@rule
def hand_over(world, policy):
    """What an institute's first readout shows to be worth it goes on in a company founded for it."""
    if not policy.mechanisms.institutions_switch:
        return
    for i in range(world.desks[READOUTS].count):
        campaign = on_desk(world, policy, READOUTS, i)
        programme = world.programmes[campaign.programme]
        company = world.companies[programme.company]
        if programme.status != m.CLINICAL or company.sponsor != m.INSTITUTE or world.status != RUNNING:
            continue
        first = campaign.stage == m.HOSPITAL_STUDY or campaign.stage == m.PHASE_1
        read_out = first and campaign.activity == m.DECIDING
        convincing = programme.belief >= policy.evidence.continue_to_phase_2_probability
        if read_out and convincing and is_safe_here(world, policy, programme, programme.home):
            spin_out(world, policy, programme, company)


@rule
def spin_out(world, policy, programme, institute):
    """A company is founded for a programme; its luck is keyed by the programme, so it is the same in every world."""
    if world.n_companies >= len(world.companies):
        world.status = OVERFLOWED
        return
    j = programme.home
    place_of_institute = institute.id % COMPANY_KEYS - INSTITUTE_KEYS
    nth = place_of_institute * PROGRAMME_KEYS + programme.id % PROGRAMME_KEYS
    company = open_company(world, j, world.jurisdictions[j].key * COMPANY_KEYS + SPIN_OUT_KEYS + nth)
    equip_company(world, policy, company, policy.jurisdictions[j].companies.seed_usd_m)
    company.programmes_count = 1
    company.first_programme = company.last_programme = programme.index
    company.live_count = 1
    company.programme_clock = draws.exponential(world.key, draws.NEXT_PROGRAMME, company.id, 1, 0)
    programme.company = company.index
    note(world, m.COMPANY_FOUNDED, company.index, -1, j, j, -1, m.NO_LANE, m.NO_REASON)
    note(world, m.HANDED_OVER, company.index, programme.index, j, j, programme.indication, m.NO_LANE, m.NO_REASON)
