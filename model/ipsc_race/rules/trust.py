"""Trust: harm is felt and forgotten, tightens every bar, crosses borders; a rival ahead pulls the other way."""

from __future__ import annotations

import math

from ipsc_race.host import rule


@rule
def move_trust(world, policy):
    """Take stock of harm and haste: the stringency with which each jurisdiction judges this month."""
    felt_in_all = 0.0
    most_approvals = 0
    for j in range(policy.n_jurisdictions):
        scandal = policy.jurisdictions[j].trust.outside_harms_per_month * world.step_months
        world.jurisdictions[j].felt_harms += scandal
        felt_in_all += world.jurisdictions[j].felt_harms
        most_approvals = max(most_approvals, world.jurisdictions[j].approvals_count)
    for j in range(policy.n_jurisdictions):
        jurisdiction = world.jurisdictions[j]
        if policy.mechanisms.trust_switch:
            feel(world, policy, j, felt_in_all)
        jurisdiction.stringency = policy.jurisdictions[j].regulation.stringency + jurisdiction.tightening
        if policy.mechanisms.rivalry_switch:
            hasten(policy, jurisdiction, j, most_approvals - jurisdiction.approvals_count)
    for j in range(policy.n_jurisdictions):
        world.jurisdictions[j].felt_harms = 0.0


@rule
def feel(world, policy, j, felt_in_all):
    """Salience fades and rises with harm here and, in part, elsewhere; bars tighten at once and relax slowly."""
    jurisdiction = world.jurisdictions[j]
    trust = policy.jurisdictions[j].trust
    step = world.step_months
    felt = jurisdiction.felt_harms + trust.contagion_share * (felt_in_all - jurisdiction.felt_harms)
    jurisdiction.salience = jurisdiction.salience * math.exp(-trust.salience_decay_per_month * step) + felt
    relaxed = jurisdiction.tightening * math.exp(-trust.relaxation_per_month * step)
    jurisdiction.tightening = max(relaxed, trust.harm_stringency * jurisdiction.salience)


@rule
def hasten(policy, jurisdiction, j, lead_count):
    """A regulator behind in approvals reviews faster and asks for less: both by (1 + lead)^elasticity."""
    elasticity = policy.jurisdictions[j].trust.rival_speed_elasticity
    jurisdiction.haste = math.exp(elasticity * math.log(1.0 + lead_count))
    jurisdiction.stringency = (1.0 + jurisdiction.stringency) / jurisdiction.haste - 1.0
