"""The roster: on the first morning named developers and programmes stand where they are on record to stand.

What is on record is given. What nobody knows is drawn given it. For a programme whose trials i = 1, 2, ... were read:

    theta ~ N(m, tau^2)                       its effect; m: indication, method, modality and knowledge of the day
    x_i = theta + b_i + e_i, e_i ~ N(0, v_i)  what trial i read: optimism b_i, variance v_i as of every trial
    y_i = x_i + r_i,         r_i ~ N(0, s_i^2)  what was told of it; s_i is large where nothing was

theta given all y is normal, with precision 1 / tau^2 + sum 1 / (v_i + s_i^2); x_i given theta and y_i is normal, with
mean theta + b_i + g_i (y_i - theta - b_i) and variance g_i s_i^2, where g_i = v_i / (v_i + s_i^2). Such a draw is kept
if with it the programme would have come as far as it has: its developer's belief after each kind of trial, and that
before a Phase 3, met the bar to go on, and so did the belief of each regulator that let it skip a phase or approved
it; and if it would have gone no further: no later gate was open when a trial that now runs was decided on. Otherwise
another is drawn (rejection), with it the places of the bars, which the programme then keeps. So what is kept has the
law of theta, x and bars given what was told and that the programme stands where it stands. Its risk likewise: h and
E ~ Exp(1) are kept if the patients treated so far did not spend the clock, n h < E, and the race begins with what is
left of it.

Three things are not conditioned. What the products of one method share is as in the race without a roster; a
developer is taken to have been one that no soft budget protected; patients enrolled so far say nothing of the pace of
a trial. The bars of minima and designs are taken as met: a regulator that let a programme pass has asked for no more.
"""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.evidence import regulator_belief, tightened, trial_variance
from ipsc_race.host import rule
from ipsc_race.rules.decisions import next_stage
from ipsc_race.rules.desks import move
from ipsc_race.rules.enrolment import close_enrolment, search_catchments
from ipsc_race.rules.gates import gate_of, placed_bar
from ipsc_race.rules.programmes import believe, forget, in_trial, note, reach
from ipsc_race.rules.regulators import is_foreign
from ipsc_race.rules.science import (
    COMPANY_KEYS,
    PROGRAMME_KEYS,
    choose_indication,
    equip_company,
    open_company,
    open_programme,
    open_tracks,
    prior_effect,
    programme_method,
    true_effect,
    true_harm,
)
from ipsc_race.rules.trials import bias_of, design, enter_in_ledger, planned_months, start_trial
from ipsc_race.world import DRAWN_IN_VAIN, GRADES_COUNT

NAMED_KEYS = 3 * COMPANY_KEYS // 4  # entity of the developers of the roster, beyond those of all others
COPY_KEYS = 64  # of the copies of one
NAMED_PROGRAMME_KEYS = 3 * PROGRAMME_KEYS // 4  # of its programmes on the roster, beyond those that it begins later
TRIES = 4_000  # of a draw that its survival may reject; one in seven survives as far as a Phase 3
STAGES = (  # by the word of the scenario
    m.HOSPITAL_REVIEW, m.HOSPITAL_STUDY, m.IND_PREPARATION, m.IND_REVIEW, m.PHASE_1, m.PHASE_2, m.PHASE_3, m.FILING,
    m.APPROVAL_REVIEW, m.ON_MARKET_CONDITIONAL, m.ON_MARKET,
)  # fmt: skip
READ_STAGES = (m.HOSPITAL_STUDY, m.PHASE_1, m.PHASE_2, m.PHASE_3)  # likewise, of readouts, in order


@rule
def enter_roster(world, policy):
    """Developers in the first rows of their table, programmes in those of theirs, in the order of their names."""
    if policy.roster.n_developers > 0:
        search_catchments(world, policy)  # trials are planned by what their sites find
    for i in range(policy.roster.n_developers):
        for copy in range(policy.roster.developers[i].copies_count):
            enter_developer(world, policy, policy.roster.developers[i], copy)
    for i in range(policy.roster.n_programmes):
        named = policy.roster.programmes[i]
        for copy in range(policy.roster.developers[named.developer].copies_count):
            row = first_row(policy, named.developer) + copy
            if not enter_programme(world, policy, named, world.companies[row]):
                world.status = DRAWN_IN_VAIN + i


@rule
def first_row(policy, developer):
    """Row of a developer, the first of its copies, in the table of companies."""
    row = 0
    for i in range(developer):
        row += policy.roster.developers[i].copies_count
    return row


