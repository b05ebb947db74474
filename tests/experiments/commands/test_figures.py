"""`ipsc-race figures`: what was drawn once can be drawn again, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipsc_race_lab import cli
from ipsc_race_lab.results import folder as place

EXPERIMENT = """
title: From $1 to $2 million
scenario: baseline
set: {span.end_month: 2013-12}
factors:
  capital: {path: jurisdictions.china.funding.capital_multiplier}
design: {kind: one_at_a_time, levels: 2}
replications: 3
pair: [china, west]
analysis: {kind: dose_response}
"""


def test_the_figures_of_an_experiment_are_drawn_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever lost a figure would have to race for hours again."""
    file, folder = tmp_path / "doses.yaml", tmp_path / "doses"
    file.write_text(EXPERIMENT, encoding="utf-8")
    assert cli.main(["experiment", str(file), "--out", str(folder), "--workers", "1"]) == 0
    figures = folder / place.FIGURES
    before = {path.name: path.read_bytes() for path in figures.iterdir()}
    rows = {path: path.stat().st_mtime_ns for path in (folder / place.ROWS).iterdir()}
    for path in figures.iterdir():
        path.unlink()
    file.unlink()
    capsys.readouterr()
    assert cli.main(["figures", str(folder)]) == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(str(figures / name) for name in before)
    assert {path.name: path.read_bytes() for path in figures.iterdir()} == before
    assert {path: path.stat().st_mtime_ns for path in (folder / place.ROWS).iterdir()} == rows


def test_a_folder_without_figures_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped name must not become a folder."""
    assert cli.main(["figures", str(tmp_path / "nowhere")]) == 2
    assert "nowhere: holds no result; expected a folder that run or experiment wrote" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
    told = {"kind": place.ABLATION, "kin": "", "environment": {}, "blocs": [], "status": place.COMPLETE}
    (tmp_path / place.MANIFEST).write_text(json.dumps(told))
    assert cli.main(["figures", str(tmp_path)]) == 2
    assert "holds the result of ablation; expected that of run or experiment" in capsys.readouterr().err
