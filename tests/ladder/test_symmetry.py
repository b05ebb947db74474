"""V24, V25: no rule names a country, so identical countries draw and exchanged countries exchange their histories."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel
from worlds import Array, agrees, races, standard_errors

from ipsc_race.draws import race_key
from ipsc_race.ensemble import Racer, RaceResult, run_races
from ipsc_race.loading import Resolved, load
from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, FIRST_IN_HUMAN, PHASE_1
from ipsc_race.rules import enrolment
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.metrics.durable import VIEWS
from ipsc_race_lab.metrics.questions import QUESTIONS, Answers, FirstTimes


@cache
def null_answers() -> Answers:
    world = load("null")
    answers = Answers(world, 5)
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


@pytest.mark.slow
def test_v24_no_pair_of_four_equals_differs_in_twenty_thousand_races() -> None:
    """A row that gained: doses were once given out in order of rows, and P(row 1 before row 4) was 0.54 at home.

    At 20,000 races a chance of 0.513 instead of a half is seen as often as not, one of 0.52 nearly always.
    """
    world, races_count = load("null"), 20_000
    racer, runs = Racer(world, seed=7), np.arange(races_count)
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda part: racer.outcomes(np.zeros((len(part), 0)), part), np.array_split(runs, 100))
        outcomes = np.concatenate(list(parts))
    far = {}
    for name in OUTCOME.names or ():
        values = outcomes[name]
        for a, b in combinations(range(values.shape[1]), 2):
            one, other = values[:, a], values[:, b]
            gaps = {"chance": (one < other) + 0.5 * (one == other) - 0.5}
            if np.isfinite(values).all():
                gaps["mean"] = one - other
            for kind, gap in gaps.items():
                z = float(gap.mean() / (gap.std(ddof=1) / np.sqrt(races_count)))
                if abs(z) >= 3.5:
                    far[name, kind, a, b] = z
    assert not far


@pytest.mark.parametrize("asked", [(1, 1, 1, 1), (5, 1, 1, 1), (1, 0, 0, 3)])
def test_doses_too_few_for_all_are_shared_and_no_place_comes_first(
    asked: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 20,000 months a share off by 0.01 of a dose is seen; given out in order of rows the last would get none."""
    for rule in ("share_doses", "track", "in_trial"):
        monkeypatch.setattr(enrolment, rule, getattr(getattr(enrolment, rule), "py_func", getattr(enrolment, rule)))
    world, policy = SimpleNamespace(key=np.uint64(race_key(3, 1))), SimpleNamespace(n_jurisdictions=3)
    months, doses = 20_000, 2
    given = np.zeros((months, len(asked)))
    for month in range(months):
        cell = SimpleNamespace(intended_patients=0)
        world.tick, world.jurisdictions = month, [SimpleNamespace(cells=[cell])] * 3
        tracks = [SimpleNamespace(intended=n, place=0, stage=PHASE_1) for n in asked]
        programme = SimpleNamespace(
            id=9, home=0, indication=0, doses_made=doses, doses_used=0, campaigns=tracks[:3], study=tracks[3],
            intended_patients=sum(asked),
        )  # fmt: skip
        enrolment.share_doses(world, policy, programme)
        given[month] = [track.intended for track in tracks]
        assert cell.intended_patients == doses
    exact = doses * np.array(asked) / sum(asked)
    assert given.mean(axis=0) == pytest.approx(exact, abs=0.015)
    assert (np.abs(given - exact) < 1).all(), "systematic rounding: nobody gets a whole dose more or less than due"


def reordered(thing: Any) -> Any:
    """The same scenario with the rows of every table in the opposite order."""
    if isinstance(thing, BaseModel):
        return thing.model_copy(update={name: reordered(getattr(thing, name)) for name in type(thing).model_fields})
    if isinstance(thing, dict):
        return {name: reordered(thing[name]) for name in reversed(thing)}
    return thing


@pytest.mark.parametrize("scenario", ["baseline", "null"])
def test_v24_a_world_read_with_its_rows_in_another_order_gives_the_same_races(scenario: str) -> None:
    """A place in the file, of a country, a disease, a method, a test or a programme of money, is worth nothing."""
    world = load(scenario)
    mirror = replace(world, epochs=tuple(replace(epoch, scenario=reordered(epoch.scenario)) for epoch in world.epochs))
    assert list(mirror.scenario.jurisdictions) != list(world.scenario.jurisdictions)
    for here, there in zip(races(world, 3), races(mirror, 3), strict=True):
        assert told(world, here, {}) == told(mirror, there, {})
        assert here.monthly.tobytes() == there.monthly.tobytes()


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
