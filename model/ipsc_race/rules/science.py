"""Science: knowledge fades and spills over, developers are founded, products are conceived."""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.host import rule
from ipsc_race.rules.programmes import believe, charge, donor_modality, drawn, note, reach, track
from ipsc_race.world import LAG_MONTHS, OVERFLOWED, RUNNING

COMPANY_KEYS = 1 << 20  # entity of the n-th company of a jurisdiction: key * COMPANY_KEYS + n
PROGRAMME_KEYS = 256  # entity of its n-th programme: company * PROGRAMME_KEYS + n


@rule
def age_knowledge(world, policy):
    """Knowledge fades; what was created elsewhere arrives after the lag (at least a month: no one reads today's)."""
    keep = math.exp(-policy.science.knowledge_decay_per_month * world.step_months)
    remember = math.exp(-policy.science.news_decay_per_month * world.step_months)
    spilling = policy.science.spillover_share if policy.mechanisms.spillover_switch else 0.0
    lag = max(1, math.floor(policy.science.spillover_lag_months / world.step_months + 0.5))
    then = (world.tick - lag) % LAG_MONTHS
    now = world.tick % LAG_MONTHS
    for d in range(policy.n_indications):
        created = 0.0
        for j in range(policy.n_jurisdictions):
            created += world.jurisdictions[j].cells[d].created[then]
        for j in range(policy.n_jurisdictions):
            cell = world.jurisdictions[j].cells[d]
            arriving = spilling * (created - cell.created[then])
            cell.knowledge = cell.knowledge * keep + max(0.0, arriving)
            cell.created[now] = 0.0
            cell.visible_successes *= remember
            cell.visible_failures *= remember
    for i in range(world.n_active):
        world.companies[world.active[i]].visible_failures *= remember


@rule
def know(world, home, indication, amount):
    """Knowledge is made at home, and others hear of it later."""
    cell = world.jurisdictions[home].cells[indication]
    cell.knowledge += amount
    cell.created[world.tick % LAG_MONTHS] += amount


@rule
def found_companies(world, policy):
    """Time-changed Poisson: the n-th developer waits for its own exponential clock, so it exists in every scenario."""
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        companies = policy.jurisdictions[j].companies
        if world.tick == 0:
            found_first_companies(world, policy, j)
        known = 0.0
        for d in range(policy.n_indications):
            known += jurisdiction.cells[d].knowledge
        pull = 1.0 + companies.founding_knowledge_elasticity * math.log(1.0 + known)
        rate = companies.founding_per_month * jurisdiction.sentiment * pull
        rate += policy.jurisdictions[j].research.founders_per_usd_m * jurisdiction.research_usd_m / world.step_months
        jurisdiction.founding_clock -= rate * world.step_months
        while jurisdiction.founding_clock <= 0.0 and world.status == RUNNING:
            found_company(world, policy, j)
            wait = draws.exponential(world.key, draws.FOUNDING, jurisdiction.key, jurisdiction.founded_count, 0)
            jurisdiction.founding_clock += wait


@rule
def found_first_companies(world, policy, j):
    """In the first month the developers already at work are there; the next one waits for its clock."""
    jurisdiction = world.jurisdictions[j]
    for _ in range(policy.jurisdictions[j].companies.initial_count):
        found_company(world, policy, j)
    first = jurisdiction.founded_count
    jurisdiction.founding_clock = draws.exponential(world.key, draws.FOUNDING, jurisdiction.key, first, 0)


@rule
def found_company(world, policy, j):
    """A developer appears."""
    if world.n_companies >= len(world.companies):
        world.status = OVERFLOWED
        return
    jurisdiction = world.jurisdictions[j]
    company = open_company(world, j, jurisdiction.key * COMPANY_KEYS + jurisdiction.founded_count)
    jurisdiction.founded_count += 1
    equip_company(world, policy, company, policy.jurisdictions[j].companies.seed_usd_m)
    note(world, m.COMPANY_FOUNDED, company.index, -1, j, j, -1, m.NO_LANE, m.NO_REASON)


