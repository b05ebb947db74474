"""V24, V25: no rule names a country, so identical countries draw and exchanged countries exchange their histories."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from ipsc_race.ensemble import Racer, RaceResult, run_races
from ipsc_race.loading import Resolved, load
from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, FIRST_IN_HUMAN
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.metrics.questions import QUESTIONS, Answers
from ipsc_race_lab.metrics.registry import VIEWS
from ipsc_race_lab.validation.limits import Array, races
from ipsc_race_lab.validation.rung import Check, Rung, agrees, none, standard_errors

MANY = 20_000
PAIRS = (("china", "us"), ("china", "japan"), ("eu", "japan"))


def climb_null() -> Iterator[Check]:
    """V24; of all pairs and questions together, and so the one that lies furthest off speaks for all."""
    world = load("null")
    answers = Answers(world, 5)
    for result in run_races(world, 400, seed=5, workers=2):
        answers.add(result)
    pairs = [(a, b) for a in range(len(world.blocs)) for b in range(a)]
    chances, leads = [], []
    for question, times in answers.times().items():
        reached = np.minimum(times.months, times.horizon_months)
        for a, b in pairs:
            one, other = reached[:, a], reached[:, b]
            chances.append((f"P({times.blocs[a]} before {times.blocs[b]}), {question}", _credit(one, other)))
            leads.append((f"lead of {times.blocs[a]} over {times.blocs[b]}, {question}", other - one))
    sales = []
    for view in VIEWS:
        sold = answers.holdings().last_year("revenue", view)
        for a, b in pairs:
            names = f"{answers.holdings().blocs[a]} less {answers.holdings().blocs[b]}"
            sales.append((f"sales of the last year, USD m, {names}, {view}", sold[:, a] - sold[:, b]))
    claims = len(chances) + len(leads) + len(sales)
    assert len(chances) == len(pairs) * len(QUESTIONS)
    for values, expected in ((chances, 0.5), (leads, 0.0), (sales, 0.0)):
        yield _furthest(values, expected, claims)


def _credit(one: Array, other: Array) -> Array:
    """Half a win on a tie."""
    return np.asarray((one < other) + 0.5 * (one == other))


def _furthest(values: list[tuple[str, Array]], expected: float, claims: int) -> Check:
    """Of some claims the one with the most standard errors between it and what is expected."""
    z = [abs(float(given.mean()) - expected) / max(float(given.std(ddof=1)), 1e-300) for _, given in values]
    what, given = values[int(np.argmax(z))]
    return agrees(f"{what}, furthest of {len(values)}", given, expected, claims)


def climb_many() -> Iterator[Check]:
    """V24, with the power to see a row that gains: a chance of 0.513 is seen as often as not, 0.52 nearly always."""
    world = load("null")
    racer, runs = Racer(world, seed=7), np.arange(MANY)
    with ThreadPoolExecutor(2) as pool:
        parts = pool.map(lambda part: racer.outcomes(np.zeros((len(part), 0)), part), np.array_split(runs, 100))
        outcomes = np.concatenate(list(parts))
    furthest, claims = ("nothing", 0.0), 0
    for name in OUTCOME.names or ():
        values = outcomes[name]
        for a, b in combinations(range(values.shape[1]), 2):
            one, other = values[:, a], values[:, b]
            gaps = [_credit(one, other) - 0.5]
            if np.isfinite(values).all():
                gaps.append(one - other)
            for gap in gaps:
                claims += 1
                z = abs(float(gap.mean() / max(float(gap.std(ddof=1)), 1e-300) * np.sqrt(MANY)))
                furthest = max(furthest, (f"{name}, rows {a} and {b}", z), key=lambda item: item[1])
    what, z = furthest
    allowed = standard_errors(claims)
    yield Check(f"{what}, furthest of {claims}: standard errors", 0.0, z, f"at most {allowed:.2f}", z <= allowed)


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


def by_name(world: Resolved, result: RaceResult, names: dict[str, str]) -> list[tuple[Any, ...]]:
    """All events with names instead of rows, exchanged by `names`."""
    places = [names.get(name, name) for name in world.jurisdictions]
    return [
        (*(int(event[field]) for field in ("month", "company", "programme", "milestone", "indication", "reason")),
         places[event["home"]], places[event["jurisdiction"]])
        for event in result.events
    ]  # fmt: skip


def months_of(world: Resolved, name: str, results: list[RaceResult], *milestones: int) -> Array:
    """Months to the first such milestone of companies at home in a jurisdiction, restricted to the span."""
    row = world.jurisdictions.index(name)
    reached = []
    for result in results:
        events = result.events[(result.events["home"] == row) & np.isin(result.events["milestone"], milestones)]
        first = events["month"].min(initial=world.epochs[0].month + world.months)
        reached.append(first - world.epochs[0].month)
    return np.array(reached, dtype=np.float64)


def climb_exchange() -> Iterator[Check]:
    """V25: a name, or a place in the file, would have an effect of its own."""
    world = load("baseline")
    before = races(world, 3)
    for one, other in PAIRS:
        mirror = exchanged(world, one, other, keys=True)
        unlike = sum(
            by_name(world, here, {}) != by_name(mirror, there, {one: other, other: one})
            or here.monthly.tobytes() != there.monthly.tobytes()
            for here, there in zip(before, races(mirror, 3), strict=True)
        )
        yield none(f"races of three that are not exchanged, {one} and {other} with their keys", unlike)
    mirror = exchanged(world, "china", "us", keys=False)
    here, there = races(world, 150), races(mirror, 150, seed=77)
    for question, milestones in (
        ("first patient", (FIRST_IN_HUMAN,)),
        ("first approval", (APPROVED, CONDITIONALLY_APPROVED)),
    ):
        for name, other in (("china", "us"), ("us", "china")):
            ours, theirs = months_of(world, name, here, *milestones), months_of(mirror, other, there, *milestones)
            what = f"months to the {question}, {name} less {other} in its place"
            half = standard_errors(4) * float(np.hypot(ours.std(ddof=1), theirs.std(ddof=1))) / np.sqrt(len(ours))
            gap = float(ours.mean() - theirs.mean())
            yield Check(what, 0.0, gap, f"± {half:.2g} (3 standard errors)", bool(abs(gap) <= half))


RUNGS = (
    Rung(
        "V24",
        "identical jurisdictions: nobody leads",
        "P(leads) = 0.5 and a lead of 0 months on every question and pair, the same sales",
        "3 standard errors, for all claims together",
        "symmetry",
        "null",
        climb_null,
    ),
    Rung(
        "V24-long",
        "identical jurisdictions: nobody leads, with the power to see a row that gains",
        "no outcome of any pair differs in 20,000 races",
        "3 standard errors, for all claims together",
        "symmetry",
        "null",
        climb_many,
        is_long=True,
    ),
    Rung(
        "V25",
        "two jurisdictions that exchange all their parameters exchange their histories",
        "every milestone if they exchange their draw keys too; the answers if they do not",
        "none; 3 standard errors",
        "symmetry",
        "baseline",
        climb_exchange,
    ),
)
