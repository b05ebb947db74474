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
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.engine import Calendar, run_race
from ipsc_race.host import PLAIN, is_compiled, mark_compiled
from ipsc_race.world import MONTHLY, OVERFLOWED, SEEDS, SIZES, world_type

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class RaceResult:
    """One finished race.

    `events`: records of `world.EVENT` in the order in which they happened. `monthly`: records of `world.MONTHLY`,
    shape (ticks, jurisdictions). `digest`: SHA-256 of both, equal for equal races whatever computed them.
    """

    run: int
    events: Array
    monthly: Array

    @property
    def digest(self) -> bytes:
        """SHA-256 of all values of the race."""
        return hashlib.sha256(self.events.tobytes() + self.monthly.tobytes()).digest()


_kept = threading.local()


def _world(size: int) -> Array:
    """This thread's world record of a size, emptied."""
    worlds: dict[int, Array] = _kept.__dict__.setdefault("worlds", {})
    if size not in worlds:
        worlds[size] = np.zeros(1, world_type(*SIZES[size]))
    else:
        worlds[size].view(np.uint8)[:] = 0
    return worlds[size]


def _run_compiled(calendar: Calendar, seed: int, run: int) -> RaceResult:
    """Run one race over records, in the smallest world that holds it."""
    for size in range(len(SIZES)):
        worlds = _world(size)
        monthly = np.zeros((calendar.ticks, calendar.jurisdictions), MONTHLY)
        blank = np.zeros(calendar.jurisdictions, MONTHLY)
        status = run_race(
            worlds, calendar.policies, calendar.epoch_of_tick, seed, run, calendar.start_month, monthly, blank
        )
        if status != OVERFLOWED:
            return RaceResult(run, worlds[0]["events"][: int(worlds[0]["n_events"])].copy(), monthly)
    companies, programmes, events = SIZES[-1]
    msg = f"race {run} outgrew {companies} companies, {programmes} programmes or {events} events; found fewer companies"
    raise OverflowError(msg)


def _run_plain(resolved: Resolved, seed: int, run: int) -> RaceResult:
    """Run one race over Mesa agents."""
    from ipsc_race.race import Race  # noqa: PLC0415 - Mesa is heavy

    race = Race(resolved, rng=seed, run=run)
    for _ in range(resolved.ticks):
        race.step()
    return RaceResult(run, race.events, race.monthly)


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
    if PLAIN:
        yield from (_run_plain(resolved, seed, run) for run in numbers)
        return
    calendar = Calendar(resolved)
    if workers == 1:
        yield from (_run_compiled(calendar, seed, run) for run in numbers)
        return
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[RaceResult]] = deque()
        try:
            for run in numbers:
                ahead.append(pool.submit(_run_compiled, calendar, seed, run))
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


def warm(report: Callable[[str], None]) -> None:
    """Compile the rules if this machine has not yet, saying so before and after.

    A process of its own compiles and leaves the result on disk, so that the memory it takes is given back.
    """
    if PLAIN or is_compiled():
        return
    report("compiling the rules, once for this version of them (about 20 seconds) ...")
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "from ipsc_race.ensemble import compile_rules; compile_rules()"], check=True)
    report(f"the rules are compiled ({time.perf_counter() - start:.0f} s)")


def compile_rules() -> None:
    """Compile by running one short race, and keep the result on disk."""
    from ipsc_race.loading import load  # noqa: PLC0415

    for _ in run_races(load("null", ["span.end_month=2010-02"]), 1, 1):
        mark_compiled()
