"""Named programmes stand where they are on record to stand, and what nobody knows of them is drawn given that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import hosts
import numpy as np
import numpy.typing as npt
import pytest
import rosters
from scipy import stats

from ipsc_race import milestones as m
from ipsc_race.ensemble import Racer, run_races
from ipsc_race.loading import Resolved, load
from ipsc_race.race import Company, Programme, Race
from ipsc_race.roster import Readout, Stage
from ipsc_race.rules import roster

Numbers = npt.NDArray[np.float64]
COPIES, RACES = 64, 30
TAU, THETA_MIN, OPTIMISM, PRIOR_SD = 0.35, 0.2, 0.15, 0.5  # of the baseline
MEAN = -0.09  # of a first product for Parkinson's disease
STILL = {"science": {"method_effect_sd": 0}}  # products of one method share nothing


def effects(path: Path) -> Numbers:
    """True effects of the copies of one programme, over some races."""
    world = load(path)
    return np.concatenate([first_programmes(world, run)["effect"] for run in range(RACES)])


def first_programmes(world: Resolved, run: int = 0) -> Any:
    """Records of the programmes of the roster on the first morning."""
    race = Race(world, rng=1, run=run)
    return np.array(race.world["programmes"][: len(world.scenario.roster.programme_labels)])


def copied(folder: Path, programme: Mapping[str, Any]) -> Path:
    """A world with many programmes of which the same is known."""
    return rosters.write_roster(
        folder, {"bc": programme}, {"bluebird": rosters.developer(copies_count=COPIES)}, **STILL
    )


def belief(score: Numbers, information: float, prior_mean: float, prior_sd: float) -> Numbers:
    """P(effect > threshold) of a normal reader."""
    precision = information + prior_sd**-2
    mean = (score + prior_mean * prior_sd**-2) / precision
    return np.asarray(stats.norm.cdf((mean - THETA_MIN) * np.sqrt(precision)))


def agree(ours: Numbers, exact: Numbers) -> None:
    """The same mean and spread, within five standard errors."""
    error = np.hypot(ours.std() / len(ours) ** 0.5, exact.std() / len(exact) ** 0.5)
    assert abs(ours.mean() - exact.mean()) < 5 * error
    assert ours.std() == pytest.approx(exact.std(), rel=5 / (2 * min(len(ours), len(exact))) ** 0.5)


def test_what_nothing_is_known_of_is_as_any_other(tmp_path: Path) -> None:
    """A programme by name that nobody has read would else be better or worse for being named."""
    exact = np.random.default_rng(1).normal(MEAN, TAU, 100_000)
    agree(effects(copied(tmp_path, rosters.programme())), exact)


def test_survival_is_that_of_exact_rejection(tmp_path: Path) -> None:
    """Who came to a Phase 3 is better than who began: by as much as all are better whom the bars let through."""
    campaign = rosters.CAMPAIGN | {"stage": "phase_3", "wanted_patients": 100}
    told = rosters.programme(readouts={"one": rosters.READOUT}, campaigns={"us": campaign})
    generator = np.random.default_rng(2)
    effect = generator.normal(MEAN, TAU, 400_000)
    score = 12 * (effect + OPTIMISM + generator.normal(0, 12**-0.5, len(effect)))
    passes = (belief(score, 12, MEAN, TAU) >= 0.76) & (belief(score, 12, 0, PRIOR_SD) >= bars_of_phase_3(generator))
    agree(effects(copied(tmp_path, told)), effect[passes])


def bars_of_phase_3(generator: np.random.Generator, size: int = 400_000) -> Numbers:
    """Where the American bar before a Phase 3 stands for so many products."""
    gate = load("baseline").scenario.jurisdictions["us"].regulation
    bar = stats.norm.ppf(gate.phase_3_entry.bar_probability) + gate.bar_probit_sd * generator.normal(size=size)
    return np.asarray(stats.norm.cdf(bar))


@pytest.mark.parametrize("telling", [0.0, 0.5])
def test_what_was_told_weighs_as_it_should(tmp_path: Path, telling: float) -> None:
    """Told exactly it is a trial; told vaguely it is less; what is kept agrees, survived, and was let skip nothing."""
    readout = rosters.READOUT | {"observed_effect": 0.6, "telling_effect_sd": telling}
    campaign = rosters.CAMPAIGN | {"stage": "phase_2", "wanted_patients": 40}
    told = rosters.programme(readouts={"one": readout}, campaigns={"us": campaign})
    generator = np.random.default_rng(3)
    effect = generator.normal(MEAN, TAU, 6_000_000)
    read = effect + OPTIMISM + generator.normal(0, 12**-0.5, len(effect))
    near = np.abs(read + telling * generator.normal(size=len(effect)) - 0.6) < 0.01
    effect, score = effect[near], 12 * read[near]
    ours = belief(score, 12, MEAN, TAU)
    convinced = belief(score, 12, 0, PRIOR_SD) >= bars_of_phase_3(generator, len(effect))
    gate = load("baseline").scenario.jurisdictions["us"].regulation
    least = gate.phase_3_entry.least_patients * np.exp(gate.least_patients_log_sd * generator.normal(size=len(effect)))
    asks_less = (least <= 12) & (generator.uniform(size=len(effect)) >= gate.phase_3_entry.randomised_share)
    skips = (ours >= 0.76) & convinced & asks_less
    agree(effects(copied(tmp_path, told)), effect[(ours >= 0.25) & ~skips])


def test_patients_without_harm_speak_for_a_product(tmp_path: Path) -> None:
    """Three hundred treated without serious harm: what is left is a product of which that is likely."""
    campaign = rosters.CAMPAIGN | {"wanted_patients": 300, "enrolled_patients": 300}
    world = load(copied(tmp_path, rosters.programme(campaigns={"us": campaign})))
    rows = [first_programmes(world, run) for run in range(RACES)]
    risk, clock = (np.concatenate([row[name] for row in rows]) for name in ("harm_probability", "harm_clock"))
    unread = load(copied(tmp_path, rosters.programme()))
    prior = np.concatenate([first_programmes(unread, run)["harm_probability"] for run in range(RACES)])
    weight = np.exp(-296 * prior)  # four of them treated in the other world too
    assert risk.mean() == pytest.approx((prior * weight).sum() / weight.sum(), rel=0.1)
    assert clock.mean() == pytest.approx(1.0, abs=0.12)  # an exponential clock does not age


def test_programmes_stand_where_they_are_said_to(tmp_path: Path) -> None:
    """Stage, patients, clocks and evidence are those on record; the next milestone follows from them."""
    campaigns = {
        "open": rosters.CAMPAIGN | {"stage": "phase_2", "wanted_patients": 40, "enrolled_patients": 10},
        "read_soon": rosters.CAMPAIGN | {"place": "eu", "enrolled_patients": 12, "since_month": "2026-01"},
        "review": rosters.CAMPAIGN
        | {"place": "japan", "stage": "ind_review", "since_month": "2026-07", "wanted_patients": 0}
        | {"enrolled_patients": 0},
    }
    told = rosters.programme(readouts={"one": rosters.READOUT}, campaigns=campaigns)
    world = load(rosters.write_roster(tmp_path, {"bc": told}))
    (row,) = first_programmes(world)
    places = dict(zip(world.jurisdictions, row["campaigns"], strict=False))
    assert [places[name]["stage"] for name in ("us", "eu", "japan")] == [m.PHASE_2, m.PHASE_1, m.IND_REVIEW]
    assert (places["us"]["activity"], places["us"]["enrolled"], places["us"]["months_enrolling"]) == (
        m.ENROLLING,
        10,
        10,
    )
    assert (places["eu"]["activity"], places["eu"]["months_left"]) == (m.FOLLOW_UP, 15 + 3 - 6)
    assert places["japan"]["months_left"] == 1 + 2  # a review, of a sponsor from abroad
    assert row["patients_count"] == 12 + 10 + 12
    assert row["ledger"]["patients"].sum() == 12
    read = [event for event in events_of(world, 0) if event["milestone"] == m.PHASE_1_READ_OUT]
    assert read[0]["month"] == 2026 * 12 + 6 + 11  # twelve months from the first of July, the first of them July


def events_of(world: Resolved, programme: int) -> list[Any]:
    """Milestones of a programme in one race."""
    (race,) = run_races(world, 1, 4)
    return [event for event in race.events if event["programme"] == programme]


def test_an_approval_on_condition_is_sold_and_owes_its_confirmation(tmp_path: Path) -> None:
    """What has been approved is not approved again; its clock runs since its approval."""
    developers = {"bluebird": rosters.developer(home="japan", owner="japan")}
    readout = rosters.READOUT | {"place": "japan", "enrolled_patients": 7}
    campaign = rosters.CAMPAIGN | {"place": "japan", "stage": "conditional", "since_month": "2026-03"}
    campaign |= {"wanted_patients": 35, "enrolled_patients": 0}
    told = rosters.programme(readouts={"one": readout}, campaigns={"japan": campaign})
    world = load(rosters.write_roster(tmp_path, {"bc": told}, developers))
    (row,) = first_programmes(world)
    track = row["campaigns"][world.jurisdictions.index("japan")]
    assert (track["on_market"], track["stage"]) == (m.ON_MARKET_CONDITIONAL, m.CONFIRMATION)
    assert (track["wanted"], track["deadline_months"]) == (35, 84 - 4)
    happened = [event["milestone"] for event in events_of(world, 0)]
    assert m.CONDITIONALLY_APPROVED not in happened
    assert m.CONFIRMATION_STARTED in happened


def test_what_let_a_product_file_still_holds_when_it_is_judged(tmp_path: Path) -> None:
    """A bar that was drawn anew at the verdict would refuse many of those that it let file, with nothing new known."""
    readout = rosters.READOUT | {"stage": "phase_3", "enrolled_patients": 300}
    campaign = rosters.CAMPAIGN | {"stage": "approval_review", "wanted_patients": 0, "enrolled_patients": 0}
    told = rosters.programme(readouts={"one": rosters.READOUT, "two": readout}, campaigns={"us": campaign})
    plant = {"regulation": {"manufacturing_pass_probability": 1}}
    developers = {"bluebird": rosters.developer(copies_count=COPIES)}
    world = load(rosters.write_roster(tmp_path, {"bc": told}, developers, **STILL, jurisdictions={"us": plant}))
    (race,) = run_races(world, 1, 4)
    (refused, approved) = (
        int(((race.events["milestone"] == kind) & (race.events["programme"] < COPIES)).sum())
        for kind in (m.FILING_REFUSED, m.APPROVED)
    )
    assert approved >= 0.9 * COPIES  # of the rest holds and harms
    assert refused == 0


def test_a_longer_roster_moves_nobodys_luck(tmp_path: Path) -> None:
    """Draws are keyed: who is added before another in the table leaves its effect and risk as they were."""
    told = rosters.programme(readouts={"one": rosters.READOUT})
    (alone,) = first_programmes(load(rosters.write_roster(tmp_path, {"bc": told})))
    developers = {"another": rosters.developer(draw_key=2), "bluebird": rosters.developer()}
    more = {"ac": rosters.programme(developer="another"), "bc": told, "ab": rosters.programme(draw_key=2)}
    longer = load(rosters.write_roster(tmp_path, more, developers))
    rows = first_programmes(longer)
    row = sorted(more).index("bc")
    for name in ("id", "effect", "harm_probability", "harm_clock", "belief"):
        assert rows[name][row] == alone[name]


def test_who_is_named_is_an_agent_on_the_first_morning(tmp_path: Path) -> None:
    """A Mesa user who looks before the first step would else find an empty world."""
    race = Race(load(rosters.write_roster(tmp_path, {"bc": rosters.programme()})), rng=1)
    assert [agent.in_human for agent in race.agents_by_type[Programme]] == [True]
    assert [agent.cash_usd_m for agent in race.agents_by_type[Company]] == [400]


def test_names_are_those_of_the_rows(tmp_path: Path) -> None:
    """A story that called a programme by its neighbour's name would be worse than one without names."""
    developers = {"z": rosters.developer(copies_count=2, draw_key=3, label="Unnamed"), "bluebird": rosters.developer()}
    programmes = {"y": rosters.programme(developer="z", label="Unnamed product"), "bc": rosters.programme()}
    told = load(rosters.write_roster(tmp_path, programmes, developers)).scenario.roster
    assert told.developer_labels == ("Bluebird Cells", "Unnamed 1", "Unnamed 2")
    assert told.programme_labels == ("BC-1", "Unnamed product 1", "Unnamed product 2")


