"""Many races: a scenario, a seed and a number of runs in; milestones and monthly series out, in order of run.

One world record a thread is used again for every race. The compiled host releases the interpreter's lock, so threads
run side by side; the plain host (NUMBA_DISABLE_JIT=1) steps `Race` models of Mesa agents. Both give the same bytes.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured

from ipsc_race.engine import Calendar, run_rows, write_values
from ipsc_race.host import PLAIN, is_kept, keeps_code
from ipsc_race.policy import iso_month
from ipsc_race.rules.summary import OUTCOME, sum_up
from ipsc_race.varying import NOWHERE
from ipsc_race.world import MONTHLY, RUNNING, SEEDS, empty_world, ended_early

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race.race import Race
    from ipsc_race.varying import Places

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class RaceResult:
    """One finished race.

    `events`: records of `world.EVENT` in the order in which they happened. `monthly`: records of `world.MONTHLY`,
    shape (ticks, jurisdictions). `outcomes`: records of `summary.OUTCOME`, one a bloc. `digest`: SHA-256 of events and
    series, equal for equal races whatever computed them.
    """

    run: int
    events: Array
    monthly: Array
    outcomes: Array

    @property
    def digest(self) -> bytes:
        """SHA-256 of all values of the race."""
        return hashlib.sha256(self.events.tobytes() + self.monthly.tobytes()).digest()


class Racer:
    """Runs the races of one scenario and of worlds that differ from it in some numbers; threads may share it.

    `places` says which paths vary (`varying.locate`); none for the scenario as it is.
    """

    def __init__(self, resolved: Resolved, seed: int, places: Places = NOWHERE) -> None:
        """Prepare policies and series; `seed` keys all races."""
        self.resolved, self.seed, self.places = resolved, seed, places
        self.calendar = Calendar(resolved)
        self._blocs = np.zeros(len(resolved.jurisdictions), np.int64)
        for b, rows in enumerate(resolved.blocs.values()):
            self._blocs[list(rows)] = b

    @property
    def form(self) -> np.dtype[Any]:
        """The record of what a race came to for a bloc."""
        return OUTCOME

    @property
    def records(self) -> int:
        """How many such records a race has."""
        return len(self.resolved.blocs)

    def race(self, run: int, values: Sequence[float] = (), *, until: int | None = None) -> RaceResult:
        """One race, of the scenario or of a row of a table, with all that was recorded of it; see `races`."""
        return next(self.races(np.array([values], np.float64), np.array([run]), until=until))

    def races(
        self, values: Array, runs: Array, *, until: int | None = None, flows_only: bool = False
    ) -> Iterator[RaceResult]:
        """The races of a table of worlds, one at a time; `values` and `runs` as of `outcomes`.

        `until` ends each with that calendar month (months since year 0, `policy.calendar_month`): what is recorded up
        to there is the beginning of the whole race, to the last bit. With `flows_only` its monthly series hold what
        adds up from month to month and no more. Raises OverflowError where one ends early (see `world.ended_early`),
        and ValueError where `until` lies outside the span.
        """
        ticks, policies = self._ticks(until), self._policies()
        for run, row in zip(runs.tolist(), values, strict=True):
            if PLAIN:
                raced = self._race_plain(row, run, ticks)
                yield RaceResult(run, raced.events, raced.monthly, self._summed_up(raced))
            else:
                one = np.array([run])
                told = self._race_compiled(policies, row[None], one, ticks, flows_only=flows_only)
                outcomes, statuses, worlds, monthly = told
                self._refuse_ended(statuses, one)
                events = worlds[0]["events"][: int(worlds[0]["n_events"])].copy()
                yield RaceResult(run, events, monthly, outcomes[0])

    def outcomes(self, values: Array, runs: Array, *, until: int | None = None) -> Array:
        """Outcomes of a table of worlds, shape (rows, blocs), as records of `summary.OUTCOME`; nothing else is kept.

        A row that deserves a closer look can be raced once more with `race`, and is then the same to the last bit; what
        went on from month to month is told by `mean_monthly`.

        `values` has shape (rows, paths) and is checked by the caller (`varying.refuse_values`); `runs` is the number
        of the race of each row: rows of one number share their luck; `until` ends them early, as of `race`. Raises
        OverflowError where a row ends early, and ValueError where `until` lies outside the span.
        """
        ticks = self._ticks(until)
        if PLAIN:
            outcomes = np.zeros((len(values), len(self.resolved.blocs)), OUTCOME)
            for row in range(len(values)):
                outcomes[row] = self._summed_up(self._race_plain(values[row], int(runs[row]), ticks))
            return outcomes
        outcomes, statuses, *_ = self._race_compiled(self._policies(), values, runs, ticks, flows_only=True)
        self._refuse_ended(statuses, runs)
        return outcomes

    def _refuse_ended(self, statuses: Array, runs: Array) -> None:
        """Raises OverflowError for the first race that ended early, if any."""
        for row in np.flatnonzero(statuses != RUNNING):
            roster = self.resolved.scenario.roster.programmes
            raise OverflowError(ended_early(f"race {runs[row]}", int(statuses[row]), roster))

    def _ticks(self, until: int | None) -> int:
        """Steps that end with a calendar month."""
        months = self.calendar.months
        if until is None:
            return len(months)
        if not months[0] <= until <= months[-1]:
            first, last = (iso_month(int(month)) for month in (months[0], months[-1]))
            msg = f"until is {iso_month(until)}; expected a month from {first} to {last}"
            raise ValueError(msg)
        return int(np.searchsorted(months, until, side="right"))

    def mean_monthly(self, values: Array, runs: Array) -> dict[str, Array]:
        """Monthly series of a table of worlds, mean over its rows, by column of `world.MONTHLY`.

        `values` and `runs` as of `outcomes`; each series has shape (ticks, jurisdictions). No single series is kept.
        Raises OverflowError where a row ends early.
        """
        names = MONTHLY.names or ()
        total = np.zeros((self.calendar.ticks, self.calendar.jurisdictions, len(names)))
        for race in self.races(values, runs):
            total += structured_to_unstructured(race.monthly, np.float64)
        return {name: total[..., i] / len(runs) for i, name in enumerate(names)}

    def _policies(self) -> Array:
        """Policies into which values may be written: a copy, but where there are none to be written."""
        policies: Array = self.calendar.policies
        return policies.copy() if len(self.places.offsets) else policies

    def _race_compiled(
        self, policies: Array, values: Array, runs: Array, ticks: int, *, flows_only: bool
    ) -> tuple[Array, Array, Array, Array]:
        """Rows of a table, written into policies, of some steps each: outcomes, statuses, the last row's world."""
        calendar = self.calendar
        outcomes = np.zeros((len(values), len(self.resolved.blocs)), OUTCOME)
        statuses = np.zeros(len(values), np.int64)
        worlds = _world()
        monthly = np.zeros((ticks, calendar.jurisdictions), MONTHLY)
        run_rows(
            worlds,
            policies,
            _views(policies),
            (self.places.offsets, self.places.kinds, self.places.epochs),
            (np.ascontiguousarray(values, np.float64), runs.astype(np.int64), outcomes, statuses),
            (calendar.epoch_of_tick, calendar.start_month, flows_only),
            self.seed,
            (monthly, monthly.reshape(-1).view(np.uint8), parts(worlds), np.zeros_like(monthly[0])),
            self._blocs,
        )
        return outcomes, statuses, worlds, monthly

    def _race_plain(self, values: Array, run: int, ticks: int) -> Race:
        """One row over Mesa agents."""
        from ipsc_race.race import Race  # noqa: PLC0415 - Mesa is heavy

        policies = self._policies()
        write_values(_views(policies), (self.places.offsets, self.places.kinds, self.places.epochs), values)
        race = Race(self.resolved, rng=self.seed, run=run, policies=policies)
        for _ in range(ticks):
            race.step()
        return race

    def _summed_up(self, race: Race) -> Array:
        """Outcomes of a race over Mesa agents."""
        from ipsc_race.race import plain  # noqa: PLC0415

        outcomes = plain(np.zeros(len(self.resolved.blocs), OUTCOME))
        sum_up(race.world, self._blocs.tolist(), plain(race.monthly), outcomes)
        return np.array([tuple(getattr(of, name) for name in OUTCOME.names or ()) for of in outcomes], OUTCOME)


