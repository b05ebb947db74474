"""The result folder: manifest, resolved scenario, milestones, monthly series and summary of one ensemble.

`manifest.json` is written first, with status "running", and finalised last. The two Parquet files are
streamed under temporary names and take their own only when whole, so whatever carries a final name can be
read. In them -1 stands for no company or programme, an empty text for no place, indication, lane or reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

import ipsc_race
from ipsc_race import milestones
from ipsc_race.policy import iso_month
from ipsc_race.world import MONTHLY
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.metrics.questions import month_ends

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved

MANIFEST, SCENARIO, SUMMARY = "manifest.json", "scenario.json", "summary.json"
MILESTONES_FILE, MONTHLY_FILE = "milestones.parquet", "monthly.parquet"
FILES = (MANIFEST, SCENARIO, SUMMARY, MILESTONES_FILE, MONTHLY_FILE)
FIGURES = "figures"
PART = ".part"  # end of the name of a file that is not whole yet
RACES_PER_GROUP = 32  # races in a Parquet row group: few megabytes in memory, few groups in the file

WORD = pa.dictionary(pa.int16(), pa.string())
NUMBERS = {"f8": pa.float64(), "i4": pa.int32()}
MILESTONES_SCHEMA = pa.schema(
    [("run", pa.int32()), ("month", WORD), ("milestone", WORD)]
    + [(name, pa.int32()) for name in ("company", "programme")]
    + [(name, WORD) for name in ("home", "jurisdiction", "indication", "lane", "reason", "cell_source", "sponsor")]
)
MONTHLY_SCHEMA = pa.schema(
    [("run", pa.int32()), ("month", WORD), ("jurisdiction", WORD)]
    + [(str(name), NUMBERS[MONTHLY[name].str[1:]]) for name in MONTHLY.names or ()]
)


def obstacles(folder: Path, *, force: bool) -> list[str]:
    """What stands against writing a result into `folder`, one sentence each."""
    ground = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    name = "it" if ground == folder else ground
    if not ground.is_dir():
        return [f"--out {folder}: {name} is a file; expected a folder"]
    if not os.access(ground, os.W_OK | os.X_OK):
        return [f"--out {folder}: {name} cannot be written to; give another folder"]
    found = [name for name in (*FILES, FIGURES) if (folder / name).exists()]
    if found and not force:
        held = f"--out {folder}: holds a result already ({found[0]})"
        return [f"{held}; give another folder, or --force to replace it"]
    return []


def reason(error: OSError) -> str:
    """Why a file could not be written, in the system's words."""
    return os.strerror(error.errno) if error.errno else str(error)


