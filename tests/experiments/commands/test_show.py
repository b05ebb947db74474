"""`ipsc-race show` says of every value what it is, how well it is known, and where it was set."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipsc_race_lab.commands import show
from ipsc_race_lab.errors import LabError

SHARE = "science.spillover_share"


def run(*words: str) -> int:
    """The command as a user gives it."""
    parser = argparse.ArgumentParser()
    show.configure(parser)
    return show.execute(parser.parse_args(words))


@pytest.fixture(autouse=True)
def _files(world: dict[str, Any], write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two worlds that differ in one value and its history; the temporary folder is the present one."""
    world["science"]["spillover_share"] = {"value": 0.5, "range": [0.25, 1], "grade": "C", "changes": {"2015-11": 0.75}}
    write(world, "one.yaml")
    write("extends: ./one.yaml\ntitle: Another\nscience: {spillover_share: 0.5}\n", "two.yaml")
    monkeypatch.chdir(tmp_path)


def test_a_value_stands_with_its_evidence_and_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever doubts a number must be able to go to its line."""
    assert run("one.yaml", SHARE) == 0
    *_, head, first, dated = capsys.readouterr().out.splitlines()
    assert head.split() == ["path", "value", "unit", "range", "grade", "source", "set", "in"]
    assert first.split()[:2] == [SHARE, "0.5"]
    assert "[0.25, 1]  C" in first
    assert "one.yaml:" in first
    assert dated.split()[:2] == [f"{SHARE}@2015-11", "0.75"]
    assert dated.index("0.75") == first.index("0.5") == head.index("value")


def test_every_value_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What is not shown is not doubted."""
    run("one.yaml", "--json")
    shown = json.loads(capsys.readouterr().out)
    paths = [row["path"] for row in shown["values"]]
    assert "jurisdictions.us.regulation.conditional.approval.bar_probability" in paths
    assert shown["changes"] == ["2015-11"]
    run("one.yaml")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[-len(paths) :]] == paths


def test_a_set_value_is_shown_as_set(capsys: pytest.CaptureFixture[str]) -> None:
    """A what-if must not look like the file."""
    run("one.yaml", SHARE, "--set", f"{SHARE}=0.125")
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[:2] == [SHARE, "0.125"]
    assert last[-1] == "--set"


def test_only_what_differs_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """The difference of two worlds is the whole experiment; the lost history is a part of it."""
    run("two.yaml", "--diff", "one.yaml")
    head, line = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["path", "two", "one"]
    assert line.split()[:3] == [f"{SHARE}@2015-11", "-", "0.75"]


def test_equal_worlds_are_said_to_be_equal(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty answer would look like a failure."""
    run("one.yaml", "--diff", "one.yaml")
    assert capsys.readouterr().out == "one and one: no value differs\n"


def test_differences_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipeline reads both sides with their origins."""
    run("two.yaml", "--diff", "one.yaml", "--set", f"{SHARE}=0.25", "--json")
    differences = json.loads(capsys.readouterr().out)["differences"]
    assert [
        (row["path"], row["scenario"] and row["scenario"]["value"], row["other"]["value"]) for row in differences
    ] == [
        (SHARE, 0.25, 0.5),
        (f"{SHARE}@2015-11", None, 0.75),
    ]


def test_a_path_that_begins_nothing_is_refused() -> None:
    """An empty table would suggest that the world has no such values."""
    with pytest.raises(LabError, match=r"no path begins with 'scence'; did you mean science\?"):
        run("one.yaml", "scence")
