"""Each lever moves the race by a path that one can name, and by no other.

Patients speed what patients limit and leave alone what follow-up or doses limit; public money and private money are
different numbers; prices reach back to what is begun; an institute does not close; desks grow with their trade.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from ipsc_race import milestones as m
from ipsc_race.ensemble import Racer
from ipsc_race.loading import Resolved, load
from ipsc_race.race import Cell, Company, Jurisdiction, Programme, Race
from ipsc_race.rules.institutes import SPIN_OUT_KEYS
from ipsc_race.rules.science import COMPANY_KEYS
from ipsc_race_lab.validation.drawn import PLACES
from ipsc_race_lab.validation.limits import SEED, Array, limit, races

BASELINE = load("baseline")
METHODS = BASELINE.scenario.methods
CLINICAL_METHODS = [row for row, name in enumerate(sorted(METHODS)) if METHODS[name].clinical_switch]
DISEASE = "dopaminergic_neuron"


def everywhere(path: str, value: Any) -> dict[str, Any]:
    return {f"jurisdictions.{place}.{path}": value for place in PLACES}


def race_of(world: Resolved, run: int = 0) -> Race:
    """One whole race, with the agents that it ends with."""
    race = Race(world, rng=SEED, run=run)
    race.run_for(race.calendar.ticks)
    return race


@cache
def baseline_races(count: int) -> list[Race]:
    return [race_of(BASELINE, run) for run in range(count)]


def agents(race: Race, kind: type[Any]) -> list[Any]:
    return list(race.agents_by_type.get(kind, ()))


def events_of(race: Race, *milestones: int) -> Array:
    return race.events[np.isin(race.events["milestone"], milestones)]


# ---- patients -------------------------------------------------------------------------------------------------------
SEARCH = {
    "mechanisms.catchment_switch": True,
    "jurisdictions.us.companies.initial_count": 1,
    "jurisdictions.us.patients.dopaminergic_neuron.prevalent_patients": 2000,
    "jurisdictions.us.patients.dopaminergic_neuron.incident_patients_per_month": 20,
    "jurisdictions.us.sites.catchments_count": 30,
}
PATIENTS_LIMIT = SEARCH | {"jurisdictions.us.sites.finding_per_month": 0.001, "trials.phase_1.enrolled_patients": 40}
FOLLOW_UP_LIMITS = SEARCH | {
    "jurisdictions.us.sites.finding_per_month": 1000,
    "jurisdictions.us.sites.accrual_patients_per_site_month": 10,
    "trials.phase_1.enrolled_patients": 12,
    "indications.dopaminergic_neuron.early_follow_up_months": 60,
    "mechanisms.follow_up_floor_switch": True,
}


def trial_months(overrides: dict[str, Any]) -> list[float]:
    """Months from the opening of the Phase 1 of a world of one trial to its readout, in several races."""
    found = []
    for result in races(limit("accrual", overrides), 5):
        opened, read = (
            result.events["month"][result.events["milestone"] == milestone]
            for milestone in (m.PHASE_1_STARTED, m.PHASE_1_READ_OUT)
        )
        found.append(float(read[0] - opened[0]) if len(read) else np.inf)
    return found


def by_pool(overrides: dict[str, Any], path: str = "pool_multiplier") -> list[list[float]]:
    """The same trials with a tenth of the patients, with as many as stated and with ten times as many."""
    return [trial_months(overrides | {f"jurisdictions.us.{path}": value}) for value in (0.1, 1, 10)]


def test_ten_times_the_patients_speed_a_trial_that_patients_limit() -> None:
    """A lever of patients that saturated by construction would show here: in each of 5 races it is worth 6 months."""
    few, stated, many = by_pool(PATIENTS_LIMIT)
    assert all(fast + 6 <= usual for fast, usual in zip(many, stated, strict=True)), (many, stated)
    assert all(usual + 6 <= slow for usual, slow in zip(stated, few, strict=True)), (stated, few)


def test_patients_move_nothing_where_follow_up_limits() -> None:
    """Sites that find all whom they can handle wait for follow-up only: the same month in each of 5 races."""
    few, stated, many = by_pool(FOLLOW_UP_LIMITS)
    assert few == stated == many
    assert min(stated) >= 60


@pytest.mark.slow
def test_ten_times_the_patients_speed_the_trials_of_the_baseline() -> None:
    """In 40 races the trials of a country enrol faster with ten times its patients, and slower with a tenth.

    A trial is met by programme and stage, so that the same trials are compared; their mean shift is at least a month.
    """

    def took(value: float) -> dict[tuple[int, ...], int]:
        found: dict[tuple[int, ...], int] = {}
        world = load("baseline", {"jurisdictions.us.pool_multiplier": value})
        for run, result in enumerate(races(world, 40)):
            us = world.jurisdictions.index("us")
            events = result.events[result.events["jurisdiction"] == us]
            for started, read in ((m.PHASE_1_STARTED, m.PHASE_1_READ_OUT), (m.PHASE_2_STARTED, m.PHASE_2_READ_OUT)):
                begun = {int(e["programme"]): int(e["month"]) for e in events[events["milestone"] == started]}
                for event in events[events["milestone"] == read]:
                    programme = int(event["programme"])
                    found[run, programme, started] = int(event["month"]) - begun[programme]
        return found

    few, stated, many = (took(value) for value in (0.1, 1, 10))
    mean_few, mean_stated, mean_many = (float(np.mean(list(months.values()))) for months in (few, stated, many))
    assert mean_many + 1 < mean_stated, (mean_many, mean_stated)
    assert mean_stated + 1 < mean_few, (mean_stated, mean_few)


@pytest.mark.parametrize("step", [1.0, 0.5])
def test_an_undisturbed_pool_stays_what_it_was_on_the_first_morning(step: float) -> None:
    """A pool that grew or shrank on its own would hand patients to the late, or take them: exact, in every cell."""
    nobody = (
        everywhere("companies.initial_count", 0)
        | everywhere("companies.founding_per_month", 0)
        | {"mechanisms.institutions_switch": False, "span.end_month": "2019-12", "span.step_months": step}
    )
    race = Race(load("baseline", nobody), rng=SEED)
    first = [cell.eligible_patients for cell in agents(race, Cell)]
    race.run_for(race.calendar.ticks)
    assert [cell.eligible_patients for cell in agents(race, Cell)] == first
    assert min(first) > 0


@pytest.mark.parametrize("step", [1.0, 0.5])
def test_what_is_drawn_from_a_pool_returns_at_the_turnover_of_the_disease(step: float) -> None:
    """Prevalence over incidence is how long patients stay; any other return would make patients of nothing."""
    nobody = {"jurisdictions.us.companies.initial_count": 0, "span.step_months": step}
    race = Race(limit("accrual", SEARCH | nobody), rng=SEED)
    (cell,) = agents(race, Cell)
    cell.eligible_patients -= 1500
    race.run_for(round(50 / step))
    assert cell.eligible_patients == pytest.approx(2000 - 1500 * np.exp(-50 * 20 / 2000), rel=1e-9)


# ---- doses ----------------------------------------------------------------------------------------------------------
def made_of(modality: str) -> dict[str, Any]:
    """A world whose products are all of one modality, made two batches a month, for patients who abound."""
    weights = {
        f"jurisdictions.us.modality_weight.{name}": float(name == modality) for name in BASELINE.scenario.modalities
    }
    return SEARCH | weights | {
        "mechanisms.modality_switch": True,
        "mechanisms.catchment_switch": False,
        "modalities.allogeneic.batch_doses": 20,
        "modalities.autologous.lead_months": 0,
        "jurisdictions.us.manufacturing.trial_batches_per_month": 2,
        "jurisdictions.us.sites.accrual_patients_per_site_month": 10,
        "trials.phase_1.enrolled_patients": 40,
    }  # fmt: skip


def test_an_autologous_product_enrols_no_faster_than_its_batches_and_a_bank_serves_many() -> None:
    """Forty patients at two batches a month: 19 months or more if made one by one, a month or two out of a bank."""
    one_by_one, bank = trial_months(made_of("autologous")), trial_months(made_of("allogeneic"))
    assert min(one_by_one) >= 18
    assert max(bank) <= 3


def test_patients_move_nothing_where_doses_limit() -> None:
    """Ten times the patients make no batch."""
    few, stated, many = by_pool(made_of("autologous"))
    assert few == stated == many


def test_without_modalities_all_products_are_made_as_a_bank() -> None:
    """Off means: all are allogeneic. Products made one by one for no stated reason would slow that world."""
    world = made_of("autologous") | {"mechanisms.modality_switch": False}
    assert max(trial_months(world)) <= 3


# ---- money ----------------------------------------------------------------------------------------------------------
def received(overrides: dict[str, Any], *names: str) -> Array:
    """Money received by home at the end, mean of 6 races."""
    world = load("baseline", overrides)
    rows = [result.monthly[-1] for result in races(world, 6)]
    return np.mean([sum(row[name] for name in names) for row in rows], axis=0)


PUBLIC, PRIVATE = ("public_usd_m", "research_usd_m"), ("private_usd_m",)


def test_more_public_money_is_never_less_received_and_at_twenty_times_beyond_any_saturation() -> None:
    """Grants too large for a small trade once let budgets lapse: in 6 races twenty times the budget is 10 times."""
    series = [received(everywhere("funding.budget_multiplier", value), *PUBLIC) for value in (0, 0.5, 1, 4, 20)]
    assert (series[0] == 0).all()
    for less, more in pairwise(series):
        assert (more > less).all()
    assert (series[-1] > 10 * series[2]).all()


@pytest.mark.parametrize("research", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("equity", [0.0, 0.7, 1.0])
def test_a_public_programme_gives_no_more_than_its_budget(research: float, equity: float) -> None:
    """Parts that add up to more than the whole once spent it twice; rounds may be one ahead of the purse."""
    shares = {}
    for place in PLACES:
        for name in BASELINE.scenario.jurisdictions[place].funding.public:
            shares[f"jurisdictions.{place}.funding.public.{name}.research_share"] = research
            shares[f"jurisdictions.{place}.funding.public.{name}.equity_share"] = equity
    world = load("baseline", shares)
    for run in range(2):
        race = Race(world, rng=SEED, run=run)
        budget = np.zeros(len(PLACES))
        for tick in range(race.calendar.ticks):
            race.step()
            policy = race.calendar.policies[race.calendar.epoch_of_tick[tick]]
            for j in range(len(PLACES)):
                funding = policy["jurisdictions"][j]["funding"]
                for f in range(int(funding["n_public"])):
                    public = funding["public"][f]
                    if public["start_month"] <= race.month <= public["end_month"]:
                        budget[j] += public["budget_usd_m_per_year"] * funding["budget_multiplier"] / 12.0
        given = race.monthly[-1]["public_usd_m"] + race.monthly[-1]["research_usd_m"]
        one_round = [BASELINE.scenario.rounds.pivotal_usd_m] * len(PLACES)
        assert (given <= budget + one_round).all(), (given, budget)


def test_private_and_public_money_are_moved_by_different_numbers() -> None:
    """Levels of the one that moved the other would answer a question that nobody asked (6 races).

    Without any budget private money flows on, and without private rounds and seeds public money does; a deeper
    capital market brings private money, and leaves the research money of the state what it was to the cent.
    """
    no_budget = everywhere("funding.budget_multiplier", 0)
    no_rounds = everywhere("funding.round_per_month", 0) | everywhere("companies.seed_usd_m", 0)
    no_rounds |= {"mechanisms.buyouts_switch": False}
    deeper = {f"jurisdictions.{p}.funding.capital_multiplier": 2 for p in PLACES}
    assert (received(no_budget, *PUBLIC) == 0).all()
    assert (received(no_budget, *PRIVATE) > 0).all()
    assert (received(no_rounds, *PRIVATE) == 0).all()
    assert (received(no_rounds, *PUBLIC) > 0.5 * received({}, *PUBLIC)).all()
    assert (received(deeper, *PRIVATE) > received({}, *PRIVATE)).all()
    assert (received(deeper, "research_usd_m") == received({}, "research_usd_m")).all()


def test_public_money_does_not_hang_on_the_depth_of_private_capital() -> None:
    """State rounds are sized by it, but the purse is the budget.

    Half the depth, or double, moves the public money of each place by a tenth at most, in the mean of 6 races.
    """
    public = [received(everywhere("funding.capital_multiplier", depth), *PUBLIC) for depth in (0.5, 1, 2)]
    assert public[0] == pytest.approx(public[1], rel=0.1)
    assert public[2] == pytest.approx(public[1], rel=0.1)


def test_a_developer_with_money_and_nothing_under_way_begins_again() -> None:
    """Whose only product failed had no outlook at all, and sat on its money for ever, in every race."""
    world = load("baseline", {"span.end_month": "2029-12"})
    race = Race(world, rng=SEED)
    race.run_for(100)
    idle = [c for c in agents(race, Company) if c.alive and c.sponsor == m.COMPANY and c.live_count == 0]
    idle = [c for c in idle if 0 < c.programmes_count < 4 and c.founded_month < race.month - 12]
    assert idle
    before = {company.id: company.programmes_count for company in idle}
    for company in idle:
        company.cash_usd_m += 500.0
        company.programme_clock = 0.5
    race.run_for(120)
    assert all(company.programmes_count > before[company.id] for company in idle)


# ---- prices ---------------------------------------------------------------------------------------------------------
def test_a_ceiling_of_nearly_nothing_lowers_private_money() -> None:
    """Prices that ended at the pharmacy would not reach the laboratory: in 6 races each place raises less."""
    capped = everywhere("market.price_ceiling_usd_m_per_patient", 1e-6)
    assert (received(capped, *PRIVATE) < received({}, *PRIVATE)).all()


@pytest.mark.parametrize("protected", [False, True])
def test_what_is_expected_to_sell_nothing_starts_no_pivotal_trial_unless_a_soft_budget_stands_behind_it(
    protected: bool,
) -> None:
    """One that slipped in at its IND, or after a refusal, would escape its market: none does in 10 races."""
    unsaleable = everywhere("market.price_ceiling_usd_m_per_patient", 0)
    for place in PLACES:
        for name in BASELINE.scenario.jurisdictions[place].funding.public:
            unsaleable[f"jurisdictions.{place}.funding.public.{name}.soft_budget_share"] = float(protected)
    started, ended = 0, 0
    for result in races(load("baseline", unsaleable), 10):
        started += int((result.events["milestone"] == m.PHASE_3_STARTED).sum())
        ended += int((result.events["reason"] == m.NO_MARKET).sum())
    assert (started > 0) == protected
    assert (ended > 0) != protected


def test_a_pivotal_trial_that_fails_is_futile_and_not_put_down_to_its_market() -> None:
    """A failure lowers belief and with it the profit expected, and once closed one campaign where it ends them all.

    In 20 races no campaign is left for want of a market in the month in which its Phase 3 reads out there.
    """
    read = 0
    for result in races(BASELINE, 20):
        where = ["month", "programme", "jurisdiction"]
        events = result.events
        failed = {tuple(e) for e in events[events["milestone"] == m.PHASE_3_READ_OUT][where].tolist()}
        left = {tuple(e) for e in events[events["reason"] == m.NO_MARKET][where].tolist()}
        read += len(failed)
        assert not failed & left
    assert read > 300


# ---- cells ----------------------------------------------------------------------------------------------------------
def test_no_reprogrammed_product_is_made_with_an_integrating_vector() -> None:
    """Developers founded in 2010 with viral lines did take them to patients once; of all programmes of 20 races."""
    seen = 0
    for race in baseline_races(20):
        for programme in agents(race, Programme):
            if programme.cell_source == m.REPROGRAMMED:
                seen += 1
                assert programme.method in CLINICAL_METHODS, sorted(METHODS)[programme.method]
            else:
                assert programme.method == -1
    assert seen > 1000


def test_embryonic_products_run_in_the_race_and_are_not_who_is_first() -> None:
    """First patients and approvals recomputed from the events of 20 races, reprogrammed cells alone.

    The first embryonic trials opened before any reprogrammed one, so one that counted would show in the first race.
    """
    runs = np.arange(20)
    outcomes = Racer(BASELINE, SEED).outcomes(np.zeros((len(runs), 0)), runs)
    start = BASELINE.epochs[0].month
    earlier = 0
    for run, result in enumerate(races(BASELINE, len(runs))):
        events = result.events
        assert (events["cell_source"] == m.EMBRYONIC).any()
        for b, rows in enumerate(BASELINE.blocs.values()):
            ours = events[np.isin(events["home"], rows)]
            approved = np.isin(ours["milestone"], (m.APPROVED, m.CONDITIONALLY_APPROVED))
            at_home = approved & (ours["home"] == ours["jurisdiction"])
            reprogrammed = ours["cell_source"] == m.REPROGRAMMED
            for name, asked in (
                ("first_in_human", ours["milestone"] == m.FIRST_IN_HUMAN),
                ("first_home_approval", at_home),
                ("first_approval_anywhere", approved),
            ):
                months = ours["month"][asked & reprogrammed]
                first = float(months.min() - start) if len(months) else np.inf
                assert outcomes[f"{name}_months"][run, b] == first, name
                earlier += len(ours["month"][asked]) > 0 and ours["month"][asked].min() - start < first
    assert earlier > 10


def test_without_embryonic_cells_there_are_no_embryonic_products() -> None:
    """Off means off, in 5 races."""
    for result in races(load("baseline", {"mechanisms.embryonic_switch": False}), 5):
        assert (result.events["cell_source"] == m.REPROGRAMMED).all()


# ---- institutes -----------------------------------------------------------------------------------------------------
def test_an_institute_never_closes_and_what_it_cannot_pay_waits() -> None:
    """A university that went bankrupt, or a bill that was forgotten: 20 races, and a bill forced on each institute."""
    for race in baseline_races(20):
        closed = events_of(race, m.COMPANY_CLOSED)
        assert (closed["sponsor"] == m.COMPANY).all()
        assert all(institute.alive for institute in agents(race, Company) if institute.sponsor == m.INSTITUTE)
    race = Race(load("baseline", everywhere("funding.budget_multiplier", 0)), rng=SEED)
    race.run_for(12)
    institutes = [company for company in agents(race, Company) if company.sponsor == m.INSTITUTE]
    assert len(institutes) == sum(len(place.institutes) for place in BASELINE.scenario.jurisdictions.values())
    for institute in institutes:
        institute.cash_usd_m, institute.due_usd_m = 3.0, 10.0
    race.run_for(1)
    for institute in institutes:
        assert institute.alive
        assert (institute.cash_usd_m, institute.due_usd_m) == (0.0, 7.0)


def test_a_programme_that_is_handed_over_is_afterwards_of_a_company_at_the_same_home() -> None:
    """A product that stayed with its institute, or crossed a border on the way, would be nobody's in 20 races."""
    handed = 0
    for race in baseline_races(20):
        companies = {company.index: company for company in agents(race, Company)}
        for event in events_of(race, m.HANDED_OVER):
            handed += 1
            company = companies[int(event["company"])]
            programme = agents(race, Programme)[int(event["programme"])]
            assert company.sponsor == m.COMPANY
            assert programme.company == company.index
            assert company.home == programme.home == int(event["home"]) == int(event["jurisdiction"])
            later = race.events[(race.events["programme"] == event["programme"])]
            assert (later["company"][later["month"] > event["month"]] == event["company"]).all()
    assert handed > 100