@rule
def enter_developer(world, policy, named, copy):
    """A developer with its cash; its pace, strategy and luck with money are drawn as those of any other."""
    key = world.jurisdictions[named.home].key * COMPANY_KEYS + NAMED_KEYS
    company = open_company(world, named.home, key + named.draw_key * COPY_KEYS + copy)
    equip_company(world, policy, company, 0.0)
    company.owner = named.owner
    company.cash_usd_m = named.cash_usd_m
    company.programme_clock = draws.exponential(world.key, draws.NEXT_PROGRAMME, company.id, 1, 0)
    note(world, m.COMPANY_FOUNDED, company.index, -1, company.home, company.home, -1, m.NO_LANE, m.NO_REASON)


@rule
def enter_programme(world, policy, named, company):
    """A programme as it stands, and what nobody knows of it given that it stands there; whether any draw agrees."""
    entity = company.id * PROGRAMME_KEYS + NAMED_PROGRAMME_KEYS + named.draw_key
    programme = open_programme(world, company, entity)
    programme.status = m.CLINICAL
    programme.cell_source = named.cell_source
    programme.modality = named.modality
    company.modality = named.modality
    programme.method = named.method
    if named.cell_source == m.REPROGRAMMED and named.method < 0:
        programme.method = programme_method(world, policy, programme, company)
    programme.indication = named.indication
    if named.indication < 0:
        programme.indication = choose_indication(world, policy, programme)
    programme.prior_effect = prior_effect(policy, programme)
    programme.exit_clock = draws.exponential(world.key, draws.RIVAL_EXIT, programme.id, 0, 0)
    open_tracks(world, policy, programme)
    agrees = draw_harm(world, policy, programme, named)
    agrees = draw_effect(world, policy, programme, named) and agrees
    programme.proven = programme.belief >= policy.evidence.proof_of_concept_probability
    reach(world, m.PROGRAMME_STARTED, programme, programme.home)
    for c in range(named.n_campaigns):
        enter_campaign(world, policy, programme, named, named.campaigns[c])
    return agrees


# What nobody knows


@rule
def draw_effect(world, policy, programme, named):
    """Effect and ledger, given what was told and that the programme came as far as it has; whether one was found."""
    expected = true_effect(world, policy, programme, 0.0)
    for attempt in range(TRIES):
        programme.past_tries = attempt
        draw_past_effect(world, policy, programme, named, expected, attempt)
        goes_on = read_past_trials(world, policy, programme, named, attempt)
        if goes_on and is_let_through(world, policy, programme, named) and stays(world, policy, programme, named):
            return True
    return False


@rule
def draw_past_effect(world, policy, programme, named, expected, attempt):
    """Its effect, given what was told of its trials."""
    spread = max(policy.evidence.latent_effect_sd, 1e-6)  # a world without spread has a certain prior
    precision, score = 1.0 / (spread * spread), expected / (spread * spread)
    for i in range(named.n_readouts):
        readout = named.readouts[i]
        variance = past_variance(policy, readout) + readout.telling_effect_sd * readout.telling_effect_sd
        precision += 1.0 / variance
        score += (readout.observed_effect - bias_of(policy, READ_STAGES[readout.stage])) / variance
    luck = draws.normal(world.key, draws.EFFECT, programme.id, attempt, 0)
    programme.effect = score / precision + luck / math.sqrt(precision)


@rule
def read_past_trials(world, policy, programme, named, attempt):
    """Enter what its trials read, kind after kind; whether its developer would have gone on after each."""
    empty_ledger(policy, programme)
    goes_on = True
    for kind in range(len(READ_STAGES)):
        if READ_STAGES[kind] == m.PHASE_3 and has_come_to_phase_3(named):
            goes_on = goes_on and programme.belief >= policy.evidence.continue_to_phase_3_probability
        for i in range(named.n_readouts):
            if named.readouts[i].stage == kind:
                read_past_trial(world, policy, programme, named.readouts[i], attempt)
                goes_on = goes_on and programme.belief >= policy.evidence.continue_to_phase_2_probability
    return goes_on


@rule
def read_past_trial(world, policy, programme, readout, attempt):
    """What a trial read, given the effect and what was told of it."""
    stage, told = READ_STAGES[readout.stage], readout.telling_effect_sd * readout.telling_effect_sd
    variance = past_variance(policy, readout)
    mean = programme.effect + bias_of(policy, stage)
    gain = variance / (variance + told)
    key = readout.stage * 256 + world.jurisdictions[readout.place].key
    luck = draws.normal(world.key, draws.PAST_READOUT, programme.id, attempt, key)
    observed = mean + gain * (readout.observed_effect - mean) + math.sqrt(gain * told) * luck
    enter_in_ledger(policy, programme, readout.place, stage, readout.enrolled_patients, observed)
    believe(policy, programme)


