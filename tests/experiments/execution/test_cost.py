"""A world that takes long, or outgrows its records, is told so before a thousand of its races are run."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipsc_race.loading import load
from ipsc_race_lab.cli import main
from ipsc_race_lab.execution import cost
from ipsc_race_lab.execution.cost import OneRace, one_race

CROWD = """
extends: baseline
title: Twenty foundings a month
jurisdictions:
"""
MOST_SECONDS = 30  # of a core, for a race that takes about one: it ends by `MAX_TURNS`, not by patience


def crowd(*places: str) -> str:
    return CROWD + "".join(f"  {place}: {{companies: {{founding_per_month: 20}}}}\n" for place in places)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("crowd.yaml")


def test_twenty_foundings_a_month_in_one_country_come_to_an_answer(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A legal world that seemed to hang: half an hour without a word is no answer."""
    world.write_text(crowd("china"), encoding="utf-8")
    assert main(["run", str(world), "--runs", "2", "--no-figures"]) == 0
    assert "Twenty foundings a month\n2 races" in capsys.readouterr().out


def test_twenty_foundings_a_month_everywhere_come_to_one_sentence(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every race outgrows its records: the first says so, and so does the end."""
    world.write_text(crowd("china", "us", "eu", "japan"), encoding="utf-8")
    assert main(["run", str(world), "--runs", "2", "--no-figures"]) == 2
    note, *_, last = capsys.readouterr().err.splitlines()
    assert note.startswith("note: crowd: race 0 outgrew 24,576 companies")
    assert last.startswith("ipsc-race: all 2 races failed, the first because race 0 outgrew 24,576 companies")


def test_check_says_it_before_any_command_that_races(
    world: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning and no error: the world is what it says."""
    monkeypatch.setattr(cost, "one_race", lambda *_, **__: OneRace(1.2))
    world.write_text(crowd("china"), encoding="utf-8")
    assert main(["check", str(world)]) == 0
    _, note = capsys.readouterr().out.splitlines()
    assert note == "crowd.yaml: one race takes 1.2 s of a core, 60 times the usual"


def test_no_race_is_endless(world: Path) -> None:
    world.write_text(crowd("china", "us", "eu", "japan"), encoding="utf-8")
    one = one_race(load(world), 1)
    assert one is None or one.seconds < MOST_SECONDS


@pytest.mark.parametrize(("seconds", "note"), [(0.1, ""), (1.2, "one race takes 1.2 s of a core, 60 times the usual")])
def test_only_what_is_far_from_usual_is_told(seconds: float, note: str) -> None:
    """A note that always comes is not read."""
    assert OneRace(seconds).note == note