def test_words_of_stages_are_those_of_the_rules() -> None:
    """A word at another place would put every programme into a neighbouring stage."""
    names = {number: name.lower() for name, number in vars(m).items() if name in {word.upper() for word in words()}}
    assert [names.get(number) for number in roster.STAGES] == [*words()[:-2], None, None]
    assert roster.STAGES[-2:] == (m.ON_MARKET_CONDITIONAL, m.ON_MARKET)
    readable = get_args(Readout.model_fields["stage"].annotation)
    assert [names[number] for number in roster.READ_STAGES] == list(readable)


def words() -> list[str]:
    """Stages of a campaign as a roster says them."""
    return list(get_args(Stage))


def test_an_empty_roster_is_no_part_of_the_hash() -> None:
    """Worlds without a roster keep the hashes under which their results are stored; one with a roster has another."""
    baseline = load("baseline")
    assert baseline.scenario.roster.is_empty
    assert load("baseline", ["roster.knowledge_count=1"]).hash != baseline.hash


RACES_OF = """
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
for result in run_races(load({path!r}), 2, 5):
    print(result.digest.hex(), len(result.events))
"""


def test_a_roster_gives_the_same_bits_in_both_hosts(tmp_path: Path) -> None:
    """The plain host is the oracle of the compiled one, on the first morning too."""
    developers = {"bluebird": rosters.developer(), "many": rosters.developer(copies_count=3, draw_key=2, home="china")}
    study = rosters.CAMPAIGN | {"place": "china", "stage": "hospital_study"}
    unnamed = rosters.programme(developer="many", indication="any", method="unknown", campaigns={"study": study})
    embryonic = rosters.programme(cell_source="embryonic", method="none", readouts={"one": rosters.READOUT})
    path = rosters.write_roster(tmp_path, {"bc": embryonic, "unnamed": unnamed}, developers)
    code = RACES_OF.format(path=str(path))
    compiled, plain = (hosts.answer(code, host) for host in hosts.HOSTS)
    assert compiled == plain


