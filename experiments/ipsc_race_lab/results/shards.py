"""The races of a result on disk: shards of rows, written whole or not at all, that any later run can go on from.

A row is one race: a point of the design, a number of run, what the race came to for each bloc and, where a result keeps
whole races, its events and series to the last bit. Rows stand in Parquet files under `rows/`, in no particular order.
A file has the digest of its content for a name, and says of which experiment it is and what raced it; so the shards
alone are enough, and one that is damaged is seen, set aside and raced again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ipsc_race.ensemble import RaceResult
from ipsc_race.world import EVENT, MONTHLY
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results.files import PART, content_digest, reason, whole_file, write_json
from ipsc_race_lab.results.folder import MANIFEST, ROWS, SHARD, read_manifest, refuse_foreign
from ipsc_race_lab.results.provenance import environment

KIN, ENVIRONMENT = b"ipsc-race experiment", b"ipsc-race environment"
MAX_RUNS = 1 << 20  # of a point, in a key
NAME_DIGITS = 24
KEYS = ["point", "run"]
AGAIN = "run the same command again: its rows are raced anew"
DAMAGED = "is damaged: its content is not what was written"
PARTS = {"events": EVENT, "monthly": MONTHLY}  # columns of whole races, and what they are records of
WHOLE = {"compression": "lz4", "use_dictionary": False, "write_statistics": False}  # of races, which are large

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """Finished rows: which point and run, outcomes of shape (rows, blocs), and why a row failed (empty: it did not).

    `races`: the whole race of each row, where they are kept.
    """

    points: Array
    runs: Array
    outcomes: Array
    reasons: tuple[str, ...]
    races: tuple[RaceResult, ...] = ()

    def digest(self) -> int:
        """A number that is the same for the same rows in any order: the sum of their hashes."""
        total = 0
        for i, why in enumerate(self.reasons):
            row = f"{self.points[i]} {self.runs[i]} {why} ".encode() + self.outcomes[i].tobytes()
            total += int.from_bytes(hashlib.sha256(row).digest(), "little")
        return total


def row_keys(points: Array, runs: Array) -> Array:
    """One number for each point and run, in the order of points, then runs."""
    return points.astype(np.int64) * MAX_RUNS + runs


class DamagedError(LabError):
    """A shard that is not what was written."""


class Shards:
    """The rows of one result, in a folder that is `held`. Raises LabError, each time with what to do about it."""

    def __init__(self, folder: Path, kin: str, blocs: Sequence[str], made_by: Mapping[str, str] | None = None) -> None:
        """`blocs`: names of the records that a row has; `made_by`: the environment of all rows, by default this one."""
        self.folder, self.kin, self.blocs = folder, kin, tuple(blocs)
        self.set_aside: list[str] = []  # shards that were damaged, each with why
        self._environment = environment() if made_by is None else made_by
        self._keys: dict[Path, Array] = {}  # of the rows of each shard

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The rows of a result that is read and not written. Raises LabError where it is not whole."""
        manifest = read_manifest(folder)
        if manifest is None:
            raise LabError(f"{folder}: holds no result")
        shards = cls(folder, manifest["kin"], manifest["blocs"])
        for path in shards.files():
            shards._keys[path] = _keys(shards._table(path, KEYS))
        return shards

    def open(self, facts: Mapping[str, Any]) -> None:
        """Take up the folder, or make it; what it holds already must be of this result and of this environment."""
        refuse_foreign(self.folder)
        manifest = read_manifest(self.folder)
        if manifest is not None:
            self._refuse_others(self.folder / MANIFEST, manifest["kin"], manifest["environment"])
        try:
            (self.folder / ROWS).mkdir(parents=True, exist_ok=True)
            for left in (self.folder / ROWS).glob(f"*{PART}"):
                left.unlink()  # of a process that died: the folder is ours
        except OSError as error:
            raise place.unwritable(self.folder, error) from error
        for damaged, why in self.look().items():
            self._put_aside(damaged, why)
        self.write_manifest({"status": "running", **facts})

    def done(self) -> Array:
        """Keys of the rows that are there already, failed ones included, in order."""
        return np.sort(np.concatenate([np.zeros(0, np.int64), *self._keys.values()]))

    def write(self, rows: Rows) -> Path:
        """Add rows as a shard of their own: under its name it is whole."""
        table = _table(rows, self.blocs)
        metadata = {KIN: self.kin, ENVIRONMENT: json.dumps(self._environment)}
        sink = pa.BufferOutputStream()
        options = WHOLE if rows.races else {"compression": "zstd"}
        pq.write_table(table.replace_schema_metadata(metadata), sink, **options)
        content = sink.getvalue()
        path = self.folder / ROWS / f"{_name(content)}.parquet"
        try:
            with whole_file(path) as file:
                file.write(content)
        except OSError as error:
            raise place.unwritable(self.folder, error) from error
        self._keys[path] = row_keys(rows.points, rows.runs)
        return path

    def read(self, points: range | None = None) -> Iterator[Rows]:
        """All rows, shard by shard; with `points` no shard that has none of these numbers."""
        asked = self._keys if points is None else [path for path in self._keys if self._holds(path, points)]
        return map(self.read_shard, sorted(asked))

    def _holds(self, path: Path, points: range) -> bool:
        numbers = self._keys[path] // MAX_RUNS
        return bool(((numbers >= points.start) & (numbers < points.stop)).any())

    def read_shard(self, path: Path) -> Rows:
        """The rows of a shard."""
        return _rows(self._table(path), self.blocs)

    def files(self) -> list[Path]:
        """The shards that lie in the folder."""
        return sorted((self.folder / ROWS).glob(SHARD))

    def keys(self) -> Mapping[Path, Array]:
        """Keys of the rows of each shard, in their order there."""
        return self._keys

    def value_hash(self) -> str:
        """Hash of all rows, the same whatever shards they stand in."""
        total = sum(rows.digest() for rows in self.read())
        return f"{total % (1 << 256):064x}"

    def write_manifest(self, facts: Mapping[str, Any]) -> None:
        """The manifest, whole or not at all."""
        manifest = {"kin": self.kin, "environment": self._environment, "blocs": self.blocs, **facts}
        self.write_json(MANIFEST, {**manifest, "digest": content_digest(manifest)})

    def write_json(self, name: str, content: Mapping[str, Any] | Sequence[Any]) -> None:
        """A file of the folder, whole or not at all."""
        try:
            write_json(self.folder / name, content)
        except OSError as error:
            raise place.unwritable(self.folder, error) from error

    # What may be wrong with a folder

    def look(self) -> dict[Path, str]:
        """Look through the shards that are there; returns those that are not what was written, each with why."""
        damaged: dict[Path, str] = {}
        for path in self.files():
            try:
                table = self._table(path, KEYS)
            except DamagedError:
                damaged[path] = DAMAGED
                continue
            metadata = table.schema.metadata or {}
            self._refuse_others(path, metadata.get(KIN, b"").decode(), json.loads(metadata.get(ENVIRONMENT, b"{}")))
            self._keys[path] = _keys(table)
        twice = _twice(self.done())
        for path in sorted(self._keys):
            if np.isin(self._keys[path], twice).any():
                damaged[path] = "holds rows twice, or rows of another shard"
                del self._keys[path]
                twice = _twice(self.done())
        return damaged

    def _put_aside(self, path: Path, why: str) -> None:
        try:
            path.replace(path.with_suffix(".bad"))
        except OSError as error:
            raise place.unwritable(self.folder, error) from error
        self.set_aside.append(f"{path}: {why}; set aside as {path.stem}.bad, and its rows are raced again")

    def _table(self, path: Path, columns: list[str] | None = None) -> pa.Table:
        """A shard as it was written, or some of its columns. Raises DamagedError where it is not."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LabError(f"{path}: cannot be read: {reason(error)}") from error
        if _name(content) != path.stem:
            raise DamagedError(f"{path}: {DAMAGED}; {AGAIN}")
        return pq.read_table(pa.BufferReader(content), columns=columns, use_threads=False)

    def _refuse_others(self, path: Path, kin: Any, made_by: Any) -> None:
        if kin != self.kin:
            raise LabError(f"{path}: is of another experiment; give another folder with --out")
        if made_by == self._environment:
            return
        other = {name: made_by.get(name) for name in self._environment} if isinstance(made_by, dict) else {}
        if other.get("rules") != self._environment["rules"]:
            raise LabError(f"{path}: was made by other rules than these; give another folder with --out")
        differing = [name for name, value in self._environment.items() if other[name] != value]
        has, here = (", ".join(f"{name} {of[name]}" for name in differing) for of in (other, self._environment))
        raise LabError(f"{path}: was raced with {has}, and here is {here}; give another folder with --out")


def _keys(table: pa.Table) -> Array:
    """Keys of the rows of a shard."""
    return row_keys(table["point"].to_numpy(), table["run"].to_numpy())


def _twice(keys: Array) -> Array:
    """The keys that occur more than once, of keys in order."""
    return np.asarray(keys[1:][keys[1:] == keys[:-1]])


def _name(content: bytes | pa.Buffer) -> str:
    """The name of a shard: the beginning of the digest of all that is in it."""
    return hashlib.sha256(content).hexdigest()[:NAME_DIGITS]


def _table(rows: Rows, blocs: Sequence[str]) -> pa.Table:
    """Rows as they are stored: a column for each number of each bloc, and for each field of the races."""
    columns: dict[str, Any] = {
        "point": rows.points,
        "run": rows.runs,
        "failed": pa.array(rows.reasons, pa.string()),
    }
    for b, bloc in enumerate(blocs):
        columns |= {f"{bloc}.{name}": rows.outcomes[name][:, b] for name in rows.outcomes.dtype.names or ()}
    if rows.races:
        columns["places"] = [race.monthly.shape[1] for race in rows.races]
        for part in PARTS:
            columns[part] = pa.array([_packed(getattr(race, part)) for race in rows.races], pa.binary())
    return pa.table(columns)


def _rows(table: pa.Table, blocs: Sequence[str]) -> Rows:
    """Rows as they were stored."""
    outcomes = np.zeros((table.num_rows, len(blocs)), _form(table.schema, blocs[0]))
    for b, bloc in enumerate(blocs):
        for name in outcomes.dtype.names or ():
            outcomes[name][:, b] = table[f"{bloc}.{name}"].to_numpy()
    points, runs = table["point"].to_numpy(), table["run"].to_numpy()
    races = tuple(_races(table, runs, outcomes)) if "places" in table.column_names else ()
    return Rows(points, runs, outcomes, tuple(table["failed"].to_pylist()), races)


def _form(schema: pa.Schema, bloc: str) -> np.dtype[Any]:
    """The record that rows have for each bloc."""
    of_bloc = [field for field in schema if field.name.startswith(f"{bloc}.")]
    return np.dtype([(field.name.removeprefix(f"{bloc}."), field.type.to_pandas_dtype()) for field in of_bloc])


def _races(table: pa.Table, runs: Array, outcomes: Array) -> Iterator[RaceResult]:
    """The whole race of each row."""
    places = table["places"].to_pylist()
    kept = {part: table[part].to_pylist() for part in PARTS}
    for i, run in enumerate(runs.tolist()):
        events, monthly = (_unpacked(kept[part][i], kind) for part, kind in PARTS.items())
        yield RaceResult(run, events, monthly.reshape(-1, places[i]), outcomes[i])


def _packed(records: Array) -> bytes:
    """Records with the first bytes of all together, then the second ones: so they are soon compressed."""
    table = np.ascontiguousarray(records).reshape(-1).view(np.uint8).reshape(records.size, records.itemsize)
    return table.T.tobytes()


def _unpacked(content: bytes, kind: np.dtype[Any]) -> Array:
    """The records that were packed."""
    table = np.frombuffer(content, np.uint8).reshape(kind.itemsize, len(content) // kind.itemsize)
    return np.ascontiguousarray(table.T).reshape(-1).view(kind)
