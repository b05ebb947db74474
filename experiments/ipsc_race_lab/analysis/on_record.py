"""What is on record, as a calibration holds races to it: facts of one history, and rates of many programmes.

A fact is one number of a race, read with an error: the spread of the observation and the discrepancy of the model, both
taken as normal. A date that had come by the month of the record must have come in the race, one that had not must not;
a count without spread or discrepancy is exact. A rate is of the world and not of one race, in which it may rest on
three products: so it is held against what emulators expect of all races at a point (see `analysis.calibration`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race.policy import calendar_month
from ipsc_race_lab.analysis.calibration import Record
from ipsc_race_lab.analysis.meeting import Told
from ipsc_race_lab.analysis.record import NUMBER, SUM
from ipsc_race_lab.analysis.targets import Target, targets
from ipsc_race_lab.estimators.weighing import log_density
from ipsc_race_lab.metrics.history import Fact, History

if TYPE_CHECKING:
    from ipsc_race_lab.results.shards import Array

Amounts = npt.NDArray[np.float64]
SHARE, MEAN_MONTHS = "share", "mean months"
NORMAL_90 = 1.645  # half the central 90% of a normal, which a spread is taken for
NEVER_MONTHS = 12.0  # after the record: where emulators take a date that has not come to be


class _Held(NamedTuple):
    key: str
    recorded: float
    error_sd: float
    kind: str  # HAPPENED, NOT_YET or COUNTED


HAPPENED, NOT_YET, COUNTED = "happened", "not yet", "counted"


@dataclass(frozen=True)
class OnRecord:
    """The record as it was known at the end of a month, and how the numbers of races are read against it."""

    as_of: str
    held: tuple[_Held, ...]
    rates: tuple[Target, ...]

    @property
    def facts(self) -> Record:
        """The facts, with the errors with which races are read."""
        return _record((of.key, of.recorded, of.error_sd) for of in self.held)

    @property
    def published(self) -> Record:
        """The rates, with the errors with which expectations are read."""
        return _record((of.measure, float(of.recorded or 0.0), target_sd(of)) for of in self.rates)

    def simulated(self, rows: Array) -> Amounts:
        """The numbers of races for each fact, shape (races, facts); infinite where a race contradicts the record.

        `rows`: records of `histories.HistoryRacer`, shape (races,).
        """
        columns = [self._read(of, rows[of.key]) for of in self.held]
        return np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0))

    def told(self, rows: Array) -> list[Told]:
        """What races told of each fact, for the search: whether they met it, or a number.

        Counts are in logarithms, since their chance grows with them; a date that has not come is a while after the
        record.
        """
        return [self._told(of, np.asarray(rows[of.key], np.float64)) for of in self.held]

    def _told(self, of: _Held, numbers: Amounts) -> Told:
        if of.error_sd == 0:
            return Told((self._read(of, numbers) == of.recorded).astype(np.float64))
        recorded, error_sd = np.array([of.recorded]), np.array([of.error_sd])

        def density(searched: Amounts) -> Amounts:
            read = self._read(of, np.expm1(searched) if of.kind == COUNTED else searched)
            return log_density(read.reshape(-1, 1), recorded, error_sd).reshape(read.shape)

        latest = calendar_month(self.as_of) + NEVER_MONTHS
        return Told(np.log1p(numbers) if of.kind == COUNTED else np.minimum(numbers, latest), density)

    def _read(self, of: _Held, numbers: Amounts) -> Amounts:
        months = calendar_month(self.as_of)
        if of.kind == HAPPENED:
            return np.where(numbers <= months, numbers, np.inf)
        if of.kind == NOT_YET:
            return np.where(numbers > months, of.recorded, np.inf)
        return np.asarray(numbers, np.float64)


def on_record(
    histories: Sequence[History],
    columns: Sequence[str],
    as_of: str,
    leave_out: Collection[str] = (),
    *,
    rates: bool,
    widened: float = 1.0,
) -> OnRecord:
    """The facts known at the end of a month, of those that races tell (`columns`), and the published rates.

    `widened`: how many times as wide as stated the errors of facts are taken; what is exact stays so.
    """
    told = {f"{history.name}.{fact.key}": fact for history in histories for fact in history.facts}
    wanted = {key: fact for key, fact in told.items() if key in columns and key not in leave_out}
    held = [
        of._replace(error_sd=widened * of.error_sd) for key, fact in wanted.items() for of in _held(key, fact, as_of)
    ]
    return OnRecord(as_of, tuple(held), held_rates() if rates else ())


def held_rates() -> tuple[Target, ...]:
    """The targets that are ratios of sums and bind: their expectation at a point can be emulated."""
    return tuple(of for of in targets() if of.unit in (SHARE, MEAN_MONTHS) and of.spread is not None)


def _held(key: str, fact: Fact, as_of: str) -> Iterator[_Held]:
    if fact.kind.is_month:
        recorded = float(calendar_month(str(fact.recorded)))
        happened = recorded <= calendar_month(as_of)
        yield _Held(key, recorded, fact_sd(fact) if happened else 0.0, HAPPENED if happened else NOT_YET)
    elif fact.by <= as_of:
        yield _Held(key, float(fact.recorded), fact_sd(fact), COUNTED)


def fact_sd(fact: Fact) -> float:
    """The error with which a race is read for a fact: of the observation and of the model."""
    of_record = 0.0
    if fact.spread is not None:
        ends = [_number(fact, end) for end in fact.spread]
        recorded = _number(fact, fact.recorded)
        of_record = max(ends[1] - recorded, recorded - ends[0]) / NORMAL_90
    return math.hypot(of_record, fact.discrepancy.value if fact.discrepancy else 0.0)


def target_sd(target: Target) -> float:
    """The error with which an expected rate is held against the published one."""
    assert target.spread is not None
    assert target.recorded is not None
    low, high = target.spread
    of_record = max(high - target.recorded, target.recorded - low) / NORMAL_90
    return math.hypot(of_record, target.discrepancy)


def _number(fact: Fact, value: float | str) -> float:
    return float(calendar_month(str(value))) if fact.kind.is_month else float(value)


def excesses(rows: Array, published: Record) -> tuple[Amounts, Amounts]:
    """By how much each race is above each rate (its sum less the rate times its number), and the numbers.

    Shape (races, rates) both. Where the expectation of the excess is zero, the world has that rate.
    """
    shape = (len(published.keys), len(rows))
    sums, numbers = (
        np.array([rows[f"{name}{part}"] for name in published.keys], np.float64).reshape(shape).T
        for part in (SUM, NUMBER)
    )
    return sums - numbers * published.recorded, numbers


def _record(entries: Iterable[tuple[str, float, float]]) -> Record:
    listed = list(entries)
    recorded, error_sd = (np.array([of[i] for of in listed], np.float64) for i in (1, 2))
    return Record(tuple(of[0] for of in listed), recorded, error_sd)
