"""Learning, adoption, shares of a market and the price of a licence: pure formulas (design section 2.6)."""

from __future__ import annotations

import math

from ipsc_race.host import njit

NEVER_PER_MONTH = 1e-12  # nobody in a billion years


@njit
def learning_multiplier(doses: float, reference_doses: float, learning_share: float) -> float:
    """Unit cost after so many doses, relative to the start: falls by `learning_share` with each doubling.

    Wright 1936, doi:10.2514/8.155: (doses / reference)^-b, b = -log2(1 - learning_share); 1 up to the reference.
    """
    if doses <= reference_doses:
        return 1.0
    return math.exp(math.log(1.0 - learning_share) / math.log(2.0) * math.log(doses / reference_doses))


@njit
def bass_share(adopted_share: float, innovation: float, imitation: float, months: float) -> float:
    """Share of a market that has adopted `months` later; exact, so that steps of any length agree.

    Bass 1969, doi:10.1287/mnsc.15.5.215: dF/dt = (p + q F)(1 - F), both rates per month.
    """
    total = innovation + imitation
    if innovation + imitation * adopted_share < NEVER_PER_MONTH:
        return adopted_share
    left = (1.0 - adopted_share) / (innovation + imitation * adopted_share) * math.exp(-total * months)
    return (1.0 - innovation * left) / (1.0 + imitation * left)


@njit
def share_weight(entry_order: float, quality: float, order_elasticity: float, quality_log_share: float) -> float:
    """Claim of a product on its market: order^-elasticity * exp(log share * quality)."""
    return math.exp(quality_log_share * quality - order_elasticity * math.log(entry_order))


@njit
def nash_price(own_value: float, partner_value: float, bargaining_share: float) -> float:
    """What a developer gets for a right: its outside value and its share of the surplus (Nash 1950)."""
    return own_value + bargaining_share * (partner_value - own_value)


@njit
def finding_share(found_per_month: float, handled_per_month: float) -> float:
    """Share of what a site can enrol that it does enrol, where it would find so many patients a month.

    Holling 1959, doi:10.4039/Ent91385-7 (second type): found / (found + handled); few patients limit the finding, many
    the hands.
    """
    return found_per_month / (found_per_month + handled_per_month) if found_per_month > 0.0 else 0.0