def test_the_luck_of_a_spin_out_does_not_depend_on_the_world() -> None:
    """Keyed by its programme and not by the order of founding: the same developer if another lever is moved.

    Of the spin-outs of 12 races; a key that hung on the row, or on what was founded before, would differ in nearly all.
    """

    def spun_out(overrides: dict[str, Any]) -> dict[tuple[int, int], tuple[float, int, int]]:
        found = {}
        for run in range(12):
            for company in agents(race_of(load("baseline", overrides), run), Company):
                in_keys = company.id % COMPANY_KEYS
                if company.sponsor == m.COMPANY and in_keys >= SPIN_OUT_KEYS:
                    found[run, company.id] = company.capability, company.strategy, company.modality
        return found

    here, there = spun_out({}), spun_out(everywhere("pool_multiplier", 3))
    shared = here.keys() & there.keys()
    assert len(shared) > 20
    assert {key: here[key] for key in shared} == {key: there[key] for key in shared}
    assert here.keys() != there.keys(), "else the lever moved nothing, and the test nothing too"


# ---- desks ----------------------------------------------------------------------------------------------------------
CROWD = everywhere("companies.founding_per_month", 10 * 0.15) | {"span.end_month": "2024-12"}
FEW_REVIEWERS = everywhere("regulation.ind_capacity_count", 3)


