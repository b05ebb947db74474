"""V24, V25: no rule names a country, so identical countries draw and exchanged countries exchange their histories."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from worlds import Array, agrees, races, standard_errors

from ipsc_race.ensemble import RaceResult, run_races
from ipsc_race.loading import Resolved, load
from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, FIRST_IN_HUMAN
from ipsc_race_lab.durable import VIEWS
from ipsc_race_lab.questions import QUESTIONS, Answers, FirstTimes


@cache
def null_answers() -> Answers:
    world = load("null")
    answers = Answers(world)
    for result in run_races(world, 400, seed=5, workers=2):
        answers.add(result)
    return answers


@cache
def null_times() -> dict[str, FirstTimes]:
    return null_answers().times()


@pytest.mark.parametrize("view", VIEWS)
def test_v24_identical_jurisdictions_hold_the_same_market(view: str) -> None:
    """A rule of the market, of partners or of borders that favoured a row would give one of four equals an edge."""
    holdings = null_answers().holdings()
    sales = holdings.last_year("revenue", view)
    pairs = [(a, b) for a in range(len(holdings.blocs)) for b in range(a)]
    for a, b in pairs:
        assert float((sales[:, a] - sales[:, b]).mean()) == agrees(sales[:, a] - sales[:, b], 0.0, 2 * len(pairs))


@pytest.mark.parametrize("question", QUESTIONS)
def test_v24_identical_jurisdictions_lead_each_other_half_of_the_time_and_by_nothing(question: str) -> None:
    """A rule that favoured a row of the table would make a winner of nobody's doing."""
    times = null_times()[question]
    reached = np.minimum(times.months, times.horizon_months)
    pairs = [(a, b) for a in range(len(times.blocs)) for b in range(a)]
    claims = 2 * len(pairs) * len(QUESTIONS)
    for a, b in pairs:
        one, other = reached[:, a], reached[:, b]
        credit = (one < other) + 0.5 * (one == other)
        assert float(credit.mean()) == agrees(credit, 0.5, claims), (times.blocs[a], times.blocs[b])
        assert float((other - one).mean()) == agrees(other - one, 0.0, claims), (times.blocs[a], times.blocs[b])


def exchanged(world: Resolved, one: str, other: str, *, keys: bool) -> Resolved:
    """The world in which two jurisdictions have each other's parameters, and each other's draw keys too if asked."""

    def swap(scenario: Any) -> Any:
        places = dict(scenario.jurisdictions)
        a, b = places[one], places[other]
        if not keys:
            a, b = a.model_copy(update={"draw_key": b.draw_key}), b.model_copy(update={"draw_key": a.draw_key})
        places[one], places[other] = b, a
        return scenario.model_copy(update={"jurisdictions": places})

    epochs = tuple(replace(epoch, scenario=swap(epoch.scenario)) for epoch in world.epochs)
    return replace(world, epochs=epochs)


def told(world: Resolved, result: RaceResult, names: dict[str, str]) -> list[tuple[Any, ...]]:
    """All events with names instead of rows, exchanged by `names`."""
    places = [names.get(name, name) for name in world.jurisdictions]
    return [
        (*(int(event[field]) for field in ("month", "company", "programme", "milestone", "indication", "reason")),
         places[event["home"]], places[event["jurisdiction"]])
        for event in result.events
    ]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [("china", "us"), ("china", "japan"), ("eu", "japan")])
def test_v25_with_their_draw_keys_two_jurisdictions_exchange_every_milestone(one: str, other: str) -> None:
    """A name, or a place in the file, would have an effect of its own."""
    world = load("baseline")
    mirror = exchanged(world, one, other, keys=True)
    for here, there in zip(races(world, 3), races(mirror, 3), strict=True):
        assert told(world, here, {}) == told(mirror, there, {one: other, other: one})
        assert here.monthly.tobytes() == there.monthly.tobytes(), "rows follow the keys, whatever their names"


def months_of(world: Resolved, name: str, results: list[RaceResult], *milestones: int) -> Array:
    """Months to the first such milestone of companies at home in a jurisdiction, restricted to the span."""
    row = world.jurisdictions.index(name)
    found = []
    for result in results:
        events = result.events[(result.events["home"] == row) & np.isin(result.events["milestone"], milestones)]
        first = events["month"].min(initial=world.epochs[0].month + world.months)
        found.append(first - world.epochs[0].month)
    return np.array(found, dtype=np.float64)


def test_v25_without_their_draw_keys_they_exchange_their_answers() -> None:
    """Parameters, not keys or rows, make the answer; what is left is luck."""
    world = load("baseline")
    mirror = exchanged(world, "china", "us", keys=False)
    here, there = races(world, 150), races(mirror, 150, seed=77)
    asked = [(FIRST_IN_HUMAN,), (APPROVED, CONDITIONALLY_APPROVED)]
    for milestones in asked:
        for name, other in (("china", "us"), ("us", "china")):
            ours, theirs = months_of(world, name, here, *milestones), months_of(mirror, other, there, *milestones)
            error = np.hypot(ours.std(), theirs.std()) / np.sqrt(len(ours))
            assert abs(ours.mean() - theirs.mean()) < standard_errors(4) * error
