"""What the compiled loop sums up of a race is what its events and series say."""

from __future__ import annotations

import numpy as np
import oracle
import pytest

from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
from ipsc_race.rules.summary import OUTCOME


@pytest.mark.parametrize("overrides", [{}, {"span.step_months": 0.5, "span.end_month": "2036-12"}])
def test_outcomes_are_what_events_and_series_say(overrides: dict[str, object]) -> None:
    """Every answer of every experiment is read off these few numbers, and no event is kept to check them by."""
    world = load("baseline", overrides)
    for result in run_races(world, 6, 8, workers=2):
        steps = round(1 / world.scenario.span.step_months)
        told = oracle.outcomes(result.events, result.monthly, world.blocs, world.epochs[0].month, steps)
        for name in OUTCOME.names or ():
            np.testing.assert_allclose(result.outcomes[name], told[name], rtol=1e-9, atol=1e-6, err_msg=name)
