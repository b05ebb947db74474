"""Calibrating: waves of histories, each raced where the ones before say that the record may be met.

Every step is made anew from the rows that are there, so a calibration that was stopped goes on where it was.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np

from ipsc_race.ensemble import Racer
from ipsc_race.varying import locate
from ipsc_race_lab.analysis import calibration as mathematics
from ipsc_race_lab.analysis.calibrated import Calibrated
from ipsc_race_lab.analysis.histories import POINT, HistoryRacer, marks
from ipsc_race_lab.analysis.on_record import OnRecord, excesses, held_rates, on_record
from ipsc_race_lab.design.calibration import Calibration, wave_table
from ipsc_race_lab.design.posterior import on_unit
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.estimators.weighing import log_density
from ipsc_race_lab.execution.runner import Threads
from ipsc_race_lab.metrics.history_reading import histories_of
from ipsc_race_lab.progress import say

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.execution.conducting import Study
    from ipsc_race_lab.results.shards import Array, Shards

WHOLE_ROWS, SHORT_ROWS = 32, 128  # of a chunk, which is a file: half a second or more


def calibrate(study: Study[Calibration], workers: int) -> Calibrated | None:
    """Race all waves that are missing; None where that was interrupted, with what was raced in the folder."""
    asked = study.experiment
    whole, short, record = racers(asked, next(iter(study.worlds.values())))
    factors, last = len(asked.factors), len(asked.waves) - 1
    of, rates = mathematics.Proposal(), None
    told = np.zeros((0, factors), np.uint8)
    rows = np.zeros(0, whole.form)
    for number, size in enumerate(asked.waves):
        if of.meetings:
            say(f"Drawing {size:,} points where the record may be met ...")
        levels = mathematics.drawn(of, factors, size, asked.seed + number)
        table = wave_table(asked, number, on_unit(levels))
        is_whole = number < asked.whole_waves
        threads = Threads({("",): whole if is_whole else short}, workers)
        if not study.race_table(table, nullcontext(threads), WHOLE_ROWS if is_whole else SHORT_ROWS):
            return None
        rows = np.concatenate([rows, kept(study.shards, range(len(rows), len(rows) + size))])
        if (rows[POINT][-size:] != marks(table.points.numbers)).any():
            raise LabError(
                f"{study.shards.folder}: its waves were drawn otherwise than now; give another folder with --out"
            )
        if number < last:
            told = np.concatenate([told, levels])
            say(f"Learning from {len(rows):,} races where to look ...")
            points = on_unit(told)
            if record.rates and is_whole:
                rates = mathematics.emulated_rates(record.published, points, *excesses(rows, record.published))
            of = mathematics.proposal(points, record.told(rows), rates)
    first = asked.races - asked.waves[-1]
    facts = record.facts
    if not np.isfinite(log_density(record.simulated(rows[first:]), facts.recorded, facts.error_sd)).any():
        message = (
            f"{asked.name}: each of {asked.waves[-1]:,} races contradicts the record; expected more of the last wave"
        )
        raise LabError(message)
    drawn_with = of.log_density(on_unit(levels))
    return Calibrated(first, levels, rows[first:], drawn_with, record, rates, rows[:first])


def racers(asked: Calibration, world: Resolved) -> tuple[HistoryRacer, HistoryRacer, OnRecord]:
    """Who races whole races, who races up to the record, and the record."""
    histories = histories_of(world)
    racer = Racer(world, asked.seed, locate(world, asked.paths))
    names = [target.measure for target in held_rates()] if asked.rates else []
    whole, short = (HistoryRacer(racer, histories, names, whole=of) for of in (True, False))
    columns = whole.form.names or ()
    record = on_record(histories, columns, asked.as_of, asked.leave_out, rates=asked.rates, widened=asked.widened)
    return whole, short, record


def kept(shards: Shards, numbers: range) -> Array:
    """The rows of these numbers, in order. Raises LabError where one is missing or failed."""
    rows, found = None, 0
    for part in shards.read(numbers):
        if any(part.reasons):
            raise LabError(f"{shards.folder}: {next(filter(None, part.reasons))}")
        if rows is None:
            rows = np.zeros(len(numbers), part.outcomes.dtype)
        here = (part.points >= numbers.start) & (part.points < numbers.stop)
        rows[part.points[here] - numbers.start] = part.outcomes[here, 0]
        found += int(here.sum())
    if rows is None or found < len(numbers):
        raise LabError(f"{shards.folder}: lacks races of the waves; run the same command again")
    return rows
