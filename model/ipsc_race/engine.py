"""What Python calls of the rules: the first morning, one month, one whole race; and the calendar of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.draws import race_key
from ipsc_race.host import entry, rule
from ipsc_race.policy import calendar_month, policies
from ipsc_race.rules.desks import lay_desks
from ipsc_race.rules.month import begin, month
from ipsc_race.rules.summary import sum_up
from ipsc_race.varying import SWITCH, WHOLE
from ipsc_race.world import COMPANY, PROGRAMME, RUNNING

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved


WORD = 8  # bytes of a number
COMPANY_WORDS, PROGRAMME_WORDS = COMPANY.itemsize // WORD, PROGRAMME.itemsize // WORD


class Calendar:
    """The policies of a scenario in the order of time, ready for the rules."""

    def __init__(self, resolved: Resolved) -> None:
        """Build the POLICY record of each epoch, and the month and the epoch in force at each tick."""
        span = resolved.scenario.span
        self.start_month = calendar_month(span.start_month)
        self.policies = policies([epoch.scenario for epoch in resolved.epochs])
        months = self.months = self.start_month + np.floor(np.arange(resolved.ticks) * span.step_months)
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
    """One month, written into `rows` after `previous`; whoever calls may have moved anything since the last."""
    lay_desks(worlds[0], policy[0])
    month(worlds[0], policy[0], rows, previous)


@rule
def race_through(world: Any, policy: Any, calendar: Any, key: Any, monthly: Any, blank: Any) -> None:
    """One race in an empty world, as long as its series has room; its status is `RUNNING` if it held."""
    epoch_of_tick, start_month, flows_only = calendar
    begin(world, policy[epoch_of_tick[0]], key, start_month)
    world.flows_only = flows_only
    for tick in range(len(monthly)):
        previous = monthly[tick - 1] if tick > 0 else blank
        month(world, policy[epoch_of_tick[tick]], monthly[tick], previous)
        if world.status != RUNNING:
            break


@rule
def write_values(views: Any, places: Any, values: Any) -> None:
    """Write one world's numbers into the policies, seen as numbers, as whole numbers and as bytes."""
    numbers, wholes, switches = views
    offsets, kinds, epochs = places
    for f in range(len(values)):
        for e in range(len(numbers)):
            if epochs[f, e]:
                if kinds[f] == SWITCH:
                    switches[e, offsets[f]] = 1 if values[f] != 0.0 else 0
                elif kinds[f] == WHOLE:
                    wholes[e, offsets[f] // WORD] = int(values[f])
                else:
                    numbers[e, offsets[f] // WORD] = values[f]


@entry
def run_rows(
    worlds: Any, policy: Any, views: Any, places: Any, table: Any, calendar: Any, seed: Any, series: Any, blocs: Any
) -> None:
    """The races of a table, row by row in one world record, each summed up; `statuses` say which ended early.

    The record is emptied before each race of what the last one left: rows beyond its tables' ends are empty already.

    The world, its events and the monthly series of the last row are left as they are for who wants to see them.

    `views`: the policies as numbers, whole numbers and bytes; `places`: offsets, kinds and epochs of the paths;
    `table`: values (rows, paths), run of each row, outcomes (rows, blocs), statuses; `calendar`: epoch of each tick,
    first month, and whether series are written only as far as outcomes need them; `series`: the monthly record of as
    many steps as are raced, its bytes, the words of parts of the world (`ensemble.parts`), and a blank month; `blocs`:
    the bloc of each jurisdiction.
    """
    values, runs, outcomes, statuses = table
    monthly, monthly_bytes, (numbers, jurisdictions, companies, programmes), blank = series
    world = worlds[0]
    for row in range(len(values)):
        companies[: world.n_companies * COMPANY_WORDS] = 0
        programmes[: world.n_programmes * PROGRAMME_WORDS] = 0
        jurisdictions[:] = 0
        numbers[:] = 0
        monthly_bytes[:] = 0
        write_values(views, places, values[row])
        race_through(world, policy, calendar, race_key(seed, runs[row]), monthly, blank)
        statuses[row] = world.status
        if world.status == RUNNING:
            sum_up(world, blocs, monthly, outcomes[row])
