"""A result folder: one writer at a time, nothing of others touched, nothing followed that leads elsewhere."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results.files import PART, read_json, whole_file, write_json

HOLDER = """
import sys, time
from pathlib import Path
from ipsc_race_lab.results.folder import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
OURS = {"kind": "run", "kin": "k", "environment": {}, "blocs": [], "status": "complete"}


def result(folder: Path) -> Path:
    """A folder with something under every name of ours."""
    for part in (place.ROWS, place.FIGURES):
        (folder / part).mkdir(parents=True)
    for name in place.FILES:
        (folder / name).touch()
    (folder / place.ROWS / f"{'a' * 24}.parquet").touch()
    (folder / place.ROWS / f"{'b' * 24}.bad").touch()
    (folder / place.FIGURES / "first.png").touch()
    write_json(folder / place.MANIFEST, OURS)
    return folder


def test_a_second_writer_is_told_by_whom_a_folder_is_used(tmp_path: Path) -> None:
    """Two experiments in one folder would each take the other's rows for damage, or for their own."""
    with (
        place.held(tmp_path / "out"),
        pytest.raises(LabError, match=f"is in use by process {os.getpid()} since 20"),
        place.held(tmp_path / "out"),
    ):
        pass
    assert list((tmp_path / "out").iterdir()) == []
    with place.held(tmp_path / "out"):
        pass


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    """A folder locked by the dead could be used by nobody."""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | paths) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LabError, match=f"in use by process {holder.pid}"), place.held(tmp_path):
            pass
        holder.kill()
    assert (tmp_path / place.LOCK).exists()
    with place.held(tmp_path):
        pass


@pytest.mark.parametrize("name", [place.LOCK, place.MANIFEST + PART])
def test_a_link_is_never_written_through(name: str, tmp_path: Path) -> None:
    """Whoever may write into a shared folder could overwrite the files of whoever races there."""
    victim, folder = tmp_path / "victim", tmp_path / "out"
    victim.write_text("precious")
    folder.mkdir()
    (folder / name).symlink_to(victim)
    with suppress(LabError), place.held(folder):
        write_json(folder / place.MANIFEST, OURS)
    assert victim.read_text() == "precious"


def test_a_file_has_its_name_only_when_whole(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(TypeError), whole_file(tmp_path / "a.json") as file:
        file.write("{")  # type: ignore[arg-type]
    assert read_json(tmp_path / "a.json") == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_file_is_on_disk_before_its_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a name without content would stand for a result."""
    order: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(number: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "file")
        sync(number)

    def replaced(path: Path, target: Path) -> Path:
        order.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write_json(tmp_path / "a.json", {})
    assert order == ["file", "name", "folder"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": NaN', "\x00", "[" * 100_000])
def test_a_damaged_manifest_is_said_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / place.MANIFEST).write_text(text)
    with pytest.raises(LabError, match=r"is damaged: .*delete it and run the same command again"):
        place.read_manifest(tmp_path)


def test_force_removes_a_result_and_nothing_else(tmp_path: Path) -> None:
    """Old figures beside new numbers would mislead; a reader's notes there are not ours to delete."""
    result(tmp_path)
    for name in ("notes.txt", "rows/mine.parquet", "figures/mine.txt"):
        (tmp_path / name).write_text("mine")
    place.clear(tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"notes.txt", "rows/mine.parquet", "figures/mine.txt"}


@pytest.mark.parametrize("content", [{"name": "a web page"}, {"status": "complete", "kind": "app"}, None])
def test_force_empties_no_foreign_folder(content: object, tmp_path: Path) -> None:
    """Many programs write a manifest.json, a summary.json or figures."""
    result(tmp_path)
    if content is None:
        (tmp_path / place.MANIFEST).unlink()
        (tmp_path / place.ROWS / f"{'a' * 24}.parquet").unlink()
    else:
        (tmp_path / place.MANIFEST).write_text(json.dumps(content))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(LabError, match="give another folder"):
        place.clear(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_obstacles_are_found_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    assert place.obstacles(tmp_path / "new" / "deeper") == []
    assert "it is a file" in place.obstacles(tmp_path / "file")[0]
    assert f"{tmp_path / 'file'} is a file" in place.obstacles(tmp_path / "file" / "below")[0]
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "cannot be written to" in place.obstacles(tmp_path / "out")[0]


def test_results_are_finished_only_when_they_say_so(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="holds no result"):
        place.finished(tmp_path, place.RUN)
    write_json(tmp_path / place.MANIFEST, OURS)
    assert place.finished(tmp_path, place.RUN) == OURS
    with pytest.raises(LabError, match="holds the result of run; expected that of experiment"):
        place.finished(tmp_path, place.STUDY)
    write_json(tmp_path / place.MANIFEST, OURS | {"status": "interrupted"})
    with pytest.raises(LabError, match="is not finished"):
        place.finished(tmp_path, place.RUN)
