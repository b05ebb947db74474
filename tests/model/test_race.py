"""`Race` is a Mesa model as Mesa users expect one, in either host: the last test runs this file in the plain one."""

from __future__ import annotations

from functools import cache
from typing import Any

import hosts
import mesa
import numpy as np
import pytest

from ipsc_race.ensemble import run_races
from ipsc_race.host import PLAIN
from ipsc_race.loading import Resolved, ScenarioError, load
from ipsc_race.milestones import (
    CLINICAL,
    COMPANY,
    COMPANY_FOUNDED,
    IND_PREPARATION,
    IND_REVIEW,
    PRECLINICAL,
    PROGRAMME_STARTED,
    STOPPED,
)
from ipsc_race.race import Cell, Company, Jurisdiction, Programme, Race
from ipsc_race.world import MAX_TURNS

MONTHS = 36


@cache
def baseline() -> Resolved:
    return load("baseline")


@pytest.fixture
def race() -> Race:
    """Three years of the baseline."""
    model = Race(baseline(), rng=1)
    model.run_for(MONTHS)
    return model


# ---- time -----------------------------------------------------------------------------------------------------------
def test_a_race_is_stepped_as_any_mesa_model() -> None:
    """Steps, run_for and run_until all move the same clock."""
    race = Race("baseline", rng=1)
    assert (race.steps, race.time, race.running) == (0, 0.0, True)
    race.step()
    race.run_for(2)
    race.run_until(5)
    assert (race.steps, race.time) == (5, 5.0)
    assert race.month == 2010 * 12 + 4
    assert race.monthly.shape == (5, 4)


def test_a_race_ends_with_its_span() -> None:
    """`run_model` comes to an end, and a step too many changes nothing."""
    race = Race(load("baseline", ["span.end_month=2010-06"]), rng=1)
    race.run_model()
    assert (race.steps, race.running) == (6, False)
    before = race.monthly.tobytes(), race.events.tobytes()
    race.run_for(3)
    assert (race.monthly.tobytes(), race.events.tobytes()) == before


def test_a_race_is_the_race_of_that_number_of_the_ensemble(race: Race) -> None:
    """Else what a user looks at would not be what was counted."""
    resolved = load("baseline", ["span.end_month=2012-12"])
    (result,) = run_races(resolved, 1, 7, first_run=3)
    for model in (Race(resolved, rng=7, run=3), Race(baseline(), rng=7, run=3)):
        model.run_for(MONTHS)
        assert model.events.tobytes() == result.events.tobytes()
        assert model.monthly.tobytes() == result.monthly.tobytes()
    assert race.events.tobytes() != result.events.tobytes()


# ---- agents ---------------------------------------------------------------------------------------------------------
def test_agents_are_counted_selected_and_grouped(race: Race) -> None:
    """The agents say what the monthly series say."""
    companies = race.agents_by_type[Company]
    last = race.monthly[-1]
    alive = companies.select(lambda company: company.alive)
    founded = alive.select(lambda company: company.sponsor == COMPANY)  # institutes have cash, and are no companies
    assert len(founded) == last["companies"].sum()
    assert alive.agg("cash_usd_m", sum) == pytest.approx(last["cash_usd_m"].sum())
    by_home = {home: len(group) for home, group in founded.groupby("home")}
    assert by_home == {j: count for j, count in enumerate(last["companies"].tolist()) if count}
    assert sum(alive.get("cash_usd_m")) == pytest.approx(last["cash_usd_m"].sum())
    assert len(race.agents_by_type[Jurisdiction]) == 4
    assert len(race.agents_by_type[Cell]) == 4 * len(baseline().indications)


def test_attributes_are_python_values(race: Race) -> None:
    """A NumPy scalar that wrapped round or a one-byte flag that printed as 1 would surprise."""
    company = next(iter(race.agents_by_type[Company]))
    assert isinstance(company.alive, bool)
    assert isinstance(company.home, int)
    assert isinstance(company.cash_usd_m, float)
    programme = next(iter(race.agents_by_type[Programme]))
    assert programme.campaigns[0].stage == 0 or programme.campaigns[0]["stage"] >= 0
    assert len(programme.ledger[0].information) == 3


def test_agents_appear_when_companies_and_programmes_do() -> None:
    """Agents are made for what exists, when it comes to exist, and keep their identity."""
    race = Race(baseline(), rng=1)
    institutes = sum(len(place.institutes) for place in baseline().scenario.jurisdictions.values())
    known: list[Any] = []
    for _ in range(24):
        race.run_for(1)
        events = race.events["milestone"]
        companies = list(race.agents_by_type.get(Company, ()))
        assert len(companies) == institutes + (events == COMPANY_FOUNDED).sum()
        assert len(race.agents_by_type.get(Programme, ())) == (events == PROGRAMME_STARTED).sum()
        assert [company.index for company in companies] == list(range(len(companies)))
        assert all(one is other for one, other in zip(known, companies, strict=False))
        known = companies


