"""The same races give the same number, wherever it is printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipsc_race_lab.cli import main
from ipsc_race_lab.metrics.registry import METRICS, Kind, difference, estimate, in_summary, of_whole

SHORT = ["--seed", "3", "--set", "span.end_month=2036-12"]
EXPERIMENT = """
title: One dial
scenario: baseline
set: {span.end_month: 2036-12}
factors: {capital: {path: jurisdictions.china.funding.capital_multiplier, values: [1, 2]}}
design: {kind: one_at_a_time}
replications: 60
seed: 3
pair: [china, west]
analysis: {kind: dose_response}
"""


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every metric of the same sixty races as run, compare and an experiment tell it."""
    folder = tmp_path_factory.mktemp("same")
    file = folder / "dial.yaml"
    file.write_text(EXPERIMENT, encoding="utf-8")
    assert main(["run", "baseline", "--runs", "60", *SHORT, "--no-figures", "--out", str(folder / "run")]) == 0
    assert (
        main(["compare", "baseline", "level-patients", "--runs", "60", *SHORT, "--out", str(folder / "compare")]) == 0
    )
    assert main(["experiment", str(file), "--out", str(folder / "experiment")]) == 0
    summary = read(folder / "run/summary.json")
    told = {"run": {name: in_summary(name, summary, "china", "west") for name in METRICS}}
    for name in ("compare", "experiment"):
        told[name] = read(folder / name / "analysis.json")["scenarios"]["baseline"]["means"]
    return told


@pytest.mark.parametrize("metric", METRICS)
def test_the_same_races_give_the_same_number_and_interval_everywhere(
    metric: str, outputs: dict[str, dict[str, Any]]
) -> None:
    """Two answers to one question, printed by two commands, are none."""
    assert outputs["compare"][metric] == outputs["run"][metric]
    assert outputs["experiment"][metric] == outputs["run"][metric]


def test_a_chance_that_no_race_shows_keeps_a_width() -> None:
    """Sixty races that all agree would make certain what a hundredth may do otherwise."""
    never = np.zeros((1, 60))
    _, low, high = estimate("p_leads.first_in_human", never)
    assert (low, high) == (0.0, pytest.approx(0.06, abs=0.001))
    _, low, high = difference("p_leads.first_in_human", never, never)
    assert low is not None
    assert high is not None
    assert low < -0.01 < 0.01 < high


def test_points_with_one_luck_tell_no_more_than_their_races() -> None:
    """Eight copies of the same ten races would pass for eighty."""
    races = np.array([[1, 0, 0, 1, 0, 1, 0, 0, 0, 0]], np.float64)
    one = estimate("p_leads.first_in_human", races)
    many = estimate("p_leads.first_in_human", np.repeat(races, 8, axis=0))
    assert many.estimate == pytest.approx(one.estimate)
    assert None not in (*one, *many)
    assert (many.high or 0) - (many.low or 0) >= (one.high or 0) - (one.low or 0)


def test_a_share_weighs_a_race_by_its_market_and_so_does_a_difference() -> None:
    """A race in which little is sold would count as much as one in which all is."""
    wholes = np.array([[10.0, 90.0, 100.0, 0.0] * 3])
    here, there = of_whole(wholes * 0.5, wholes), of_whole(wholes * np.array([[1.0, 0.5, 0.5, 0.0] * 3]), wholes)
    assert estimate("revenue_share.origin", here).estimate == 0.5
    assert difference("revenue_share.origin", there, here).estimate == pytest.approx(5 / 200)


def test_every_metric_has_its_words() -> None:
    """A raw key in a heading says nothing to a reader."""
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric.title[0].isupper()
        assert metric.phrase.startswith("the ")
        assert metric.unit
        assert metric.kind is not Kind.AMOUNT
