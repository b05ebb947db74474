"""A result folder as a place: who may write there, what lies there already, and the manifest that says what it is.

`manifest.json` is written first, with status "running", and last, with "complete" or "interrupted". Whoever writes
holds the folder until it has ended: a second one is refused and told by whom, and a process that died holds nothing.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results.files import PART, content_digest, read_json, reason

MANIFEST, LOCK, ROWS, FIGURES = "manifest.json", "lock", "rows", "figures"
SCENARIO, SUMMARY, MILESTONES_FILE, MONTHLY_FILE = (
    "scenario.json", "summary.json", "milestones.parquet", "monthly.parquet",
)  # fmt: skip
EXPERIMENT, ANALYSIS = "experiment.json", "analysis.json"
SHARD, BAD = f"{'[0-9a-f]' * 24}.parquet", "*.bad"  # names of shards, and of what was set aside
POSTERIOR, POSTERIOR_SCENARIO = "posterior.parquet", "posterior.yaml"
RUN, STUDY, ABLATION, CALIBRATION, FORECAST = KINDS = (  # what manifests say
    "run", "experiment", "ablation", "calibration", "forecast",
)  # fmt: skip
COMPLETE = "complete"
PICTURES = ("*.png", "*.svg")
FILES = (MANIFEST, SCENARIO, SUMMARY, MILESTONES_FILE, MONTHLY_FILE, EXPERIMENT, ANALYSIS,
    POSTERIOR, POSTERIOR_SCENARIO,
)  # fmt: skip
OURS = {"kind", "kin", "environment", "blocs", "status"}  # what every manifest of ours says
AGAIN = "delete it and run the same command again: the rows beside it are kept"
KEPT = "what is there is kept; make room or give another folder, and run the same command again"


def obstacles(folder: Path) -> list[str]:
    """What stands against writing a result into a folder, one sentence each; what it holds is asked by `begin`."""
    ground = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    name = "it" if ground == folder else ground
    if not ground.is_dir():
        return [f"--out {folder}: {name} is a file; expected a folder"]
    if not os.access(ground, os.W_OK | os.X_OK):
        return [f"--out {folder}: {name} cannot be written to; give another folder"]
    return []


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep a folder, made if it is not there, to this process. Raises LabError where another one has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder / LOCK)
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / LOCK).unlink()  # while it is still ours
        os.close(lock)


def _locked(path: Path) -> int:
    """The lock file, open and locked."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not _is_there(path, lock):  # who had it has taken it away
                os.close(lock)
                continue
            os.ftruncate(lock, 0)
            os.write(lock, f"process {os.getpid()} since {time.strftime('%Y-%m-%d %H:%M')}".encode())
        except OSError as error:
            holder = os.pread(lock, 100, 0).decode(errors="replace") or "another process"
            os.close(lock)
            if error.errno in (errno.EAGAIN, errno.EACCES):
                msg = f"{path.parent}: is in use by {holder}; wait until it has ended, or give another folder"
                raise LabError(msg) from error
            raise
        return lock


def _is_there(path: Path, lock: int) -> bool:
    """Whether an open file is the one that has the name."""
    try:
        there = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(lock))


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What a folder says that it is; None where it says nothing. Raises LabError where that is not ours."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        manifest = read_json(path)
    except LabError as error:
        raise LabError(f"{error}; {AGAIN}") from error
    if "digest" in manifest and manifest.pop("digest") != content_digest(manifest):
        raise LabError(f"{path}: is damaged: its content is not what was written; {AGAIN}")
    if not manifest.keys() >= OURS:
        raise LabError(f"{path}: is no manifest of a result that this ipsc-race knows; give another folder with --out")
    return manifest


def finished(folder: Path, *kinds: str) -> dict[str, Any]:
    """The manifest of a finished result of some kind. Raises LabError where the folder holds none."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise LabError(f"{folder}: holds no result; expected a folder that {' or '.join(kinds)} wrote")
    if manifest["kind"] not in kinds:
        raise LabError(f"{folder}: holds the result of {manifest['kind']}; expected that of {' or '.join(kinds)}")
    if manifest["status"] != COMPLETE:
        raise LabError(f"{folder}: is not finished; the command that began it goes on where it was")
    return manifest


def refuse_foreign(folder: Path) -> None:
    """Raise LabError where a folder without a manifest holds something under the name of a file of ours."""
    if (folder / MANIFEST).exists() or any((folder / ROWS).glob(SHARD)):
        return
    present = [name for name in (*FILES, FIGURES, ROWS) if os.path.lexists(folder / name)]
    if present == [ROWS] and not any((folder / ROWS).iterdir()):
        return
    if present:
        raise LabError(f"{folder}: holds {present[0]} without a manifest of ours; give another folder with --out")


def clear(folder: Path) -> None:
    """Remove what a result consists of, and nothing else. Raises LabError where what is there is not ours."""
    refuse_foreign(folder)
    if read_manifest(folder) is None and not (folder / ROWS).exists():
        return
    try:
        for name in FILES[1:]:
            for path in (folder / name, folder / (name + PART)):
                path.unlink(missing_ok=True)
        for place, names in ((ROWS, (SHARD, BAD, f"*{PART}")), (FIGURES, PICTURES)):
            for path in [path for name in names for path in (folder / place).glob(name)]:
                path.unlink()
        with suppress(OSError):  # there is more in it, or it is a link
            (folder / FIGURES).rmdir()
        (folder / MANIFEST).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(folder: Path, error: OSError) -> LabError:
    """A folder that could not be written, in a sentence."""
    return LabError(f"{folder}: cannot be written: {reason(error)}; {KEPT}")
