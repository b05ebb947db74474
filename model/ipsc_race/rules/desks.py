"""Desks: the tracks of programmes that somebody has to look at this month, each kind on a desk of its own.

A rule goes through its desk and not through all programmes everywhere. Desks are made anew each morning, in the order
of rows; a track that moves within the month is laid at its place on the next desk, for the rules that come after. What
was moved on stays where it lay until the next morning, so a rule looks at the stage of what it takes up.
"""

from __future__ import annotations

from ipsc_race.host import rule
from ipsc_race.milestones import (
    APPROVAL_REVIEW,
    AWAITING_MONEY,
    FILING,
    HOSPITAL_REVIEW,
    HOSPITAL_STUDY,
    IND_PREPARATION,
    IND_REVIEW,
    REDESIGN,
)
from ipsc_race.rules.programmes import in_trial, track
from ipsc_race.world import DESKS, FILINGS, HOLDS, INDS, PARTNERS, SALES, STUDIES, TRACKS, TREATING, TRIALS, WAITING


@rule
def clear_desks(world):
    """An empty desk of each kind."""
    for d in range(DESKS):
        world.desks[d].count = 0


@rule
def on_desk(world, policy, desk, i):
    """The i-th track on a desk."""
    row = desk.rows[i]
    return track(policy, world.programmes[row // TRACKS], row % TRACKS)


@rule
def move(world, programme, campaign, stage):
    """A track enters a stage, and lies on its desk from now on."""
    campaign.stage = stage
    lay_out(world, programme, campaign)


@rule
def lay_out(world, programme, campaign):
    """Lay a track on each desk where somebody has to look at it."""
    row, stage = programme.index * TRACKS + campaign.track, campaign.stage
    trial, sale = in_trial(campaign), is_for_sale(programme, campaign)
    if trial:
        put(world.desks[TRIALS], row)
    elif stage == IND_PREPARATION or stage == IND_REVIEW:
        put(world.desks[INDS], row)
    elif stage == FILING or stage == APPROVAL_REVIEW:
        put(world.desks[FILINGS], row)
    elif stage == AWAITING_MONEY:
        put(world.desks[WAITING], row)
    if is_study(programme, campaign):
        put(world.desks[STUDIES], row)
    if sale:
        put(world.desks[SALES], row)
    if trial or sale:
        put(world.desks[TREATING], programme.index)
    if campaign.hold_months_left > 0.0:
        put(world.desks[HOLDS], row)
    if campaign.licensee > 0:
        put(world.desks[PARTNERS], row)


@rule
def is_study(programme, campaign):
    """Whether it is a study in the hospitals at home that goes on, or after which paid translation is asked for."""
    stage = campaign.stage
    if stage == HOSPITAL_REVIEW or stage == HOSPITAL_STUDY or stage == REDESIGN:
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
    while i > 0 and desk.rows[i - 1] > row:
        i -= 1
    if i > 0 and desk.rows[i - 1] == row:
        return
    for k in range(desk.count, i, -1):
        desk.rows[k] = desk.rows[k - 1]
    desk.rows[i] = row
    desk.count += 1