@rule
def open_company(world, j, entity):
    """A new row of the table of companies; the caller has seen that there is room."""
    company = world.companies[world.n_companies]
    company.index = world.n_companies
    world.n_companies += 1
    world.active[world.n_active] = company.index
    world.n_active += 1
    company.id = entity
    company.home = j
    company.owner = j
    company.alive = True
    company.founded_month = world.month
    company.outlook = 1.0
    return company


@rule
def named_count(policy):
    """Companies of the roster: they stand in the first rows of the table."""
    count = 0
    for i in range(policy.roster.n_developers):
        count += policy.roster.developers[i].copies_count
    return count


@rule
def equip_company(world, policy, company, seed_usd_m):
    """Seed money, pace, strategy and ways of working: the luck of a developer."""
    j = company.home
    companies = policy.jurisdictions[j].companies
    company.cash_usd_m = seed_usd_m
    world.jurisdictions[j].flows.seed_usd_m += seed_usd_m
    pace = draws.normal(world.key, draws.CAPABILITY, company.id, 0, 0)
    company.capability = math.exp(companies.capability_log_sd * pace)
    company.strategy = choose_strategy(world, companies, company)
    company.method = drawn_method(world, policy, j, company.id, world.month, False)
    company.modality = choose_modality(world, policy, company)
    company.buyout_clock = draws.exponential(world.key, draws.BUYOUT, company.id, 0, 0)
    company.soft_budget_luck = draws.uniform(world.key, draws.SOFT_BUDGET, company.id, 0, 0)
    company.programme_clock = 0.0  # the first programme is why it was founded
    company.round_clock = draws.exponential(world.key, draws.ROUND, company.id, 0, 0)
    company.state_clock = draws.exponential(world.key, draws.STATE_ROUND, company.id, 0, 0)


@rule
def choose_strategy(world, companies, company):
    """Home first, parallel, or abroad first."""
    u = draws.uniform(world.key, draws.STRATEGY, company.id, 0, 0)
    if u < companies.abroad_first_share:
        return m.ABROAD_FIRST
    if u < companies.abroad_first_share + companies.parallel_share:
        return m.PARALLEL
    return m.HOME_FIRST


@rule
def drawn_method(world, policy, home, entity, month, clinical):
    """One of the methods available by `month`, by adoption at home; of those fit for patients where `clinical`."""
    for k in range(policy.n_methods):
        method = policy.methods[k]
        usable = method.available_month <= month and (method.clinical_switch or not clinical)
        world.weights[k] = policy.jurisdictions[home].method_weight[k] if usable else 0.0
    return drawn(world, policy.n_methods, draws.uniform(world.key, draws.METHOD, entity, 0, 0))


@rule
def choose_modality(world, policy, company):
    """One of the modalities, by adoption at home."""
    for k in range(policy.n_modalities):
        world.weights[k] = policy.jurisdictions[company.home].modality_weight[k]
    return max(0, drawn(world, policy.n_modalities, draws.uniform(world.key, draws.MODALITY, company.id, 0, 0)))


@rule
def start_programme(world, policy, company):
    """A developer conceives its next product; whether it works and harms is fixed here, unknown to all."""
    if world.n_programmes >= len(world.programmes):
        world.status = OVERFLOWED
        return
    programme = open_programme(world, company, company.id * PROGRAMME_KEYS + company.programmes_count)
    programme.cell_source = choose_cell_source(world, policy, programme)
    programme.method = programme_method(world, policy, programme, company)
    programme.modality = programme_modality(policy, programme, company)
    programme.indication = choose_indication(world, policy, programme)
    programme.status = m.PRECLINICAL
    programme.preclinical_months = preclinical_months(world, policy, programme, company)
    programme.months_left = programme.preclinical_months * (1.0 - progress_share(world, policy, programme))
    programme.months_left += method_wait_months(world, policy, programme)
    luck = draws.normal(world.key, draws.EFFECT, programme.id, 0, 0)
    programme.effect = true_effect(world, policy, programme, policy.evidence.latent_effect_sd * luck)
    programme.prior_effect = prior_effect(policy, programme)
    luck = draws.normal(world.key, draws.RISK, programme.id, 0, 0)
    programme.harm_probability = true_harm(policy, programme, luck)
    programme.harm_clock = draws.exponential(world.key, draws.HARM, programme.id, 0, 0)
    believe(policy, programme)
    programme.exit_clock = draws.exponential(world.key, draws.RIVAL_EXIT, programme.id, 0, 0)
    open_tracks(world, policy, programme)
    if programme.method >= 0:
        charge(world, programme, policy.methods[programme.method].licence_usd_m)
    reach(world, m.PROGRAMME_STARTED, programme, programme.home)


