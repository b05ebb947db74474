"""The milestones of a result folder as numbers, for questions that its races were not asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ipsc_race.milestones import CELL_SOURCES, MILESTONES, REPROGRAMMED
from ipsc_race.policy import calendar_month
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.metrics.asking import Happened, Integers
from ipsc_race_lab.results.event_log import blocs_by_home
from ipsc_race_lab.results.files import read_json
from ipsc_race_lab.results.folder import MILESTONES_FILE, SCENARIO, SUMMARY

COLUMNS = (
    "run", "month", "milestone", "company", "programme", "home", "jurisdiction", "indication", "cell_source",
)  # fmt: skip


def read_milestones(folder: Path, wanted: Collection[int]) -> Happened:
    """The wanted milestones, by number, of reprogrammed cells. Raises LabError where there is no finished result."""
    if not (folder / SUMMARY).exists():
        raise LabError(f"{folder}: holds no result of a run (there is no {SUMMARY})")
    summary, values = read_json(folder / SUMMARY), read_json(folder / SCENARIO)["epochs"][0]["values"]
    start, end = (calendar_month(summary[name]) for name in ("start_month", "end_month"))
    homes, blocs, indications = blocs_by_home(values), list(values["blocs"]), list(values["indications"])
    places = list(values["jurisdictions"])
    path = folder / MILESTONES_FILE
    try:
        with path.open("rb") as stored, pq.ParquetFile(stored) as file:
            groups = range(file.num_row_groups)
            parts = [_chosen(file.read_row_group(i, columns=list(COLUMNS)), wanted) for i in groups]
            table = pa.concat_tables(parts) if parts else file.schema_arrow.empty_table().select(COLUMNS)
    except (OSError, pa.ArrowException) as error:
        raise LabError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
    company, programme = (table.column(name).to_numpy().astype(np.int64) for name in ("company", "programme"))
    home, there = (_numbers(table.column(name), _place(places)) for name in ("home", "jurisdiction"))
    return Happened(
        run=table.column("run").to_numpy().astype(np.int64),
        month=_numbers(table.column("month"), calendar_month) - start,
        milestone=_numbers(table.column("milestone"), _milestone),
        product=np.where(programme >= 0, programme, -2 - company),
        bloc=_numbers(table.column("home"), lambda name: _place(blocs)(homes.get(name, ""))),
        indication=_numbers(table.column("indication"), _place(indications)),
        at_home=home == there,
        races=int(summary["runs"]),
        blocs=tuple(blocs),
        indications=tuple(indications),
        start_month=start,
        horizon_months=end - start + 1,
    )


def _chosen(table: pa.Table, wanted: Collection[int]) -> pa.Table:
    """The rows of a group of races that are wanted, so that a large file is never held whole."""
    milestone = _numbers(table.column("milestone"), _milestone)
    cells = _numbers(table.column("cell_source"), list(CELL_SOURCES.values()).index)
    return table.filter(pa.array(np.isin(milestone, list(wanted)) & (cells == REPROGRAMMED)))


def _milestone(name: str) -> int:
    """Number of a milestone, -1 for none."""
    return next((number for number, known in MILESTONES.items() if known == name), -1)


def _place(names: list[str]) -> Callable[[str], int]:
    """Where a name stands among others, -1 for one that does not."""
    return lambda name: names.index(name) if name in names else -1


def _numbers(column: pa.ChunkedArray, number: Callable[[str], int]) -> Integers:
    """A column of words as numbers, each word read once."""
    parts = [np.zeros(0, np.int64)]
    for chunk in column.chunks:
        known = np.array([number(word) for word in chunk.dictionary.to_pylist()] or [-1], np.int64)
        parts.append(known[chunk.indices.to_numpy()])
    return np.concatenate(parts)
