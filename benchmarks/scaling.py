"""How the cost of a race grows: with its months, its trade, its jurisdictions, the rows of a design and the workers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from timing import Helper, cpu_seconds, interleaved, ratio, told

from ipsc_race.ensemble import Racer
from ipsc_race.loading import Resolved, load
from ipsc_race.policy import calendar_month
from ipsc_race.quantities import JURISDICTIONS
from ipsc_race_lab.analysis.histories import HistoryRacer
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.execution import runner
from ipsc_race_lab.metrics.beside import BLOCK
from ipsc_race_lab.metrics.history_reading import histories_of

SEED, TURNS, LARGE_TURNS, SALTELLI_RACES, SALTELLI_SAMPLE = 7, 9, 3, 720_896, 200
ENDS = ("2018-12", "2026-12", "2035-12", "2045-12")
TRADES, LARGE = (
    (1 / 3, 1.0, 3.0, 8.0, 20.0, 40.0),
    8.0,
)  # times the foundings; few turns of large ones, and 60 outgrow the record
LIVE = ("preclinical", "hospital", "ind", "phase_1", "phase_2", "phase_3", "review", "on_market")
WORKERS = """
import resource, sys, time
from pathlib import Path
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
resolved = load("baseline")
list(run_races(resolved, 1, 1))
for line in sys.stdin:
    turn, workers = map(int, line.split())
    start = time.perf_counter()
    for _ in run_races(resolved, 60, 7, workers=workers, first_run=60 * turn):
        pass
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])  # KiB
    print(time.perf_counter() - start, peak, flush=True)
"""


def by_months() -> Iterator[str]:
    """A whole race, races that end early, of which outcomes alone are asked, and such that are held to the record."""
    racer, nothing = Racer(load("baseline"), SEED), np.zeros((10, 0))
    records = HistoryRacer(racer, histories_of(racer.resolved), ())
    records.outcomes(nothing[:1], np.arange(1))
    racer.race(0)
    ways = {"whole": lambda turn: cpu_seconds(lambda: [racer.race(10 * turn + i) for i in range(10)]) / 10}
    for end in ENDS:
        until = calendar_month(end)
        ways[end] = lambda turn, until=until: (  # type: ignore[misc]
            cpu_seconds(lambda: racer.outcomes(nothing, np.arange(10 * turn, 10 * turn + 10), until=until)) / 10
        )
    block = np.zeros((BLOCK, 0))
    ways["record"] = lambda turn: cpu_seconds(lambda: records.outcomes(block, BLOCK * turn + np.arange(BLOCK))) / BLOCK
    found = interleaved(ways, TURNS)
    yield "| baseline, from 2010-01 to | CPU ms a race, median (quartiles) | whole race over it |"
    yield "|---|---|---|"
    yield f"| the end, with events and monthly series | {told(found['whole'])} | 1 |"
    for end in ENDS:
        yield f"| {end}, outcomes alone | {told(found[end], 2)} | {ratio(found['whole'], found[end]):.1f} |"
    times = ratio(found["whole"], found["record"])
    yield f"| the end of the record, facts read | {told(found['record'], 2)} | {times:.1f} |"


def trade(times: float) -> Resolved:
    """The baseline with so many times the foundings."""
    resolved = load("baseline")
    changed = []
    for name in resolved.jurisdictions:
        for path, origin in resolved.origins.items():
            kept = path.partition("@")[0].removeprefix(f"jurisdictions.{name}.companies.")
            if kept in ("founding_per_month", "initial_count"):
                value = origin.value * times
                changed.append(f"{path}={round(value) if kept == 'initial_count' else value!r}")
    return load("baseline", changed)


def live_and_seconds(racer: Racer, run: int) -> tuple[float, float]:
    """Live programmes summed over months, and CPU seconds of the race."""
    start = time.process_time()
    monthly = racer.race(run).monthly
    return sum(float(monthly[name].sum()) for name in LIVE), time.process_time() - start


def by_trade() -> Iterator[str]:
    """CPU time for each month of a live programme, and of those that more trade adds."""
    yield "| times the foundings | live programme-months | CPU ms a race | ns a programme-month | ns of one more |"
    yield "|---|---|---|---|---|"
    before = (0.0, 0.0)
    for times in TRADES:
        racer = Racer(trade(times), SEED)
        turns = [live_and_seconds(racer, run) for run in range(LARGE_TURNS if times > LARGE else TURNS)]
        live, seconds = (statistics.median(column) for column in zip(*turns, strict=True))
        more = f"{(seconds - before[1]) / (live - before[0]) * 1e9:.0f}" if before[0] else ""
        yield f"| {times:.2g} | {live:,.0f} | {seconds * 1e3:,.1f} | {seconds / live * 1e9:.0f} | {more} |"
        before = (live, seconds)


def with_jurisdictions(count: int) -> Resolved:
    """The first jurisdictions of the baseline, or all and some of them once more under other keys."""
    resolved = load("baseline")
    names = list(resolved.jurisdictions)
    epochs = []
    for epoch in resolved.epochs:
        table = dict(list(epoch.scenario.jurisdictions.items()))
        kept = {name: table[name] for name in names[:count]}
        for i in range(count - len(names)):
            kept[f"other_{i}"] = table[names[i]].model_copy(update={"draw_key": 100 + i})
        blocs = {bloc: tuple(n for n in rows if n in kept) for bloc, rows in epoch.scenario.blocs.items()}
        scenario = epoch.scenario.model_copy(update={"jurisdictions": kept, "blocs": blocs})
        epochs.append(replace(epoch, scenario=scenario))
    return replace(resolved, epochs=tuple(epochs))


def by_jurisdictions() -> Iterator[str]:
    """Fewer jurisdictions than the baseline's, and more."""
    counts = (1, 2, 4, JURISDICTIONS)
    racers = {str(count): Racer(with_jurisdictions(count), SEED) for count in counts}
    ways = {
        name: lambda turn, racer=racer: cpu_seconds(lambda: [racer.race(5 * turn + i) for i in range(5)]) / 5  # type: ignore[misc]
        for name, racer in racers.items()
    }
    found = interleaved(ways, TURNS)
    yield "| jurisdictions | CPU ms a race, median (quartiles) |"
    yield "|---|---|"
    for name, seconds in found.items():
        yield f"| {name} | {told(seconds)} |"


