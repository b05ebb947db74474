"""What Python is told is what the commands tell: the same numbers to the last digit, the same figures."""

from __future__ import annotations

import gc
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ipsc_race_lab as lab
from ipsc_race.loading import ScenarioError
from ipsc_race_lab import cli
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.figures import style

CHANGES = {"span.end_month": "2017-12", "jurisdictions.china.hospital_lane.open_switch": False}
WORDS = ["--set", "span.end_month=2017-12", "--set", "jurisdictions.china.hospital_lane.open_switch=false"]
WORLDS = ("baseline", "level-regulation")


@pytest.fixture(scope="module")
def raced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run and a comparison by the commands, in a folder each."""
    place = tmp_path_factory.mktemp("commands")
    assert cli.main(["run", "baseline", "--runs", "6", "--seed", "3", *WORDS, "--out", str(place / "run")]) == 0
    assert cli.main(["compare", *WORLDS, "--runs", "4", *WORDS, "--out", str(place / "compare")]) == 0
    return place


@pytest.fixture(scope="module")
def result() -> lab.RunResult:
    """The same run from Python."""
    return lab.run("baseline", runs=6, seed=3, overrides=CHANGES)


def content(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def picture(figure: Any, folder: Path) -> bytes:
    with style.look():
        return style.save(figure, folder / "figure.png").read_bytes()


def test_a_run_gives_the_numbers_of_the_command(raced: Path, result: lab.RunResult) -> None:
    assert result.answer == content(raced / "run/summary.json")
    assert "jurisdictions.china.hospital_lane.open_switch=false" in str(result)


def test_a_run_gives_the_tables_of_the_command(raced: Path, result: lab.RunResult) -> None:
    for table in ("milestones", "monthly"):
        there = pd.read_parquet(raced / f"run/{table}.parquet")
        pd.testing.assert_frame_equal(result.to_df(table).astype({"month": str}), there.astype({"month": str}))
    assert set(result.to_df()["run"]) == set(range(6))
    assert result.to_df("monthly")["month"].min() == "2010-01"  # months are told apart by time
    with pytest.raises(LabError, match="no table 'monthli'; did you mean monthly"):
        result.to_df("monthli")


def test_a_run_gives_the_figures_of_the_command(raced: Path, result: lab.RunResult, tmp_path: Path) -> None:
    assert {f"{name}.png" for name in result.figures} == {path.name for path in (raced / "run/figures").iterdir()}
    assert picture(result.plot(), tmp_path) == (raced / "run/figures/first.png").read_bytes()
    with pytest.raises(LabError, match="no figure 'durabel'; did you mean durable"):
        result.plot("durabel")


def test_a_comparison_gives_the_numbers_and_figures_of_the_command(raced: Path, tmp_path: Path) -> None:
    compared = lab.compare(*WORLDS, runs=4, overrides=[f"{WORDS[1]}", WORDS[3]])
    assert compared.answer == content(raced / "compare/analysis.json")
    table = compared.to_df()
    rows = content(raced / "compare/analysis.json")["comparison"]["rows"]
    assert [None if pd.isna(number) else number for number in table["estimate"]] == [row["estimate"] for row in rows]
    assert set(table["scenario"]) == {"level-regulation"}
    assert picture(compared.plot(), tmp_path) == (raced / "compare/figures/differences.png").read_bytes()


def test_what_was_raced_is_opened_again(raced: Path, result: lab.RunResult) -> None:
    run, compared = lab.stored(raced / "run"), lab.stored(raced / "compare")
    assert isinstance(run, lab.RunResult)
    assert run.answer == result.answer
    pd.testing.assert_frame_equal(run.to_df(), result.to_df())
    assert isinstance(compared, lab.ExperimentResult)
    assert compared.scenarios == list(WORLDS)
    committed = lab.stored("sobol")
    assert set(committed.to_df()["index"]) >= {"first", "total"}
    with pytest.raises(LabError, match="sobal: no such experiment"):
        lab.stored("sobal")


def test_all_that_is_wrong_is_said_before_a_race_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(LabError, match=r"(?s)runs 0: expected.*open_switches"):
        lab.run(runs=0, overrides={"jurisdictions.china.hospital_lane.open_switches": True})
    with pytest.raises(LabError, match="two or more scenarios"):
        lab.compare("baseline")
    with pytest.raises((LabError, ScenarioError), match="basline"):
        lab.compare("baseline", "basline")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_nobody_asked_for_goes_with_its_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A morning of trials would fill the disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = lab.run("null", runs=1, overrides="span.end_month=2010-06", workers=1)
    assert list(tmp_path.iterdir()) == [made.folder]
    del made
    gc.collect()
    assert list(tmp_path.iterdir()) == []
    kept = lab.run("null", runs=1, overrides="span.end_month=2010-06", workers=1, out=tmp_path / "mine")
    del kept
    gc.collect()
    assert (tmp_path / "mine/figures/first.png").is_file()