SHORT = ["span.end_month=2027-03"]
TODAY = f"""
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
print([result.digest.hex() for result in run_races(load("today", {SHORT}), 1, 5)])
"""
BARE = ("label", "draw_key", "developer", "place", "observed_effect", "royalty_share")  # names, and nothing told


def test_the_race_from_today_gives_the_same_bits_in_both_hosts() -> None:
    """Thirty programmes by name, at every kind of stage, and as many that nobody names."""
    compiled, plain = (hosts.answer(TODAY, host) for host in hosts.HOSTS)
    assert compiled == plain


def test_what_is_said_of_named_programmes_says_how_it_is_known() -> None:
    """Of real products each date, stage and number must be traceable, or be called an assumption."""
    world = load("today")
    named = [name for name, told in world.scenario.roster.programmes.items() if not name.startswith("unnamed")]
    for path, origin in world.origins.items():
        words = path.split(".")
        told = words[:2] == ["roster", "programmes"] and words[2] in named and words[-1] not in BARE
        readout_stage = "readouts" in words and words[-1] == "stage"
        if told and not readout_stage and origin.value != "none":
            assert origin.grade, path
            assert origin.source, path
    assert len(named) > 30


def test_a_programme_whose_past_no_draw_explains_is_refused_by_name(tmp_path: Path) -> None:
    """Raced all the same, it would stand in a Phase 2 that its developer would never have begun."""
    failed = rosters.READOUT | {"observed_effect": -3, "telling_effect_sd": 0}
    later = rosters.CAMPAIGN | {"stage": "phase_2"}
    told = {
        "aa": rosters.programme(draw_key=2),
        "bc": rosters.programme(readouts={"one": failed}, campaigns={"us": later}),
    }
    world = load(rosters.write_roster(tmp_path, told))
    for start in (Racer(world, 1).race, lambda run: Race(world, rng=1, run=run).step()):
        with pytest.raises(OverflowError, match=r"no draw agrees with what is on record of roster\.programmes\.bc"):
            start(0)
