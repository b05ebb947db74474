"""A forecast that can be changed afterwards, or read in two ways, is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_up_forecasts import count, event, register, write_plain, write_sealed

from ipsc_race.loading import ScenarioError
from ipsc_race_lab.metrics.asking import NAMED
from ipsc_race_lab.metrics.register import ASKED, Register, digest_of
from ipsc_race_lab.metrics.register_reading import forecast_kind, read_outcomes, read_register

LATE, LATE_WORDS = "2029-01-01", ".date is 2029-01-01, after 2028-12: by then it had not come; expected came: false"
MEANWHILE, NOTE = ".date is 2027-03-14", "expected a note why it no longer can"
BAD = """\
title: Forecasts
made: 2026-13-01
as_of: 2026-06
evnts: {}
events:
  one: {statement: One comes., by: 2028-13, settled_by: a list, probability: 1.2, base_rate: -0.1, no_change: 0,
    base_rate_reason: none}
  two: {statement: Two comes., settled_by: a list, probability: 0.1, base_rate: 0.1, no_change: 0,
    base_rate_reason: none, by: 2028-12, question: {milestone: aproved, kth: 0, cells: ips}}
"""


def problems_of(read: Callable[[], Any]) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        read()
    return [str(problem) for problem in error.value.problems]


def register_problems(path: Path) -> list[str]:
    return problems_of(lambda: read_register(path, "f.yaml"))


@pytest.fixture
def sealed(tmp_path: Path) -> dict[str, Register]:
    """Three events and a count, whose outcomes are known beside."""
    events = {"one": event(1), "two": event(2), "three": event(3)}
    path = write_sealed(tmp_path / "f.yaml", register(events, counts={"many": count(1)}))
    return {"f.yaml": read_register(path, "f.yaml")}


def outcome_problems(path: Path, registers: dict[str, Register]) -> list[str]:
    return problems_of(lambda: read_outcomes(path, "o.yaml", registers))


def test_a_register_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """A probability that changed on its way would be scored as somebody else's."""
    asked = {"milestone": "approval", "bloc": "china", "place": "home", "before": "west"}
    how = {"scenario": "today", "seed": 1, "races": 10_000, "effective_number": 650.5}
    given = register({"one": event(1, 0.125, question=asked)}, counts={"many": count(1)}, how=how)
    read = read_register(write_sealed(tmp_path / "f.yaml", given), "f.yaml")
    one, many = read.events["one"], read.counts["many"]
    assert (one.probability, one.base_rate, one.no_change, one.by) == (0.125, 0.5, 0.0, "2028-12")
    assert one.question is not None
    assert one.question.model_dump() == {
        **asked, "cells": "reprogrammed", "kth": 1, "indication": None, "programme": None,
    }  # fmt: skip
    assert many.quantiles is not None
    assert many.quantiles.values == (2, 4, 8)
    assert (read.how.races, read.how.effective_number) == (10_000, 650.5)


def test_all_that_is_wrong_is_said_at_once_with_its_place_and_the_nearest_name(write: Callable[..., Path]) -> None:
    assert register_problems(write(BAD, "f.yaml")) == [
        "f.yaml:2:7: made is '2026-13-01'; expected a day such as 2026-11-27",
        "f.yaml:4:1: evnts is not known; did you mean events?",
        "f.yaml:6:36: events.one.by is '2028-13'; expected a month such as 2018-11",
        "f.yaml:6:78: events.one.probability is 1.2; expected a probability from 0 to 1",
        "f.yaml:6:94: events.one.base_rate is -0.1; expected a probability from 0 to 1",
        "f.yaml:9:64: events.two.question.milestone is 'aproved', which is no milestone; did you mean approved?",
        "f.yaml:9:78: events.two.question.kth is 0; expected a whole number from 1 to 1,000",
        "f.yaml:9:88: events.two.question.cells is 'ips'; expected reprogrammed, embryonic, any",
    ]


