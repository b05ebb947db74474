"""Full disks: while races are stored, while figures are drawn, while compiled rules are kept.

Every other trial has a small disk of its own (tmpfs), where this user may mount one; else a bound on the size of a file
stands in for it (RLIMIT_FSIZE), which stops the same writes. A trial fails where it ends in a traceback, leaves half a
file, or does not go on once there is room again.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numba
import numpy as np
from store import Job, Tried, command, jobs, resumed, verified

from ipsc_race.kept_code import KeptCode

FULL = ("No space left on device", "File too large")
BLOCK = 4096  # bytes, in which a disk is full
DISK = 1 << 30  # bytes of one that is not
Limit = Callable[[int | None], None]  # leave room for so many bytes; None: for all


def disks(count: int, place: Path, seed: int) -> Tried:
    """A disk that is full after any number of bytes of races: one sentence, and what is there is kept."""
    chance, failures = np.random.default_rng(seed), []
    both = jobs(place)
    for i in range(count):
        job = both[i % 2]
        largest = max(path.stat().st_size for path in job.folder.rglob("*") if path.is_file())
        with _disk(i // 2, place / f"disk-{i}") as limit:
            folder = place / f"disk-{i}" / "out"
            limit(_some(largest, chance))
            code, said = _tried(job.words, folder)
            limit(None)
            if code != 2 or not _is_full(said) or list(folder.rglob("*.part")):
                failures.append(f"{folder}: exit code {code}: {said}")
            failures += resumed(job, folder)
    return count, failures


def figures(count: int, place: Path, seed: int) -> Tried:
    """A disk that is full while figures are drawn: one sentence, no half of them, and the races stay whole."""
    chance, failures = np.random.default_rng(seed), []
    job = _drawn(jobs(place)[0], place)
    largest = max(path.stat().st_size for path in (job.folder / "figures").iterdir())
    for i in range(count):
        with _disk(i, place / f"figures-{i}") as limit:
            folder = place / f"figures-{i}" / "out"
            shutil.copytree(job.folder, folder, ignore=shutil.ignore_patterns("figures"))
            limit(_some(largest, chance))
            code, said = _tried(job.words, folder)
            limit(None)
            left = list((folder / "figures").glob("*"))
            if code != 2 or not _is_full(said) or left or verified(folder):
                failures.append(f"{folder}: exit code {code}, {len(left)} figures left: {said}")
            failures += resumed(job, folder)
            if len(list((folder / "figures").iterdir())) != len(list((job.folder / "figures").iterdir())):
                failures.append(f"{folder}: not all figures are drawn again")
    return count, failures


def caches(count: int, place: Path, seed: int) -> Tried:
    """A disk that is full while a compiled rule is kept: it answers all the same, and is kept once there is room."""
    chance, failures = np.random.default_rng(seed), []
    for i in range(count):
        cache_folder = place / f"cache-{i}"
        with _disk(i, cache_folder) as limit, patch.dict(os.environ, XDG_CACHE_HOME=str(cache_folder)):
            (kept, first), (_, again), (_, last) = (
                _compiled(limit, room) for room in (_some(BLOCK, chance), None, None)
            )
            if not _is_full(first) or list(kept.glob("tmp*")) or "once" not in again or last:
                failures.append(f"{cache_folder}: said {first!r}, then {again!r}, then {last!r}")
    return count, failures


FAULTS: dict[str, Callable[[int, Path, int], Tried]] = {fault.__name__: fault for fault in (disks, figures, caches)}


def _compiled(limit: Limit, room: int | None) -> tuple[Path, str]:
    """The folder of kept code and what is said, of a rule that a new process would compile."""
    dispatcher: Any = numba.njit(_rule)
    dispatcher._cache = KeptCode("rule", "campaign")
    kept = Path(dispatcher._cache.cache_path)
    limit(room)
    with contextlib.redirect_stderr(io.StringIO()) as said:
        assert dispatcher(1.0, 2.0) == 3.0
    limit(None)
    return kept, said.getvalue()


def _rule(one: float, other: float) -> float:
    return one + other


def _drawn(job: Job, place: Path) -> Job:
    """A job that draws, and its undisturbed folder."""
    words = tuple(word for word in job.words if word != "--no-figures")
    folder = place / "drawn"
    if not folder.exists():
        code, said = command(words, folder)
        assert code == 0, said
    return Job(words, folder, job.value_hash)


def _tried(words: tuple[str, ...], folder: Path) -> tuple[int, str]:
    try:
        return command(words, folder)
    except Exception as error:  # noqa: BLE001 - any is a failure
        return -1, f"{type(error).__name__}: {error}"


def _some(largest: int, chance: np.random.Generator) -> int:
    """A number of bytes below the largest, small ones as often as large ones."""
    return int(np.exp(chance.uniform(0, np.log(largest))))


def _is_full(said: str) -> bool:
    return any(reason in said for reason in FULL)


def _disk(number: int, folder: Path) -> contextlib.AbstractContextManager[Limit]:
    return _small_disk(folder) if number % 2 == 0 and _may_mount() else _short_files(folder)


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Limit]:
    """A disk of its own at a folder."""
    folder.mkdir()
    _mount(folder, f"size={DISK}")

    def limit(room: int | None) -> None:
        disk = os.statvfs(folder)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        _mount(folder, f"remount,size={DISK if room is None else max(used + room, BLOCK)}")

    try:
        yield limit
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


@contextlib.contextmanager
def _short_files(folder: Path) -> Iterator[Limit]:
    """A folder, and a bound on the size of what this process writes."""
    folder.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(room: int | None) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft if room is None else room, hard))

    try:
        yield limit
    finally:
        limit(None)
        shutil.rmtree(folder)


@cache
def _may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return done.returncode == 0


def _mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
