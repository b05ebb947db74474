"""What was found before is found again: the right numbers, where they come from, and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipsc_race_lab.design.finding import expected_folder
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results.stored import HEADLINE, stored, stored_baseline

QUESTION = "lead_months.first_in_human"
ROW = {"question": QUESTION, "factor": "funding", "index": "total", "estimate": 0.5, "low": None, "high": None}
TOLD: dict[str, Any] = {
    "experiment": "levers",
    "pair": ["china", "west"],
    "scenarios": {
        "baseline": {
            "means": {QUESTION: {"estimate": -30.0, "low": -31.0, "high": -29.0}},
            "rows": [ROW],
            "variance": [
                {"question": QUESTION, "between": 1.0, "within": 3.0, "shared": 2.0}
                | {"share": {"estimate": 0.25, "low": 0.1, "high": 0.4}}
            ],
            "convergence": [{**ROW, "size": 8}],
        },
        "decoupling": {"means": {QUESTION: {"estimate": -20.0, "low": -21.0, "high": -19.0}}, "rows": []},
    },
    "comparison": {
        "base": "baseline",
        "rows": [{**ROW, "factor": "decoupling", "index": "difference", "estimate": 10.0, "low": 9.0, "high": 11.0}],
    },
}


def finished(results: Path, name: str = "levers", status: str = "complete") -> Path:
    """A result folder of an experiment."""
    folder = results / name
    folder.mkdir(parents=True)
    manifest = {"status": status, "points": 4, "replications": 10, "seed": 7, "value_hash": "abc"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "analysis.json").write_text(json.dumps(TOLD), encoding="utf-8")
    return folder


def test_without_results_of_ones_own_the_committed_numbers_are_told(tmp_path: Path) -> None:
    """A reader who has raced nothing would find nothing, or take the numbers for those of another experiment."""
    levers = stored("levers", tmp_path)
    content = json.loads((expected_folder() / "levers.json").read_text(encoding="utf-8"))
    assert levers.value_hash == content["value_hash"]
    assert levers.source == "the committed numbers"
    assert (levers.races, levers.seed, levers.pair) == (3840, 1, ("china", "west"))
    assert levers.caption == "What each of China's levers does. 32 points, 120 races each, seed 1."
    found = levers.means.set_index(["scenario", "question"]).loc[("baseline", QUESTION), "estimate"]
    assert found == content["analysis"]["scenarios"]["baseline"]["means"][QUESTION]["estimate"]
    assert len(levers.indices) == len(content["analysis"]["scenarios"]["baseline"]["rows"])


def test_own_finished_results_come_first(tmp_path: Path) -> None:
    """Who raced an experiment anew and is shown the old numbers draws the old conclusions."""
    finished(tmp_path)
    levers = stored("levers", tmp_path)
    assert (levers.races, levers.seed, levers.value_hash) == (80, 7, "abc")
    assert levers.source == "the result folder levers"
    assert "80 races, seed 7" in levers.described
    assert levers.scenarios == ["baseline", "decoupling"]


def test_tables_hold_every_row_and_an_unknown_number_is_no_number(tmp_path: Path) -> None:
    """An interval that is not known must not become an interval of nothing."""
    finished(tmp_path)
    levers = stored("levers", tmp_path)
    assert list(levers.means["estimate"]) == [-30.0, -20.0]
    row = levers.indices.iloc[0]
    assert (row["factor"], row["index"], row["estimate"]) == ("funding", "total", 0.5)
    assert np.isnan(row["low"])
    assert np.isnan(row["high"])
    assert list(levers.convergence["size"]) == [8]
    assert list(levers.explained["estimate"]) == [0.25]
    difference = levers.comparison.iloc[0]
    assert (difference["scenario"], difference["index"], difference["low"]) == ("decoupling", "difference", 9.0)


def test_the_levels_of_a_dose_response_are_told_apart_from_indices(tmp_path: Path) -> None:
    """A factor would have as many effects as levels, and nobody could say which is which."""
    folder = finished(tmp_path)
    told = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
    dose = {**ROW, "index": "mean", "level": 1, "value": 0.25}
    told["scenarios"]["baseline"]["rows"] = [dose, {**dose, "factor": "lane", "value": "closed"}]
    (folder / "analysis.json").write_text(json.dumps(told), encoding="utf-8")
    found = stored("levers", tmp_path)
    assert found.indices.empty
    assert list(found.doses["value"]) == [0.25, "closed"]
    assert list(found.doses["level"]) == [1, 1]
    assert list(found.doses["estimate"]) == [0.5, 0.5]


def test_what_an_analysis_lacks_is_an_empty_table(tmp_path: Path) -> None:
    """A table without its columns would stop every notebook that asks for one."""
    levers = stored("levers", tmp_path)
    assert levers.comparison.empty
    assert levers.convergence.empty
    assert levers.doses.empty
    assert list(levers.comparison.columns) == ["scenario", "question", "index", "estimate", "low", "high"]


def test_an_unfinished_experiment_is_not_an_answer(tmp_path: Path) -> None:
    """Half of the races, told as all of them, would be another answer."""
    finished(tmp_path, status="running")
    assert stored("levers", tmp_path).source == "the committed numbers"
    finished(tmp_path, "mine", status="running")
    with pytest.raises(LabError, match="mine: is not finished; the command that began it goes on where it was"):
        stored("mine", tmp_path)


@pytest.mark.parametrize(("wrong", "told"), [("leverz", "did you mean levers?"), ("zzzz", "there are authorities")])
def test_an_unknown_name_is_told_the_nearest(wrong: str, told: str, tmp_path: Path) -> None:
    """A slip of the finger should cost a second and not a search."""
    with pytest.raises(LabError, match=f"{wrong}: no such experiment") as caught:
        stored(wrong, tmp_path)
    assert told in str(caught.value)


def test_a_file_that_is_no_result_is_named(tmp_path: Path) -> None:
    """A traceback of a JSON reader does not say which file to make anew."""
    folder = finished(tmp_path)
    (folder / "analysis.json").write_text("{", encoding="utf-8")
    with pytest.raises(LabError, match=r"analysis.json: cannot be read .*make it anew"):
        stored("levers", tmp_path)
    (folder / "analysis.json").write_text("[]", encoding="utf-8")
    with pytest.raises(LabError, match=r"analysis.json: holds no result"):
        stored("levers", tmp_path)


def test_a_run_is_not_taken_for_an_experiment(tmp_path: Path) -> None:
    """Both have a manifest; only one has an analysis."""
    folder = tmp_path / "baseline"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"status": "complete", "runs": 5}', encoding="utf-8")
    with pytest.raises(LabError, match="holds a run, not an experiment"):
        stored("baseline", tmp_path)


def test_the_baseline_is_ones_own_run_or_the_committed_one(tmp_path: Path) -> None:
    """The answer beside the figures must be that of the races in them."""
    assert stored_baseline(tmp_path) == json.loads(HEADLINE.read_text(encoding="utf-8"))
    folder = tmp_path / "baseline"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"status": "complete"}', encoding="utf-8")
    (folder / "summary.json").write_text('{"runs": 5}', encoding="utf-8")
    assert stored_baseline(tmp_path) == {"runs": 5}


def test_without_any_run_of_the_baseline_the_way_to_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed package has no committed figure; the reader can still make the numbers."""
    monkeypatch.setattr("ipsc_race_lab.results.stored.HEADLINE", tmp_path / "headline.json")
    with pytest.raises(LabError, match="ipsc-race run baseline --runs 1000"):
        stored_baseline(tmp_path)
