"""Compiled rules on disk: nobody's code but ours is run, and none that is not whole.

If it failed, a file that another user left in a shared folder would run as the researcher, or a cache cut short by a
power cut would stop every later race, or race by damaged rules.
"""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core.registry import cpu_target

from ipsc_race import ensemble, kept_code
from ipsc_race.kept_code import KeptCode, folder_for

KEY = "0123"
TYPES = (numba.float64, numba.float64)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and a folder of temporary files that nobody has used yet; the first is given."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(kept_code.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    return tmp_path / "cache" / "ipsc-race"


def add(a: float, b: float) -> float:
    return a + b


def sum_by_a_new_process() -> float:
    """What a process adds that knows no more than what lies on disk."""
    dispatcher: Any = numba.njit(add)
    dispatcher._cache = KeptCode("add", KEY)
    return float(dispatcher(1.0, 2.0))


def fit_folder() -> Path:
    folder, why = folder_for(KEY)
    assert folder, why
    return folder


def kept_file() -> Path:
    (path,) = fit_folder().glob("add-*")
    return path


def test_what_was_compiled_is_used_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Half a minute each time would end all trying out; and whoever waits for it is told why."""
    assert sum_by_a_new_process() == 3.0
    assert "ipsc-race: compiling the rules (add), once for this version of them" in capsys.readouterr().err
    before = kept_file().read_bytes()
    assert sum_by_a_new_process() == 3.0
    assert capsys.readouterr().err == ""
    assert kept_file().read_bytes() == before
    assert KeptCode("add", KEY).is_whole()


@pytest.mark.parametrize("damage", ["emptied", "cut", "flipped", "garbage"])
def test_damaged_code_is_compiled_anew_once(damage: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A power cut leaves files of no length: deleting them by hand must not be the way to race again."""
    sum_by_a_new_process()
    whole = kept_file().read_bytes()
    flipped = bytes([*whole[:-9], whole[-9] ^ 4, *whole[-8:]])
    kept_file().write_bytes({"emptied": b"", "cut": whole[:100], "flipped": flipped, "garbage": b"\x80" * 99}[damage])
    assert not KeptCode("add", KEY).is_whole()
    capsys.readouterr()
    assert sum_by_a_new_process() == 3.0
    assert "what was kept of them is damaged" in capsys.readouterr().err
    assert sum_by_a_new_process() == 3.0
    assert capsys.readouterr().err == ""


class Planted:
    """Runs when it is unpickled, as what Numba keeps is."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.trace,))


def plant(path: Path, trace: Path) -> None:
    code = pickle.dumps(Planted(trace))
    path.write_bytes(hashlib.sha256(code).digest() + code)


def test_what_another_user_planted_is_not_run(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names under /tmp can be guessed, and whoever comes first owns the folder."""
    sum_by_a_new_process()
    theirs = kept_file()
    plant(theirs, tmp_path / "executed")
    shared = tmp_path / "tmp" / f"ipsc-race-{os.geteuid() + 1}" / KEY
    shared.mkdir(parents=True, mode=0o700)
    plant(shared / theirs.name, tmp_path / "executed")
    capsys.readouterr()
    me = os.geteuid()
    monkeypatch.setattr(kept_code.os, "geteuid", lambda: me + 1)
    folder, why = folder_for(KEY)
    assert folder is None
    assert f"{home / KEY} belongs to another user" in why
    assert f"{shared} belongs to another user" in why
    assert sum_by_a_new_process() == 3.0
    said = capsys.readouterr().err
    assert f"compiling the rules (add), anew in every process ({home / KEY} belongs to another user; " in said
    assert not (tmp_path / "executed").exists()


def test_a_planted_file_would_have_run(tmp_path: Path) -> None:
    """The test above has the power to see it: in a folder of ours the same file is read."""
    sum_by_a_new_process()
    plant(kept_file(), tmp_path / "executed")
    with pytest.raises(TypeError):
        KeptCode("add", KEY).load_overload(TYPES, cpu_target.target_context)
    assert (tmp_path / "executed").exists()


def test_a_link_is_not_followed(tmp_path: Path, home: Path) -> None:
    """A link to a folder of somebody else, or to one of ours that holds other things, is no cache."""
    home.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (home / KEY).symlink_to(tmp_path / "elsewhere")
    assert home not in fit_folder().parents


@pytest.mark.parametrize(("place", "mode"), [("", 0o755), ("", 0o770), ("..", 0o777), ("..", 0o775), ("../..", 0o777)])
def test_a_folder_open_to_others_is_not_trusted(home: Path, place: str, mode: int) -> None:
    """Whoever may write to a folder, or to one above it, may put another in its place."""
    folder = home / KEY
    folder.mkdir(parents=True, mode=0o700)
    (folder / place).resolve().chmod(mode)
    assert home not in fit_folder().parents


def test_a_folder_like_tmp_may_lie_above() -> None:
    """In a sticky folder nobody can move what is another's."""
    home = Path(os.environ["XDG_CACHE_HOME"])
    home.mkdir()
    home.chmod(0o1777)
    assert home in fit_folder().parents


def test_an_unwritable_cache_is_replaced_by_a_temporary_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only home must not keep anybody from keeping the rules."""
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert fit_folder() == tmp_path / "tmp" / f"ipsc-race-{os.geteuid()}" / KEY


@pytest.mark.parametrize("given", [None, "", "relative/cache"])
def test_a_user_without_a_home_keeps_them_too(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service account has no entry; and a cache named relative to the current folder would be another's."""

    def no_home(_: Path) -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "expanduser", no_home)
    monkeypatch.delenv("XDG_CACHE_HOME")
    if given is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert tmp_path / "tmp" in fit_folder().parents


def test_without_room_the_race_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk costs the time to compile, and no traceback."""

    def full(path: Path, kept: bytes) -> None:
        del path, kept
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(kept_code, "_write", full)
    assert sum_by_a_new_process() == 3.0
    assert f"cannot be kept in {fit_folder()}: No space left on device" in capsys.readouterr().err


def test_a_file_is_written_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    sum_by_a_new_process()
    assert list(fit_folder().iterdir()) == []


def test_the_compiling_process_takes_no_library_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file called numpy.py in a folder of downloads would run as soon as the rules are compiled there."""
    (tmp_path / "numpy.py").write_text("raise SystemExit('planted')\n", encoding="utf-8")
    real, done = subprocess.run, []

    def in_that_folder(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        done.append(real([*command[:-1], "import numpy"], cwd=tmp_path, **options))
        return done[-1]

    monkeypatch.setattr(ensemble, "is_compiled", lambda: False)
    monkeypatch.setattr(ensemble, "PLAIN", False)
    monkeypatch.setattr(ensemble.subprocess, "run", in_that_folder)
    said: list[str] = []
    ensemble.warm(said.append)
    assert done[0].returncode == 0, done[0].stderr
    assert "planted" in real([sys.executable, "-c", "import numpy"], cwd=tmp_path, **CAPTURED).stderr
    assert said[-1] == "the compiled rules were not kept: exit code 0"


CAPTURED: dict[str, Any] = {"capture_output": True, "text": True, "check": False}