@rule
def open_programme(world, company, entity):
    """A new row of the table of programmes; the caller has seen that there is room."""
    programme = world.programmes[world.n_programmes]
    programme.index = world.n_programmes
    world.n_programmes += 1
    programme.id = entity
    programme.company = company.index
    before = world.programmes[company.last_programme]
    if company.programmes_count == 0:
        company.first_programme = programme.index
    elif before.company == company.index:  # or an institute handed it over; nobody reads what institutes have
        before.next_of_company = programme.index
    company.last_programme = programme.index
    company.programmes_count += 1
    programme.home = company.home
    world.jurisdictions[programme.home].programmes_count += 1
    return programme


@rule
def open_tracks(world, policy, programme):
    """Each track knows where it belongs, and each country has clocks of its own for who comes and who asks."""
    for t in range(policy.n_jurisdictions + 1):
        campaign = track(policy, programme, t)
        campaign.programme = programme.index
        campaign.track = t
        campaign.place = t if t < policy.n_jurisdictions else programme.home
    for j in range(policy.n_jurisdictions):
        campaign, key = programme.campaigns[j], world.jurisdictions[j].key
        campaign.entry_clock = draws.exponential(world.key, draws.FOREIGN, programme.id, 0, key)
        campaign.partner_clock = draws.exponential(world.key, draws.PARTNER, programme.id, 0, key)


@rule
def choose_cell_source(world, policy, programme):
    """Reprogrammed cells, or embryonic ones, by the habit of the place and time."""
    if not policy.mechanisms.embryonic_switch:
        return m.REPROGRAMMED
    u = draws.uniform(world.key, draws.CELL_SOURCE, programme.id, 0, 0)
    return m.EMBRYONIC if u < policy.jurisdictions[programme.home].companies.embryonic_share else m.REPROGRAMMED


@rule
def programme_method(world, policy, programme, company):
    """How its cells are reprogrammed: by what is fit for patients when it starts, else its developer's old way."""
    if programme.cell_source == m.EMBRYONIC:
        return -1
    if not policy.mechanisms.clinical_methods_switch:
        return company.method
    month = max(world.month, first_clinical_month(policy, company.home))
    return drawn_method(world, policy, company.home, programme.id, month, True)


@rule
def first_clinical_month(policy, home):
    """When the first method that is fit for patients, and used here, becomes available; 0 where there is none."""
    first = 0
    for k in range(policy.n_methods):
        fit = policy.methods[k].clinical_switch and policy.jurisdictions[home].method_weight[k] > 0.0
        if fit and (first == 0 or policy.methods[k].available_month < first):
            first = policy.methods[k].available_month
    return first


@rule
def programme_modality(policy, programme, company):
    """Whose cells: its developer's choice, but for embryonic cells, which are a donor's."""
    if programme.cell_source == m.EMBRYONIC:
        return donor_modality(policy, company.modality)
    return company.modality


@rule
def progress_share(world, policy, programme):
    """How much of the preclinical work was done before the race began: of programmes of its first month only."""
    if world.tick > 0 or not policy.mechanisms.embryonic_switch:
        return 0.0
    most = policy.jurisdictions[programme.home].companies.initial_progress_share
    return most * draws.uniform(world.key, draws.PROGRESS, programme.id, 0, 0)


