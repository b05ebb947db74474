"""Many races: the same bytes whatever computes them, nothing dropped, and money, patients and doses conserved."""

from __future__ import annotations

import collections
from functools import cache
from typing import Any

import hosts
import numpy as np
import pytest

from ipsc_race.ensemble import Racer, RaceResult, run_races, value_hash
from ipsc_race.loading import Resolved, load
from ipsc_race.milestones import (
    CLINICAL,
    COMPANY,
    COMPANY_FOUNDED,
    INSTITUTE,
    NOT_OPEN,
    PRECLINICAL,
    PROGRAMME_STARTED,
    REPROGRAMMED,
)
from ipsc_race.policy import calendar_month
from ipsc_race.race import Company, Programme, Race
from ipsc_race.varying import locate
from ipsc_race.world import SIZE


@cache
def baseline() -> Resolved:
    return load("baseline")


def races(runs: int, seed: int = 1, **how: Any) -> list[RaceResult]:
    return list(run_races(baseline(), runs, seed, **how))


def digests(results: list[RaceResult]) -> list[bytes]:
    return [result.digest for result in results]


# ---- the same bytes (V29) -------------------------------------------------------------------------------------------
def test_workers_chunks_and_repeats_change_nothing() -> None:
    """One value hash; else nobody could repeat a result on another machine, or go on after an interrupt."""
    whole = digests(races(10))
    assert digests(races(10, workers=2)) == whole
    assert digests(races(4)) + digests(races(6, first_run=4)) == whole
    assert digests(races(3, first_run=7, workers=3)) == whole[7:]
    assert digests(races(10)) == whole  # the world record used again keeps nothing of the race before
    assert len(set(whole)) == 10
    assert value_hash(whole) != value_hash(whole[::-1])


def test_another_seed_is_another_ensemble() -> None:
    """And its races are not those of the first one shifted."""
    assert not {*digests(races(5, seed=1))} & {*digests(races(5, seed=2))}


RANDOM_WORLDS = """
import numpy as np
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
baseline = load("baseline")
switches = baseline.scenario.mechanisms.model_dump()
for seed in range(4):
    generator = np.random.default_rng(seed)
    values = {"span.start_month": "2020-01", "span.end_month": "2036-12", "evidence.proof_of_concept_probability": 0.3}
    values |= {f"mechanisms.{name}": bool(generator.random() < 0.7) for name in switches}
    for path, origin in baseline.origins.items():
        if origin.range is None or path.endswith(("draw_key", "step_months")) or "exogenous" in path:
            continue
        low, high = origin.range
        value = generator.uniform(low, high)
        values[path] = round(value) if isinstance(origin.value, int) else float(value)
    print(next(run_races(load("baseline", values), 1, seed)).digest.hex())
"""


def test_random_worlds_with_any_mechanisms_give_the_same_bits_in_both_hosts() -> None:
    """The plain host is the oracle: a rule that compiled to something else would be wrong in some world."""
    compiled, plain = (hosts.answer(RANDOM_WORLDS, host) for host in hosts.HOSTS)
    assert compiled == plain
    assert len(set(compiled.splitlines())) == 4


def test_races_come_in_order_of_run() -> None:
    assert [result.run for result in races(7, first_run=3, workers=2)] == list(range(3, 10))


def test_an_ensemble_left_early_leaves_nothing_running() -> None:
    """A user who stops looking after the first race can start the next ensemble at once."""
    started = run_races(baseline(), 1000, 1, workers=2)
    first = next(started)
    started.close()
    assert first.digest == races(1)[0].digest


@pytest.mark.parametrize("wrong", [{"runs": -1}, {"seed": -1}, {"seed": 2**63}, {"workers": 0}], ids=str)
def test_a_number_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    (name, value), *_ = wrong.items()
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        next(run_races(baseline(), **({"runs": 1, "seed": 1} | wrong)))  # type: ignore[arg-type]


RACES = """
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
for scenario, *overrides in {scenarios}:
    for result in run_races(load(scenario, overrides), 2, 5):
        print(scenario, result.run, len(result.events), result.events.tobytes().hex(), result.monthly.tobytes().hex())
"""
SHORT = [("baseline", "span.end_month=2020-12"), ("null", "span.end_month=2017-12"),
         ("baseline", "span.end_month=2013-12", "span.step_months=0.5"),
         ("baseline", "span.end_month=2013-12", "span.generator=philox")]  # fmt: skip


def test_both_hosts_give_the_same_bits() -> None:
    """Every milestone and every monthly number, exactly: the plain host is the oracle of the compiled one."""
    code = RACES.format(scenarios=SHORT)
    compiled, plain = (hosts.answer(code, host).splitlines() for host in hosts.HOSTS)
    assert len(compiled) == 2 * len(SHORT)
    assert all(int(line.split()[2]) > 20 for line in compiled)
    assert [line[:40] for line in compiled] == [line[:40] for line in plain]
    assert compiled == plain


