"""`ipsc-race reproduce` finds what differs from the committed numbers, and nothing else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ipsc_race_lab.analysis import reproduction
from ipsc_race_lab.analysis.reproduction import differing
from ipsc_race_lab.cli import main
from ipsc_race_lab.commands import reproduce
from ipsc_race_lab.design import finding
from ipsc_race_lab.design.finding import experiment_names

ROW = {"question": "lead", "factor": "money", "index": "effect", "estimate": 3.0, "low": 2.0, "high": 4.0}
TOLD: dict[str, Any] = {
    "scenarios": {"baseline": {"means": {"lead": {"estimate": 1.0, "low": 0.9, "high": 1.1}}, "rows": [ROW]}}
}


def changed(**fields: Any) -> dict[str, Any]:
    told = copy.deepcopy(TOLD)
    told["scenarios"]["baseline"]["rows"][0] |= fields
    return told


def test_the_same_numbers_differ_in_nothing() -> None:
    assert list(differing(TOLD, TOLD)) == []
    assert list(differing(TOLD, changed(estimate=3.9))) == [], "within half the width of its interval"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (changed(estimate=4.5), "4.5000 here, 3.0000 committed, tolerance 1.0000"),
        (changed(estimate=None), "None here, 3.0 committed"),
        (changed(factor="patients"), "is missing here"),
    ],
)
def test_what_differs_is_said(told: dict[str, Any], said: str) -> None:
    """A reviewer must see which number, what it is here, and what was claimed."""
    assert any(said in line for line in differing(TOLD, told))


def test_differences_of_scenarios_are_numbers_too() -> None:
    """A comparison that came out otherwise would pass for reproduced; one committed before there were any must not."""
    row = {"question": "lead", "factor": "decoupling", "index": "difference", "estimate": 1.0, "low": 0.5, "high": 1.5}
    compared = TOLD | {"comparison": {"base": "baseline", "rows": [row]}}
    other = TOLD | {"comparison": {"base": "baseline", "rows": [row | {"estimate": 2.0}]}}
    assert list(differing(compared, compared)) == []
    name = "comparison, baseline, lead, decoupling, difference"
    assert list(differing(compared, other)) == [f"{name}: 2.0000 here, 1.0000 committed, tolerance 0.5000"]
    assert list(differing(TOLD, compared)) == [f"{name}: is not among the committed numbers"]


def test_each_level_of_a_dose_response_is_a_number_of_its_own() -> None:
    """The last level alone would be held against the committed ones."""
    rows = [ROW | {"index": "mean", "level": level, "value": 0.1 * level, "estimate": 3.0 * level} for level in (0, 1)]
    doses = {"scenarios": {"baseline": {"means": {}, "rows": rows}}}
    other = copy.deepcopy(doses)
    other["scenarios"]["baseline"]["rows"][0]["estimate"] = 9.0
    assert list(differing(doses, doses)) == []
    assert len(list(reproduction.numbers(doses))) == 2
    (said,) = differing(doses, other)
    assert said == "baseline, lead, money, mean, level 0: 9.0000 here, 0.0000 committed, tolerance 1.0000"


def test_an_experiment_without_committed_numbers_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "no-such"]) == 2
    assert "has no committed numbers" in capsys.readouterr().err


def test_committed_numbers_are_those_of_shipped_experiments() -> None:
    """A number of an experiment that nobody can run is no evidence."""
    for path in finding.expected_folder().glob("*.json"):
        committed = json.loads(path.read_text(encoding="utf-8"))
        assert path.stem in experiment_names()
        assert len(committed["value_hash"]) == 64
        assert list(reproduction.numbers(committed["analysis"]))


def test_a_changed_number_ends_with_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script that reproduces in continuous integration must notice."""
    (tmp_path / "levers.json").write_text(json.dumps({"value_hash": "0" * 64, "analysis": TOLD}), encoding="utf-8")
    monkeypatch.setattr(reproduce, "expected_folder", lambda: tmp_path)
    monkeypatch.setattr(reproduce, "_raced", lambda *_: (changed(estimate=9.0), "1" * 64))
    assert main(["reproduce", "levers"]) == 1
    assert "levers: other rows, 1 of 2 numbers differ" in capsys.readouterr().out
