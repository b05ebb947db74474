"""Desks: the tracks of programmes that somebody has to look at, each kind on a desk of its own.

A rule goes through its desk, in the order of rows, and not through all programmes everywhere. A track that comes to
belong on a desk is laid there at once, for the rules that come after, and bears a mark of it; one that no longer
belongs lies there until desks are tidied, so a rule looks at the stage of what it takes up.
"""

from __future__ import annotations

from ipsc_race import milestones as m
from ipsc_race.host import rule
from ipsc_race.rules.programmes import in_trial, is_live, track
from ipsc_race.world import (
    DESKS,
    FILINGS,
    HOLDS,
    INDS,
    OPEN,
    PARTNERS,
    READOUTS,
    SALES,
    STUDIES,
    TRACK_BITS,
    TREATING,
    TRIALS,
    WAITING,
)

TIDY_STEPS = 6  # from one tidying of the desks to the next: few tracks leave a desk in so many
STAGES = {  # whose tracks lie on a desk as long as they last
    OPEN: set(range(m.IN_HOSPITALS + 1)) - {m.NOT_OPEN, m.CLOSED},
    STUDIES: {m.HOSPITAL_REVIEW, m.HOSPITAL_STUDY, m.REDESIGN},
    INDS: {m.IND_PREPARATION, m.IND_REVIEW},
    TRIALS: {m.HOSPITAL_STUDY, m.PHASE_1, m.PHASE_2, m.PHASE_3, m.CONFIRMATION},
    FILINGS: {m.FILING, m.APPROVAL_REVIEW},
    WAITING: {m.AWAITING_MONEY},
}
OF_STAGE = tuple(sum(1 << d for d in STAGES if stage in STAGES[d]) for stage in range(m.IN_HOSPITALS + 1))  # as bits


@rule
def on_desk(world, policy, desk, i):
    """The i-th track on a desk."""
    row = world.desks[desk].rows[i]
    return track(policy, world.programmes[row >> TRACK_BITS], row & ((1 << TRACK_BITS) - 1))


@rule
def programme_on_desk(world, desk, i):
    """The i-th programme on a desk of programmes."""
    return world.programmes[world.desks[desk].rows[i]]


@rule
def move(world, programme, campaign, stage):
    """A track enters a stage, and lies on its desk from now on."""
    campaign.stage = stage
    lay_out(world, programme, campaign)


@rule
def lay_out(world, programme, campaign):
    """Lay a track on each desk where it belongs and does not lie, and its programme on that of those who treat."""
    missing = desks_of(programme, campaign) & ~campaign.desks
    campaign.desks |= missing
    for d in range(TREATING):
        if missing & (1 << d):
            put(world.desks[d], (programme.index << TRACK_BITS) + campaign.track)
    if in_trial(campaign) or is_for_sale(programme, campaign):
        put(world.desks[TREATING], programme.index)


@rule
def desks_of(programme, campaign):
    """The desks on which a track belongs, a bit each."""
    desks = OF_STAGE[campaign.stage]
    if campaign.activity == m.DECIDING and in_trial(campaign):
        desks |= 1 << READOUTS
    if campaign.hold_months_left > 0.0:
        desks |= 1 << HOLDS
    if campaign.licensee > 0:
        desks |= 1 << PARTNERS
    if is_for_sale(programme, campaign):
        desks |= 1 << SALES
    asked = programme.translation_months_left > 0.0 and not programme.translated
    if asked and campaign.track == programme.study.track:
        desks |= 1 << STUDIES
    return desks


@rule
def is_for_sale(programme, campaign):
    """Whether the product is approved there, or translated at home."""
    return campaign.on_market != 0 or (programme.translated and campaign.track == programme.home)


@rule
def put(desk, row):
    """Lay a row on a desk in the order of rows, once."""
    i = desk.count
    while i > 0 and desk.rows[i - 1] >= row:
        i -= 1
    if i < desk.count:
        if desk.rows[i] == row:
            return
        for k in range(desk.count, i, -1):
            desk.rows[k] = desk.rows[k - 1]
    desk.rows[i] = row
    desk.count += 1


@rule
def append(desk, row):
    """Lay a row behind all that are there, once."""
    if desk.count == 0 or desk.rows[desk.count - 1] < row:
        desk.rows[desk.count] = row
        desk.count += 1


@rule
def tidy_desks(world, policy):
    """In the morning desks of programmes are empty, to be laid anew; the others are tidied now and then."""
    for d in range(DESKS):
        if d >= TREATING:
            world.desks[d].count = 0
        elif world.tick % TIDY_STEPS == 0:
            tidy(world, policy, world.desks[d], d)


@rule
def tidy(world, policy, desk, d):
    """Take away from a desk what no longer belongs there."""
    kept = 0
    for i in range(desk.count):
        campaign, row = on_desk(world, policy, d, i), desk.rows[i]
        programme = world.programmes[campaign.programme]
        if is_live(programme) and desks_of(programme, campaign) & (1 << d):
            desk.rows[kept] = row
            kept += 1
        else:
            campaign.desks &= ~(1 << d)
    desk.count = kept


@rule
def lay_desks(world, policy):
    """Lay all desks anew, by a search through all programmes."""
    clear_desks(world)
    for i in range(world.n_programmes):
        programme = world.programmes[i]
        if is_live(programme):
            for t in range(policy.n_jurisdictions + 1):
                campaign = track(policy, programme, t)
                campaign.desks = 0
                lay_out(world, programme, campaign)


@rule
def clear_desks(world):
    """An empty desk of each kind."""
    for d in range(DESKS):
        world.desks[d].count = 0
