"""What may happen to a result folder: bits that flip, kills, two writers, full disks, signals.

Every fault is tried on a small run and a small experiment. It fails where the command ends in a traceback, hangs, takes
what is damaged for whole, loses more than was under way, or comes to another value hash than undisturbed.
"""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
from small_world import small_world

from ipsc_race_lab.cli import main

PATIENCE_SECONDS = 300
SPAN = "span.end_month=2012-12"
EXPERIMENT = """
title: Two numbers
scenario: {world}
set: {{{span}}}
factors:
  capital: {{path: jurisdictions.china.funding.capital_multiplier, low: 0.5, high: 1.5}}
  dummy: {{dummy: true}}
design: {{kind: monte_carlo, points: 8}}
replications: 3
seed: 7
"""
CALIBRATION = """
title: A small calibration
scenario: baseline
set: {span.end_month: 2026-12}
as_of: 2026-06
over_evidence: {under: [jurisdictions.japan.regulation], grades: [C, D], distribution: halves}
leave_out: {ipsc.first_approval: the same approvals, ipsc.approvals_japan_2026: few of so few races have two}
rates: false
waves: [100, 100, 100]
posterior: 20
seed: 3
"""
CALIBRATING_SECONDS = 8.0  # of a small calibration, most of them
Tried = tuple[int, list[str]]  # how many faults were tried, and what went wrong


class Job(NamedTuple):
    """A command, its undisturbed folder and the value hash that it must come to."""

    words: tuple[str, ...]
    folder: Path
    value_hash: str


def jobs(place: Path, world: str = "baseline") -> list[Job]:
    """A run and an experiment of a world, raced once undisturbed; they are raced but once in a place."""
    file = place / f"two-numbers-{Path(world).stem}.yaml"
    file.write_text(EXPERIMENT.format(world=world, span=SPAN.replace("=", ": ")), encoding="utf-8")
    run = ("run", world, "--set", SPAN, "--runs", "80", "--no-figures", "--workers", "2")
    made = []
    for name, words in (("run", run), ("experiment", ("experiment", str(file), "--chunk", "2"))):
        folder = place / f"{name}-{Path(world).stem}"
        if not folder.exists():
            code, said = command(words, folder)
            assert code == 0, said
        made.append(Job(words, folder, str(_manifest(folder)["value_hash"])))
    return made


def small_jobs(place: Path) -> list[Job]:
    """Those of a small world, which is soon read: damage to a file has nothing to do with what was raced."""
    world = place / "small.yaml"
    world.write_text(json.dumps(small_world()), encoding="utf-8")
    return jobs(place, str(world))


