"""`ipsc-race list` names what can be run and what has been."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from ipsc_race.loading import scenario_names
from ipsc_race_lab.commands import list as listing
from ipsc_race_lab.design.finding import experiment_names
from ipsc_race_lab.metrics.history_reading import history_names
from ipsc_race_lab.metrics.register_reading import register_names


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    parser = argparse.ArgumentParser()
    listing.configure(parser)
    assert listing.execute(parser.parse_args(["--results", str(folder), "--json"])) == 0
    return json.loads(capsys.readouterr().out)


def test_all_that_ships_and_all_results_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not listed is not found; a broken result must not hide the others."""
    manifests = {
        "a": {"scenario": "baseline", "runs_done": 7, "status": "complete"},
        "b": {"experiment": "levers", "points": 4, "replications": 5, "status": "running"},
        "c": "no mapping",
        "d": {"calibration": "small", "waves": [100, 50], "status": "interrupted"},
    }
    for name, manifest in manifests.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(json.dumps(manifest))
    known = told(tmp_path, capsys)
    assert [of["name"] for of in known["scenarios"]] == scenario_names()
    assert [of["name"] for of in known["histories"]] == history_names()
    assert [of["name"] for of in known["forecasts"]] == register_names()
    assert [of["name"] for of in known["experiments"]] == experiment_names()
    assert all(of["title"] for kind in ("scenarios", "experiments", "histories", "forecasts") for of in known[kind])
    levers = next(of for of in known["experiments"] if of["name"] == "levers")
    assert (levers["points"], levers["has_committed_numbers"]) == (32, True)
    assert [(of["what"], of["races"], of["status"]) for of in known["results"]] == [
        ("baseline", 7, "complete"),
        ("levers", 20, "running"),
        (None, None, "cannot be read"),
        ("small", 150, "interrupted"),
    ]
