"""What a run leaves for readers: whatever carries a final name is whole, and comes back as it was."""

from __future__ import annotations

import errno
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from fake_races import event, fake_resolved, race, random_race

from ipsc_race import milestones
from ipsc_race.loading import load
from ipsc_race.world import MONTHLY
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results import run_folder as store
from ipsc_race_lab.results.files import PART, write_json
from ipsc_race_lab.results.folder import MILESTONES_FILE, MONTHLY_FILE, SCENARIO


def write(folder: Path, resolved: Any, results: list[Any]) -> None:
    with store.RunWriter(folder, resolved) as writer:
        for result in results:
            writer.add(result)
        writer.save()


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """A disk that is full after `size` bytes of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_milestones_come_back_with_their_names(tmp_path: Path) -> None:
    resolved = fake_resolved()
    results = [random_race(run, 5, resolved) for run in range(40)]  # more than one row group
    write(tmp_path, resolved, results)
    table = pq.read_table(tmp_path / MILESTONES_FILE).to_pylist()
    events = np.concatenate([result.events for result in results])
    assert len(table) == len(events)
    assert [row["run"] for row in table] == [result.run for result in results for _ in result.events]
    for row, told in zip(table, events, strict=True):
        assert row["month"] == f"{told['month'] // 12}-{told['month'] % 12 + 1:02d}"
        assert row["milestone"] == milestones.MILESTONES[int(told["milestone"])]
        assert (row["company"], row["programme"]) == (told["company"], told["programme"])
        assert row["home"] == resolved.jurisdictions[told["home"]]
        assert row["jurisdiction"] == resolved.jurisdictions[told["jurisdiction"]]
        assert row["indication"] == (*resolved.indications, "")[told["indication"]]
        assert row["lane"] == milestones.LANES[int(told["lane"])]
        assert row["reason"] == milestones.REASONS[int(told["reason"])]
        assert row["cell_source"] == milestones.CELL_SOURCES[int(told["cell_source"])]
        assert row["sponsor"] == milestones.SPONSORS[int(told["sponsor"])]


@pytest.mark.parametrize("step", [1.0, 0.5])
def test_the_monthly_series_come_back_to_the_bit(tmp_path: Path, step: float) -> None:
    """One row for each race, month and jurisdiction: the state at the end of the month."""
    resolved = fake_resolved(months=24, step_months=step)
    results = [random_race(run, 5, resolved) for run in range(35)]
    write(tmp_path, resolved, results)
    table = pq.read_table(tmp_path / MONTHLY_FILE)
    assert table.column_names == ["run", "month", "jurisdiction", *(MONTHLY.names or ())]
    shape, steps = (35, 24, 4), round(1 / step)
    assert table["jurisdiction"].to_pylist()[:5] == ["china", "us", "eu", "japan", "china"]
    assert table["month"].to_pylist()[:5] == ["2010-01"] * 4 + ["2010-02"]
    for name in MONTHLY.names or ():
        expected = np.stack([result.monthly[name][steps - 1 :: steps] for result in results])
        np.testing.assert_array_equal(table[name].to_numpy().reshape(shape), expected)


def test_a_race_without_events_is_a_race(tmp_path: Path) -> None:
    resolved = fake_resolved(months=2)
    write(tmp_path, resolved, [race(0, resolved)])
    assert pq.read_table(tmp_path / MILESTONES_FILE).num_rows == 0
    assert pq.read_table(tmp_path / MONTHLY_FILE).num_rows == 8


def test_what_is_not_saved_leaves_nothing(tmp_path: Path) -> None:
    """A reader who looks in during a run must not take a part for the whole."""
    resolved = fake_resolved(months=2)
    with store.RunWriter(tmp_path, resolved) as writer:
        writer.add(race(0, resolved))
        assert {path.suffix for path in tmp_path.iterdir()} == {PART}
    assert list(tmp_path.iterdir()) == []


def test_a_result_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    """Going on with a finished run and stopping would cost the finished one."""
    resolved = fake_resolved(months=2)
    write(tmp_path, resolved, [race(0, resolved)])
    with store.RunWriter(tmp_path, resolved) as writer:
        writer.add(race(0, resolved))
    assert pq.read_table(tmp_path / MONTHLY_FILE).num_rows == 8
    write(tmp_path, resolved, [race(run, resolved, [event(1, "2010-02", 0)]) for run in range(3)])
    assert pq.read_table(tmp_path / MILESTONES_FILE).num_rows == 3


def test_the_scenario_is_written_without_the_folders_of_its_author() -> None:
    content = store.scenario_content(fake_resolved())
    assert content["epochs"] == [{"from": "2010-01", "values": {"mode": "json"}}]
    assert content["origins"]["a.b"]["file"] == "made-up.yaml"


def as_written(resolved: Any) -> Any:
    return json.loads(json.dumps(store.scenario_content(resolved)))


def test_a_scenario_comes_back_as_it_was(tmp_path: Path) -> None:
    """Figures drawn from a folder would be of another world than its races."""
    resolved = load("baseline", ["span.end_month=2030-12"])
    write_json(tmp_path / SCENARIO, store.scenario_content(resolved))
    again = store.read_scenario(tmp_path)
    assert again.hash == resolved.hash
    assert again.epochs == resolved.epochs
    assert as_written(again) == as_written(resolved)
    text = (tmp_path / SCENARIO).read_text()
    (tmp_path / SCENARIO).write_text(text.replace('"end_month": "2030-12"', '"end_month": "2031-12"'))
    with pytest.raises(LabError, match="its values are not those of its hash"):
        store.read_scenario(tmp_path)


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    resolved = fake_resolved()
    told = f"{tmp_path}: cannot be written: File too large; what is there is kept"
    with pytest.raises(LabError, match=told), file_size_limit(100_000):
        write(tmp_path, resolved, [random_race(run, 5, resolved, events=500) for run in range(200)])
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_at_the_very_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.close", full)
    resolved = fake_resolved(months=2)
    with pytest.raises(LabError, match="No space left on device"):
        write(tmp_path, resolved, [race(0, resolved)])
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_ours_leaves_nothing_either(tmp_path: Path) -> None:
    resolved = fake_resolved(months=2)
    broken = replace(race(0, resolved), monthly=np.zeros((1, 1)))
    with pytest.raises(IndexError):
        write(tmp_path, resolved, [broken])
    assert list(tmp_path.iterdir()) == []