@rule
def past_variance(policy, readout):
    """Sampling variance of a trial that was read."""
    return trial_variance(readout.enrolled_patients, design(policy, READ_STAGES[readout.stage]).arms_count)


@rule
def empty_ledger(policy, programme):
    """Nothing was read anywhere."""
    for j in range(policy.n_jurisdictions):
        programme.ledger[j].randomised_patients = 0.0
    for grade in range(GRADES_COUNT):
        forget(policy, programme, grade)
    believe(policy, programme)


@rule
def has_come_to_phase_3(named):
    """Whether a Phase 3 has been begun anywhere."""
    found = False
    for i in range(named.n_readouts):
        found = found or READ_STAGES[named.readouts[i].stage] == m.PHASE_3
    for c in range(named.n_campaigns):
        found = found or STAGES[named.campaigns[c].stage] == m.PHASE_3
    return found


@rule
def is_let_through(world, policy, programme, named):
    """Whether each regulator that let it skip a phase, or approved it, would have been convinced."""
    convinced = True
    for c in range(named.n_campaigns):
        place, stage = named.campaigns[c].place, STAGES[named.campaigns[c].stage]
        which = passed_gate(stage, read_phase(named, place))
        if which > 0:
            bar = tightened(gate_of(policy, place, which).bar_probability, world.jurisdictions[place].stringency)
            bar = placed_bar(world, policy, programme, place, which, bar)
            convinced = convinced and regulator_belief(policy, programme, place) >= bar
    return convinced


@rule
def stays(world, policy, programme, named):
    """Whether each trial that it runs was the latest that the evidence of the day allowed."""
    latest = True
    for c in range(named.n_campaigns):
        place, stage = named.campaigns[c].place, STAGES[named.campaigns[c].stage]
        before = max(read_phase(named, place), m.IND_REVIEW)
        decided = before < stage  # nobody in the model repeats a phase, so of one who does this says nothing
        if decided and m.PHASE_1 <= stage <= m.PHASE_3 and was_all_read(named, named.campaigns[c].since_month):
            latest = latest and next_stage(world, policy, programme, place, before) <= stage
    return latest


@rule
def was_all_read(named, month):
    """Whether anything was read of a programme, and nothing later than a month: then the ledger is of that day."""
    known = named.n_readouts > 0
    for i in range(named.n_readouts):
        known = known and named.readouts[i].read_month <= month
    return known


@rule
def passed_gate(stage, read):
    """The gate that a programme has passed where it stands, `read` being the last phase read there; 0 for none."""
    if stage == m.PHASE_2 and read < m.PHASE_1:
        return m.PHASE_2_ENTRY
    if stage == m.PHASE_3 and read < m.PHASE_2:
        return m.PHASE_3_ENTRY
    if stage == m.ON_MARKET:
        return m.FULL_APPROVAL
    if stage == m.ON_MARKET_CONDITIONAL or (stage in (m.FILING, m.APPROVAL_REVIEW) and read < m.PHASE_3):
        return m.CONDITIONAL_APPROVAL
    return m.FULL_APPROVAL if stage in (m.FILING, m.APPROVAL_REVIEW) else 0


@rule
def read_phase(named, place):
    """The last phase of a programme read in a place; 0 for none."""
    last = 0
    for i in range(named.n_readouts):
        stage = READ_STAGES[named.readouts[i].stage]
        if named.readouts[i].place == place and stage >= m.PHASE_1:
            last = max(last, stage)
    return last


@rule
def draw_harm(world, policy, programme, named):
    """Its risk, given that no patient so far came to a serious harm that is on record; whether one was found."""
    programme.patients_count = past_patients(named)
    programme.in_human = programme.patients_count > 0
    programme.doses_made = programme.patients_count
    programme.doses_used = programme.patients_count
    world.companies[programme.company].experience_doses += programme.patients_count
    for attempt in range(TRIES):
        luck = draws.normal(world.key, draws.RISK, programme.id, attempt, 0)
        programme.harm_probability = true_harm(policy, programme, luck)
        pass_release_tests(world, policy, programme, named)
        clock = draws.exponential(world.key, draws.HARM, programme.id, 0, attempt)
        programme.harm_clock = clock - programme.patients_count * min(1.0, programme.harm_probability)
        if programme.harm_clock > 0.0:
            return True
    return False


@rule
def past_patients(named):
    """Patients treated in trials so far."""
    patients = 0
    for i in range(named.n_readouts):
        patients += named.readouts[i].enrolled_patients
    for c in range(named.n_campaigns):
        patients += named.campaigns[c].enrolled_patients
    return patients


