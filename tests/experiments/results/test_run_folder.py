"""The result folder: what carries a final name can be read, says what it is, and names nobody."""

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
from ipsc_race.world import MONTHLY
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results import run_folder as store


def write(folder: Path, resolved: Any, results: list[Any], **facts: Any) -> None:
    with store.ResultWriter(folder, resolved, {"status": "running"}) as writer:
        for result in results:
            writer.add(result)
        writer.save({"runs": len(results)})
        writer.finalise(status="complete", **facts)


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
    table = pq.read_table(tmp_path / store.MILESTONES_FILE).to_pylist()
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
    table = pq.read_table(tmp_path / store.MONTHLY_FILE)
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
    assert pq.read_table(tmp_path / store.MILESTONES_FILE).num_rows == 0
    assert pq.read_table(tmp_path / store.MONTHLY_FILE).num_rows == 8


def test_the_manifest_is_there_from_the_start_and_data_only_when_whole(tmp_path: Path) -> None:
    """A reader who looks in during a run must not take a part for the whole."""
    resolved = fake_resolved(months=2)
    with store.ResultWriter(tmp_path / "out", resolved, {"status": "running"}) as writer:
        writer.add(race(0, resolved))
        finished = {path.name for path in (tmp_path / "out").iterdir() if path.suffix != store.PART}
        assert finished == {store.MANIFEST, store.SCENARIO}
        assert json.loads((tmp_path / "out" / store.MANIFEST).read_text())["status"] == "running"
        writer.save({})
        writer.finalise(status="complete", runs_done=1)
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(store.FILES)
    manifest = json.loads((tmp_path / "out" / store.MANIFEST).read_text())
    assert manifest == {"status": "complete", "runs_done": 1}


def test_the_scenario_is_written_without_the_folders_of_its_author(tmp_path: Path) -> None:
    write(tmp_path, fake_resolved(), [])
    content = json.loads((tmp_path / store.SCENARIO).read_text())
    assert content["epochs"] == [{"from": "2010-01", "values": {"mode": "json"}}]
    assert content["origins"]["a.b"]["file"] == "made-up.yaml"


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    resolved = fake_resolved()
    told = f"{folder}: cannot write the result: File too large; what was written has been removed"
    with pytest.raises(LabError, match=told), file_size_limit(100_000):
        write(folder, resolved, [random_race(run, 5, resolved, events=500) for run in range(200)])
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_at_the_very_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.close", full)
    resolved = fake_resolved(months=2)
    with pytest.raises(LabError, match="No space left on device"):
        write(tmp_path / "out", resolved, [race(0, resolved)])
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_ours_leaves_nothing_either(tmp_path: Path) -> None:
    resolved = fake_resolved(months=2)
    broken = replace(race(0, resolved), monthly=np.zeros((1, 1)))
    with pytest.raises(IndexError):
        write(tmp_path / "out", resolved, [broken])
    assert list(tmp_path.iterdir()) == []


def test_replacing_a_result_removes_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    """Old figures beside new numbers would mislead; a reader's notes there are not ours to delete."""
    resolved = fake_resolved(months=2)
    write(tmp_path, resolved, [race(0, resolved)])
    (tmp_path / store.FIGURES).mkdir()
    (tmp_path / store.FIGURES / "old.png").touch()
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, resolved, [race(run, resolved, [event(1, "2010-02", 0)]) for run in range(3)])
    assert not (tmp_path / store.FIGURES).exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert pq.read_table(tmp_path / store.MILESTONES_FILE).num_rows == 3


def test_obstacles_are_found_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / store.SUMMARY).touch()
    assert store.obstacles(tmp_path / "new" / "deeper", force=False) == []
    assert "it is a file" in store.obstacles(tmp_path / "file", force=True)[0]
    assert f"{tmp_path / 'file'} is a file" in store.obstacles(tmp_path / "file" / "below", force=True)[0]
    assert "--force to replace it" in store.obstacles(tmp_path / "old", force=False)[0]
    assert store.obstacles(tmp_path / "old", force=True) == []


def test_a_folder_without_leave_to_write_is_an_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "cannot be written to" in store.obstacles(tmp_path / "out", force=False)[0]


def test_versions_name_what_the_numbers_depend_on() -> None:
    assert set(store.versions()) == {"ipsc-race", "python", "numpy", "numba", "mesa"}