def test_no_event_is_forecast_twice(write: Callable[..., Path], tmp_path: Path) -> None:
    """What stands there twice would count twice, under one name or under two."""
    path = write_plain(tmp_path / "f.yaml", register({"one": event(1), "two": event(2, statement="Thing 1 comes.")}))
    assert register_problems(path) == ["f.yaml:14:16: events.two.statement says what one says"]
    text = path.read_text(encoding="utf-8").replace("\n  two:", "\n  one:")
    assert "duplicate key one, first on line 5" in register_problems(write(text, "f.yaml"))[0]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"by": "2026-10"}, "events.one.by is '2026-10', before it was made (2026-11-27): that is no forecast"),
        ({"by": "2026-06"}, "events.one.by is '2026-06', though all to 2026-06 was known: that is no forecast"),
    ],
)
def test_what_is_past_is_no_forecast(tmp_path: Path, changed: dict[str, Any], problem: str) -> None:
    path = write_sealed(tmp_path / "f.yaml", register({"one": event(1, **changed)}))
    assert [text.split(": ", 1)[1] for text in register_problems(path)] == [problem.replace("'", "")]


def test_a_register_cannot_know_more_than_its_day(tmp_path: Path) -> None:
    path = write_sealed(tmp_path / "f.yaml", register({"one": event(1)}, as_of="2026-12"))
    assert register_problems(path) == ["f.yaml:3:8: as_of is 2026-12, after the forecast was made (2026-11-27)"]


def test_a_count_by_lane_is_asked_only_of_what_races_tell_by_lane(tmp_path: Path) -> None:
    """The review of 2025 counts trials that a regulator approved; a count of both lanes would not be its count."""
    asked = {"what": "trials_posted", "lane": "registration"}
    given = register({"one": event(1)}, counts={"many": count(1, question=asked)})
    read = read_register(write_sealed(tmp_path / "f.yaml", given), "f.yaml")
    question = read.counts["many"].question
    assert question is not None
    assert question.lane == "registration"
    asked["what"] = "approvals"
    (problem,) = register_problems(write_sealed(tmp_path / "f.yaml", given))
    assert "counts.many.question.lane is not possible: races do not tell this by lane" in problem


def test_a_backtest_may_forecast_what_has_come(tmp_path: Path) -> None:
    """It is made when the answer is known, and says so; only its as-of month counts."""
    given = register({"one": event(1, by="2023-12")}, as_of="2020-01", backtest=True)
    assert read_register(write_sealed(tmp_path / "f.yaml", given), "f.yaml").backtest
    del given["backtest"]
    assert "no forecast" in register_problems(write_sealed(tmp_path / "f.yaml", given))[0]


def test_an_edit_of_a_sealed_register_is_seen(tmp_path: Path) -> None:
    """A probability that is moved once the answer is known would make every score a lie."""
    given = register({"one": event(1, 0.3)})
    path = write_sealed(tmp_path / "f.yaml", given)
    path.write_text(path.read_text(encoding="utf-8").replace("probability: 0.3", "probability: 0.9"), encoding="utf-8")
    (problem,) = register_problems(path)
    assert "digest is not that of what the register says" in problem
    assert "never changed after it was made" in problem


def test_layout_and_comments_are_no_edit(tmp_path: Path) -> None:
    path = write_sealed(tmp_path / "f.yaml", register({"one": event(1)}))
    path.write_text(
        "# a comment\n" + path.read_text(encoding="utf-8").replace("title: ", "title:   "), encoding="utf-8"
    )
    assert read_register(path, "f.yaml").title == "What may come"


def test_an_unsealed_register_is_told_its_digest(tmp_path: Path) -> None:
    """Who has filled a draft learns what to write, and needs no other tool."""
    given = register({"one": event(1)})
    assert register_problems(write_plain(tmp_path / "f.yaml", given)) == [
        f"f.yaml:1:1: the register lacks digest; what it says now has {digest_of(given)}"
    ]


def test_only_a_draft_may_lack_probabilities(tmp_path: Path) -> None:
    given = register({"one": event(1, None)}, counts={"many": count(1)}, draft=True)
    assert read_register(write_plain(tmp_path / "f.yaml", given), "f.yaml").draft
    assert "digest seals a draft" in register_problems(write_sealed(tmp_path / "f.yaml", given))[0]
    del given["draft"], given["counts"]["many"]["quantiles"]
    assert [text.split(": ", 1)[1] for text in register_problems(write_sealed(tmp_path / "f.yaml", given))] == [
        "events.one lacks probability; only a register that says `draft: true` may",
        "counts.many lacks quantiles; only a register that says `draft: true` may",
    ]