def test_two_races_do_not_share_their_agents(race: Race) -> None:
    """The first goes on as if the second did not exist."""
    other = Race(baseline(), rng=2)
    other.run_for(12)
    cash = race.agents_by_type[Company].agg("cash_usd_m", sum)
    other.run_for(12)
    assert race.agents_by_type[Company].agg("cash_usd_m", sum) == cash


def living_developers(race: Race) -> list[Any]:
    """Companies that can go bankrupt; the institutes stand in the rows before them."""
    return race.agents_by_type[Company].select(lambda agent: agent.alive and agent.sponsor == COMPANY).to_list()


# ---- recording and intervening --------------------------------------------------------------------------------------
def test_a_data_collector_collects() -> None:
    """Model and agent reporters, month by month, as in every Mesa model."""
    race = Race(baseline(), rng=1)
    race.run_for(1)
    collector = mesa.DataCollector(
        model_reporters={"month": "month", "companies": lambda model: len(model.agents_by_type[Company])},
        agenttype_reporters={Company: {"cash": "cash_usd_m", "home": lambda company: company.home}},
    )
    for _ in range(12):
        race.run_for(1)
        collector.collect(race)
    frame = collector.get_model_vars_dataframe()
    assert frame["month"].tolist() == [2010 * 12 + month for month in range(1, 13)]
    assert (frame["companies"].diff().dropna() >= 0).all()
    cash = collector.get_agenttype_vars_dataframe(Company)
    assert len(cash) == frame["companies"].sum()
    last = cash.loc[race.steps].groupby("home")["cash"].sum()
    assert last.to_numpy() == pytest.approx(race.monthly[-1]["cash_usd_m"][last.index.to_numpy()])


def test_an_event_between_months_changes_the_next_one(race: Race) -> None:
    """A user gives a company money in mid-month, and the rules find it."""
    company = living_developers(race)[0]
    twin = Race(baseline(), rng=1)
    twin.run_for(MONTHS)

    def give() -> None:
        company.cash_usd_m += 500.0

    race.schedule_event(give, at=MONTHS + 0.5)
    race.run_for(1)
    twin.run_for(1)
    gained = race.monthly[-1]["cash_usd_m"] - twin.monthly[-1]["cash_usd_m"]
    assert gained[company.home] == pytest.approx(500.0)
    assert np.delete(gained, company.home) == pytest.approx(0.0)
    assert race.events.tobytes() == twin.events.tobytes()


def test_a_company_whose_cash_is_taken_closes_in_the_next_month(race: Race) -> None:
    """Write-through reaches the rules, and what they do is read back."""
    company = living_developers(race)[0]
    company.cash_usd_m = 0.0
    company.round_clock = 1e6
    company.due_usd_m = 1.0
    for programme in race.agents_by_type[Programme].select(lambda agent: agent.company == company.index):
        programme.grant_months_left = 1e6
    race.run_for(1)
    assert company.alive is False


@pytest.mark.skipif(PLAIN, reason="thirty years of the plain host are minutes; its months are compared elsewhere")
def test_what_a_closed_company_leaves_is_sold_or_a_partners() -> None:
    """A programme that its company forgot would go on for years without anybody to pay for it."""
    race = Race(baseline(), rng=2)
    closed, left = 0, 0
    for _ in range(8):
        race.run_for(48)
        companies = list(race.agents_by_type[Company])
        for programme in race.agents_by_type[Programme]:
            if not companies[programme.company].alive:
                closed += 1
                held = [programme.campaigns[j] for j in range(len(race.resolved.jurisdictions))]
                goes_on = programme.translated or any(of.on_market or of.licensee for of in held)
                assert programme.status == STOPPED or goes_on
                left += programme.status != STOPPED
    assert closed > 400
    assert left > 0


def test_the_models_own_random_numbers_are_the_users(race: Race) -> None:
    """Drawing from `rng` or shuffling agents, as users do, leaves the race alone: its draws are keyed."""
    twin = Race(baseline(), rng=1)
    for _ in range(MONTHS):
        twin.rng.normal(size=10)
        twin.agents.shuffle().do(lambda agent: agent.unique_id)
        twin.run_for(1)
    assert twin.events.tobytes() == race.events.tobytes()


def test_mesas_own_attributes_are_mesas(race: Race) -> None:
    """`scenario` is Mesa's in a Mesa model; ours is `resolved`."""
    assert isinstance(race.scenario, mesa.experimental.scenarios.Scenario)
    assert race.scenario.model is race
    assert race.resolved is baseline()


# ---- other worlds ---------------------------------------------------------------------------------------------------
REVIEW, END = "jurisdictions.us.regulation.ind_review_months", "span.end_month"


@pytest.mark.parametrize(
    "changed",
    [
        {"overrides": f"{END}=2012-12"},
        {"overrides": [f"{END}=2012-12"]},
        {"overrides": {END: "2012-12"}},
        {END: "2012-12"},
        {"overrides": {END: "2013-12"}, END: "2012-12"},
    ],
    ids=["a text", "texts", "a mapping", "by name", "by name after a mapping"],
)
def test_a_changed_world_is_the_world_that_load_changes(changed: dict[str, Any]) -> None:
    """However its changes are written; of two the later counts."""
    assert Race("baseline", **changed).resolved.hash == load("baseline", [f"{END}=2012-12"]).hash


