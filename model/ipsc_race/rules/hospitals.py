"""Hospitals: the lane outside the drug regulator, its studies, redesigns and paid translation at home."""

from __future__ import annotations

from ipsc_race import draws
from ipsc_race import milestones as m
from ipsc_race.evidence import regulator_belief, tightened
from ipsc_race.host import rule
from ipsc_race.rules.desks import lay_out, move, on_desk
from ipsc_race.rules.gates import placed_bar
from ipsc_race.rules.manufacturing import release_months
from ipsc_race.rules.programmes import charge, is_open, reach_on, run_clock, set_clock, shut, start_new_version
from ipsc_race.rules.trials import expected_cost_usd_m, start_trial
from ipsc_race.world import STUDIES


@rule
def takes_hospital_lane(world, policy, programme, company):
    """Whether the programme is ready for the lane, the lane is open, and its developer is one that uses it."""
    lane = policy.jurisdictions[programme.home].hospital_lane
    if not lane.open_switch or lane.licensed_hospitals_count <= 0.0 or policy.evidence.attrition == m.EXOGENOUS:
        return False
    if programme.months_left > (1.0 - lane.preparation_share) * programme.preclinical_months:
        return False
    if company.sponsor == m.INSTITUTE:
        return True
    return draws.uniform(world.key, draws.LANE_CHOICE, company.id, 0, 0) < lane.use_share


@rule
def registers_beside(world, policy, programme):
    """Whether its developer registers at home beside the hospital study, and need not wait for it."""
    if not policy.mechanisms.dual_track_switch:
        return False
    lane = policy.jurisdictions[programme.home].hospital_lane
    company = world.companies[programme.company]
    return draws.uniform(world.key, draws.DUAL_TRACK, company.id, 0, 0) < lane.dual_track_share


@rule
def apply_to_hospital(world, policy, programme):
    """Ask an ethics committee, then file with the health ministry."""
    study = programme.study
    study.lane = m.HOSPITAL
    move(world, programme, study, m.HOSPITAL_REVIEW)
    lane = policy.jurisdictions[programme.home].hospital_lane
    testing_months = release_months(world, policy, programme, study, lane.release_test_switch)
    set_clock(world, study, lane.review_months + testing_months)


@rule
def review_studies(world, policy):
    """Studies wait for their review, slower when more ask than licensed hospitals can take on; redesigns end."""
    for i in range(world.desks[STUDIES].count):
        study = on_desk(world, policy, STUDIES, i)
        programme, j = world.programmes[study.programme], study.place
        if study.stage == m.HOSPITAL_REVIEW:
            ready = run_clock(world, study, review_pace(world, policy, j))
        elif study.stage == m.REDESIGN:
            ready = run_clock(world, study, 1.0)
            cost = policy.indications[programme.indication].preclinical_usd_m_per_month
            charge(world, programme, cost * policy.jurisdictions[j].sites.cost_multiplier * world.step_months)
        else:
            continue
        if ready:
            begin_study(world, policy, programme, study, j)


@rule
def begin_study(world, policy, programme, study, j):
    """Start a study if cash covers enough of it, else wait for money."""
    company = world.companies[programme.company]
    cost = expected_cost_usd_m(world, policy, programme, j, m.HOSPITAL_STUDY)
    cost *= policy.jurisdictions[j].companies.start_cover_share * world.jurisdictions[j].input_price
    if company.cash_usd_m - company.due_usd_m >= cost:
        start_trial(world, policy, programme, study, j, m.HOSPITAL_STUDY)
    else:
        company.need_usd_m = max(company.need_usd_m, cost)


@rule
def review_pace(world, policy, j):
    """Share of full speed at which the lane reviews: capacity over last month's queue, at most 1; less after harm."""
    jurisdiction = world.jurisdictions[j]
    speed = pace(lane_capacity_count(policy, jurisdiction, j), jurisdiction.lane_queue_count)
    return speed / (1.0 + jurisdiction.tightening)


@rule
def lane_capacity_count(policy, jurisdiction, j):
    """Studies that licensed hospitals can have in review at full speed."""
    lane = policy.jurisdictions[j].hospital_lane
    stated = lane.licensed_hospitals_count * lane.studies_per_hospital_year / 12.0 * lane.review_months
    return stated * jurisdiction.lane_desk