def test_quantiles_rise_and_something_is_forecast(tmp_path: Path) -> None:
    falling = count(1, quantiles={"low": 3, "median": 2, "high": 8})
    path = write_plain(tmp_path / "f.yaml", register({}, counts={"many": falling}))
    assert "counts.many.quantiles does not rise from low through median to high" in register_problems(path)[0]
    path = write_plain(tmp_path / "f.yaml", register({}))
    assert "the register forecasts nothing; expected events or counts by name" in register_problems(path)[0]


@pytest.mark.parametrize(
    ("name", "outcome", "problem"),
    [
        ("thre", {"came": True}, " is no event of a register; did you mean three?"),
        ("one", {"value": 3}, " is an event; expected came, true or false, and not value"),
        ("many", {"came": True, "date": LATE}, " is a count; expected value, a number, and not came"),
        ("one", {"came": True, "date": "2026-11-26"}, ".date is 2026-11-26, before the forecast was made (2026-11-27)"),
        ("one", {"came": True, "date": "2026-06-30"}, ".date is 2026-06-30, when all to 2026-06 was known"),
        ("one", {"came": True, "date": LATE}, LATE_WORDS),
        ("one", {"came": False}, f"{MEANWHILE}, though it may come up to 2028-12; {NOTE}"),
        ("many", {"value": 3}, f"{MEANWHILE}, though it is counted up to 2028-12"),
        ("one", {"came": True, "date": "2027-02-30"}, ".date is '2027-02-30'; expected a day such as 2026-11-27"),
    ],
)  # fmt: skip
def test_what_cannot_have_come_is_refused(
    tmp_path: Path, sealed: dict[str, Register], name: str, outcome: dict[str, Any], problem: str
) -> None:
    """An outcome of the wrong event, of the wrong kind or at an impossible time would settle what is open."""
    given = {"outcomes": {name: {"date": "2027-03-14", "source": "a list", **outcome}}}
    found = outcome_problems(write_plain(tmp_path / "o.yaml", given), sealed)
    assert [text.split(": ", 1)[1] for text in found] == [f"outcomes.{name}{problem}"]


def test_outcomes_come_back_as_they_were_written(tmp_path: Path, sealed: dict[str, Register]) -> None:
    given = {
        "one": {"came": True, "date": "2027-03-14", "source": "a list"},
        "two": {"came": False, "date": "2027-03-14", "source": "a list", "note": "its developer has closed"},
        "three": {"came": False, "date": "2029-01-01", "source": "a list"},
        "many": {"value": 5, "date": "2029-02-01", "source": "a list"},
    }
    came = read_outcomes(write_plain(tmp_path / "o.yaml", {"outcomes": given}), "o.yaml", sealed)
    assert [(name, of.came, of.value, of.date) for name, of in came.items()] == [
        ("one", True, None, "2027-03-14"),
        ("two", False, None, "2027-03-14"),
        ("three", False, None, "2029-01-01"),
        ("many", None, 5, "2029-02-01"),
    ]


def test_outcomes_of_other_registers_in_the_folder_are_known(tmp_path: Path, sealed: dict[str, Register]) -> None:
    """One file says what came of all; a later register must not make the score of an earlier one fail."""
    write_plain(tmp_path / "later.yaml", register({"four": event(4, None)}, draft=True))
    given = {"outcomes": {"four": {"came": True, "date": "2027-03-14", "source": "a list"}}}
    assert set(read_outcomes(write_plain(tmp_path / "o.yaml", given), "o.yaml", sealed)) == {"four"}


def test_milestones_are_those_that_races_are_asked_for() -> None:
    """A register that knew another name could not be given its probability."""
    assert set(ASKED) == set(NAMED)


def test_files_are_known_by_what_stands_in_them(tmp_path: Path) -> None:
    assert forecast_kind(str(write_plain(tmp_path / "a.yaml", register({})))) == "register"
    assert forecast_kind(str(write_plain(tmp_path / "b.yaml", {"outcomes": {}}))) == "outcomes"
    assert forecast_kind(str(write_plain(tmp_path / "c.yaml", {"extends": "baseline"}))) is None
    assert forecast_kind("baseline") is forecast_kind("nowhere.yaml") is None