@rule
def pass_release_tests(world, policy, programme, named):
    """What the places where it is in trials ask for has been done."""
    if not policy.mechanisms.release_tests_switch:
        return
    for t in range(policy.n_release_tests):
        done = False
        for c in range(named.n_campaigns):
            place = policy.jurisdictions[named.campaigns[c].place]
            in_hospital = STAGES[named.campaigns[c].stage] <= m.HOSPITAL_STUDY
            lane = place.hospital_lane.release_test_switch[t] > 0.0
            registration = place.regulation.release_test_switch[t] > 0.0
            done = done or (lane if in_hospital else registration)
        if done:
            programme.tested_months[t] = world.step_months
            programme.harm_probability *= 1.0 - policy.release_tests[t].risk_removed_share


# Where it stands


@rule
def enter_campaign(world, policy, programme, named, told):
    """A track at the stage on record, with what is left of its clock."""
    stage, j = STAGES[told.stage], told.place
    elapsed_months = float(world.start_month - told.since_month)
    if policy.roster.developers[named.developer].copies_count > 1:  # since some month between that one and the start
        elapsed_months *= draws.uniform(world.key, draws.PAST_MONTHS, programme.id, 0, world.jurisdictions[j].key)
    campaign = programme.study if stage <= m.HOSPITAL_STUDY else programme.campaigns[j]
    campaign.lane = m.HOSPITAL if stage <= m.HOSPITAL_STUDY else m.REGISTRATION
    campaign.last_phase = 0  # a trial that follows at once would say so
    if told.partner >= 0:
        campaign.licensee = told.partner + 1
        campaign.royalty_share = told.royalty_share
        key = world.jurisdictions[j].key
        campaign.partner_clock = draws.exponential(world.key, draws.PARTNER_EXIT, programme.id, 0, key)
    move(world, programme, campaign, stage)
    if in_trial(campaign):
        enter_trial(world, policy, programme, campaign, told, stage, elapsed_months)
    elif stage == m.ON_MARKET or stage == m.ON_MARKET_CONDITIONAL:
        enter_market(world, policy, programme, campaign, told, stage, elapsed_months)
    else:
        campaign.months_left = stage_months(policy, programme, j, stage) - elapsed_months
    campaign.last_phase = max(campaign.last_phase, read_phase(named, j) if stage > m.HOSPITAL_STUDY else 0)
    campaign.clock_tick = -1  # its clock runs from the first month on


@rule
def stage_months(policy, programme, j, stage):
    """How long a stage before a regulator, or before the hospitals, lasts."""
    regulation = policy.jurisdictions[j].regulation
    extra_months = regulation.foreign_sponsor_months if is_foreign(programme, j) else 0.0
    if stage == m.HOSPITAL_REVIEW:
        return policy.jurisdictions[j].hospital_lane.review_months
    if stage == m.IND_PREPARATION:
        return regulation.ind_preparation_months
    if stage == m.IND_REVIEW:
        return regulation.ind_review_months + extra_months
    return regulation.filing_months if stage == m.FILING else regulation.approval_review_months + extra_months


@rule
def enter_trial(world, policy, programme, campaign, told, stage, elapsed_months):
    """A trial that starts up, enrols, or follows up, with the patients on record."""
    start_trial(world, policy, programme, campaign, told.place, stage)
    campaign.wanted = told.wanted_patients
    found_share = world.jurisdictions[told.place].cells[programme.indication].found_share
    campaign.planned_months = planned_months(policy, campaign, told.place, stage, found_share)
    campaign.enrolled = told.enrolled_patients
    if campaign.enrolled >= campaign.wanted:
        close_enrolment(world, policy, programme, campaign)
        campaign.months_left -= elapsed_months
    elif campaign.enrolled > 0:
        campaign.activity = m.ENROLLING
        campaign.months_enrolling = elapsed_months
        campaign.months_left = 0.0
    else:
        campaign.months_left -= elapsed_months


@rule
def enter_market(world, policy, programme, campaign, told, stage, elapsed_months):
    """A product that is approved, in full or on condition; then its confirmation is owed."""
    campaign.on_market = stage
    world.jurisdictions[told.place].approvals_count += 1
    if stage == m.ON_MARKET_CONDITIONAL:
        regulation = policy.jurisdictions[told.place].regulation
        campaign.deadline_months = regulation.conditional.deadline_months - elapsed_months
        if policy.mechanisms.confirmation_switch:
            enter_trial(world, policy, programme, campaign, told, m.CONFIRMATION, elapsed_months)
    move(world, programme, campaign, campaign.stage)
