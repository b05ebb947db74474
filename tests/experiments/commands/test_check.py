"""`ipsc-race check` finds every mistake at once and says how well a world is evidenced."""

from __future__ import annotations

import argparse
import json
import os
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


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_good_file_may_have_any_name(form: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """A file from an old archive need not have a name in UTF-8: it is good all the same."""
    name = os.fsdecode(b"caf\xe9.yaml")
    Path("good.yaml").rename(name)
    assert run(name, *form) == 0
    assert "caf\\udce9.yaml" in capfd.readouterr().out.replace("\\\\", "\\")


EXPERIMENT = """title: T
scenario: ./good.yaml
set: {science.spillover_lag_months@2015-01: 3}
factors: {share: {path: science.spillover_share}, noise: {dummy: true}}
design: {kind: monte_carlo, points: 40}
replications: 3
"""


@pytest.mark.usefixtures("files")
def test_an_experiment_is_told_what_it_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever starts a week of races should have known it."""
    monkeypatch.setattr("ipsc_race_lab.execution.cost.PLAIN", False)
    monkeypatch.setattr("ipsc_race_lab.execution.cost.is_compiled", lambda: False)
    Path("study.yaml").write_text(EXPERIMENT)
    assert run("study.yaml", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["points"], found["replications"], found["races"], found["seconds"]) == (40, 3, 120, None)
    assert 120 * 100 < found["most_bytes"] < 120 * 2000
    assert run("study.yaml") == 0
    line, note = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "study.yaml: ok (40 points x 3 replications = 120 races; time unknown until `ipsc-race warm`"
    )
    assert note.endswith("good has no change of it; this adds one in 2015-01")


@pytest.mark.usefixtures("files")
def test_mistakes_of_an_experiment_are_those_of_an_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    """A list of a scenario's missing names would say nothing of the slip."""
    Path("study.yaml").write_text(EXPERIMENT.replace("points", "pionts").replace("title", "titel"))
    assert run("study.yaml", "--json") == 2
    (found,) = json.loads(capsys.readouterr().out)
    assert found["experiment"] == "study.yaml"
    assert [problem["text"] for problem in found["problems"]] == [
        "study.yaml:1:1: the experiment lacks title; expected text",
        "study.yaml:1:1: titel is not known; did you mean title?",
        "study.yaml:5:1: design lacks points; expected a whole number from 1 to 1,000,000",
        "study.yaml:5:29: design.pionts is not known; did you mean points?",
    ]