def _views(policies: Array) -> tuple[Array, ...]:
    """The same memory as numbers, whole numbers and bytes."""
    return tuple(policies.view(kind).reshape(len(policies), -1) for kind in (np.float64, np.int64, np.uint8))


_kept = threading.local()


def parts(worlds: Array) -> tuple[Array, ...]:
    """Words of what a race finds empty: the numbers of a world before its lists, and the tables that rules add up in.

    Lists, desks and events are written before they are read, as far as their counts say.
    """
    fields: Any = worlds.dtype.fields
    numbers = worlds.view(np.uint64)[: fields["live"][1] // np.uint64().itemsize]
    tables = (worlds[name][0].view(np.uint64) for name in ("jurisdictions", "companies", "programmes"))
    return numbers, *tables


def _world() -> Array:
    """This thread's world record; whoever races in it empties it first."""
    if not hasattr(_kept, "worlds"):
        _kept.worlds = empty_world()
    worlds: Array = _kept.worlds
    return worlds


def run_races(
    resolved: Resolved, runs: int, seed: int, *, workers: int = 1, first_run: int = 0
) -> Iterator[RaceResult]:
    """Run races `first_run` to `first_run + runs - 1` of a scenario; yields them in order, a few ahead at most.

    Raises ValueError for a negative number of runs or seed, a seed of 2^63 or more, or fewer than one worker.
    """
    for name, value, least in (("runs", runs, 0), ("seed", seed, 0), ("workers", workers, 1)):
        if value < least:
            msg = f"{name} is {value}; expected {least} or more"
            raise ValueError(msg)
    if seed >= SEEDS:
        msg = f"seed is {seed}; expected less than 2^63"
        raise ValueError(msg)
    numbers = range(first_run, first_run + runs)
    racer = Racer(resolved, seed)
    if PLAIN or workers == 1:
        yield from map(racer.race, numbers)
        return
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[RaceResult]] = deque()
        try:
            for run in numbers:
                ahead.append(pool.submit(racer.race, run))
                if len(ahead) > 4 * workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for waiting in ahead:
                waiting.cancel()


