"""Markets: launch, uptake, price and revenue. Their place in the month is here; nothing is sold yet."""

from __future__ import annotations

from ipsc_race.host import rule


@rule
def sell(world, policy):
    """Nothing yet: an approval is a milestone, and its holder lives on private and public money."""
