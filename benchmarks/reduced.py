"""A reduced world, in four ways with equal results: programmes that wait exponential months in each of five stages.

It is small enough that a C programmer would write it in a page (`reduced.c`), and has what our months are made of: a
loop over records, a clock each, keyed draws. Ours is compiled as the rules are, over records as theirs; NumPy goes
through the months of all races at once.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from timing import cpu_seconds, interleaved, ratio, told

from ipsc_race.draws import exponential, race_key, uniform
from ipsc_race.host import entry

MONTHS, PROGRAMMES, RACES, TURNS, SEED = 432, 800, 100, 15, 11
MEAN_MONTHS = np.array([48.0, 24.0, 30.0, 42.0, 12.0])
PASS = np.array([0.35, 0.6, 0.35, 0.6, 0.9])
PROGRAMME = np.dtype([("months_left", "f8"), ("stage", "i8"), ("alive", "i8")])
Results = np.ndarray[Any, np.dtype[np.float64]]


@entry
def race(key: Any, months: int, mean_months: Any, passing: Any, programmes: Any, result: Any) -> None:
    """Approvals, month of the first, and sum of their months."""
    result[:] = 0.0
    result[1] = np.inf
    for p in range(len(programmes)):
        programme = programmes[p]
        programme.alive = 1
        programme.stage = 0
        programme.months_left = mean_months[0] * exponential(key, 1, p, 0, 0)
    for month in range(months):
        for p in range(len(programmes)):
            programme = programmes[p]
            if programme.alive == 0:
                continue
            programme.months_left -= 1.0
            if programme.months_left > 0.0:
                continue
            if uniform(key, 2, p, programme.stage, 0) >= passing[programme.stage]:
                programme.alive = 0
                continue
            programme.stage += 1
            if programme.stage == len(passing):
                programme.alive = 0
                result[0] += 1.0
                result[1] = min(result[1], float(month))
                result[2] += month
            else:
                programme.months_left += mean_months[programme.stage] * exponential(key, 1, p, programme.stage, 0)


def by_records(keys: Any) -> Results:
    """Ours."""
    programmes, results = np.zeros(PROGRAMMES, PROGRAMME), np.zeros((len(keys), 3))
    for key, result in zip(keys, results, strict=True):
        race(key, MONTHS, MEAN_MONTHS, PASS, programmes, result)
    return results


def by_c(library: Path) -> Callable[[Any], Results]:
    """C, compiled by cc."""
    run = ctypes.CDLL(str(library)).race
    pointer, whole = ctypes.c_void_p, ctypes.c_int64
    run.argtypes = [ctypes.c_uint64, whole, whole, pointer, pointer, pointer, pointer]

    def raced(keys: Any) -> Results:
        programmes, results = np.zeros(PROGRAMMES, PROGRAMME), np.zeros((len(keys), 3))
        means, passing, place = MEAN_MONTHS.ctypes.data, PASS.ctypes.data, programmes.ctypes.data
        for key, result in zip(keys, results, strict=True):
            run(int(key), MONTHS, PROGRAMMES, means, passing, place, result.ctypes.data)
        return results

    return raced


def uniforms(key: Any, stream: int, entity: Any, when: Any) -> Any:
    """Our uniform numbers for whole arrays."""

    def mix(z: Any) -> Any:
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    z = mix(key + np.uint64(stream * 0x9E3779B97F4A7C15 % 2**64))
    z = mix((z ^ key) + entity.astype(np.uint64) * np.uint64(0xD1342543DE82EF95))
    z = mix((z ^ key) + when.astype(np.uint64) * np.uint64(0x2545F4914F6CDD1D))
    return ((mix(z ^ key) >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52


def by_arrays(keys: Any) -> Results:
    """NumPy, all races at once."""
    key = np.broadcast_to(keys[:, None], (len(keys), PROGRAMMES))
    entity = np.broadcast_to(np.arange(PROGRAMMES), key.shape)
    stage, alive, approved = np.zeros(key.shape, int), np.ones(key.shape, bool), np.full(key.shape, np.inf)
    left = MEAN_MONTHS[0] * -np.log(uniforms(key, 1, entity, stage))
    for month in range(MONTHS):
        left -= 1.0
        due = np.nonzero(alive & (left <= 0.0))
        passed = uniforms(key[due], 2, entity[due], stage[due]) < PASS[stage[due]]
        stage[due] += passed
        ended = ~passed | (stage[due] == len(PASS))
        alive[due] = ~ended
        on = tuple(axis[~ended] for axis in due)
        left[on] += MEAN_MONTHS[stage[on]] * -np.log(uniforms(key[on], 1, entity[on], stage[on]))
        approved[tuple(axis[passed & ended] for axis in due)] = month
    there = np.isfinite(approved)
    return np.stack([there.sum(1), approved.min(1), np.where(there, approved, 0.0).sum(1)], axis=1)


def seconds_a_race(way: Callable[[Any], Results], keys: Any, turn: int) -> float:
    """CPU seconds of a race of one turn."""
    return cpu_seconds(lambda: way(keys[turn])) / RACES


def lines() -> Iterator[str]:
    """The rows of the table."""
    cc = shutil.which("cc")
    ways: dict[str, Callable[[Any], Results]] = {"ours": by_records, "NumPy, all races at once": by_arrays}
    with tempfile.TemporaryDirectory() as folder:
        for level in ("-O2", "-O3") if cc else ():
            library = Path(folder) / f"reduced{level}.so"
            options = [level, "-ffp-contract=off", "-shared", "-fPIC"]  # fused, a sum has other last bits
            command = ["cc", *options, str(Path(__file__).with_name("reduced.c")), "-o", str(library), "-lm"]
            subprocess.run(command, check=True)
            ways[f"C, `cc {level}`"] = by_c(library)
        keys = [
            np.array([race_key(SEED, turn * RACES + run) for run in range(RACES)], np.uint64) for turn in range(TURNS)
        ]
        results = [way(keys[0]) for way in ways.values()]
        same = all(np.array_equal(result, results[0]) for result in results)
        measured = {name: partial(seconds_a_race, way, keys) for name, way in ways.items()}
        found = interleaved(measured, TURNS)
    yield f"| one race of {PROGRAMMES} programmes and {MONTHS} months | CPU ms, median (quartiles) | times ours |"
    yield "|---|---|---|"
    for name, seconds in found.items():
        yield f"| {name} | {told(seconds, 2)} | {ratio(seconds, found['ours']):.2f} |"
    yield ""
    yield f"Results are {'equal, to the last bit' if same else 'NOT EQUAL'}." + (
        "" if cc else " No C compiler is here."
    )
