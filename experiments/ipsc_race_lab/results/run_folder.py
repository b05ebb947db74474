"""What a run leaves for readers beside its shards: resolved scenario, milestones, monthly series and summary.

The two Parquet files hold the races in order of run; they take their names only when whole. In them -1 stands for no
company or programme, an empty text for no place, indication, lane or reason. All of it can be made anew from the
shards, and `read_run` gives back what figures and tables are made of.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ipsc_race import milestones
from ipsc_race.policy import calendar_month, iso_month
from ipsc_race.world import MONTHLY
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.metrics.questions import Answers, month_ends
from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results.files import read_json, whole_file
from ipsc_race_lab.results.folder import MILESTONES_FILE, MONTHLY_FILE, SCENARIO
from ipsc_race_lab.results.shards import Rows, Shards

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved

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


def scenario_content(resolved: Resolved) -> dict[str, Any]:
    """The scenario as resolved: values by epoch, and where each came from (files by name only)."""
    origins = {path: asdict(origin) for path, origin in resolved.origins.items()}
    for origin in origins.values():
        origin["file"] = Path(origin["file"]).name
    epochs = [
        {"from": iso_month(epoch.month), "values": epoch.scenario.model_dump(mode="json")} for epoch in resolved.epochs
    ]
    return {"name": resolved.name, "scenario_hash": resolved.hash, "epochs": epochs, "origins": origins}


def read_scenario(folder: Path) -> Resolved:
    """The scenario of a run as it was resolved. Raises LabError where it is not there or not whole."""
    from ipsc_race.loading import Epoch, Origin, Resolved
    from ipsc_race.scenario import Scenario

    path = folder / SCENARIO
    content = read_json(path)
    try:
        epochs = tuple(
            Epoch(calendar_month(epoch["from"]), Scenario.model_validate(epoch["values"]))
            for epoch in content["epochs"]
        )
        origins = {
            at: Origin(**origin | {"range": _ends(origin["range"])}) for at, origin in content["origins"].items()
        }
        resolved = Resolved(content["name"], epochs, origins)
        if resolved.hash != content["scenario_hash"]:
            raise ValueError("its values are not those of its hash")
    except (KeyError, TypeError, ValueError) as error:  # of pydantic too
        raise LabError(f"{path}: is damaged: {str(error).splitlines()[0]}") from error
    return resolved


def _ends(ends: Sequence[Any] | None) -> tuple[Any, Any] | None:
    """A range as an origin has it."""
    return None if ends is None else (ends[0], ends[1])


@dataclass(frozen=True)
class StoredRun:
    """A run as it is stored: its folder, its world, the answers of its races and what its manifest says."""

    folder: Path
    resolved: Resolved
    answers: Answers
    facts: Mapping[str, Any]

    @property
    def caption(self) -> str:
        """Title, number of races, seed, scenario and version, for a figure."""
        races = f"{len(self.answers.digests):,} races, seed {self.answers.seed}"
        version = self.facts["versions"]["ipsc-race"]
        return f"{self.facts['title']}. {races}, scenario {self.resolved.hash[:8]}, ipsc-race {version}."


def read_run(folder: Path) -> StoredRun:
    """Read a finished run back. Raises LabError where the folder holds none, or one that is not whole."""
    facts = place.finished(folder, place.RUN)
    resolved = read_scenario(folder)
    shards = Shards.of(folder)
    answers = Answers(resolved, facts["seed"])
    for race in InOrder(shards, facts["runs"]).take():
        answers.add(race)
    return StoredRun(folder, resolved, answers, facts)


class InOrder:
    """The whole races of a result in order of run, each as soon as all before it are there."""

    def __init__(self, shards: Shards, runs: int) -> None:
        self.taken = 0  # races so far, failed ones included
        self.failures: list[str] = []  # why races failed
        self._shards, self._runs = shards, runs
        self._places: dict[int, tuple[Path, int]] = {}  # by run: the shard, and the row in it
        self._known: set[Path] = set()
        self._at_hand: tuple[Path | None, Rows | None] = None, None

    def keep(self, rows: Rows) -> None:
        """Write rows and have them at hand."""
        self._at_hand = self._shards.write(rows), rows

    def take(self) -> Iterator[RaceResult]:
        """The races that are next and have not failed."""
        for path, keys in self._shards.keys().items():
            if path not in self._known:
                self._known.add(path)
                self._places |= {run: (path, row) for row, run in enumerate(keys.tolist())}
        while self.taken < self._runs and self.taken in self._places:
            path, row = self._places.pop(self.taken)
            rows = self._rows(path)
            self.taken += 1
            if rows.reasons[row]:
                self.failures.append(rows.reasons[row])
            else:
                yield rows.races[row]

    def _rows(self, path: Path) -> Rows:
        at, rows = self._at_hand
        if rows is None or at != path:
            rows = self._shards.read_shard(path)
            self._at_hand = path, rows
        return rows


class RunWriter:
    """Writes what readers want of the races of a run; nothing that is not saved stays.

    Use as a context: `add` each race in order, then `save`. Raises LabError where the folder cannot be written.
    """

    def __init__(self, folder: Path, resolved: Resolved) -> None:
        self.folder = folder
        self._resolved = resolved
        self._waiting: list[RaceResult] = []
        self._files = contextlib.ExitStack()
        self._writers: dict[str, pq.ParquetWriter] = {}
        start = resolved.epochs[0].month
        self._months = [iso_month(start + month) for month in range(resolved.months)]
        self._month_ends = month_ends(resolved)

    def __enter__(self) -> Self:
        with self._writing():
            for name, schema in ((MILESTONES_FILE, MILESTONES_SCHEMA), (MONTHLY_FILE, MONTHLY_SCHEMA)):
                words = [field.name for field in schema if field.type == WORD]
                file = self._files.enter_context(whole_file(self.folder / name))
                self._writers[name] = pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=words)
        return self

    def __exit__(self, *_: object) -> None:
        if not self._writers:
            return
        for writer in self._writers.values():
            with contextlib.suppress(OSError):
                writer.close()
            writer.is_open = False  # it would try again when it is forgotten
        with contextlib.suppress(_NotSavedError), self._files:
            raise _NotSavedError

    def add(self, result: RaceResult) -> None:
        """Append a race."""
        self._waiting.append(result)
        if len(self._waiting) == RACES_PER_GROUP:
            self._flush()

    def save(self) -> None:
        """Complete the files and give them their names."""
        self._flush()
        with self._writing():
            for writer in self._writers.values():
                writer.close()
            self._files.close()
        self._writers.clear()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Say in one sentence that the folder could not be written."""
        try:
            yield
        except OSError as error:
            raise place.unwritable(self.folder, error) from error

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


class _NotSavedError(Exception):
    """The files are not wanted."""


def _table(names: Mapping[int, str]) -> list[str]:
    """Names by number, with empty places where a number is not in use."""
    return [names.get(number, "") for number in range(max(names) + 1)]


def _words(numbers: npt.NDArray[Any], names: Sequence[str]) -> pa.DictionaryArray:
    """Names in place of their numbers; -1, where it occurs, takes the last name."""
    indices = numbers.astype(np.int16)
    indices = np.where(indices < 0, len(names) - 1, indices)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
