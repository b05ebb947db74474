"""Opening and closing a month: what everybody sees of the last one, and what is written down of this one."""

from __future__ import annotations

from ipsc_race import milestones as m
from ipsc_race.host import rule
from ipsc_race.rules.desks import append, on_desk, tidy_desks
from ipsc_race.rules.hospitals import lane_capacity_count, pace
from ipsc_race.rules.programmes import in_trial, is_live, is_open
from ipsc_race.rules.regulators import approval_pace, ind_pace
from ipsc_race.world import MAX_TURNS, OPEN, OVERFLOWED, PROVEN, SEEKING, TREATING


@rule
def open_month(world, policy):
    """List the live programmes and take stock: within the month all agents see these facts and no newer ones."""
    for j in range(policy.n_jurisdictions):
        clear(world.jurisdictions[j])
        for d in range(policy.n_indications):
            world.jurisdictions[j].cells[d].recruiting_count = 0
    list_companies(world)
    tidy_desks(world, policy)
    list_programmes(world)
    for i in range(world.desks[OPEN].count):
        campaign = on_desk(world, policy, OPEN, i)
        programme = world.programmes[campaign.programme]
        if is_live(programme) and is_open(campaign):
            count_track(world, programme, campaign)
    world.turns += world.n_live + world.n_active
    if world.turns > MAX_TURNS:
        world.status = OVERFLOWED


@rule
def list_companies(world):
    """Those that were active last month and still are, with nothing counted yet."""
    active = 0
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        if company.alive or company.live_count > 0:
            world.active[active] = company.index
            active += 1
        company.live_count = 0
        company.outlook = 0.0
        company.farthest_stage = 0
        company.has_grant = False
    world.n_active = active


@rule
def list_programmes(world):
    """Those that lived last month and still do, and those that were started since; each is counted."""
    live = 0
    for i in range(world.n_live + world.n_programmes - world.n_listed):
        programme = world.programmes[live_row(world, i)]
        if is_live(programme):
            world.live[live] = programme.index
            live += 1
            take_stock(world, programme)
    world.n_live = live
    world.n_listed = world.n_programmes


@rule
def live_row(world, i):
    """Row of the i-th programme that lived this morning or was started since."""
    return world.live[i] if i < world.n_live else world.n_listed + i - world.n_live


@rule
def clear(jurisdiction):
    """Forget last month's flows and queues."""
    jurisdiction.ind_queue_count = 0
    jurisdiction.approval_queue_count = 0
    jurisdiction.lane_queue_count = 0
    jurisdiction.trials_count = 0
    flows = jurisdiction.flows
    flows.private_usd_m = 0.0
    flows.public_usd_m = 0.0
    flows.research_usd_m = 0.0
    flows.seed_usd_m = 0.0
    flows.spent_usd_m = 0.0
    flows.patients_enrolled = 0
    flows.doses_made = 0
    flows.doses_used = 0
    flows.patients_harmed = 0
    flows.approvals = 0
    flows.withdrawals = 0
    flows.trials_started = 0
    flows.doses_lost = 0
    flows.redundant_patients = 0
    flows.earned_usd_m = 0.0
    flows.licence_received_usd_m = 0.0
    flows.licence_paid_usd_m = 0.0
    flows.partner_spent_usd_m = 0.0
    flows.revenue_usd_m = 0.0
    flows.revenue_origin_usd_m = 0.0
    flows.revenue_capture_usd_m = 0.0
    flows.treated = 0
    flows.treated_origin = 0
    flows.treated_capture = 0


@rule
def take_stock(world, programme):
    """Count one live programme into its company; who seeks a grant, and who has something to show, lies on a desk."""
    company = world.companies[programme.company]
    company.live_count += 1
    company.outlook = max(company.outlook, world.jurisdictions[programme.home].cells[programme.indication].outlook)
    programme.committed = programme.translated
    if programme.grant_months_left > 0.0:
        company.has_grant = True
        programme.grant_months_left -= world.step_months
    if programme.grant_months_left <= 0.0 and company.alive and company.sponsor != m.INSTITUTE:
        append(world.desks[SEEKING + programme.home], programme.index)
    if programme.proven and programme.status == m.CLINICAL:
        append(world.desks[PROVEN], programme.index)


@rule
def count_track(world, programme, campaign):
    """Count an open track into queues and cells, and into what its programme and its company have come to."""
    jurisdiction, stage = world.jurisdictions[campaign.place], campaign.stage
    if stage == m.HOSPITAL_REVIEW:
        jurisdiction.lane_queue_count += 1
    elif stage == m.IND_REVIEW:
        jurisdiction.ind_queue_count += 1
    elif stage == m.APPROVAL_REVIEW:
        jurisdiction.approval_queue_count += 1
    elif in_trial(campaign):
        world.jurisdictions[programme.home].trials_count += 1
        if campaign.activity == m.ENROLLING:
            jurisdiction.cells[programme.indication].recruiting_count += 1
    company = world.companies[programme.company]
    company.farthest_stage = max(company.farthest_stage, reached(campaign))
    if stage == m.FILING or stage == m.APPROVAL_REVIEW or campaign.on_market != 0 or campaign.licensee > 0:
        programme.committed = True
    if in_trial(campaign) or campaign.on_market != 0 or programme.translated:
        append(world.desks[TREATING], programme.index)


@rule
def reached(campaign):
    """Stage on one scale: who waits for money counts as where it wants to go, who has an approval as on the market."""
    if campaign.on_market != 0:
        return m.ON_MARKET
    if campaign.stage == m.SETTLED_IN_HOSPITALS or campaign.stage == m.IN_HOSPITALS:
        return m.HOSPITAL_STUDY
    return campaign.next_stage if campaign.stage == m.AWAITING_MONEY else campaign.stage


