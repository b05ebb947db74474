"""`calibrate` and `forecast` as a user has them: waves, resumption, the posterior and what it forecasts, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from made_up_forecasts import event, register, write_sealed

from ipsc_race.loading import ScenarioError, load
from ipsc_race_lab.analysis import forecast as forecasting
from ipsc_race_lab.analysis.posterior import taught
from ipsc_race_lab.cli import main
from ipsc_race_lab.design.experiment import points
from ipsc_race_lab.design.finding import load_calibration, load_experiment
from ipsc_race_lab.design.reading.posterior import find_posterior, posterior_as_of
from ipsc_race_lab.results.folder import read_manifest

FILE = """
title: A small calibration
scenario: baseline
set: {span.end_month: 2027-06}
as_of: 2026-06
over_evidence:
  under: [jurisdictions.japan.regulation, jurisdictions.us.companies]
  grades: [C, D]
  distribution: halves
leave_out: {ipsc.first_approval: the same approvals, pluripotent.approvals_embryonic_2026: enough is held}
rates: false
waves: [150, 150]
posterior: 30
seed: 3
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small calibration, run once."""
    folder = tmp_path_factory.mktemp("calibrated")
    (folder / "small.yaml").write_text(FILE)
    assert main(["calibrate", str(folder / "small.yaml"), "--out", str(folder / "out"), "--json"]) == 0
    return folder


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "analysis.json").read_text())
    return content


def test_the_posterior_is_of_races_that_do_not_contradict_the_record(small: Path) -> None:
    """A race with an approval in the West is none of ours."""
    analysis = read(small / "out")
    assert analysis["races"] == 300
    west = next(of for of in analysis["record"] if of["key"] == "ipsc.approvals_west_2026")
    assert (west["low"], west["high"]) == (0, 0)
    assert analysis["came_later"] is None
    assert {"record.png"} <= {path.name for path in (small / "out/figures").iterdir()}


def test_a_calibration_that_was_stopped_goes_on_to_the_same_hash(small: Path, tmp_path: Path) -> None:
    """Half the shards are gone, as after a kill; the waves after them are drawn anew from the same races."""
    (tmp_path / "rows").mkdir()
    for path in sorted((small / "out/rows").glob("*.parquet"))[::2]:
        (tmp_path / "rows" / path.name).write_bytes(path.read_bytes())
    assert main(["calibrate", str(small / "small.yaml"), "--out", str(tmp_path), "--workers", "1"]) == 0
    whole, resumed = (read_manifest(folder) for folder in (small / "out", tmp_path))
    assert whole is not None
    assert resumed is not None
    assert resumed["value_hash"] == whole["value_hash"]
    assert (tmp_path / "posterior.parquet").read_bytes() == (small / "out/posterior.parquet").read_bytes()


def test_the_posterior_is_a_scenario(small: Path) -> None:
    """What the record taught can be raced as a world, and says where its numbers are from."""
    world = load(str(small / "out/posterior.yaml"))
    moved = [path for path, origin in world.origins.items() if "calibration-2026" in (origin.source or "")]
    assert len(moved) == len(taught(read(small / "out")))


def test_a_sample_keeps_each_point_whole(small: Path) -> None:
    """A point whose numbers were mixed with those of others would forget what the record says of them together."""
    posterior = find_posterior(str(small / "out"))
    assert posterior.counts.sum() == 30
    assert posterior.values.shape == (len(posterior.runs), len(posterior.paths))
    assert np.isfinite(posterior.values).all()


def test_a_forecast_runs_on_the_races_that_met_the_record(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same keys and numbers give the same events so far: nobody's approvals of before the as-of month are new."""
    assert main(["forecast", str(small / "out"), "--out", str(tmp_path / "few")]) == 2
    assert "races in effect; expected 20 or more" in capsys.readouterr().err
    monkeypatch.setattr(forecasting, "FLOOR", 0)
    command = ["forecast", str(small / "out"), "--out", str(tmp_path / "f")]
    assert main([*command, "--json"]) == 0
    analysis = json.loads(capsys.readouterr().out)
    for question in analysis["questions"]:
        assert sum(of["estimate"] for of in question["first"].values()) == pytest.approx(1)
    assert analysis["products"]["japan"]["2026"][1] >= 1  # the median race has the approvals of March 2026
    first = read_manifest(tmp_path / "f")
    assert main(command) == 0
    assert first is not None
    assert (read_manifest(tmp_path / "f") or {})["value_hash"] == first["value_hash"]
    assert {path.name for path in (tmp_path / "f/figures").iterdir()} == {"approvals.png", "questions.png"}


