"""V4, H2, H3: the baseline against what happened and what is published: hand-set, before any formal calibration."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
from ipsc_race_lab.analysis.record import FACTS, Fact, Measure, Record, holds
from ipsc_race_lab.metrics.questions import Answers, summarise

RUNS = 300


@cache
def told() -> tuple[dict[str, Any], dict[str, Measure]]:
    """The summary of some races, and what they say of trials and gates."""
    world = load("baseline")
    answers, record = Answers(world, 11), Record(world)
    for result in run_races(world, RUNS, seed=11, workers=2):
        answers.add(result)
        record.add(result)
    return summarise(answers, lambda digests: str(len(digests))), record.measures()


def summary() -> dict[str, Any]:
    return told()[0]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.measure)
def test_trials_and_gates_are_those_of_the_record(fact: Fact) -> None:
    """An expert who reads three races must not laugh: phases skipped, waits, harms, success by phase (V4).

    Some 1,500 US Phase 3 trials and 20,000 Phase 1 trials in 300 races: a success of Phase 3 off by 0.03 would show,
    one of Phase 1 by 0.01.
    """
    assert holds(fact, told()[1][fact.measure]), told()[1][fact.measure]


def test_harms_are_counted_on_enough_patients_to_be_seen_if_they_were_too_many() -> None:
    """At five times the published bound, as it once was, 300 races would show thousands of harms and not hundreds."""
    assert told()[1]["serious_harms"].total > 300_000


def on_record(key: str) -> dict[str, Any]:
    """A fact of the histories of the baseline, with what the races say."""
    (fact,) = [fact for fact in summary()["history"] if f"{fact['history']}.{fact['key']}" == key]
    return dict(fact)


def test_the_first_patient_is_dosed_in_the_mid_2010s() -> None:
    """RIKEN dosed the first patient on 2014-09-12: a year of it is in the central 80% of some two years."""
    assert "2013-09" <= on_record("ipsc.first_patient")["simulated"]["estimate"] <= "2015-09"


@pytest.mark.parametrize("key", ["ipsc.trials_2019", "pluripotent.trials_2019", "pluripotent.trials_2024"])
def test_trials_are_those_of_the_record_in_the_central_races(key: str) -> None:
    """Like is held against like: posted trials of these cells, 19 of 54 iPSC by end-2019 and 116 in all by end-2024.

    The world is set by hand to these counts, so it must hold them in its central 80%; the old one, without embryonic
    cells and without a registry, was held to a factor of two and saw nothing.
    """
    fact = on_record(key)
    assert fact["simulated"]["low"] <= fact["recorded"] <= fact["simulated"]["high"]


def test_no_approval_before_2022_in_the_median() -> None:
    """The first were granted on 2026-03-06."""
    assert on_record("ipsc.first_approval")["simulated"]["estimate"] >= "2022-01"


def test_a_japanese_first_approval_is_no_surprise() -> None:
    """The first two were Japanese; a model that gives this less than one in ten has missed the conditional route."""
    assert summary()["questions"]["first_approval_anywhere"]["p_first"]["japan"]["estimate"] >= 0.10
    assert on_record("ipsc.first_approval_japan")["p_at_or_before"]["estimate"] >= 0.10
