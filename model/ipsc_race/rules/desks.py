"""Desks: the tracks of programmes that somebody has to look at, each kind on a desk of its own.

A rule goes through its desk, in the order of rows, and not through all programmes everywhere. A track that comes to
belong on a desk is laid there at once, for the rules that come after; one that no longer belongs lies there until the
next morning, so a rule looks at the stage of what it takes up.
"""

from __future__ import annotations

from ipsc_race import milestones as m
from ipsc_race.host import rule
from ipsc_race.rules.programmes import in_trial, is_live, is_open, track
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
    """Lay a track on each desk where it belongs, and its programme on that of those who treat."""
    for d in range(TREATING):
        if belongs(programme, campaign, d):
            put(world.desks[d], (programme.index << TRACK_BITS) + campaign.track)
    if in_trial(campaign) or is_for_sale(programme, campaign):
        put(world.desks[TREATING], programme.index)


@rule
def belongs(programme, campaign, desk):
    """Whether somebody at this desk has to look at a track."""
    stage = campaign.stage
    if desk == OPEN:
        here = is_open(campaign)
    elif desk == TRIALS:
        here = in_trial(campaign)
    elif desk == INDS:
        here = stage == m.IND_PREPARATION or stage == m.IND_REVIEW
    elif desk == STUDIES:
        here = is_study(programme, campaign)
    elif desk == SALES:
        here = is_for_sale(programme, campaign)
    elif desk == FILINGS:
        here = stage == m.FILING or stage == m.APPROVAL_REVIEW
    elif desk == HOLDS:
        here = campaign.hold_months_left > 0.0
    elif desk == PARTNERS:
        here = campaign.licensee > 0
    elif desk == WAITING:
        here = stage == m.AWAITING_MONEY
    else:
        here = desk == READOUTS and in_trial(campaign) and campaign.activity == m.DECIDING
    return here


@rule
def is_study(programme, campaign):
    """Whether it is a study in the hospitals at home that goes on, or after which paid translation is asked for."""
    stage = campaign.stage
    if stage == m.HOSPITAL_REVIEW or stage == m.HOSPITAL_STUDY or stage == m.REDESIGN:
        return True
    asked = programme.translation_months_left > 0.0 and not programme.translated
    return asked and campaign.track == programme.study.track


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
    """Each morning what no longer belongs is taken away, and desks of programmes are empty, to be laid anew."""
    for d in range(TREATING):
        tidy(world, policy, world.desks[d], d)
    for d in range(TREATING, DESKS):
        world.desks[d].count = 0


@rule
def tidy(world, policy, desk, d):
    """Take away from a desk what no longer belongs there."""
    kept = 0
    for i in range(desk.count):
        campaign, row = on_desk(world, policy, d, i), desk.rows[i]
        programme = world.programmes[campaign.programme]
        if is_live(programme) and belongs(programme, campaign, d):
            desk.rows[kept] = row
            kept += 1
    desk.count = kept


@rule
def lay_desks(world, policy):
    """Lay all desks anew, by a search through all programmes."""
    clear_desks(world)
    for i in range(world.n_programmes):
        programme = world.programmes[i]
        if is_live(programme):
            for t in range(policy.n_jurisdictions + 1):
                lay_out(world, programme, track(policy, programme, t))


@rule
def clear_desks(world):
    """An empty desk of each kind."""
    for d in range(DESKS):
        world.desks[d].count = 0
