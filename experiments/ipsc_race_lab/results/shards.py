"""The result of an experiment on disk: shards of rows, written whole or not at all, that any later run can go on from.

A row is one race: a point of the design, a number of run, and what the race came to for each bloc. Rows stand in
Parquet files under `rows/`, in no particular order; each file says of which experiment and of which rules it is, so
that the shards alone are enough. `manifest.json` is written first, with status "running", and finalised last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ipsc_race.host import source_hash
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results.run_folder import MANIFEST, PART, commit, reason, versions, write_whole

ROWS, ANALYSIS = "rows", "analysis.json"
KIN, RULES = b"ipsc-race experiment", b"ipsc-race rules"
MOST_RUNS = 1 << 20  # of a point, in a key
AGAIN = "delete it and run the same command again: only its rows are raced anew"

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """Finished rows: which point and run, outcomes of shape (rows, blocs), and why a row failed (empty: it did not)."""

    points: Array
    runs: Array
    outcomes: Array
    reasons: tuple[str, ...]

    def digest(self) -> int:
        """A number that is the same for the same rows in any order: the sum of their hashes."""
        total = 0
        for i, why in enumerate(self.reasons):
            told = f"{self.points[i]} {self.runs[i]} {why} ".encode() + self.outcomes[i].tobytes()
            total += int.from_bytes(hashlib.sha256(told).digest(), "little")
        return total


def row_keys(points: Array, runs: Array) -> Array:
    """One number for each point and run, in the order of points, then runs."""
    return points.astype(np.int64) * MOST_RUNS + runs


class Shards:
    """One experiment's folder. Raises LabError, each time with what to do about it."""

    def __init__(self, folder: Path, kin: str, blocs: Sequence[str]) -> None:
        self.folder, self.kin, self.blocs = folder, kin, tuple(blocs)
        self._rules = source_hash()

    def open(self, facts: Mapping[str, Any]) -> None:
        """Take up the folder, or make it; what it holds already must be of this experiment and of these rules."""
        self._check_manifest()
        try:
            (self.folder / ROWS).mkdir(parents=True, exist_ok=True)
            for left in (self.folder / ROWS).glob(f"*{PART}"):
                left.unlink()
        except OSError as error:
            raise self._unwritable(error) from error
        for path in self._files():
            self._check_shard(path)
        self.write_manifest({"status": "running", **facts})

    def done(self) -> Array:
        """Keys of the rows that are there already, failed ones included, in order."""
        tables = (self._read(path, ["point", "run"]) for path in self._files())
        found = [row_keys(table["point"].to_numpy(), table["run"].to_numpy()) for table in tables]
        return np.sort(np.concatenate([np.zeros(0, np.int64), *found]))

    def write(self, rows: Rows) -> None:
        """Add rows as a shard of their own: under its name it is whole."""
        columns: dict[str, Any] = {
            "point": rows.points,
            "run": rows.runs,
            "failed": pa.array(rows.reasons, pa.string()),
        }
        for b, bloc in enumerate(self.blocs):
            columns |= {f"{bloc}.{name}": rows.outcomes[name][:, b] for name in OUTCOME.names or ()}
        table = pa.table(columns).replace_schema_metadata({KIN: self.kin, RULES: self._rules})
        name = hashlib.sha256(rows.points.tobytes() + rows.runs.tobytes()).hexdigest()[:24]
        path = self.folder / ROWS / f"{name}.parquet"
        part = path.with_name(path.name + PART)
        try:
            pq.write_table(table, part, compression="zstd")
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise self._unwritable(error) from error

    def read(self) -> Iterator[Rows]:
        """All rows, shard by shard."""
        for path in self._files():
            table = self._read(path, None)
            outcomes = np.zeros((table.num_rows, len(self.blocs)), OUTCOME)
            for b, bloc in enumerate(self.blocs):
                for name in OUTCOME.names or ():
                    outcomes[name][:, b] = table[f"{bloc}.{name}"].to_numpy()
            points, runs = table["point"].to_numpy(), table["run"].to_numpy()
            yield Rows(points, runs, outcomes, tuple(table["failed"].to_pylist()))

    def value_hash(self) -> str:
        """Hash of all rows, the same whatever shards they stand in."""
        total = sum(rows.digest() for rows in self.read())
        return f"{total % (1 << 256):064x}"

    def write_manifest(self, facts: Mapping[str, Any]) -> None:
        """The manifest, whole or not at all."""
        self.write_json(MANIFEST, {"kin": self.kin, "rules": self._rules, "blocs": self.blocs, **facts})

    def write_json(self, name: str, content: Mapping[str, Any] | Sequence[Any]) -> None:
        """A file of the folder, whole or not at all."""
        try:
            write_whole(self.folder / name, json.dumps(content, indent=1, ensure_ascii=False))
        except OSError as error:
            raise self._unwritable(error) from error

    # What may be wrong with a folder

    def _files(self) -> list[Path]:
        return sorted((self.folder / ROWS).glob("*.parquet"))

    def _check_manifest(self) -> None:
        path = self.folder / MANIFEST
        if not path.exists():
            return
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            kin, rules = held.get("kin"), held.get("rules")
        except (OSError, ValueError, AttributeError) as error:
            msg = f"{path}: is not whole; delete it and run the same command again: the rows beside it are kept"
            raise LabError(msg) from error
        self._check_same(path, kin, rules)

    def _check_shard(self, path: Path) -> None:
        try:
            told = pq.read_schema(path).metadata or {}
        except (OSError, pa.ArrowInvalid) as error:
            msg = f"{path}: cannot be read; {AGAIN}"
            raise LabError(msg) from error
        self._check_same(path, told.get(KIN, b"").decode(), told.get(RULES, b"").decode())

    def _check_same(self, path: Path, kin: Any, rules: Any) -> None:
        if kin != self.kin:
            raise LabError(f"{path}: is of another experiment; give another folder with --out")
        if rules != self._rules:
            raise LabError(f"{path}: was made by other rules than these; give another folder with --out")

    def _read(self, path: Path, columns: Iterable[str] | None) -> pa.Table:
        try:
            return pq.read_table(path, columns=None if columns is None else list(columns), use_threads=False)
        except (OSError, pa.ArrowInvalid) as error:
            msg = f"{path}: cannot be read; {AGAIN}"
            raise LabError(msg) from error

    def _unwritable(self, error: OSError) -> LabError:
        kept = "what is there is kept; make room or give another folder, and run the same command again"
        return LabError(f"{self.folder}: cannot be written: {reason(error)}; {kept}")


def provenance() -> dict[str, Any]:
    """What made the rows: versions and commit; no names of users or machines."""
    return {"versions": versions(), "commit": commit()}
