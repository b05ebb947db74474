"""Gates: what a regulator asks before a phase, an approval on condition, in full, or a confirmation.

Where a gate is a threshold, its place is drawn for each programme and regulator around the stated value, so that no
verdict hangs on one number by a step. The developer knows the place: regulators give advice before a trial is planned.
"""

from __future__ import annotations

import math

from ipsc_race import draws
from ipsc_race.evidence import (
    has_randomised_trial,
    is_safe,
    normal_share,
    patients_shown,
    regulator_belief,
    shown_patients,
    tightened,
)
from ipsc_race.host import rule
from ipsc_race.milestones import (
    CONDITIONAL_APPROVAL,
    FULL_APPROVAL,
    PHASE_2_ENTRY,
    PHASE_3,
    PHASE_3_ENTRY,
)

NEARLY = 1e-12  # a bar of 0 or 1 has no probit; it stays where it is
GATES = 16  # keys the luck of a programme with its gates: tries of the roster * GATES + gate


@rule
def gate_of(policy, j, which):
    """The stated terms of a gate in jurisdiction j."""
    regulation = policy.jurisdictions[j].regulation
    if which == PHASE_2_ENTRY:
        return regulation.phase_2_entry
    if which == PHASE_3_ENTRY:
        return regulation.phase_3_entry
    if which == FULL_APPROVAL:
        return regulation.full
    if which == CONDITIONAL_APPROVAL:
        return regulation.conditional.approval
    return regulation.conditional.confirmation


@rule
def opens(world, policy, programme, j, which):
    """Whether a gate of jurisdiction j opens to what is known of a programme today."""
    if which == CONDITIONAL_APPROVAL and not has_conditional_route(policy, programme, j):
        return False
    if not is_convincing(world, policy, programme, j, which):
        return False
    return missing_patients(world, policy, programme, j, which) <= 0.0


@rule
def has_conditional_route(policy, programme, j):
    """Whether an approval on condition can be had: where there is the route, and no pivotal trial has been run."""
    return policy.jurisdictions[j].regulation.conditional.open_switch and programme.campaigns[j].last_phase < PHASE_3


@rule
def is_convincing(world, policy, programme, j, which):
    """All that a gate asks but local patients: safety, patients, design and belief."""
    gate = gate_of(policy, j, which)
    stringency = world.jurisdictions[j].stringency
    if not is_safe(policy, programme, gate.harm_bar_probability, stringency):
        return False
    least = placed_patients(world, policy, programme, j, which, draws.GATE_PATIENTS, gate.least_patients)
    if patients_shown(policy, programme, j) < least:
        return False
    if asks_randomised(world, programme, j, which, gate) and not has_randomised_trial(policy, programme):
        return False
    bar = placed_bar(world, policy, programme, j, which, tightened(gate.bar_probability, stringency))
    return regulator_belief(policy, programme, j) >= bar


@rule
def is_safe_here(world, policy, programme, j):
    """Whether the harm that the regulator of j believes in lies under its bar of today."""
    bar = policy.jurisdictions[j].regulation.harm_bar_probability
    return is_safe(policy, programme, bar, world.jurisdictions[j].stringency)


@rule
def missing_patients(world, policy, programme, j, which):
    """Local patients that a gate still asks for."""
    least = gate_of(policy, j, which).least_local_patients
    least = placed_patients(world, policy, programme, j, which, draws.GATE_LOCAL_PATIENTS, least)
    return least - shown_patients(policy, programme, j, j)


@rule
def luck_with(programme, which):
    """What keys the luck of a programme with a gate: one of the roster keeps that with which it came so far."""
    return programme.past_tries * GATES + which


@rule
def placed_bar(world, policy, programme, j, which, bar):
    """Where a bar stands for this programme: moved by a normal number of probits."""
    luck = luck_with(programme, which)
    z = draws.normal(world.key, draws.GATE_BAR, programme.id, luck, world.jurisdictions[j].key)
    return moved_bar(policy, j, bar, z)


@rule
def moved_bar(policy, j, bar, z):
    """A bar of jurisdiction j by the luck of a programme with it, a standard normal number."""
    if not policy.mechanisms.gate_spread_switch or bar <= NEARLY or bar >= 1.0 - NEARLY:
        return bar
    return normal_share(draws.normal_quantile(bar) + policy.jurisdictions[j].regulation.bar_probit_sd * z)


@rule
def placed_patients(world, policy, programme, j, which, stream, least):
    """How many patients are asked of this programme: the stated number times a log-normal one."""
    if not policy.mechanisms.gate_spread_switch or least <= 0.0:
        return least
    z = draws.normal(world.key, stream, programme.id, luck_with(programme, which), world.jurisdictions[j].key)
    return least * math.exp(policy.jurisdictions[j].regulation.least_patients_log_sd * z)


@rule
def asks_randomised(world, programme, j, which, gate):
    """Whether this programme is asked for a randomised trial."""
    luck = luck_with(programme, which)
    u = draws.uniform(world.key, draws.GATE_RANDOMISED, programme.id, luck, world.jurisdictions[j].key)
    return u < gate.randomised_share


@rule
def missing_for_approval(world, policy, programme, j):
    """Local patients that the easier of the two approvals still asks for, where it asks nothing else; else infinite."""
    missing = math.inf
    if is_convincing(world, policy, programme, j, FULL_APPROVAL):
        missing = missing_patients(world, policy, programme, j, FULL_APPROVAL)
    on_condition = has_conditional_route(policy, programme, j)
    if on_condition and is_convincing(world, policy, programme, j, CONDITIONAL_APPROVAL):
        missing = min(missing, missing_patients(world, policy, programme, j, CONDITIONAL_APPROVAL))
    return missing