def command(words: tuple[str, ...], folder: Path) -> tuple[int, str]:
    """A command in this process: its exit code, and what it said to the reader."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*words, "--out", str(folder)])
    return code, err.getvalue()


class Running(NamedTuple):
    """A command at work, and where it writes what it says."""

    process: BaseProcess
    said: Path

    def ended(self) -> tuple[int | None, str]:
        """Its exit code, None where it does not end, and what it said."""
        self.process.join(PATIENCE_SECONDS)
        return self.process.exitcode, self.said.read_text(encoding="utf-8")


@contextlib.contextmanager
def process(words: tuple[str, ...], folder: Path) -> Iterator[Running]:
    """A command in a process of its own, forked from one that has its libraries and the rules."""
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["_warmed"])
    with tempfile.TemporaryDirectory() as place, patch.dict(os.environ, {"PYTHONPATH": os.pathsep.join(sys.path)}):
        running = Running(
            forking.Process(target=_alone, args=(words, folder, Path(place) / "said")), Path(place) / "said"
        )
        running.process.start()
        try:
            yield running
        finally:
            running.process.kill()
            running.process.join()


def _alone(words: tuple[str, ...], folder: Path, said: Path) -> None:
    with said.open("w", encoding="utf-8") as file, Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.exit(main([*words, "--out", str(folder)]))


def resumed(job: Job, folder: Path) -> list[str]:
    """What is wrong with a folder after the same command once more; nothing if it comes to the same."""
    try:
        code, said = command(job.words, folder)
        if code == 2 and "delete it and run the same command again" in said:  # a manifest: the rows beside it are kept
            (folder / "manifest.json").unlink()
            code, said = command(job.words, folder)
        damaged = verified(folder) if code == 0 else 0
    except Exception as error:  # noqa: BLE001 - any is a failure
        return [f"{folder.name}: {type(error).__name__}: {error}"]
    if code or damaged:
        return [f"{folder.name}: exit code {code}, of verify {damaged}: {said}"]
    found = _manifest(folder)["value_hash"]
    return [] if found == job.value_hash else [f"{folder.name}: came to {found}, not {job.value_hash}"]


def flips(count: int, place: Path, seed: int) -> Tried:
    """One flipped bit in any file: seen by `verify`, and raced or written anew."""

    def flip(path: Path, chance: np.random.Generator, _: int) -> str:
        damaged = bytearray(path.read_bytes())
        at, bit = int(chance.integers(len(damaged))), int(chance.integers(8))
        damaged[at] ^= 1 << bit
        path.write_bytes(damaged)
        return f"bit {bit} of byte {at} flipped"

    return _damages(count, place, seed, "flip", flip)


def truncations(count: int, place: Path, seed: int) -> Tried:
    """A file cut off anywhere, at times to nothing."""

    def cut(path: Path, chance: np.random.Generator, i: int) -> str:
        size = path.stat().st_size
        os.truncate(path, int(chance.integers(size)) if i % 3 else 0)
        return "cut off"

    return _damages(count, place, seed, "cut", cut)


def _damages(
    count: int, place: Path, seed: int, name: str, damage: Callable[[Path, np.random.Generator, int], str]
) -> Tried:
    """Damage one file of a finished result at a time: `verify` must see it, and the same command mend it."""
    chance, failures = np.random.default_rng(seed), []
    both = small_jobs(place)
    for i in range(count):
        job = both[i % 2]
        folder = _copy(job, place / f"{name}-{i}")
        files = sorted(path for path in folder.rglob("*") if path.suffix in (".parquet", ".json"))
        path = files[int(chance.integers(len(files)))]
        done = damage(path, chance, i)
        if verified(folder) == 0:
            failures.append(f"{path.relative_to(place)}: {done}, and called whole")
        failures += resumed(job, folder)
        shutil.rmtree(folder)
    return count, failures


def kills(count: int, place: Path, seed: int) -> Tried:
    """SIGKILL at any time: what has a name stays, and the same command goes on."""
    chance, failures = np.random.default_rng(seed), []
    both = jobs(place)
    for i in range(count):
        job, folder = both[i % 2], place / f"kill-{i}"
        with process(job.words, folder) as running:
            _await_manifest(folder, running)
            time.sleep(float(chance.uniform(0, 1.5)))
            running.process.kill()
            running.process.join()
        kept = {path: path.stat().st_mtime_ns for path in (folder / "rows").glob("*.parquet")}
        failures += resumed(job, folder)
        again = {path: path.stat().st_mtime_ns for path in (folder / "rows").glob("*.parquet")}
        if not kept.items() <= again.items():
            failures.append(f"{folder.name}: rows that were kept were raced again")
        shutil.rmtree(folder)
    return count, failures


def calibrations(count: int, place: Path, seed: int) -> Tried:
    """SIGKILL twice in a calibration: later waves are drawn again from the races that are kept, to the same hash."""
    chance, failures = np.random.default_rng(seed), []
    file = place / "small.yaml"
    file.write_text(CALIBRATION, encoding="utf-8")
    words, whole = ("calibrate", str(file), "--workers", "2"), place / "calibration"
    code, said = command(words, whole)
    assert code == 0, said
    job = Job(words, whole, str(_manifest(whole)["value_hash"]))
    for i in range(count):
        folder = place / f"calibration-{i}"
        for _ in range(2):
            with process(words, folder) as running:
                _await_manifest(folder, running)
                time.sleep(float(chance.uniform(0, CALIBRATING_SECONDS)))
        failures += resumed(job, folder)
        if (folder / "posterior.parquet").read_bytes() != (whole / "posterior.parquet").read_bytes():
            failures.append(f"{folder.name}: came to another posterior")
        shutil.rmtree(folder)
    return count, failures


def pairs(count: int, place: Path, seed: int) -> Tried:
    """Two writers at a time: one of them stops with a sentence, or comes when the other has ended."""
    del seed
    failures = []
    both = jobs(place)
    for i in range(count):
        job, folder = both[i % 2], place / f"pair-{i}"
        other = (*job.words, *(("--force",) if i % 4 == 0 else ("--workers", "1")))
        with process(job.words, folder) as one, process(other, folder) as two:
            codes, said = zip(one.ended(), two.ended(), strict=True)
        if set(codes) not in ({0}, {0, 2}) or (2 in codes and "is in use by process" not in "".join(said)):
            failures.append(f"{folder.name}: exit codes {codes}: {said}")
        failures += resumed(job, folder)
        shutil.rmtree(folder)
    return count, failures


def signals(count: int, place: Path, seed: int) -> Tried:
    """Ctrl-C, and what ends jobs and terminals: what is raced is saved, and the manifest says how far."""
    chance, failures = np.random.default_rng(seed), []
    both = jobs(place)
    for i in range(count):
        job, folder = both[i % 2], place / f"signal-{i}"
        number = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[i % 3]
        with process(job.words, folder) as running:
            _await_manifest(folder, running)
            time.sleep(float(chance.uniform(0.1, 1.0)))
            if running.process.is_alive():
                os.kill(running.process.pid or 0, number)
            code, said = running.ended()
        status = _manifest(folder)["status"]
        if (code, status) not in ((3, "interrupted"), (3, "complete"), (0, "complete")):
            failures.append(f"{folder.name}: exit code {code}, {status}, after {number.name}: {said}")
        failures += resumed(job, folder)
        shutil.rmtree(folder)
    return count, failures


FAULTS: dict[str, Callable[[int, Path, int], Tried]] = {
    fault.__name__: fault for fault in (flips, truncations, kills, calibrations, pairs, signals)
}


def _copy(job: Job, folder: Path) -> Path:
    shutil.copytree(job.folder, folder)
    return folder


def verified(folder: Path) -> int:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main(["verify", str(folder)])


def _manifest(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return content


def _await_manifest(folder: Path, running: Running) -> None:
    """Wait until a process has taken a folder, or has ended."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (folder / "manifest.json").exists() and running.process.is_alive() and time.monotonic() < end:
        time.sleep(0.01)