def by_workers() -> Iterator[str]:
    """Wall time of sixty whole races, by one thread and by two, and the peak of memory of each process."""
    helpers = {workers: Helper(WORKERS) for workers in (1, 2)}
    peak = dict.fromkeys(helpers, 0.0)

    def race(workers: int, turn: int) -> float:
        seconds, kib = helpers[workers].ask(f"{turn} {workers}")
        peak[workers] = float(kib) / 1024
        return float(seconds)

    found = interleaved({str(n): lambda turn, n=n: race(n, turn) for n in helpers}, 5)  # type: ignore[misc]
    for helper in helpers.values():
        helper.end()
    yield "| workers | wall ms of 60 races, median (quartiles) | peak of memory | one worker over it |"
    yield "|---|---|---|---|"
    for n in helpers:
        faster = ratio(found["1"], found[str(n)])
        yield f"| {n} | {told(found[str(n)], 0)} | {peak[n]:.0f} MB | {faster:.2f} |"


def saltelli() -> Iterator[str]:
    """A sample of the rows of the shipped Saltelli design, and what a design of a given size takes at that pace."""
    experiment = load_experiment("sobol")
    racer = next(iter(runner.racers(experiment, experiment.worlds()).values()))
    numbers = experiment.points.numbers
    rows = np.linspace(0, len(numbers) - 1, SALTELLI_SAMPLE).astype(int)
    start = time.process_time()
    seconds = [
        cpu_seconds(lambda part=part: racer.outcomes(numbers[part], np.arange(len(part)))) / len(part)  # type: ignore[misc]
        for part in np.array_split(rows, 10)
    ]
    took = time.process_time() - start
    hours = SALTELLI_RACES * took / SALTELLI_SAMPLE / 3600
    yield (
        f"A Saltelli design of {SALTELLI_RACES:,} races, extrapolated from {SALTELLI_SAMPLE} rows all over the design "
        f"of `sobol` ({told(seconds)} ms of CPU a race, outcomes alone): {hours:.1f} hours of one processor, "
        f"{hours / 2:.1f} hours of two. It was not run."
    )
