"""`ipsc-race ablate`: every mechanism is turned round in the same races, and the table says what that does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
from ipsc_race.mechanisms import Mechanisms
from ipsc_race_lab.analysis.ablation import MEASURES
from ipsc_race_lab.cli import main
from ipsc_race_lab.wording import ablation as ablation_words

SHORT = ("--set", "span.end_month=2032-12", "--runs", "6", "--workers", "1")
SWITCHES = [name.removesuffix("_switch") for name in Mechanisms.model_fields]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished ablation."""
    folder = tmp_path_factory.mktemp("ablate")
    assert main(["ablate", "baseline", *SHORT, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def result(folder: Path) -> Any:
    return json.loads((folder / "analysis.json").read_text(encoding="utf-8"))


def test_every_mechanism_is_in_the_table_with_an_interval(result: Any) -> None:
    assert list(result["mechanisms"]) == SWITCHES
    for effect in result["mechanisms"].values():
        assert effect["on"] is True
        for name in MEASURES:
            if effect[name]["estimate"] is None:  # a share where nothing is sold
                continue
            assert effect[name]["low"] <= effect[name]["estimate"] <= effect[name]["high"]


def test_an_effect_is_that_of_having_the_mechanism(result: Any) -> None:
    """With less without, of the same races: a sign the other way round would turn every conclusion."""
    name = "patients_harmed"
    worlds = [load("baseline", ["span.end_month=2032-12", *off]) for off in ([], ["mechanisms.market_switch=false"])]
    harmed = [sum(float(r.monthly[name][-1].sum()) for r in run_races(world, 6, 1)) / 6 for world in worlds]
    assert result["mechanisms"]["market"][name]["estimate"] == pytest.approx(harmed[0] - harmed[1])
    assert result["as_is"][name]["estimate"] == pytest.approx(harmed[0])


def test_it_is_answered_again_without_racing(
    folder: Path, result: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty worlds would be raced once more for a table that scrolled away."""
    monkeypatch.setattr("ipsc_race_lab.execution.runner.race_chunk", None)
    assert main(["ablate", "baseline", "--json", *SHORT, "--out", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out) == result


def test_a_mechanism_that_is_off_is_turned_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In a world without a market the table says what a market would do there."""
    off = ("--set", "mechanisms.market_switch=false", "--out", str(tmp_path / "out"))
    code = main(["ablate", "baseline", "--json", *SHORT, *off])
    effect = json.loads(capsys.readouterr().out)["mechanisms"]["market"]
    assert code == 0
    assert effect["on"] is False
    assert effect["patients_harmed"]["estimate"] >= 0


def test_the_printed_table_has_a_row_for_each_and_says_what_it_means(result: Any) -> None:
    text = ablation_words.text(result)
    for name in SWITCHES:
        assert any(line.startswith(name) for line in text.splitlines()), name
    assert "lead of china over west" in text
    assert max(map(len, text.splitlines())) <= 130


def test_what_shared_luck_is_worth_stands_beside_each_effect(result: Any) -> None:
    """The variance ratio is reported with every comparison; a measure that no race moves has none."""
    for effect in result["mechanisms"].values():
        for name in MEASURES:
            if effect[name]["estimate"] is None:  # a share where nothing is sold
                continue
            ratio, moved = effect[name]["variance_ratio"], effect[name]["low"] < effect[name]["high"]
            assert (ratio is not None) == moved
            assert ratio is None or ratio > 0
    assert "The same random numbers in every world: as good as" in ablation_words.text(result)


def test_bad_numbers_are_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ablate", "--runs", "0"]) == 2
    assert "--runs 0: expected a whole number" in capsys.readouterr().err
