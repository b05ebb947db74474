"""V27, V28, V29, V30, V31: common random numbers, steps, hosts, and the power of evidence against a bar."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from scipy import stats

from ipsc_race.ensemble import Racer, run_races, value_hash
from ipsc_race.loading import Resolved, load
from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, FILED, PHASE_3_READ_OUT
from ipsc_race.race import Company, Programme, Race
from ipsc_race_lab.metrics.answers import responses
from ipsc_race_lab.validation.limits import SEED, Array, all_months, first_months, limit, races, swept
from ipsc_race_lab.validation.phases import reached
from ipsc_race_lab.validation.rung import Check, Rung, agrees, none, standard_errors

STAGES = ("phase_1", "phase_2", "phase_3", "review")
PAIRS_OF_WORLDS = 12
OPEN_RACES = 20
STEP_RACES = 400


def climb_monotone() -> Iterator[Check]:
    """V27: if a lever undid an approval by reshuffling draws, no difference between worlds would mean anything."""
    generator = np.random.default_rng(SEED)
    paths = [f"jurisdictions.us.exogenous.{stage}.success_probability" for stage in STAGES]
    lost = 0
    for _ in range(PAIRS_OF_WORLDS):
        before = dict(zip(paths, generator.uniform(0.05, 0.95, 4).tolist(), strict=True))
        path = paths[generator.integers(4)]
        after = before | {path: before[path] + float(generator.random()) * (1 - before[path])}
        won, then = (first_months(world, races(world, 1)[0], APPROVED) for world in _both("phase-chain", before, after))
        lost += int((then[np.isfinite(won)] != won[np.isfinite(won)]).sum())
    yield none("approvals lost or moved by a better chance, programmes apart", lost)
    yield none("approvals delayed by a lower bar, programmes apart", sum(map(_delayed, range(PAIRS_OF_WORLDS))))
    sure = swept("regulation.manufacturing_pass_probability", 1.0)
    lax = {path: value - 0.05 for path, value in _bars().items()}
    for what, overrides in (("every plant passes", sure), ("every full bar is lower by 0.05", lax)):
        usual, better = (reached(races(load("baseline", given), OPEN_RACES), APPROVED) for given in ({}, overrides))
        yield none(
            f"races of {OPEN_RACES} of the baseline with fewer approvals where {what}", int((better < usual).sum())
        )


def _both(name: str, *overrides: dict[str, Any]) -> list[Resolved]:
    return [limit(name, given) for given in overrides]


def _bars() -> dict[str, float]:
    """The full bar of every jurisdiction of the baseline."""
    places = load("baseline").scenario.jurisdictions
    return {
        f"jurisdictions.{name}.regulation.full.bar_probability": place.regulation.full.bar_probability
        for name, place in places.items()
    }


def _delayed(number: int) -> int:
    """Programmes whose first approval a lower bar delays: nothing scarce is shared, and any evidence may win one."""
    generator = np.random.default_rng((SEED, number))
    rules = "jurisdictions.us.regulation"
    bar = ("full.bar_probability", "conditional.approval.bar_probability")[number % 2]
    high, drop = float(generator.uniform(0.5, 0.97)), float(generator.uniform(0.01, 0.4))
    common = {
        f"{rules}.full.least_patients": 0,
        f"{rules}.conditional.approval.least_patients": 0,
        f"{rules}.conditional.open_switch": "conditional" in bar,
    }
    worlds = _both("unlimited", *(common | {f"{rules}.{bar}": asked} for asked in (high, max(0.0, high - drop))))
    strict, lax = (first_months(world, races(world, 1)[0], APPROVED, CONDITIONALLY_APPROVED) for world in worlds)
    return int((lax > strict).sum())


def climb_steps() -> Iterator[Check]:
    """V28."""
    world = load("baseline")
    pair = ("china", "west")
    runs = np.arange(STEP_RACES)
    answers = []
    for step in (1.0, 0.5):
        stepped = load("baseline", {"span.step_months": step})
        outcomes = Racer(stepped, SEED).outcomes(np.zeros((STEP_RACES, 0)), runs)
        answers.append(responses(outcomes[None], tuple(world.blocs), pair, float(world.months)))
    whole, halves = answers
    asked = [name for name in whole if name.split(".")[0] in ("p_leads", "lead_months", "p_reached")]
    for name in asked:
        values, gap = whole[name][0], halves[name][0] - whole[name][0]
        error = float(gap.std(ddof=1)) / np.sqrt(STEP_RACES) * standard_errors(len(asked))
        half = max(error, 1.96 * float(values.std(ddof=1)) / np.sqrt(STEP_RACES))
        mean = float(gap.mean())
        yield Check(f"{name}, half-month less whole-month steps", 0.0, mean, f"± {half:.2g}", bool(abs(mean) <= half))


HASH = """
from ipsc_race.ensemble import run_races, value_hash
from ipsc_race.loading import load
print(value_hash(race.digest for race in run_races(load("baseline", ["span.end_month=2011-12"]), 1, {seed})))
"""


def climb_bits() -> Iterator[Check]:
    """V29; resumed work is the chunks that were missing, so that chunks speak for it."""
    world = load("baseline", {"span.end_month": "2011-12"})
    alone = [result.digest for result in run_races(world, 4, SEED)]
    shared = [result.digest for result in run_races(world, 4, SEED, workers=2)]
    chunks = [race.digest for first, runs in ((0, 3), (3, 1)) for race in run_races(world, runs, SEED, first_run=first)]
    yield none("races of four that differ with two workers", _unlike(alone, shared))
    yield none("races of four that differ in chunks", _unlike(alone, chunks))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    plain = subprocess.run(
        [sys.executable, "-c", HASH.format(seed=SEED)],
        env=environment | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    yield none("the plain host gives another hash", plain.stdout.strip() != value_hash(alone[:1]))


def _unlike(ours: list[bytes], theirs: list[bytes]) -> int:
    return sum(a != b for a, b in zip(ours, theirs, strict=True))


CHANGES: dict[str, dict[str, Any]] = {
    "no lane": {"jurisdictions.china.hospital_lane.open_switch": False},
    "twice the foundings": {"jurisdictions.china.companies.founding_per_month": 0.5},
    "a lax regulator": {
        "jurisdictions.china.regulation.conditional.approval.bar_probability": 0.5,
        "jurisdictions.china.regulation.conditional.approval.least_patients": 5,
        "jurisdictions.china.regulation.conditional.approval.least_local_patients": 0,
    },
    "nobody there": {"jurisdictions.china": None, "blocs.china": None},
    "many patients": {"jurisdictions.china.sites.accrual_patients_per_site_month": 5},
}
STILL = {"science.knowledge_effect": 0, "mechanisms.release_tests_switch": False, "span.end_month": "2027-12"}
ON_PURPOSE = (
    "release_tests_switch",
    "modality_switch",
)  # they change effect or harm of a molecule, not its random numbers


def life(world: Resolved, home: str) -> list[tuple[int, ...]]:
    """All that happens to companies of a home, and only at home: rows are left out, which count other countries too."""
    row = world.jurisdictions.index(home)
    events = races(world, 1)[0].events
    own = events[events["home"] == row]
    assert (own["jurisdiction"] == row).all(), "the borders are closed"
    fields = ("month", "milestone", "indication", "lane", "reason")
    return [tuple(int(event[field]) for field in fields) for event in own]


@cache
def drawn_by_chance(*off: str) -> dict[int, tuple[Any, ...]]:
    """What chance gave to each company, and to each programme by company, rank, indication and method."""
    race = Race(load("baseline", STILL | {f"mechanisms.{name}": False for name in off}), rng=3)
    race.run_for(race.calendar.ticks)
    entities: dict[int, tuple[Any, ...]] = {
        c.id: (c.capability, c.strategy, c.modality) for c in race.agents_by_type[Company]
    }
    entities |= {
        -(100 * p.id + 10 * p.indication + p.method): (p.effect, p.harm_probability)
        for p in race.agents_by_type[Programme]
        if p.redesigns_count == 0
    }
    return entities


def climb_draws() -> Iterator[Check]:
    """V30: with draws in sequence every American company would draw others because China opened a hospital."""
    before = limit("closed-borders")
    moved = []
    for change, overrides in CHANGES.items():
        after = limit("closed-borders", overrides)
        moved += [f"{home} by {change}" for home in ("us", "eu", "japan") if life(before, home) != life(after, home)]
    yield none(_named("lives in three countries that five changes in China moved, borders closed", moved), len(moved))
    changed = []
    fewest = 10**9
    on = drawn_by_chance()
    switches = [name for name in load("baseline").scenario.mechanisms.model_dump() if name not in ON_PURPOSE]
    for switch in switches:
        off = drawn_by_chance(switch)
        shared = on.keys() & off.keys()
        fewest = min(fewest, len(shared))
        if any(on[entity] != off[entity] for entity in shared):
            changed.append(switch)
    what = f"mechanisms of {len(switches)} that change the random numbers of others, among {fewest} entities at least"
    yield none(_named(what, changed), len(changed) if fewest > 250 else 1)


def _named(what: str, names: list[str]) -> str:
    return f"{what}: {', '.join(names)}" if names else what


def climb_power() -> Iterator[Check]:
    """V31; information 12 + 10 + 27.5 of three trials, a prior of 4: the posterior meets the bar at one score s*.

    A credit w for early evidence scales its information by w and the variance of its score by w squared.
    """
    cases = list(product((0.1, 0.3, 0.5), (0.8, 0.96), (1.0, 0.5)))
    for effect, bar, credit in cases:
        world = limit(
            "known-effect",
            {
                "indications.dopaminergic_neuron.mean_effect": effect,
                "jurisdictions.us.regulation.full.bar_probability": bar,
                "jurisdictions.us.regulation.own_credit.exploratory_share": credit,
            },
        )
        results = races(world, 25)
        approved, filed, ended = (
            np.isfinite(all_months(world, results, milestone)) for milestone in (APPROVED, FILED, PHASE_3_READ_OUT)
        )
        what = f"P(approved), effect {effect}, bar {bar}, credit {credit}"
        yield agrees(what, approved, _power(world, effect, bar, credit), claims=len(cases))
        if not (ended.all() and (filed == approved).all()):
            yield none(f"{what}: programmes given up or filed in vain", (~ended).sum() + (filed != approved).sum())


def _power(world: Resolved, effect: float, bar: float, credit: float) -> float:
    """Chance that the credited score passes s*."""
    trials, regulator = world.scenario.trials, world.scenario.jurisdictions["us"].regulation
    designs = (trials.phase_1, trials.phase_2, trials.phase_3)
    read: Array = np.array([trial.enrolled_patients / trial.arms_count**2 for trial in designs])
    weights = np.array([credit, credit, 1.0])
    information = float(weights @ read)
    precision = information + regulator.prior_effect_sd**-2
    least = precision * (world.scenario.evidence.threshold_effect + stats.norm.ppf(bar) / np.sqrt(precision))
    return float(stats.norm.cdf((effect * information - least) / np.sqrt(weights**2 @ read)))


RUNGS = (
    Rung(
        "V27",
        "under common random numbers a better chance never costs an approval",
        "raising a success probability never lowers the approvals of a race; a lower bar delays none",
        "none",
        "monotone coupling",
        "phase-chain, unlimited, baseline",
        climb_monotone,
        misses=(f"races of {OPEN_RACES} of the baseline",),
        account="It holds for programmes apart; in the baseline an approval moves rivals, money and patients, and can "
        "cost another programme its own.",
    ),
    Rung(
        "V28",
        "half-month steps change no answer beyond its interval",
        "the same chances and leads",
        "the interval of the answer, or 3 standard errors of the difference",
        "own",
        "baseline",
        climb_steps,
        is_long=True,
    ),
    Rung(
        "V29",
        "the same bits on both hosts, with any number of workers, in chunks and resumed",
        "the same digest of every race",
        "none",
        "own",
        "baseline to 2011",
        climb_bits,
    ),
    Rung(
        "V30",
        "a mechanism switched off leaves the draws of all others as they were",
        "same capability, strategy, modality, effect and harm; other jurisdictions unmoved",
        "none",
        "draws keyed by entity and purpose",
        "closed-borders, baseline",
        climb_draws,
    ),
    Rung(
        "V31",
        "the share approved at a known effect is the power of the evidence against the bar",
        "Phi((theta I - s*) / sd(s)), s* the credited score at which the posterior meets the bar",
        "3 standard errors",
        "normal posterior under a normal prior, power prior credits (Ibrahim & Chen 2000)",
        "known-effect",
        climb_power,
    ),
)