@rule
def pace(capacity, queue):
    """Share of full speed at which a desk works: its capacity over last month's queue, at most 1."""
    return min(1.0, capacity / queue) if queue > 0 else 1.0


@rule
def follow_hospital_readouts(world, policy):
    """Below the target, with a redesign left: redesign. Else the developer decides; a proven product may be sold."""
    for i in range(world.desks[STUDIES].count):
        study = on_desk(world, policy, STUDIES, i)
        programme = world.programmes[study.programme]
        if programme.status != m.CLINICAL:
            continue
        lane = policy.jurisdictions[programme.home].hospital_lane
        if study.stage == m.HOSPITAL_STUDY and study.activity == m.DECIDING:
            if programme.belief < lane.target_probability and may_redesign(policy, programme, lane):
                redesign(world, policy, programme, lane)
            elif lane.translation_switch and meets_translation_bar(world, policy, programme, lane):
                programme.translation_months_left = max(lane.translation_review_months, world.step_months)
        if programme.translation_months_left > 0.0 and not programme.translated:
            programme.translation_months_left -= world.step_months
            alive = world.companies[programme.company].alive
            if programme.translation_months_left <= 0.0 and study.stage == m.CLOSED and alive:
                translate(world, policy, programme)


@rule
def may_redesign(policy, programme, lane):
    """Whether a redesign is left, and no registration has gone to a regulator with the product as it is."""
    if programme.redesigns_count >= lane.redesigns_count:
        return False
    for j in range(policy.n_jurisdictions):
        campaign = programme.campaigns[j]
        if campaign.stage > m.IND_PREPARATION or campaign.licensee > 0:
            return False
    return True


@rule
def translate(world, policy, programme):
    """Hospitals at home treat for money; some developers stop there: the trap, unless it is on its way elsewhere."""
    study = programme.study
    programme.translated = True
    move(world, programme, study, m.IN_HOSPITALS)
    lay_out(world, programme, programme.campaigns[programme.home])
    reach_on(world, m.TRANSLATED_AT_HOME, programme, study, programme.home)
    lane = policy.jurisdictions[programme.home].hospital_lane
    drawn = draws.uniform(world.key, draws.TRANSLATION_TRAP, programme.id, 0, 0) < lane.translation_trap_share
    if not policy.mechanisms.translation_trap_switch or not drawn or is_on_its_way(policy, programme):
        return
    study.stage = m.SETTLED_IN_HOSPITALS
    reach_on(world, m.SETTLED_AT_HOME, programme, study, programme.home)
    home = programme.campaigns[programme.home]
    if is_open(home):
        shut(world, programme, home, programme.home, m.CONTENT)


@rule
def is_on_its_way(policy, programme):
    """Whether a product is past Phase 1 at home, or anything is open abroad."""
    home = programme.campaigns[programme.home]
    stage = home.next_stage if home.stage == m.AWAITING_MONEY else home.stage
    if is_open(home) and stage > m.PHASE_1:
        return True
    abroad = False
    for j in range(policy.n_jurisdictions):
        abroad = abroad or (j != programme.home and is_open(programme.campaigns[j]))
    return abroad


@rule
def meets_translation_bar(world, policy, programme, lane):
    """Whether the health ministry would let hospitals treat patients with it for money."""
    j = programme.home
    bar = tightened(lane.translation_probability, world.jurisdictions[j].stringency)
    return regulator_belief(policy, programme, j) >= placed_bar(world, policy, programme, j, m.TRANSLATION_GATE, bar)


@rule
def redesign(world, policy, programme, lane):
    """A better product, a new version: gains shrink geometrically, and evidence on the old version no longer counts."""
    gain = lane.redesign_effect
    for _ in range(programme.redesigns_count):
        gain *= lane.redesign_shrink_share
    programme.redesigns_count += 1
    programme.effect += gain
    programme.prior_effect += gain
    start_new_version(policy, programme)
    for j in range(policy.n_jurisdictions):
        programme.campaigns[j].stage = m.NOT_OPEN  # a file that was being prepared is begun again
    study = programme.study
    study.activity = 0
    move(world, programme, study, m.REDESIGN)
    testing_months = release_months(world, policy, programme, study, lane.release_test_switch)
    set_clock(world, study, lane.redesign_months + testing_months)
    reach_on(world, m.REDESIGNED, programme, study, programme.home)