def staffed(growth: float) -> dict[str, Any]:
    desks_of = ("regulation", "hospital_lane")
    parts = [everywhere(f"{desk}.capacity_growth_per_month", growth) for desk in desks_of]
    return parts[0] | parts[1]


def desks(race: Race) -> Array:
    return np.array([[j.ind_desk, j.approval_desk, j.lane_desk] for j in agents(race, Jurisdiction)])


def test_queues_grow_desks_and_a_desk_that_grows_recovers_its_pace() -> None:
    """Ten times the foundings once left every regulator at a crawl for ever: pace of the last two years, one race.

    A desk grows where it had a queue and nowhere else, and at 5% a month it is back at full speed.
    """
    growing, still = (race_of(load("baseline", CROWD | FEW_REVIEWERS | staffed(growth))) for growth in (0.05, 0.0))
    assert (desks(still) == 1).all()
    for column, name in ((0, "ind_pace"), (1, "approval_pace"), (2, "lane_pace")):
        slowed = growing.monthly[name].min(axis=0) < 1
        assert (desks(growing)[slowed, column] > 1).all(), name
        assert (desks(growing)[~slowed, column] == 1).all(), name
        crawled = still.monthly[name][-24:].mean(axis=0)
        recovered = growing.monthly[name][-24:].mean(axis=0)
        assert (recovered[crawled < 0.8] > 0.9).all(), (name, crawled, recovered)
        assert (crawled < 0.8).sum() >= {"ind_pace": 2, "approval_pace": 0, "lane_pace": 3}[name], crawled


def test_a_desk_that_nobody_staffs_never_grows() -> None:
    """Nothing grows out of nothing: no capacity, no clearance, whatever the queue."""
    unstaffed = CROWD | everywhere("regulation.ind_capacity_count", 0)
    unstaffed |= everywhere("hospital_lane.studies_per_hospital_year", 0)
    race = race_of(load("baseline", unstaffed))
    assert (desks(race)[:, [0, 2]] == 1).all()
    assert len(events_of(race, m.IND_CLEARED)) == 0
    assert len(events_of(race, m.IND_FILED)) > 100