@rule
def write_month(world, policy, rows, previous):
    """Fill this month's row of each jurisdiction; where only outcomes are asked for, with its flows alone."""
    for j in range(policy.n_jurisdictions):
        add_flows(world.jurisdictions[j].flows, rows[j], previous[j])
    if world.flows_only:
        return
    for j in range(policy.n_jurisdictions):
        write_state(policy, world.jurisdictions[j], rows[j], j)
    count_companies(world, rows)
    count_programmes(world, policy, rows)


@rule
def add_flows(flows, row, before):
    """What happened so far: this month's flows on top of the row before."""
    row.private_usd_m = before.private_usd_m + flows.private_usd_m + flows.seed_usd_m
    row.public_usd_m = before.public_usd_m + flows.public_usd_m
    row.research_usd_m = before.research_usd_m + flows.research_usd_m
    row.spent_usd_m = before.spent_usd_m + flows.spent_usd_m
    row.trials_started = before.trials_started + flows.trials_started
    row.patients_enrolled = before.patients_enrolled + flows.patients_enrolled
    row.doses_made = before.doses_made + flows.doses_made
    row.doses_used = before.doses_used + flows.doses_used
    row.patients_harmed = before.patients_harmed + flows.patients_harmed
    row.approvals = before.approvals + flows.approvals
    row.withdrawals = before.withdrawals + flows.withdrawals
    row.doses_lost = before.doses_lost + flows.doses_lost
    row.redundant_patients = before.redundant_patients + flows.redundant_patients
    row.earned_usd_m = before.earned_usd_m + flows.earned_usd_m
    row.licence_received_usd_m = before.licence_received_usd_m + flows.licence_received_usd_m
    row.licence_paid_usd_m = before.licence_paid_usd_m + flows.licence_paid_usd_m
    row.partner_spent_usd_m = before.partner_spent_usd_m + flows.partner_spent_usd_m
    row.revenue_usd_m = before.revenue_usd_m + flows.revenue_usd_m
    row.revenue_origin_usd_m = before.revenue_origin_usd_m + flows.revenue_origin_usd_m
    row.revenue_capture_usd_m = before.revenue_capture_usd_m + flows.revenue_capture_usd_m
    row.treated = before.treated + flows.treated
    row.treated_origin = before.treated_origin + flows.treated_origin
    row.treated_capture = before.treated_capture + flows.treated_capture


@rule
def write_state(policy, jurisdiction, row, j):
    """How things stand in jurisdiction j."""
    row.sentiment = jurisdiction.sentiment
    row.stringency = jurisdiction.stringency
    row.salience = jurisdiction.salience
    row.lane_pace = pace(lane_capacity_count(policy, jurisdiction, j), jurisdiction.lane_queue_count)
    row.ind_pace = ind_pace(policy, jurisdiction, j)
    row.approval_pace = approval_pace(policy, jurisdiction, j)
    row.plant_pace = min(1.0, jurisdiction.capacity_batches_per_month / max(jurisdiction.batches_wanted, 1e-9))
    row.input_price = jurisdiction.input_price
    row.stopped = jurisdiction.programmes_count
    knowledge = 0.0
    eligible = 0.0
    inflow = 0.0
    for d in range(policy.n_indications):
        knowledge += jurisdiction.cells[d].knowledge
        eligible += jurisdiction.cells[d].eligible_patients
        inflow += jurisdiction.cells[d].inflow_patients
    row.knowledge = knowledge
    row.eligible_patients = eligible
    row.inflow_patients = inflow


@rule
def count_companies(world, rows):
    """Living companies, and the cash of companies and institutes, by home."""
    for i in range(world.n_active):
        company = world.companies[world.active[i]]
        if company.alive and company.sponsor != m.INSTITUTE:
            rows[company.home].companies += 1
        if company.alive:
            rows[company.home].cash_usd_m += company.cash_usd_m


@rule
def count_programmes(world, policy, rows):
    """Programmes of a home by the farthest open track; recruiting campaigns where they recruit."""
    for i in range(world.desks[OPEN].count):
        campaign = on_desk(world, policy, OPEN, i)
        programme = world.programmes[campaign.programme]
        if is_open(campaign):
            programme.farthest_stage = max(programme.farthest_stage, reached(campaign))
            if in_trial(campaign) and campaign.activity == m.ENROLLING:
                rows[campaign.place].recruiting += 1
    for i in range(world.n_live + world.n_programmes - world.n_listed):
        programme = world.programmes[live_row(world, i)]
        row = rows[programme.home]
        row.stopped -= is_live(programme)
        if programme.status == m.PRECLINICAL:
            row.preclinical += 1
        elif programme.status == m.CLINICAL:
            count_stage(row, programme.farthest_stage)
        programme.farthest_stage = 0


@rule
def count_stage(row, stage):
    """Add one programme to the column of its stage."""
    if stage == m.ON_MARKET or stage == m.ON_MARKET_CONDITIONAL or stage == m.CONFIRMATION:
        row.on_market += 1
    elif stage == m.FILING or stage == m.APPROVAL_REVIEW:
        row.review += 1
    elif stage == m.PHASE_3:
        row.phase_3 += 1
    elif stage == m.PHASE_2:
        row.phase_2 += 1
    elif stage == m.PHASE_1:
        row.phase_1 += 1
    elif stage == m.IND_PREPARATION or stage == m.IND_REVIEW:
        row.ind += 1
    else:
        row.hospital += 1