@pytest.mark.parametrize(
    ("as_of", "place", "said"),
    [
        ("2023-01", "japan", "small: knows what was known in 2026-06, the register what in 2023-01"),
        ("2026-06", "korea", "e1: names place korea, which this world has not"),
    ],
)
def test_a_register_that_these_races_cannot_be_asked_is_refused(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    as_of: str, place: str, said: str,
) -> None:  # fmt: skip
    """A chance from 2026 on is no forecast of 2023, and of a place that nobody races there is none."""
    monkeypatch.setattr(forecasting, "FLOOR", 0)
    asked = {"e1": event(1, question={"milestone": "approval", "place": place})}
    write_sealed(tmp_path / "r.yaml", register(asked, as_of=as_of))
    command = ["forecast", str(small / "out"), "--out", str(tmp_path / "f"), "--register", str(tmp_path / "r.yaml")]
    assert main(command) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "f").exists()


def test_a_forecast_as_of_an_earlier_month_takes_the_posterior_of_that_month(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forecast of 2020 that knew of 2023 would be no test; a month that nobody calibrated has no forecast."""
    assert posterior_as_of("baseline", "2020-01").name == "before-2020"
    monkeypatch.chdir(tmp_path)
    assert main(["forecast", "--as-of", "2019-05"]) == 2
    assert "baseline as of 2019-05: no such posterior is shipped, but as of 2016-01, 2020-01" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("as_of: 2026-06", "as_of: 2050-01", "expected a month of the race, from 2010-01 to 2027-06"),
        ("as_of: 2026-06", "as_of: 2027-03", "but nothing is on record of after 2026-06; expected that at most"),
        ("waves: [150, 150]", "waves: [5]", "expected 100 or more"),
        ("ipsc.first_approval:", "ipsc.first_aproval:", "did you mean ipsc.first_approval?"),
        ("scenario: baseline", "scenario: 'null'", "histories"),
        ("rates: false", "rate: false", "rates"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    """One sentence with the place, and nothing raced."""
    assert old in FILE
    (tmp_path / "wrong.yaml").write_text(FILE.replace(old, new))
    assert main(["calibrate", str(tmp_path / "wrong.yaml"), "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["baseline", "before-2016", "before-2020", "before-2023", "cart-before-2018"])
def test_every_number_in_doubt_is_in_the_prior(name: str) -> None:
    """A number of grade C or D that was held fixed because it was forgotten would make every interval too narrow."""
    asked = load_calibration(name)
    world = load(asked.source)
    known = {path.partition("@")[0] for path in asked.paths}
    doubtful = {
        path.partition("@")[0]
        for path, origin in world.origins.items()
        if origin.grade in ("C", "D") and origin.range is not None and origin.range[0] < origin.range[1]
    }
    left = {path for path in doubtful - known if not path.startswith("span.") and ".exogenous." not in path}
    assert not {path for path in left if not path.endswith((".draw_key", ".sphere_key"))}


def test_an_experiment_draws_its_points_from_a_posterior(small: Path, tmp_path: Path) -> None:
    """Each point keeps its numbers together, in every world, and says which part of the variance is theirs."""
    head = "title: Over it\nscenario: baseline\nset: {span.end_month: 2027-06}\nreplications: 2\n"
    (tmp_path / "over.yaml").write_text(f"{head}over_posterior: {{posterior: {small / 'out'}, points: 12}}\n")
    experiment = load_experiment(tmp_path / "over.yaml")
    posterior = find_posterior(str(small / "out"))
    table = {tuple(row) for row in posterior.values.tolist()}
    assert len(points(experiment)) == 12
    assert {tuple(row) for row in points(experiment).tolist()} <= table
    assert main(["experiment", str(tmp_path / "over.yaml"), "--out", str(tmp_path / "out")]) == 0
    assert read(tmp_path / "out")["scenarios"]["baseline"]["variance"]
    rows = pq.read_table(tmp_path / "out/rows").to_pydict()
    assert len(set(zip(rows["point"], rows["run"], strict=True))) == len(set(rows["run"])) == 24


def test_a_world_of_a_posterior_has_luck_for_so_many_races(small: Path, tmp_path: Path) -> None:
    """More would be the races of the next world, and luck no longer each world's own."""
    head = "title: Over it\nscenario: baseline\nreplications: 1025\n"
    (tmp_path / "over.yaml").write_text(f"{head}over_posterior: {{posterior: {small / 'out'}, points: 4}}\n")
    with pytest.raises(ScenarioError, match="replications is 1,025; of a world of a posterior at most 1,024"):
        load_experiment(tmp_path / "over.yaml")


def test_points_that_a_posterior_has_not_are_refused(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sample of thirty has no forty points."""
    head = "title: Over it\nscenario: baseline\nreplications: 2\n"
    (tmp_path / "over.yaml").write_text(f"{head}over_posterior: {{posterior: {small / 'out'}, points: 40}}\n")
    assert main(["check", str(tmp_path / "over.yaml"), str(small / "small.yaml")]) == 2
    said = capsys.readouterr().out
    assert "over_posterior.points is 40; the posterior has 30" in said
    assert "numbers in doubt" in said
