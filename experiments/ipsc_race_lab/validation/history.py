"""V4, H1 to H6: the model beside what was published and what happened."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from ipsc_race import milestones as m
from ipsc_race.ensemble import RaceResult, run_races
from ipsc_race.loading import Resolved, load
from ipsc_race.policy import calendar_month
from ipsc_race_lab.analysis.record import RESOLVED_BY, Measure, Record, first_months
from ipsc_race_lab.analysis.targets import targets
from ipsc_race_lab.estimators.intervals import wilson
from ipsc_race_lab.metrics.beside import Beside
from ipsc_race_lab.metrics.history_reading import histories_of
from ipsc_race_lab.validation.limits import Array, limit, races
from ipsc_race_lab.validation.phases import PASS, RATE, reached
from ipsc_race_lab.validation.rung import Check, Rung, agrees, between, none, on_record

BASELINE_RACES, CART_RACES, HISTORY_SEED = 300, 120, 11
ONCOLOGY = ("t_cell", "nk_cell")
ONCOLOGY_SHARE = 0.5625  # of the published portfolio: what mixes 3.2 and 8.0% to 5.3%
FIRST_JAPANESE = "2026-03"
ELSALLAB = "Elsallab et al. 2025, doi:10.1002/cpt.3512"


class Lag(NamedTuple):
    """A Western product approved in the United States: months from then to China, `inf` if never, and until the end."""

    months: float
    at_risk_months: float
    tried_there: bool  # a trial for registration had begun in China


class Seen(NamedTuple):
    """What is kept of the races of the baseline, one row of each array a race."""

    facts: dict[str, Array]
    approved: Array  # US products: entered and approved, of oncology and of the rest
    first_approvals: Array  # calendar months by bloc
    blocs: tuple[str, ...]
    lags: list[Lag]
    measures: dict[str, Measure]


@cache
def baseline() -> Seen:
    """Some races of the baseline."""
    world = load("baseline")
    beside, record = Beside(world, histories_of(world), HISTORY_SEED), Record(world)
    approved, firsts, lags = [], [], []
    for result in run_races(world, BASELINE_RACES, HISTORY_SEED, workers=2):
        beside.add(result)
        record.add(result)
        approved.append(_approved(world, result))
        firsts.append(result.outcomes["first_approval_anywhere_months"] + world.epochs[0].month)
        lags += _lags(world, result)
    blocs = tuple(world.blocs)
    return Seen(beside.numbers(), np.array(approved), np.array(firsts), blocs, lags, record.measures())


def _approved(world: Resolved, result: RaceResult) -> list[int]:
    """US products that began a Phase 1 at home in time to be decided, and those approved there, by field."""
    us = world.jurisdictions.index("us")
    firsts, at_home = first_months(result)
    events = result.events[result.events["programme"] >= 0]
    disease = np.zeros(len(firsts), np.int64)
    disease[events["programme"]] = events["indication"]
    entered = (at_home == us) & (firsts[:, us, m.PHASE_1_STARTED] < calendar_month(RESOLVED_BY))
    granted = entered & np.isfinite(_approval(firsts[:, us]))
    cancer = np.isin(disease, [list(world.indications).index(name) for name in ONCOLOGY if name in world.indications])
    return [int(these.sum()) for these in (entered & cancer, granted & cancer, entered & ~cancer, granted & ~cancer)]


def _approval(places: Array) -> Array:
    return np.asarray(np.fmin(places[..., m.CONDITIONALLY_APPROVED], places[..., m.APPROVED]))


def _lags(world: Resolved, result: RaceResult) -> list[Lag]:
    """Products of the West approved in the United States before China."""
    us, china = (world.jurisdictions.index(name) for name in ("us", "china"))
    firsts, at_home = first_months(result)
    end = world.epochs[0].month + world.months
    lags = []
    for programme in np.flatnonzero(np.isin(at_home, world.blocs["west"])):
        here, there = (float(_approval(firsts[programme, place])) for place in (us, china))
        if math.isfinite(here) and not there <= here:
            trials = firsts[programme, china, [m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.PHASE_3_STARTED]]
            lag = there - here if math.isfinite(there) else math.inf
            lags.append(Lag(lag, min(lag, end - here), bool((trials <= here).any())))
    return lags


def climb_likelihood() -> Iterator[Check]:
    """V4, on the baseline and on CAR-T; what is approved on condition counts."""
    entered_cancer, granted_cancer, entered, granted = baseline().approved.sum(axis=0).tolist()
    cancer, others = granted_cancer / entered_cancer, granted / entered
    mixed = ONCOLOGY_SHARE * cancer + (1 - ONCOLOGY_SHARE) * others
    yield between("US products outside oncology", others, 0.080, 0.057, 0.111)
    yield between("US products of oncology", cancer, 0.032, 0.016, 0.051)
    yield between("both, mixed as in the published portfolio", mixed, 0.053, 0.040, 0.069)
    cart = cart_races()
    entered_cart, granted_cart = cart.approved.sum(axis=0).tolist()
    yield between("CAR-T, US products", granted_cart / entered_cart, 0.136, 0.073, 0.239)


class Cart(NamedTuple):
    """What is kept of the races of CAR-T, one row of each array a race."""

    start: int  # the first calendar month
    facts: dict[str, Array]
    approved: Array  # US products that entered Phase 1 in time, and those approved
    trials: Array  # started so far: races, months, China and the United States
    products: Array  # approved so far: races, China and the United States
    ahead_abroad: Array  # whether a Chinese product was approved in the United States before China
    studies: Array  # hospital studies opened in China: races, months


@cache
def cart_races() -> Cart:
    """Some races of CAR-T, to the month in which trials and products were last counted."""
    world = load("cart", ["span.end_month=2024-08"])
    china, us = (world.jurisdictions.index(name) for name in ("china", "us"))
    start = world.epochs[0].month
    beside = Beside(world, histories_of(world), HISTORY_SEED)
    approved, trials, products, ahead, studies = [], [], [], [], []
    for result in run_races(world, CART_RACES, HISTORY_SEED, workers=2):
        beside.add(result)
        firsts, at_home = first_months(result)
        months = _approval(firsts)
        entered = (at_home == us) & (firsts[:, us, m.PHASE_1_STARTED] < calendar_month("2018-01"))
        approved.append([int(entered.sum()), int((entered & np.isfinite(months[:, us])).sum())])
        trials.append(result.monthly["trials_started"][:, [china, us]])
        products.append(np.isfinite(months[:, [china, us]]).sum(axis=0))
        ours = np.where(np.isnan(months[at_home == china]), np.inf, months[at_home == china])
        ahead.append((ours[:, us] < ours[:, china]).any())
        events = result.events
        opened = events[(events["milestone"] == m.HOSPITAL_STUDY_OPENED) & (events["jurisdiction"] == china)]
        studies.append(np.bincount(opened["month"] - start, minlength=world.months))
    return Cart(start, beside.numbers(), *map(np.array, (approved, trials, products, ahead, studies)))


def climb_cart() -> Iterator[Check]:
    """H1."""
    cart = cart_races()
    yield on_record("registered trials, China, August 2024", 854, cart.facts["cart.trials_china_2024"])
    yield on_record("registered trials, United States, August 2024", 601, cart.facts["cart.trials_us_2024"])
    lead = cart.trials[:, :, 0] - cart.trials[:, :, 1]
    yield between("P(more trials in China by then)", float((lead[:, -1] > 0).mean()), 1.0, 0.5, math.inf)
    behind = np.where((lead <= 0).any(axis=1), lead.shape[1] - np.argmax((lead <= 0)[:, ::-1], axis=1), 0)
    passed = calendar_month("2017-09") - cart.start
    yield on_record("months from 2009-01 until China is ahead for good (September 2017)", passed, behind)
    yield on_record("months from the first US to the first Chinese approval", 46, cart.facts["cart.approval_lag"])
    yields = cart.products / cart.trials[:, -1]
    some = yields[:, 1] > 0
    yield on_record("approvals per trial, China by United States", 0.5, yields[some, 0] / yields[some, 1])
    share = float(cart.ahead_abroad.mean())
    yield between("P(a Chinese product is approved by the FDA first)", share, 1.0, 0.1, math.inf)


def climb_field() -> Iterator[Check]:
    """H2: like is held against like, trials as a registry shows them."""
    facts = baseline().facts
    before, after = facts["pluripotent.trials_2019"], facts["pluripotent.trials_2024"]
    yield on_record("registered trials, end of 2019", 54, before)
    yield on_record("registered trials, end of 2024", 116, after)
    yield on_record("growth over the five years", 116 / 54, after / before)


def climb_first_japanese() -> Iterator[Check]:
    """H3: the joint event, first of all and by then."""
    seen = baseline()
    months = np.where(np.isnan(seen.first_approvals), np.inf, seen.first_approvals)
    japan = months[:, seen.blocs.index("japan")]
    hit = (japan == months.min(axis=1)) & (japan <= calendar_month(FIRST_JAPANESE))
    share = wilson(float(hit.sum()), len(hit))
    what = "P(the first is Japanese, by March 2026), low end of the 95% interval"
    yield between(what, share.low or 0.0, 0.10, 0.10, math.inf)
    years = months.min(axis=1) / 12
    yield on_record("year of the first approval", calendar_month(FIRST_JAPANESE) / 12, years)


def climb_stop() -> Iterator[Check]:
    """H4: hospital studies opened in China in the years before, during and after."""
    cart = cart_races()

    def opened(first: str, last: str) -> Array:
        months = slice(calendar_month(first) - cart.start, calendar_month(last) - cart.start + 1)
        return np.asarray(cart.studies[:, months].mean(axis=1))

    before, during, after = opened("2015-05", "2016-04"), opened("2016-07", "2016-12"), opened("2018-01", "2018-12")
    yield between("P(fewer studies a month than before)", float((during < before).mean()), 1.0, 0.9, 1.0)
    yield between("P(more in 2018 than during the stop)", float((after > during).mean()), 1.0, 0.9, 1.0)
    ratio = float(during.mean() / before.mean())
    yield between("studies a month, during by before", ratio, 0.5, 0.0, 0.75)
    yield between("studies a month, 2018 by before", float(after.mean() / before.mean()), 1.0, 1.0, math.inf)


def climb_lag() -> Iterator[Check]:
    """H5; rates by months at risk, whole horizon."""
    lags = baseline().lags
    months = np.array([lag.months for lag in lags])
    at_risk = np.array([lag.at_risk_months for lag in lags])
    tried = np.array([lag.tried_there for lag in lags])
    came = np.isfinite(months)
    years = float(np.median(months[came])) / 12
    yield between("years from the US to the Chinese approval, median", years, 3.5, 2.5, 4.5)
    rates = [float((came & group).sum() / at_risk[group].sum()) for group in (tried, ~tried)]
    ratio = rates[0] / rates[1] if rates[1] > 0 else math.inf
    yield between("rate of approval in China, with a trial there by without", ratio, 5.3, 2.65, 10.6)


def climb_shift() -> Iterator[Check]:
    """H6."""
    candidates = {"jurisdictions.us.companies.initial_count": 11}
    usual = races(limit("phase-chain", candidates), 200)
    start = calendar_month("2000-01")
    early = sum(bool((r.events["month"][r.events["milestone"] == m.APPROVED] <= start + 18).any()) for r in usual)
    yield none("P(any approval in 18 months) with the usual durations", early / len(usual))
    pressed = reached(races(limit("regime-shift"), 1500), m.APPROVED)
    nothing = (1 - math.prod(PASS)) ** 11
    yield agrees("P(none of 11 in 18 months), phases side by side, usual rates", pressed == 0, nothing)
    yield between("the same, beside the forecasts of 2020", float((pressed == 0).mean()), 0.40, 0.35, 0.45)
    five = float((pressed >= 5).mean())
    yield between("P(five or more), which is what came, at the usual rates: a surprise", five, 0.0, 0.0, 0.01)
    rates = {RATE.format(phase): 0.85 for phase in ("phase_1", "phase_2", "phase_3")}
    shifted = reached(races(limit("regime-shift", rates), 1500), m.APPROVED)
    chance = float((shifted >= 5).mean())
    yield between("P(five or more) where each phase passes in 85%: what it takes", chance, 1.0, 0.5, 1.0)


def climb_targets() -> Iterator[Check]:
    """H7: some 1,500 US Phase 3 trials and 20,000 Phase 1 trials: a success of Phase 3 off by 0.03 would show."""
    seen = baseline()
    for target in targets():
        measure = seen.measures[target.measure]
        if target.bounds is not None and target.recorded is not None:
            low, high = target.bounds
            held = between(target.title, measure.value, target.recorded, max(low, 0.0), high)
            yield held._replace(holds=target.holds(measure))
    patients = seen.measures["serious_harms"].total
    yield between("patients among whom harms are counted", patients, 1_000_000, 300_000, math.inf)
    yield on_record("registered iPSC trials, end of 2019", 19, seen.facts["ipsc.trials_2019"])
    first = seen.facts["ipsc.first_patient"] / 12
    yield between(
        "year of the first iPSC patient, median", float(np.median(first)), 2014 + 8 / 12, 2013 + 8 / 12, 2015 + 8 / 12
    )


RUNGS = (
    Rung(
        "V4",
        "the likelihood of approval of cell and gene therapies comes out of the model",
        "outside oncology 8.0%, oncology 3.2%, both 5.3%, CAR-T 13.6%; orphan status is not in the model",
        "published intervals: 5.7 to 11.1, 1.6 to 5.1, 4.0 to 6.9, 7.3 to 23.9",
        ELSALLAB,
        "baseline, cart",
        climb_likelihood,
        misses=("US products of oncology", "both, mixed"),
        account="Products of T and NK cells are approved about as often as all others; on record oncology succeeds "
        "less than half as often as the rest.",
    ),
    Rung(
        "H1",
        "CAR-T to 2024: more trials in China, approvals first in the United States",
        "854 and 601 registered trials; ahead from September 2017; 46 months; half the approvals per trial; one "
        "Chinese product approved by the FDA before the NMPA",
        "the record in the central 90% of races; the last in at least one race of ten",
        "docs/evidence.md: cart-trials, cart-approvals, wei-2021",
        "cart to 2024-08, set by hand in sight of these numbers",
        climb_cart,
    ),
    Rung(
        "H2",
        "trials of pluripotent-cell products grow from 54 to 116 in five years",
        "54 at the end of 2019, 116 at the end of 2024",
        "the record in the central 90% of races",
        "Kobold et al. 2020; Kirkeby, Main & Carpenter 2025, doi:10.1016/j.stem.2024.12.005",
        "baseline",
        climb_field,
        account="The first count is of studies of both lanes, the second of trials that a regulator approved.",
    ),
    Rung(
        "H3",
        "a Japanese first approval by March 2026 is no surprise",
        "a chance of at least 0.10; March 2026",
        "the whole 95% interval; the record in the central 90% of races",
        "docs/evidence.md: jp-reviews-2026",
        "baseline",
        climb_first_japanese,
    ),
    Rung(
        "H4",
        "the stop of hospital immunotherapy in 2016: activity falls, and rebounds after 2017",
        "fewer studies a month than before, then more than before",
        "in nine races of ten; by a quarter at least",
        "docs/evidence.md: nhfpc-2016; the stop itself is given as a dated change",
        "cart to 2024-08",
        climb_stop,
    ),
    Rung(
        "H5",
        "products reach China years after the United States, sooner with a trial there",
        "median 3.5 years; rate 5.3 times as high",
        "one year; a factor of two, as no interval is known",
        "drugs approved in both, 2012-19 (second-hand)",
        "baseline",
        climb_lag,
        misses=("years from the US",),
        account="Western products come to China some two years later than drugs of the 2010s did.",
    ),
    Rung(
        "H6",
        "base rates fail under a shift of regime, and the model can say what the shift takes",
        "forecasts of 2020: no vaccine in 18 months with 40%; history: five or more",
        "3 standard errors; 35 to 45%",
        "portfolio models of 2020 (second-hand); binomial, on the rates of V1",
        "phase-chain, regime-shift",
        climb_shift,
    ),
    Rung(
        "H7",
        "trials, gates, holds and reviews are those of the record",
        "the targets of scenarios/targets/, and the first patient and trials of iPSC products",
        "the spread of each record and the stated discrepancy of the model",
        "scenarios/targets/development.yaml",
        "baseline",
        climb_targets,
        misses=("Approval on condition to full approval",),
        account="A confirmation of cell products takes more than a year longer than that of a drug.",
    ),
)
