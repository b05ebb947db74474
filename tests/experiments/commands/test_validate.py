"""`ipsc-race validate` tells every rung with its numbers, and fails where one is missed."""

from __future__ import annotations

import json

import pytest

from ipsc_race_lab import cli
from ipsc_race_lab.validation import ladder
from ipsc_race_lab.validation.rung import Rung, Verdict, near


def rung(name: str, observed: float, apart: Verdict | None = None) -> Rung:
    numbers = near("how far a word of forty letters may reach before it is broken", observed, 1.0, 0.5)
    return Rung(name, "a claim", "1", "0.5", "a source", "a world", lambda: [numbers], account="A reason.", apart=apart)


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    rungs = [rung("V1", 1.0), rung("V2", 3.0), rung("V10", 3.0, Verdict.NOT_APPLICABLE)]
    monkeypatch.setattr(ladder, "LADDER", {of.id: of for of in rungs})


@pytest.mark.usefixtures("three")
def test_a_miss_is_an_exit_code_and_what_stands_apart_is_none() -> None:
    assert cli.main(["validate"]) == 1
    assert cli.main(["validate", "--only", "V1", "V10"]) == 0


@pytest.mark.usefixtures("three")
def test_a_script_reads_every_rung_with_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["validate", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [(row["id"], row["verdict"]) for row in told["rungs"]] == [
        ("V1", "met"), ("V2", "missed"), ("V10", "not applicable"),
    ]  # fmt: skip
    assert told["rungs"][1]["checks"][0]["observed"] == 3.0


@pytest.mark.usefixtures("three")
def test_the_table_fits_a_hundred_columns_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["validate"])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    assert "1 met, 1 missed, 1 not applicable." in lines
    words = " ".join(lines).split()
    assert {"V2", "missed", "claim", "source;", "broken", "reason."} <= set(words)


@pytest.mark.usefixtures("three")
def test_a_rung_that_is_not_there_is_named_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "--only", "V100"]) == 2
    assert capsys.readouterr().err == "ipsc-race: --only V100: is no rung; did you mean V10?\n"