def value_hash(digests: Iterable[bytes]) -> str:
    """Hash of an ensemble: of the digests of its races in order of run."""
    total = hashlib.sha256()
    for digest in digests:
        total.update(digest)
    return total.hexdigest()


def is_compiled() -> bool:
    """Whether an earlier process compiled the rules of these very sources on this machine, and kept them whole."""
    return is_kept(run_rows)


def warm(report: Callable[[str], None]) -> None:
    """Compile the rules if this machine has not yet, saying so before and after.

    A process of its own compiles and leaves the result on disk, so that the memory it takes is given back; where none
    can be kept, or that process fails, the first race compiles and says so.
    """
    if PLAIN or is_compiled() or not keeps_code():
        return
    report("compiling the rules, once for this version of them (about half a minute) ...")
    start = time.perf_counter()
    # -P: no file of the current folder is taken for a library
    command = [sys.executable, "-P", "-c", "from ipsc_race.ensemble import compile_rules; compile_rules()"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if is_compiled():
        report(f"the rules are compiled ({time.perf_counter() - start:.0f} s)")
    else:
        why = done.stderr.strip().rpartition("\n")[2].removeprefix("ipsc-race: ") or f"exit code {done.returncode}"
        report(f"the compiled rules were not kept: {why}")


def compile_rules() -> None:
    """Compile by running one short race, which keeps the result on disk."""
    from ipsc_race.loading import load  # noqa: PLC0415

    for _ in run_races(load("null", ["span.end_month=2010-02"]), 1, 1):
        pass
