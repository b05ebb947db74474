"""`ipsc-race ask`: finished races asked for any milestone, with the numbers that `run` would give."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import fake_races
import pytest

from ipsc_race.ensemble import value_hash
from ipsc_race.milestones import MILESTONES
from ipsc_race_lab import cli
from ipsc_race_lab.metrics.questions import Answers, summarise
from ipsc_race_lab.results.files import write_json
from ipsc_race_lab.results.folder import SCENARIO, SUMMARY
from ipsc_race_lab.results.run_folder import RunWriter

VALUES: dict[str, Any] = {
    "title": "A made-up world",
    "blocs": {"china": ["china"], "west": ["us", "eu"], "japan": ["japan"]},
    "jurisdictions": {"china": {}, "us": {}, "eu": {}, "japan": {}},
    "indications": {"heart": {}, "eye": {}},
}


@pytest.fixture
def summary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The summary of forty races of a made-up world, which lie in `run`."""
    world = fake_races.fake_resolved()
    monkeypatch.chdir(tmp_path)
    folder, answers = Path("run"), Answers(world, 1)
    folder.mkdir()
    with RunWriter(folder, world) as writer:
        for race in (fake_races.random_race(run, 1, world) for run in range(40)):
            answers.add(race)
            writer.add(race)
        writer.save()
    content = summarise(answers, value_hash)
    write_json(folder / SUMMARY, content)
    write_json(folder / SCENARIO, {"epochs": [{"values": VALUES}]})
    return content


def ask(*words: str) -> int:
    return cli.main(["ask", "run", *words])


@pytest.mark.parametrize(
    ("words", "question"),
    [
        (["first_in_human"], "first_in_human"),
        (["approval"], "first_approval_anywhere"),
        (["approval", "--at-home"], "first_home_approval"),
    ],
)
def test_a_question_of_every_run_has_the_same_answer_when_asked(
    words: list[str], question: str, summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Two answers to one question, printed by two commands, are none."""
    assert ask(*words, "--json") == 0
    found = {(row["metric"], row["of"]): row for row in json.loads(capsys.readouterr().out) if row["year"] is None}
    for metric, by_bloc in summary["questions"][question].items():
        for of, numbers in by_bloc.items() if metric != "title" else ():
            assert {name: found[metric, of][name] for name in numbers} == numbers


def test_every_milestone_is_told_and_one_by_indication_and_year(
    summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A researcher needs no other program for them."""
    assert summary["runs"] == 40
    assert ask() == 0
    out = capsys.readouterr().out
    assert all(name in out for name in MILESTONES.values())
    assert ask("phase_3_started", "--by", "indication", "--kth", "2") == 0
    out = capsys.readouterr().out
    assert "product 2 of each bloc" in out
    assert [line.split()[0] for line in out.splitlines()[-2:]] == ["heart", "eye"]
    assert ask("phase_1_started", "phase_3_started", "--by", "year") == 0
    out = capsys.readouterr().out
    for title in ("reached by the end of the year", "first of all, by the end", "number in the year, mean of races"):
        assert out.count(title) == 2
    assert "  2024  " in out
    assert "nan" not in out.lower()


@pytest.mark.usefixtures("summary")
def test_a_table_for_other_programs_holds_every_number(capsys: pytest.CaptureFixture[str]) -> None:
    """What has to be copied by hand is copied wrongly."""
    assert ask("approved", "--by", "indication", "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["indication"] for row in rows} == {"heart", "eye"}
    assert {"p_leads", "lead_months", "p_reached_by", "number_in"} <= {row["metric"] for row in rows}


@pytest.mark.usefixtures("summary")
def test_what_is_wrong_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt milestone would pass for one that never comes."""
    assert ask("phase_3_start", "--kth", "0", "--json", "--csv") == 2
    out = capsys.readouterr()
    assert out.out == ""
    assert out.err.splitlines() == [
        "ipsc-race: phase_3_start: no such milestone; did you mean phase_3_started?",
        "ipsc-race: --kth 0: expected a whole number from 1 to 1000",
        "ipsc-race: --json and --csv: expected one of the two",
    ]
    assert cli.main(["ask", "nowhere", "approved"]) == 2
    assert "nowhere: holds no result of a run" in capsys.readouterr().err
    Path("run/milestones.parquet").write_text("damaged")
    assert ask("approved") == 2
    assert "run/milestones.parquet: cannot be read" in capsys.readouterr().err
