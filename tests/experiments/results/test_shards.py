"""Shards: every race comes back to the last bit, and what is damaged is seen, set aside and never taken for a race."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from fake_races import fake_resolved, random_race

from ipsc_race.ensemble import value_hash
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results.run_folder import InOrder
from ipsc_race_lab.results.shards import Rows, Shards
from ipsc_race_lab.results.verifying import checks

FACTS = {"kind": "experiment"}
RESOLVED = fake_resolved(months=12)


def rows(*runs: int) -> Rows:
    """Races kept whole."""
    races = tuple(random_race(run, 5, RESOLVED) for run in runs)
    outcomes = np.stack([race.outcomes for race in races])
    return Rows(np.zeros(len(runs), np.int64), np.array(runs), outcomes, ("",) * len(runs), races)


def opened(folder: Path) -> Shards:
    shards = Shards(folder, "kin", list(RESOLVED.blocs))
    folder.mkdir(exist_ok=True)
    shards.open(FACTS)
    return shards


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seven races in three shards."""
    shards = opened(tmp_path / "out")
    for part in ((2, 3), (0, 1), (4, 5, 6)):
        shards.write(rows(*part))
    return tmp_path / "out"


def test_races_come_back_in_order_and_to_the_last_bit(folder: Path) -> None:
    shards = opened(folder)
    found = list(InOrder(shards, 10).take())
    assert [race.run for race in found] == list(range(7))
    for race in found:
        made = random_race(race.run, 5, RESOLVED)
        assert race.digest == made.digest
        assert race.outcomes.tobytes() == made.outcomes.tobytes()
        assert race.monthly.shape == made.monthly.shape


def test_races_wait_for_those_before_them(tmp_path: Path) -> None:
    """An answer of the races that happen to be done would depend on who was fast."""
    shards = opened(tmp_path / "out")
    order = InOrder(shards, 5)
    order.keep(rows(2, 3))
    assert list(order.take()) == []
    order.keep(rows(0, 1))
    assert [race.run for race in order.take()] == [0, 1, 2, 3]
    order.keep(rows(4, 5))
    assert [race.run for race in order.take()] == [4]


def test_a_shard_without_the_points_asked_for_is_not_opened(tmp_path: Path) -> None:
    """Every wave of a calibration would otherwise read the thousands of files of all the others."""
    shards = opened(tmp_path / "out")
    for points in ((0, 1), (2, 3), (4, 5)):
        part = rows(0, 0)
        shards.write(Rows(np.array(points), part.runs, part.outcomes, part.reasons, part.races))
    (last,) = (path for path, keys in shards.keys().items() if keys.min() >= 4 << 20)
    last.unlink()
    assert sorted(point for part in shards.read(range(1, 4)) for point in part.points) == [0, 1, 2, 3]
    with pytest.raises(LabError):
        list(shards.read(range(3, 5)))


def test_all_rows_are_gone_through_once_where_none_stands_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gone through for each shard, a calibration of 15,000 of them took ten minutes to be taken up again."""
    gone_through: list[int] = []
    done = Shards.done
    monkeypatch.setattr(Shards, "done", lambda shards: gone_through.append(1) or done(shards))
    assert len(opened(folder).keys()) == 3
    assert len(gone_through) == 1


def test_no_flipped_bit_is_taken_for_a_race(folder: Path) -> None:
    """A revenue of 101.9 was once read as 50.9, and called complete."""
    chance = np.random.default_rng(1)
    whole = value_hash(race.digest for race in InOrder(opened(folder), 7).take())
    for path in sorted((folder / "rows").iterdir()):
        content = path.read_bytes()
        for _ in range(30):
            damaged = bytearray(content)
            damaged[int(chance.integers(len(content)))] ^= 1 << int(chance.integers(8))
            path.write_bytes(damaged)
            shards = opened(folder)
            assert shards.set_aside
            assert len(shards.done()) < 7
            assert not path.exists()
            path.write_bytes(content)
    assert value_hash(race.digest for race in InOrder(opened(folder), 7).take()) == whole


def test_rows_that_are_there_twice_are_set_aside(folder: Path) -> None:
    """Races counted twice would narrow every interval."""
    shards = opened(folder)
    shards.write(rows(1, 2))
    again = opened(folder)
    assert len(again.set_aside) >= 1
    assert len(np.unique(again.done())) == len(again.done())


def test_a_shard_under_another_name_is_damaged(folder: Path) -> None:
    path = next((folder / "rows").iterdir())
    shutil.copy(path, path.with_name(f"{'0' * 24}.parquet"))
    shards = opened(folder)
    assert len(shards.set_aside) == 1
    assert len(shards.done()) == 7


def test_what_is_not_ours_is_left_alone(folder: Path) -> None:
    mine = folder / "rows" / "mine.parquet"
    mine.write_text("mine")
    assert opened(folder).set_aside == []
    assert mine.read_text() == "mine"


def test_what_is_damaged_under_the_eyes_of_a_reader_is_said(folder: Path) -> None:
    shards = opened(folder)
    path = next((folder / "rows").iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(LabError, match=r"is damaged: .*run the same command again"):
        list(shards.read())
    with pytest.raises(LabError, match="is damaged"):
        Shards.of(folder)


def test_the_left_overs_of_a_process_that_died_are_cleared(folder: Path) -> None:
    (folder / "rows" / f"{'c' * 24}.parquet.part").touch()
    opened(folder)
    assert not list((folder / "rows").glob("*.part"))


def test_verification_names_what_is_damaged(folder: Path) -> None:
    assert all(check.is_whole for check in checks(folder))
    path = next((folder / "rows").iterdir())
    path.write_bytes(b"")
    damaged = [check for check in checks(folder) if not check.is_whole]
    assert [(check.what, check.found) for check in damaged] == [
        (f"rows/{path.name}", "is damaged: its content is not what was written")
    ]
