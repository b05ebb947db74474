"""Histories: races that end with the record, of which only what can be held against it is kept.

What a race came to as far as each fact is concerned, and what it adds to each published rate, is one record of numbers.
Facts are those of the histories that the world names. Rates are measures of `analysis.record` that are ratios of sums;
they are of development to its end, so only whole races tell them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race.policy import calendar_month
from ipsc_race_lab.analysis.record import NUMBER, SUM, Record
from ipsc_race_lab.metrics.beside import Beside

if TYPE_CHECKING:
    from ipsc_race.ensemble import Racer
    from ipsc_race_lab.metrics.history import History
    from ipsc_race_lab.results.shards import Array

RACE = "race"  # what a row has one record of
POINT = "point"  # the column that says at which values a row was raced


def marks(values: Array) -> npt.NDArray[np.float64]:
    """A number for the values of each row, by which a row is known to be of a point and of no other."""
    digests = (hashlib.sha256(np.ascontiguousarray(row, np.float64).tobytes()).digest()[:6] for row in values)
    return np.array([float(int.from_bytes(digest, "little")) for digest in digests], np.float64)


class HistoryRacer:
    """Races the histories of one world; see `runner.Racing`."""

    records = 1

    def __init__(
        self, racer: Racer, histories: Sequence[History], rates: Sequence[str], *, whole: bool = False
    ) -> None:
        """`rates`: the measures of `analysis.record` that have columns; they are told by `whole` races."""
        self._racer, self._histories, self._rates, self._whole = racer, tuple(histories), tuple(rates), whole
        self._until = None if whole else max(calendar_month(history.as_of) for history in histories)
        facts = list(Beside(racer.resolved, histories, racer.seed).numbers())
        columns = [POINT, *facts, *(f"{rate}{part}" for rate in self._rates for part in (SUM, NUMBER))]
        self.form: np.dtype[Any] = np.dtype([(name, np.float64) for name in columns])

    def outcomes(self, values: Array, runs: Array) -> Array:
        """What the races of a table came to, shape (rows, 1), as records of `form`; rates that are not told are NaN.

        `values` and `runs` as of `Racer.outcomes`. Raises OverflowError where no record holds a race.
        """
        racer = self._racer
        beside = Beside(racer.resolved, self._histories, racer.seed)
        record = Record(racer.resolved) if self._whole and self._rates else None
        for race in racer.races(values, runs, until=self._until, flows_only=True):
            beside.add(race)
            if record is not None:
                record.add(race)
        columns = {POINT: marks(values), **beside.numbers()}
        for rate, pairs in (record.race_by_race() if record is not None else {}).items():
            columns |= {f"{rate}{part}": pairs[:, place] for place, part in enumerate((SUM, NUMBER))}
        table = np.zeros((len(runs), 1), self.form)
        for name in self.form.names or ():
            table[name][:, 0] = columns.get(name, np.nan)
        return table
