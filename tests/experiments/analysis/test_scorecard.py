"""Forecasts scored by whoever made them must be scored so that nobody can choose what counts."""

from __future__ import annotations

import math
from typing import Any

import pytest
from made_up_forecasts import count, event, register

from ipsc_race_lab.analysis.scorecard import BASE_RATE, FEWEST, NO_CHANGE, OURS, Scorecard, scorecard
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.metrics.register import Outcome, Register


def scored(events: dict[str, Any], outcomes: dict[str, dict[str, Any]], as_of: str, **more: Any) -> Scorecard:
    given = Register.model_validate(register(events, **more))
    came = {
        name: Outcome.model_validate({"date": "2029-01-01", "source": "a list", **of}) for name, of in outcomes.items()
    }
    return scorecard(given, came, as_of, "f.yaml")


def test_every_forecast_has_one_state() -> None:
    """What is silently dropped is what one would rather forget."""
    events = {
        "settled": event(1), "overdue": event(2), "early": event(3, by="2031-12"), "open": event(4, by="2031-12"),
        "this_month": event(5, by="2029-03"), "later": event(6),
    }  # fmt: skip
    outcomes = {
        "settled": {"came": False}, "early": {"came": True}, "later": {"came": False, "date": "2029-04-01"},
        "of_another_register": {"came": True},
    }  # fmt: skip
    card = scored(events, outcomes, "2029-03", counts={"many": count(1)})
    assert card.scored == ("settled",)
    assert card.early == ("early",)
    assert card.open == ("open", "this_month")
    assert card.overdue == ("overdue", "later", "many")


def test_what_came_early_waits_for_its_month() -> None:
    """Of running events only those that came can be settled, so that to score them would favour who said high."""
    events = {f"e{i}": event(i, 0.9, by="2031-12") for i in range(4)}
    early = scored(events, {"e0": {"came": True}}, "2029-03")
    assert early.scores == {}
    later = scored(events, {"e0": {"came": True}, **{f"e{i}": {"came": False} for i in range(1, 4)}}, "2032-01")
    assert later.scores[OURS].brier == pytest.approx((0.01 + 3 * 0.81) / 4)


def test_scores_stand_beside_those_of_base_rates_and_no_change() -> None:
    card = scored({"a": event(1, 0.8), "b": event(2, 0.2)}, {"a": {"came": True}, "b": {"came": False}}, "2029-03")
    assert card.scores[OURS].brier == pytest.approx(0.04)
    assert card.scores[BASE_RATE].brier == pytest.approx(0.25)
    assert card.scores[NO_CHANGE].brier == pytest.approx(0.5)
    assert card.scores[OURS].log == pytest.approx(-math.log(0.8))
    assert (card.scores[OURS].held_count, card.scores[NO_CHANGE].held_count) == (0, 2)
    assert card.against[BASE_RATE].brier_skill == pytest.approx(1 - 0.04 / 0.25)
    assert card.against[BASE_RATE].log_skill == pytest.approx(1 + math.log(0.8) / math.log(2))
    assert card.against[BASE_RATE].brier_gain.estimate == pytest.approx(0.21)


def test_counts_have_their_own_scores() -> None:
    """Twice the mean pinball loss at 10, 50 and 90%, and whether the central 80% held it."""
    card = scored({}, {"many": {"value": 10}}, "2029-03", counts={"many": count(1)})
    (many,) = card.counts
    assert not many.is_inside
    assert many.scores[OURS] == pytest.approx(2 / 3 * (0.1 * 8 + 0.5 * 6 + 0.9 * 2))
    assert many.scores[NO_CHANGE] == pytest.approx(2 / 3 * 1.5 * 7)
    assert (card.coverage.estimate, card.scores) == (0.0, {})


def test_a_draft_is_not_scored() -> None:
    """It could still be changed to fit."""
    with pytest.raises(LabError, match=r"^f.yaml: is a draft and promises nothing yet"):
        scored({"a": event(1)}, {}, "2029-03", draft=True)


def test_a_month_before_the_forecast_is_refused() -> None:
    with pytest.raises(LabError, match=r"^--as-of 2026-10: f.yaml was made on 2026-11-27"):
        scored({"a": event(1)}, {}, "2026-10")


def test_what_a_machine_reads_is_all_of_it() -> None:
    events = {f"e{i}": event(i, i / FEWEST) for i in range(FEWEST)}
    card = scored(events, {name: {"came": name > "e4"} for name in events}, "2029-03").as_dict()
    assert card["scores"]["probability"].keys() == {"brier", "log", "held_count"}
    assert card["against"]["base_rate"]["brier_gain"].keys() == {"estimate", "low", "high"}
    assert sum(of["number"] for of in card["reliability"]) == FEWEST
    assert card["reliability"][0]["came"].keys() == {"estimate", "low", "high"}