def test_a_misspelt_change_is_refused_with_the_nearest_name() -> None:
    """An option misspelt as well: it would pass as a path."""
    with pytest.raises(ScenarioError, match="ind_review_months"):
        Race("baseline", overrides={"jurisdictions.us.regulation.ind_review_month": 3})
    with pytest.raises(ScenarioError, match="colect is not in the scenario"):
        Race("baseline", colect=True)


def test_a_world_that_is_loaded_is_not_changed() -> None:
    """To leave a change out in silence would show another world under its name."""
    with pytest.raises(ValueError, match="baseline is loaded already"):
        Race(baseline(), overrides=[f"{END}=2012-12"])


# ---- Mesa's own tools -----------------------------------------------------------------------------------------------
def test_what_is_collected_is_the_monthly_series() -> None:
    """A plot of a viewer would otherwise show another race than the ensemble counts."""
    race = Race("baseline", rng=1, collect=True)
    race.run_for(MONTHS)
    collected = race.datacollector.get_model_vars_dataframe()
    series, rows = race.monthly, race.resolved.blocs["west"]
    assert collected["us.sentiment"].to_list() == series["sentiment"][:, 1].tolist()
    assert collected["china.companies"].to_list() == series["companies"][:, 0].tolist()
    for name in ("cash_usd_m", "patients_enrolled"):
        assert collected[f"west.{name}"].to_numpy() == pytest.approx(series[name][:, list(rows)].sum(axis=1))
    assert "west.sentiment" not in collected  # a sum of moods is no mood
    assert not hasattr(Race("baseline"), "datacollector")  # it costs time, and is made where it is wanted


def test_mesas_batch_run_sweeps_a_number_of_the_world() -> None:
    """A row for each race, its changed number in the column of that path."""
    years = {"overrides": f"{END}=2010-12", "collect": True}
    rows = mesa.batch_run(Race, {**years, REVIEW: [1, 3]}, rng=[1, 2], display_progress=False)
    assert [(row[REVIEW], row["rng"], row["Step"]) for row in rows] == [(1, 1, 12), (3, 1, 12), (1, 2, 12), (3, 2, 12)]
    race = Race("baseline", rng=2, overrides=[f"{END}=2010-12", f"{REVIEW}=3"])
    race.run_model()
    assert rows[-1]["us.cash_usd_m"] == race.monthly["cash_usd_m"][-1, 1]


def test_a_viewer_builds_a_race_anew_from_what_it_was_given() -> None:
    """Mesa's viewers hand a scenario of theirs to a model that has one, which is the name of no world."""
    race = Race("null", rng=1)
    assert not race.scenario
    assert race.rng.bit_generator.state == np.random.default_rng(1).bit_generator.state


# ---- seeds ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rng", [None, -1, 2**63, 1.5, True, "1", np.random.default_rng(1)], ids=str)
def test_a_seed_that_is_no_whole_number_is_refused(rng: Any) -> None:
    """Races are keyed by their seed: a generator would be read once and repeat nothing."""
    with pytest.raises(ValueError, match="expected a whole number"):
        Race(baseline(), rng=rng)


def test_a_seed_may_come_from_numpy() -> None:
    """As the seeds that `mesa.batch_run` and `SeedSequence` hand out do."""
    one, other = Race(baseline(), rng=np.int64(3)), Race(baseline(), rng=3)
    for model in (one, other):
        model.run_for(6)
    assert one.monthly.tobytes() == other.monthly.tobytes()


def test_an_unknown_scenario_is_refused_with_its_name() -> None:
    with pytest.raises(ScenarioError, match="basline"):
        Race("basline", rng=1)


# ---- bounds ---------------------------------------------------------------------------------------------------------
def test_a_race_that_outgrows_its_world_says_so() -> None:
    """Rows past the end of a table would be somebody else's memory, and rows left out another race."""
    most = 10_000 if not PLAIN else 100  # the plain host has room, but no more turns
    many = [f"jurisdictions.{j}.companies.initial_count={most}" for j in ("china", "us", "eu")]
    race = Race(load("baseline", [*many, "span.end_month=2010-03"]), rng=4)
    if PLAIN:
        race.world.turns = MAX_TURNS - 6 * most
    with pytest.raises(OverflowError, match=r"the race outgrew .*; found fewer companies"):
        race.run_for(3)


def test_what_a_user_moves_is_seen_the_same_month(race: Race) -> None:
    """A study opened by hand must not be passed over because no rule opened it."""
    programme = next(agent for agent in race.agents_by_type[Programme] if agent.status == PRECLINICAL)
    campaign = programme.campaigns[0]
    programme.status, campaign.stage, campaign.months_left = CLINICAL, IND_PREPARATION, 0.5
    race.step()
    assert programme.campaigns[0].stage == IND_REVIEW


@pytest.mark.skipif(PLAIN, reason="this is the plain host")
def test_all_of_this_holds_in_the_plain_host() -> None:
    """The debugger's host, on agents that hold their own attributes."""
    done = hosts.python("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", __file__, host=hosts.PLAIN)
    assert done.returncode == 0, done.stdout[-4000:]
