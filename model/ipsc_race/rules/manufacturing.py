"""Manufacturing: doses for trials. Slots, batch failure and learning have their place here and come next."""

from __future__ import annotations

import math

from ipsc_race.host import rule
from ipsc_race.milestones import CLINICAL, ENROLLING, START_UP
from ipsc_race.rules.programmes import in_trial


@rule
def make_doses(world, policy):
    """Each programme with an open trial makes doses up to what its trials still want and its capacity allows."""
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        if programme.status != CLINICAL:
            continue
        wanted = programme.doses_used - programme.doses_made
        for j in range(policy.n_jurisdictions):
            campaign = programme.campaigns[j]
            if in_trial(campaign) and (campaign.activity == START_UP or campaign.activity == ENROLLING):
                wanted += campaign.wanted - campaign.enrolled
        if wanted <= 0:
            continue
        per_month = policy.jurisdictions[programme.home].manufacturing.trial_doses_per_month
        programme.dose_credit = min(programme.dose_credit, 1.0) + per_month * world.step_months
        made = min(wanted, math.floor(programme.dose_credit))
        programme.dose_credit -= made
        programme.doses_made += made
        world.jurisdictions[programme.home].flows.doses_made += made
