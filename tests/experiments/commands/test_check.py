"""`ipsc-race check` finds every mistake at once and says how well a world is evidenced."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipsc_race_lab.commands import check


def run(*words: str) -> int:
    """The command as a user gives it."""
    parser = argparse.ArgumentParser()
    check.configure(parser)
    return check.execute(parser.parse_args(words))


@pytest.fixture
def files(world: dict[str, Any], write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A good world, two bad ones; the temporary folder is the present one."""
    world["science"]["spillover_share"] = {"value": 0.5, "range": [0, 1], "grade": "C"}
    write(world, "good.yaml")
    write("extends: ./good.yaml\nscience: {spillover_share: 2, spillover_wek: 1}\n", "bad.yaml")
    write("extends: ./bad.yaml\ntitle: 3\n", "worse.yaml")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("files")
def test_a_good_world_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """A reader sees at a glance how much of a world is assumption."""
    assert run("good.yaml") == 0
    output = capsys.readouterr().out
    assert output.startswith("good.yaml: ok (")
    assert output.endswith(" parameters, 1 with evidence, grades A 0, B 0, C 1, D 0)\n")


@pytest.mark.usefixtures("files")
def test_all_mistakes_of_all_files_are_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    """One bad file must not hide the next, and a mistake in a shared parent is one mistake."""
    assert run("good.yaml", "bad.yaml", "worse.yaml", "none.yaml") == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines[1:]] == [
        "bad.yaml:2:28",
        "bad.yaml:2:31",
        "worse.yaml:2:8",
        "none.yaml",
    ]


@pytest.mark.usefixtures("files")
def test_machines_read_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """An editor or a pipeline needs file, line and column as numbers."""
    assert run("good.yaml", "bad.yaml", "--json") == 2
    good, bad = json.loads(capsys.readouterr().out)
    assert good["ok"]
    assert good["grades"] == {"A": 0, "B": 0, "C": 1, "D": 0}
    assert [(problem["line"], problem["column"]) for problem in bad["problems"]] == [(2, 28), (2, 31)]