@rule
def choose_indication(world, policy, programme):
    """What the programme is for, by start weight; herding adds weight where success was seen."""
    for d in range(policy.n_indications):
        world.weights[d] = pull(world, policy, programme.home, d)
    return max(0, drawn(world, policy.n_indications, draws.uniform(world.key, draws.INDICATION, programme.id, 0, 0)))


@rule
def pull(world, policy, home, d):
    """Weight of an indication for a developer from `home`: start weight, raised by visible successes of anybody."""
    weight = policy.indications[d].start_weight * world.jurisdictions[home].cells[d].outlook
    if not policy.mechanisms.herding_switch:
        return weight
    seen = 0.0
    for j in range(policy.n_jurisdictions):
        seen += world.jurisdictions[j].cells[d].visible_successes
    return weight * (1.0 + policy.jurisdictions[home].crowding.herding_elasticity * math.log(1.0 + seen))


@rule
def preclinical_months(world, policy, programme, company):
    """Line derivation, repeated until it succeeds, and preclinical work at the developer's pace."""
    if policy.evidence.attrition == m.EXOGENOUS:
        stage = policy.jurisdictions[programme.home].exogenous.preclinical
        return given_months(world, policy, programme, programme.home, stage.duration_months, 0)
    months = policy.indications[programme.indication].preclinical_months
    if programme.method >= 0:
        method = policy.methods[programme.method]
        u = draws.uniform(world.key, draws.LINE, programme.id, 0, 0)
        attempts = 1.0
        if method.line_success_share < 1.0:
            attempts += math.floor(math.log(u) / math.log(1.0 - method.line_success_share))
        months += attempts * method.line_derivation_months
    return months / company.capability


@rule
def method_wait_months(world, policy, programme):
    """Months until its method is there: where none is fit for patients yet, a programme waits for the first."""
    if programme.method < 0:
        return 0
    return max(0, policy.methods[programme.method].available_month - world.month)


@rule
def given_months(world, policy, programme, j, mean_months, stage):
    """Duration of a stage where durations are given: fixed, or exponential with that mean."""
    if policy.jurisdictions[j].exogenous.durations == m.EXPONENTIAL:
        key = world.jurisdictions[j].key
        return mean_months * draws.exponential(world.key, draws.EXOGENOUS_MONTHS, programme.id, stage, key)
    return mean_months


@rule
def prior_effect(policy, programme):
    """What its developer expects of a product before any trial."""
    expected = policy.indications[programme.indication].mean_effect
    if policy.mechanisms.modality_switch:
        expected += policy.modalities[programme.modality].mean_effect
    return expected


@rule
def true_effect(world, policy, programme, own):
    """theta = mu + u_method + s log(1 + K) + own: followers who start later start from more knowledge."""
    indication = policy.indications[programme.indication]
    known = 0.0
    if policy.mechanisms.follower_quality_switch:
        known = world.jurisdictions[programme.home].cells[programme.indication].knowledge
    shared = draws.normal(world.key, draws.METHOD_EFFECT, programme.method + 1, 0, 0)
    platform = policy.science.method_effect_sd * shared
    effect = indication.mean_effect + platform + policy.science.knowledge_effect * math.log(1.0 + known) + own
    if policy.mechanisms.modality_switch:
        effect += policy.modalities[programme.modality].mean_effect
    return effect


@rule
def true_harm(policy, programme, z):
    """Probability of serious harm per patient: log-normal about the mean of the indication, times method and modality.

    The indication's value is that of a product that passed every release test; before them the risk is higher.
    """
    indication = policy.indications[programme.indication]
    sd = indication.harm_log_sd
    harm = indication.harm_probability * math.exp(sd * z - 0.5 * sd * sd)
    if programme.method >= 0:
        harm *= policy.methods[programme.method].genomic_risk_multiplier
    if policy.mechanisms.modality_switch:
        harm *= policy.modalities[programme.modality].harm_multiplier
    if policy.mechanisms.release_tests_switch:
        for t in range(policy.n_release_tests):
            harm /= 1.0 - policy.release_tests[t].risk_removed_share  # hidden until each test is done
        return harm  # tests will lower it; above 1 every patient is harmed
    return min(1.0, harm)