def write_whole(path: Path, text: str) -> None:
    """Write a text file under its name, whole or not at all. Raises OSError."""
    part = path.with_name(path.name + PART)
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def commit() -> str | None:
    """Commit of the checkout that this package runs from, "-dirty" if edited; None where there is none."""
    here = Path(__file__).resolve()
    describe = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"]
    git = ["git", "-C", str(here.parent)]
    try:
        for command in (["ls-files", "--error-unmatch", here.name], describe):
            answer = subprocess.run([*git, *command], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    packages = {name: version(name) for name in ("numpy", "numba", "mesa")}
    return {"ipsc-race": ipsc_race.__version__, "python": platform.python_version(), **packages}


def scenario_content(resolved: Resolved) -> dict[str, Any]:
    """The scenario as resolved: values by epoch, and where each came from (files by name only)."""
    origins = {path: asdict(origin) for path, origin in resolved.origins.items()}
    for origin in origins.values():
        origin["file"] = Path(origin["file"]).name
    epochs = [
        {"from": iso_month(epoch.month), "values": epoch.scenario.model_dump(mode="json")} for epoch in resolved.epochs
    ]
    return {"name": resolved.name, "scenario_hash": resolved.hash, "epochs": epochs, "origins": origins}


class ResultWriter:
    """Writes one result folder; leaves nothing behind if it fails.

    Use as a context: `add` each race, `save` the summary, `finalise` the manifest. A folder that is left
    before `finalise` is emptied of all that was written. Raises LabError where the place cannot be written.
    """

    def __init__(self, folder: Path, resolved: Resolved, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self._resolved = resolved
        self._manifest = dict(manifest)
        self._waiting: list[RaceResult] = []
        self._new_folders = [place for place in (folder, *folder.parents) if not place.exists()]
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._finalised = False
        start = resolved.epochs[0].month
        self._months = [iso_month(start + month) for month in range(resolved.months)]
        self._month_ends = month_ends(resolved)

    def __enter__(self) -> Self:
        try:
            with self._writing():
                self._open()
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if not self._finalised:
            self._discard()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Say in one sentence that the folder could not be written."""
        try:
            yield
        except OSError as error:
            place = f"{self.folder}: cannot write the result"
            raise LabError(f"{place}: {reason(error)}; what was written has been removed") from error

    def add(self, result: RaceResult) -> None:
        """Append a race."""
        self._waiting.append(result)
        if len(self._waiting) == RACES_PER_GROUP:
            self._flush()

    def save(self, summary: Mapping[str, Any]) -> None:
        """Complete the data files and give them their names."""
        self._flush()
        with self._writing():
            for name, writer in self._writers.items():
                writer.close()
                (self.folder / (name + PART)).replace(self.folder / name)
            self._write_json(SUMMARY, summary)

    def finalise(self, **facts: Any) -> None:
        """Complete the manifest: from here on the result stays."""
        self._manifest |= facts
        with self._writing():
            self._write_json(MANIFEST, self._manifest)
        self._finalised = True

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._remove()
        self._write_json(MANIFEST, self._manifest)
        self._write_json(SCENARIO, scenario_content(self._resolved))
        for name, schema in ((MILESTONES_FILE, MILESTONES_SCHEMA), (MONTHLY_FILE, MONTHLY_SCHEMA)):
            words = [field.name for field in schema if field.type == WORD]
            self._writers[name] = pq.ParquetWriter(
                str(self.folder / (name + PART)), schema, compression="zstd", use_dictionary=words
            )

    def _flush(self) -> None:
        if not self._waiting:
            return
        tables = {
            MILESTONES_FILE: self._milestones(self._waiting),
            MONTHLY_FILE: self._monthly(self._waiting),
        }
        with self._writing():
            for name, table in tables.items():
                self._writers[name].write_table(table)
        self._waiting.clear()

    def _milestones(self, results: Sequence[RaceResult]) -> pa.Table:
        events = np.concatenate([result.events for result in results])
        places, indications = (*self._resolved.jurisdictions, ""), (*self._resolved.indications, "")
        columns = {
            "run": np.repeat([result.run for result in results], [len(result.events) for result in results]),
            "month": _words(events["month"] - self._resolved.epochs[0].month, self._months),
            "milestone": _words(events["milestone"], _table(milestones.MILESTONES)),
            "company": events["company"],
            "programme": events["programme"],
            "home": _words(events["home"], places),
            "jurisdiction": _words(events["jurisdiction"], places),
            "indication": _words(events["indication"], indications),
            "lane": _words(events["lane"], _table(milestones.LANES)),
            "reason": _words(events["reason"], _table(milestones.REASONS)),
            "cell_source": _words(events["cell_source"], _table(milestones.CELL_SOURCES)),
            "sponsor": _words(events["sponsor"], _table(milestones.SPONSORS)),
        }
        return pa.table(columns, schema=MILESTONES_SCHEMA)

    def _monthly(self, results: Sequence[RaceResult]) -> pa.Table:
        series = np.stack([result.monthly[self._month_ends] for result in results])
        run, month, place = (index.ravel() for index in np.indices(series.shape))
        columns = {
            "run": np.array([result.run for result in results])[run],
            "month": _words(month, self._months),
            "jurisdiction": _words(place, self._resolved.jurisdictions),
            **{name: series[name].ravel() for name in MONTHLY.names or ()},
        }
        return pa.table(columns, schema=MONTHLY_SCHEMA)

    def _write_json(self, name: str, content: Mapping[str, Any]) -> None:
        write_whole(self.folder / name, json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False))

    def _remove(self) -> None:
        """Remove what a result consists of, and nothing else."""
        if (self.folder / MANIFEST).exists():
            shutil.rmtree(self.folder / FIGURES, ignore_errors=True)
        for name in FILES:
            for path in (self.folder / name, self.folder / (name + PART)):
                path.unlink(missing_ok=True)

    def _discard(self) -> None:
        for writer in self._writers.values():
            with contextlib.suppress(Exception):
                writer.close()
        with contextlib.suppress(OSError):
            self._remove()
            for place in self._new_folders:
                place.rmdir()


def _table(names: Mapping[int, str]) -> list[str]:
    """Names by number, with empty places where a number is not in use."""
    return [names.get(number, "") for number in range(max(names) + 1)]


def _words(numbers: npt.NDArray[Any], names: Sequence[str]) -> pa.DictionaryArray:
    """Names in place of their numbers; -1, where it occurs, takes the last name."""
    indices = numbers.astype(np.int16)
    indices = np.where(indices < 0, len(names) - 1, indices)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
