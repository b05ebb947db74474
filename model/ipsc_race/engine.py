"""What Python calls of the rules: the first morning, one month, one whole race; and the calendar of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.draws import race_key
from ipsc_race.host import entry
from ipsc_race.policy import calendar_month, policies
from ipsc_race.rules.month import begin, month
from ipsc_race.world import OVERFLOWED

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


class Calendar:
    """The policies of a scenario in the order of time, ready for the rules."""

    def __init__(self, resolved: Resolved) -> None:
        """Build the POLICY record of each epoch and the epoch in force at each tick."""
        span = resolved.scenario.span
        self.start_month = calendar_month(span.start_month)
        self.policies = policies([epoch.scenario for epoch in resolved.epochs])
        months = self.start_month + np.floor(np.arange(resolved.ticks) * span.step_months)
        starts = [epoch.month for epoch in resolved.epochs]
        self.epoch_of_tick = np.maximum(np.searchsorted(starts, months, side="right") - 1, 0)
        self.ticks = resolved.ticks
        self.jurisdictions = len(resolved.jurisdictions)


@entry
def begin_race(worlds: Any, policy: Any, seed: Any, run: Any, start_month: Any) -> None:
    """The first morning of race `run`, in the first record of `worlds`, under the first of `policy`."""
    begin(worlds[0], policy[0], race_key(seed, run), start_month)


@entry
def step(worlds: Any, policy: Any, rows: Any, previous: Any) -> None:
    """One month, written into `rows` after `previous`."""
    month(worlds[0], policy[0], rows, previous)


@entry
def run_race(
    worlds: Any,
    policy: Any,
    epoch_of_tick: Any,
    seed: Any,
    run: Any,
    start_month: Any,
    monthly: Any,
    blank: Any,
) -> Any:
    """One whole race; returns the status of its world, `RUNNING` if it held."""
    world = worlds[0]
    begin(world, policy[epoch_of_tick[0]], race_key(seed, run), start_month)
    for tick in range(len(epoch_of_tick)):
        previous = monthly[tick - 1] if tick > 0 else blank
        month(world, policy[epoch_of_tick[tick]], monthly[tick], previous)
        if world.status == OVERFLOWED:
            break
    return world.status