# ---- bounds ---------------------------------------------------------------------------------------------------------
def test_a_race_that_outgrows_its_world_says_so() -> None:
    """Rows past the end of a table would be somebody else's memory, and rows left out another race."""
    many = [f"jurisdictions.{j}.companies.initial_count=10000" for j in ("china", "us", "eu")]
    resolved = load("baseline", [*many, "span.end_month=2010-03"])
    with pytest.raises(OverflowError, match=f"race 0 outgrew {SIZE[0]:,} companies"):
        list(run_races(resolved, 1, 3))


def test_a_race_after_one_that_outgrew_its_world_is_as_ever() -> None:
    """All races of a thread share one record: what a full one left must not be found by the next."""
    before = digests(races(1))
    test_a_race_that_outgrows_its_world_says_so()
    assert digests(races(1)) == before


def test_room_that_is_not_used_costs_nothing() -> None:
    """A thread of the baseline takes the memory of its own rows, and there is room for fifty times its trade."""
    for result in races(20):
        count = collections.Counter(result.events["milestone"].tolist())
        used = (count[COMPANY_FOUNDED], count[PROGRAMME_STARTED], len(result.events))
        assert all(room > 50 * rows for room, rows in zip(SIZE, used, strict=True))
    # On Linux a child's `ru_maxrss` begins with that of whoever started it; its own peak stands in /proc.
    taken = (
        "import pathlib, resource\n"
        "status = pathlib.Path('/proc/self/status')\n"
        "own = status.read_text().split('VmHWM:')[1].split()[0] if status.exists() else None\n"
        "print(own or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    code = RACES.format(scenarios=SHORT[:1])
    assert int(hosts.answer(f"{code}\n{taken}", hosts.COMPILED).split()[-1]) < 600 * 1024


# ---- the beginning of a race ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", [1.0, 0.5])
def test_a_race_that_ends_early_is_the_beginning_of_the_whole_one(step: float) -> None:
    """What is held against the record must be the very history whose future is told."""
    racer = Racer(load("baseline", [f"span.step_months={step}", "span.end_month=2030-12"]), 5)
    whole, until = racer.race(3), calendar_month("2026-06")
    early = racer.race(3, until=until)
    assert early.monthly.tobytes() == whole.monthly[: len(early.monthly)].tobytes()
    assert early.events.tobytes() == whole.events[whole.events["month"] <= until].tobytes()
    assert len(early.monthly) == (16 * 12 + 6) / step
    assert racer.race(3, until=calendar_month("2030-12")).digest == whole.digest


def test_races_of_a_table_are_those_raced_one_by_one_and_flows_alone_are_the_same_flows() -> None:
    """A calibration races tables; what it holds against the record must be the race that is told one by one."""
    world = load("baseline", ["span.end_month=2020-12"])
    racer = Racer(world, 5, locate(world, ("jurisdictions.us.sites.activation_months",)))
    values, runs = np.array([[3.0], [12.0], [3.0]]), np.array([4, 4, 9])
    whole, flows = list(racer.races(values, runs)), list(racer.races(values, runs, flows_only=True))
    assert [race.run for race in whole] == [4, 4, 9]
    assert [race.digest for race in whole] == [
        racer.race(int(run), row).digest for run, row in zip(runs, values, strict=True)
    ]
    assert len({race.digest for race in whole}) == 3
    for one, other in zip(whole, flows, strict=True):
        assert one.events.tobytes() == other.events.tobytes()
        assert (one.outcomes == other.outcomes).all()
        for name in ("patients_enrolled", "patients_harmed", "revenue_usd_m"):
            assert (one.monthly[name] == other.monthly[name]).all()
        assert not other.monthly["knowledge"].any()
    with pytest.raises(ValueError, match="is longer than"):
        list(racer.races(values, runs[:2]))


@pytest.mark.parametrize("month", ["2009-12", "2031-01"])
def test_a_month_outside_the_span_is_refused(month: str) -> None:
    """A race cannot end before it begins, and what lies after its span nobody described."""
    racer = Racer(load("baseline", ["span.end_month=2030-12"]), 5)
    with pytest.raises(ValueError, match=f"until is {month}; expected a month from 2010-01 to 2030-12"):
        racer.race(0, until=calendar_month(month))


# ---- conservation (V26) ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("run", [0, 1])
def test_money_patients_and_doses_are_conserved_every_month(run: int) -> None:
    """Money appears only from investors, states, founders and sales; patients and doses are used once."""
    race = Race(baseline(), rng=9, run=run)
    while race.running:
        race.run_for(1)
        world = race._worlds[0]
        row = race.monthly[-1]
        _money_is_conserved(world["companies"][: int(world["n_companies"])], row)
        _patients_are_conserved(world, row)
        _programmes_are_counted_once(world["programmes"][: int(world["n_programmes"])], row)


def _money_is_conserved(companies: Any, row: Any) -> None:
    seed = np.array([load_seed(j) for j in companies["home"].tolist()])
    seed[companies["sponsor"] == INSTITUTE] = 0.0  # no founder pays for a university
    raised = companies["raised_usd_m"] + companies["granted_usd_m"] + seed
    raised += companies["earned_usd_m"]
    assert companies["cash_usd_m"] == pytest.approx(raised - companies["spent_usd_m"], rel=1e-12, abs=1e-8)
    assert (companies["cash_usd_m"] >= 0).all()
    assert (companies["cash_usd_m"][~companies["alive"]] == 0).all()
    left = row["private_usd_m"] + row["public_usd_m"] + row["earned_usd_m"] - row["spent_usd_m"]
    assert row["cash_usd_m"] == pytest.approx(left, rel=1e-12, abs=1e-7)
    for view in ("origin", "capture"):
        assert row[f"revenue_{view}_usd_m"].sum() == pytest.approx(row["revenue_usd_m"].sum(), rel=1e-12)
        assert row[f"treated_{view}"].sum() == row["treated"].sum()
    assert row["licence_received_usd_m"].sum() == pytest.approx(row["licence_paid_usd_m"].sum(), rel=1e-12)


@cache
def load_seed(j: int) -> float:
    """What founders bring in a jurisdiction; no dated change touches it in the baseline."""
    name = baseline().jurisdictions[j]
    seeds = {epoch.scenario.jurisdictions[name].companies.seed_usd_m for epoch in baseline().epochs}
    assert len(seeds) == 1
    return seeds.pop()


def _patients_are_conserved(world: Any, row: Any) -> None:
    programmes = world["programmes"][: int(world["n_programmes"])]
    cells = world["jurisdictions"]["cells"][: len(row), : len(baseline().indications)]
    left = cells["inflow_patients"] - cells["enrolled_patients"] - cells["treated_patients"]
    assert cells["eligible_patients"] == pytest.approx(left, rel=1e-12, abs=1e-6)
    assert (cells["eligible_patients"] >= 0).all()
    assert (cells["enrolled_patients"].sum(axis=1) == row["patients_enrolled"]).all()
    sold = programmes["campaigns"]["sold_patients"][:, : len(row)]
    assert (cells["treated_patients"].sum(axis=1) == sold.sum(axis=0)).all()
    asked_about = programmes["cell_source"] == REPROGRAMMED  # the series of sales leave embryonic products out
    assert (sold[asked_about].sum(axis=0) == row["treated"]).all()
    assert programmes["patients_count"].sum() == row["patients_enrolled"].sum() + programmes["sold_patients"].sum()
    assert (programmes["campaigns"]["sold_patients"].sum(axis=1) == programmes["sold_patients"]).all()
    assert (programmes["doses_used"] == programmes["patients_count"]).all()
    assert (programmes["doses_made"] >= programmes["doses_used"]).all()
    assert (programmes["harms_count"] <= programmes["patients_count"]).all()
    assert (programmes["campaigns"]["enrolled"] <= programmes["campaigns"]["wanted"]).all()
    for j, here in enumerate(row):
        mine = programmes[programmes["home"] == j]
        assert mine["doses_made"].sum() == here["doses_made"]
        assert mine["doses_used"].sum() == here["doses_used"]
    assert programmes["harms_count"].sum() == row["patients_harmed"].sum()


STAGES = ("preclinical", "hospital", "ind", "phase_1", "phase_2", "phase_3", "review", "on_market", "stopped")


def _programmes_are_counted_once(programmes: Any, row: Any) -> None:
    counted = sum(row[stage].astype(int) for stage in STAGES)
    assert counted.tolist() == np.bincount(programmes["home"], minlength=len(row)).tolist()
    live = np.isin(programmes["status"], (PRECLINICAL, CLINICAL))
    assert int(row["stopped"].sum()) == int((~live).sum())
    closed = programmes[programmes["status"] == PRECLINICAL]
    assert (closed["campaigns"]["stage"] == NOT_OPEN).all()


def test_what_a_campaign_enrolled_is_what_its_milestones_say() -> None:
    """The series of a jurisdiction and the records of its companies tell one story."""
    race = Race(baseline(), rng=2)
    race.run_for(baseline().ticks)
    events, last = race.events, race.monthly[-1]
    founded = race.agents_by_type[Company].select(lambda company: company.sponsor == COMPANY)
    assert len(founded) == (events["milestone"] == COMPANY_FOUNDED).sum()
    assert len(race.agents_by_type[Programme]) == (events["milestone"] == PROGRAMME_STARTED).sum()
    assert (np.diff(events["month"]) >= 0).all()
    assert len(founded.select(lambda company: company.alive)) == last["companies"].sum()
    for name in ("private_usd_m", "public_usd_m", "spent_usd_m", "patients_enrolled", "approvals", "trials_started"):
        assert (np.diff(race.monthly[name], axis=0) >= 0).all()
