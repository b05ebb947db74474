"""`ipsc-race score`: the one command by which the forecasts of this model can turn out to have been worthless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from made_up_forecasts import count, event, register, write_plain, write_sealed

from ipsc_race_lab import cli


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, number: int = 12, probability: float = 0.2, **more: Any) -> None:
    """A register of so many events and a count, in which all but the last event are settled."""
    events = {f"e{i}": event(i, probability) for i in range(number)}
    write_sealed(folder / "f.yaml", register(events, counts={"many": count(1)}, **more))
    came = {f"e{i}": {"came": False, "date": "2029-01-01", "source": "a list"} for i in range(number - 1)}
    write_plain(
        folder / "outcomes.yaml", {"outcomes": {**came, "many": {"value": 5, "date": "2029-01-05", "source": "x"}}}
    )


def score(*words: str) -> int:
    return cli.main(["score", "f.yaml", "--as-of", "2029-03", *words])


def test_it_says_how_good_and_what_is_overdue(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(here)
    assert score() == 0
    told = capsys.readouterr().out
    assert "13 forecasts: 12 scored, 0 settled before their month is over and scored then, 0 open, 1 overdue" in told
    assert "0.040" in told
    assert "Better than base rates, by an interval above 0." in told
    assert "Whether they are better than no change cannot be told" not in told  # nothing came: no change is perfect
    assert "Worse than no change" in told
    assert "e11, by 2028-12: Thing 11 comes. Settled by: a list" in told
    assert "The 1 overdue could change every number here." in told
    assert "many" in told


def test_of_few_it_says_what_cannot_be_concluded(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three good guesses are no proof of skill, and must not read like one."""
    written(here, 4)
    assert score() == 0
    told = capsys.readouterr().out
    assert "3 events are scored: too few to conclude" in told
    assert "Better than" not in told


def test_where_nothing_is_settled_there_is_no_score(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(here)
    (here / "outcomes.yaml").unlink()
    assert cli.main(["score", "f.yaml", "--as-of", "2027-01"]) == 0
    told = capsys.readouterr().out
    assert "No event is scored yet" in told
    assert "Brier" not in told


def test_machines_read_the_same(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(here)
    assert score("--json") == 0
    card = json.loads(capsys.readouterr().out)
    assert card["overdue"] == ["e11"]
    assert card["scores"]["probability"]["brier"] == pytest.approx(0.04)
    assert card["counts"][0]["is_inside"]


def test_a_backtest_is_called_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers of forecasts made when the answer was known must not pass for others."""
    written(here, as_of="2020-01", backtest=True)
    assert score() == 0
    assert "a backtest, made when what came was known" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["score", "2026-1"], "2026-1: no register of forecasts is named '2026-1'; did you mean 2026-11?"),
        (["score", "none.yaml"], "none.yaml: "),
        (["score", "f.yaml", "--as-of", "2029"], "--as-of 2029: expected a month such as 2028-06"),
        (["score", "f.yaml", "--as-of", "2026-01"], "--as-of 2026-01: f.yaml was made on 2026-11-27; expected"),
        (["score", "f.yaml", "--outcomes", "none.yaml"], "none.yaml: "),
        (["score", "draft.yaml"], "draft.yaml: is a draft and promises nothing yet"),
        (["score", "edited.yaml"], "edited.yaml:13:9: digest is not that of what the register says"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_sentence(
    here: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written(here)
    write_plain(here / "draft.yaml", register({"a": event(1, None)}, draft=True))
    edited = write_sealed(here / "edited.yaml", register({"a": event(1)}))
    edited.write_text(edited.read_text(encoding="utf-8").replace("0.3", "0.4"), encoding="utf-8")
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"ipsc-race: {sentence}")
    assert told.err.count("\n") == 1


def test_check_reads_registers_and_outcomes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever fills a draft or enters an outcome learns what is wrong before it is committed."""
    written(here)
    write_plain(here / "draft.yaml", register({"a": event(100, None)}, draft=True))
    assert cli.main(["check", "f.yaml", "draft.yaml", "outcomes.yaml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "f.yaml: ok (12 events, 1 counts)",
        "draft.yaml: ok (1 events, 0 counts, a draft, 1 without probability)",
        "outcomes.yaml: ok (12 settled)",
    ]
    write_plain(here / "outcomes.yaml", {"outcomes": {"e1": {"came": True, "date": "2020-01-01", "source": "a list"}}})
    assert cli.main(["check", "outcomes.yaml"]) == 2
    assert "outcomes.e1.date is 2020-01-01, when all to 2026-06 was known" in capsys.readouterr().out
