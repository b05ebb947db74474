"""Experiments are read with all their errors at once, and their worlds are those that they name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipsc_race.loading import Resolved, ScenarioError, load, scenario_names
from ipsc_race.varying import locate
from ipsc_race_lab.design import designs
from ipsc_race_lab.design import experiment as experiments
from ipsc_race_lab.design.experiment import Experiment
from ipsc_race_lab.design.finding import experiment_names, is_experiment, load_experiment
from ipsc_race_lab.design.reading.outline import outline
from ipsc_race_lab.design.shipped import experiment_folder

HEAD = "title: T\nscenario: baseline\nreplications: 2\n"
LHS = "design: {kind: latin_hypercube, points: 4}\n"
REVIEW = "jurisdictions.china.regulation.ind_review_months"


KNOWN: dict[str, Resolved] = {}


def remembered(source: str, overrides: Any = ()) -> Resolved:
    key = f"{source} {overrides or ()!r}"
    if key not in KNOWN:
        KNOWN[key] = load(source, overrides)
    return KNOWN[key]


@pytest.fixture(autouse=True, scope="module")
def _each_world_is_loaded_once() -> Iterator[None]:
    """The same few worlds are asked for again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ipsc_race_lab.design.experiment.load", remembered)
        patch.setattr("ipsc_race_lab.design.reading.scenarios.load", remembered)
        yield


def read(folder: Path, text: str) -> Experiment:
    path = folder / "made.yaml"
    path.write_text(text)
    return load_experiment(path)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read(folder, text)
    return [str(found).removeprefix(f"{folder}/") for found in caught.value.problems]


def one_problem(folder: Path, text: str) -> str:
    found = problems(folder, text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", experiment_names())
def test_shipped_experiments_load_and_each_of_their_paths_can_be_written(name: str) -> None:
    """A shipped experiment that names a number which has moved would fail after hours, or vary nothing."""
    experiment = load_experiment(name)
    assert experiment.name == name
    assert experiment.points.numbers.shape[1] == len(experiment.paths)
    assert locate(experiment.world(experiment.points.worlds[0]), experiment.paths).epochs.any(axis=1).all()


def test_the_shipped_ones_are_those_announced() -> None:
    """The documents send readers to them."""
    assert {"levers", "morris", "robustness", "sobol"} <= set(experiment_names())
    levers, sobol = load_experiment("levers"), load_experiment("sobol")
    assert experiments.points(levers).shape == (32, 5)
    assert experiments.points(sobol).shape == (64 * 11, 9)


def test_a_lever_alone_is_its_scenario_and_two_together_have_the_values_of_both() -> None:
    """The joint effect of money and rules would be measured in a world that has one of them."""
    experiment = load_experiment("levers")
    as_is, level = "as_is", "level"
    levers = ["level-public-money", "level-private-capital", "level-patients", "level-regulation"]
    for place, name in enumerate(levers):
        key = ("baseline", *(level if i == place else as_is for i in range(5)))
        assert experiment.world(key).hash == load(name).hash
    assert experiment.world(("baseline", *[as_is] * 5)).hash == load("baseline").hash
    both = experiment.world(("baseline", as_is, level, as_is, level, "closed"))
    for name, prefix in {
        "level-private-capital": "jurisdictions.china.funding",
        "level-regulation": "jurisdictions.china.regulation",
        "no-hospital-lane": "jurisdictions.us.hospital_lane",
        "baseline": "jurisdictions.china.patients",
    }.items():
        wanted = {path: of.value for path, of in load(name).origins.items() if path.startswith(prefix)}
        assert {path: of.value for path, of in both.origins.items() if path.startswith(prefix)} == wanted


def test_each_world_of_a_design_is_built_and_no_other(tmp_path: Path) -> None:
    """A point without its world could not be run."""
    levels = "factors: {step: {worlds: {months: {}, half: {set: {span.step_months: 0.5}}}}, noise: {dummy: true}}\n"
    worlds = read(tmp_path, f"{HEAD}{levels}design: {{kind: factorial}}\n").worlds()
    assert {key: world.scenario.span.step_months for key, world in worlds.items()} == {
        ("baseline", "months"): 1.0,
        ("baseline", "half"): 0.5,
    }


def test_scenarios_are_crossed_with_the_design_and_a_lever_acts_in_each(tmp_path: Path) -> None:
    """In a decoupled world the lever would undo the decoupling, and two worlds would be one."""
    text = f"title: T\nscenarios: [baseline, decoupling]\nreplications: 1\n{LHS}"
    money, review = "{worlds: {as_is: baseline, level: level-private-capital}}", f"{{path: {REVIEW}@2018-11}}"
    factors = f"factors: {{money: {money}, review: {review}}}\n"
    experiment = read(tmp_path, text + factors)
    points = experiment.points
    assert (points.ids % designs.MAX_POINTS).tolist() == [0, 1, 2, 3] * 2
    assert (points.numbers[:4] == points.numbers[4:]).all()
    told = [points.worlds[number] for number in points.world_of]
    assert [scenario for scenario, _ in told] == ["baseline"] * 4 + ["decoupling"] * 4
    levels = ["as_is" if level < 1 else "level" for level in experiments.points(experiment)[:, 0]]
    assert [level for _, level in told] == levels * 2
    world = experiment.world(("decoupling", "level"))
    assert world.origins["jurisdictions.us.borders.product_export_share@2027-01"].value == 0.2
    assert world.origins["jurisdictions.china.funding.capital_multiplier"].value == 1.0


BOTH = "title: T\nscenarios: [baseline, decoupling]\nreplications: 1\n"


def test_scenarios_alone_are_an_experiment_of_one_point_each(tmp_path: Path) -> None:
    """Whoever only compares worlds would have to invent a factor."""
    experiment = read(tmp_path, BOTH)
    assert experiment.points.worlds == [("baseline",), ("decoupling",)]
    assert experiment.points.numbers.shape == (2, 0)
    assert experiments.points(experiment).shape == (1, 0)
    assert designs.size(experiment.design, experiment.factors) == 1
    assert read(tmp_path, f"{BOTH}design: {{kind: factorial}}\n").hash == experiment.hash


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOTH + LHS, "design is for factors, and the experiment has none; leave it out"),
        (BOTH + "analysis: {kind: effects}\n", "analysis is for factors, and the experiment has none; leave it out"),
        (BOTH.replace("decoupling", "cart"), "cart runs 2009-01 to 2030-12, baseline 2010-01 to 2045-12"),
        (BOTH.replace("decoupling", '"null"') + "pair: [china, japan]\n", "null has the blocs china (china), japan (j"),
        (HEAD + LHS, "the experiment lacks factors"),
    ],
)
def test_scenarios_that_cannot_be_compared_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """Leads within two spans, or of two blocs of one name, would be subtracted from each other."""
    assert said in one_problem(tmp_path, text)


def test_a_number_without_a_distribution_takes_its_recorded_range(tmp_path: Path) -> None:
    """The experiment would try values that nobody believes."""
    factors = (
        f"factors: {{review: {{path: {REVIEW}@2018-11}}, sites: {{path: jurisdictions.china.sites.capacity_count}}}}\n"
    )
    review, sites = read(tmp_path, HEAD + factors + LHS).factors
    assert (review.distribution.low, review.distribution.high, review.distribution.whole) == (1.5, 4, False)
    assert (sites.distribution.low, sites.distribution.high, sites.distribution.whole) == (30, 200, True)


def test_a_value_before_its_first_change_can_be_varied_alone(tmp_path: Path) -> None:
    """To vary the early reviews would overwrite the reform that came later."""
    experiment = read(tmp_path, f"{HEAD}factors: {{early: {{path: {REVIEW}@2010-01}}}}\n{LHS}")
    assert experiment.factors[0].distribution.low == 9
    world = experiment.world(("baseline",))
    assert world.hash == load("baseline").hash
    early = locate(world, experiment.paths).epochs[0]
    assert [value for value, on in zip(early, world.epochs, strict=True) if on.month >= 2018 * 12 + 10] == [
        False
    ] * sum(of.month >= 2018 * 12 + 10 for of in world.epochs)
    assert early[0]


def test_one_at_a_time_leaves_the_other_factors_as_each_scenario_has_them(tmp_path: Path) -> None:
    """The world as it is would be another world, and every difference be taken from it."""
    seed = "jurisdictions.china.companies.seed_usd_m"
    factors = f"""factors:
  lane: {{worlds: {{closed: no-hospital-lane, as_is: {{}}}}}}
  early: {{path: {REVIEW}@2010-01}}
  late: {{path: {REVIEW}@2025-10, values: [5, 1]}}
  seed: {{path: {seed}, distribution: log_uniform, low: 1, high: 16}}
  herding: {{path: mechanisms.herding_switch}}
  noise: {{dummy: true}}
"""
    head = "title: T\nscenarios: [baseline, level-private-capital]\n"
    text = f"{head}set: {{{REVIEW}: 7}}\nreplications: 1\n{EACH}{DOSES}"
    with pytest.raises(ScenarioError):
        read(tmp_path, text + factors)  # with one value set for good there are no dated ones
    experiment = read(tmp_path, text.replace(f"set: {{{REVIEW}: 7}}\n", "") + factors)
    points = experiment.points
    count = 1 + 2 + 3 + 2 + 3 + 2 + 3
    assert len(points.ids) == 2 * count
    for i, scenario in enumerate(experiment.scenarios):
        origins = load(scenario).origins
        own = [origins[path].value for path in (REVIEW, f"{REVIEW}@2025-10", seed, "mechanisms.herding_switch")]
        mine = points.numbers[i * count : (i + 1) * count]
        assert mine[0].tolist() == own
        assert (mine == own).sum(axis=1).min() >= 3
        assert mine[6:8, 1].tolist() == [1, 5]
        assert mine[8:11, 2] == pytest.approx([1, 4, 16])
    levels = [points.worlds[number][1] for number in points.world_of[:count]]
    assert levels == ["as_is", "closed", *["as_is"] * (count - 2)]


def test_over_the_evidence_every_believed_number_varies_and_no_name_does(tmp_path: Path) -> None:
    """A draw key is a number too: to vary it would change the luck and call it an effect."""
    experiment = read(tmp_path, f"{HEAD}over_evidence: {{}}\n{LHS}")
    names = [factor.name for factor in experiment.factors]
    assert len(names) > 700
    assert not any(name.endswith(("_key", "_switch")) or ".exogenous." in name for name in names)
    assert not any(name.startswith("span.") for name in names)
    assert f"{REVIEW}@2010-01" in names
    assert f"{REVIEW}@2025-10" in names
    assert REVIEW not in names
    locate(experiment.world(("baseline",)), experiment.paths)


def test_over_the_evidence_stays_under_its_prefixes_and_grades_and_leaves_what_is_named(tmp_path: Path) -> None:
    """What is known well would be tried as if it were a guess, or one number be written twice."""
    named = f"factors: {{review: {{path: {REVIEW}, low: 1, high: 20}}}}\n"
    under = "over_evidence: {under: jurisdictions.china.regulation, grades: [C, D]}\n"
    experiment = read(tmp_path, HEAD + named + under + LHS)
    first, *others = experiment.factors
    base = load("baseline")
    assert first.name == "review"
    assert others
    assert all(of.name.startswith("jurisdictions.china.regulation.") for of in others)
    assert {base.origins[of.name].grade for of in others if "@" not in of.name} == {"C", "D"}
    assert not any(of.name.startswith(REVIEW) for of in others)


def test_all_errors_come_at_once_each_with_its_place(tmp_path: Path) -> None:
    """One error a try makes a long evening."""
    text = """title: T
descripton: misspelt
scenario: baseline
replications: 0
seed: -1
factors:
  a: {path: jurisdictions.china.funding.capital_multiplyer}
  b: {path: jurisdictions.china.funding.capital_multiplier, low: -3, high: 1}
  c: {path: science.spillover_share, distribution: uniforn, low: 0, high: 1}
  d: {worlds: {on: level-patiens, off: baseline}}
design: {kind: latin_hypercub, points: 10}
pair: [china, wst]
analysis: {kind: sobl}
"""
    assert problems(tmp_path, text) == [
        "made.yaml:2:1: descripton is not known; did you mean description?",
        "made.yaml:4:15: replications is 0; expected a whole number from 1 to 1,000,000",
        "made.yaml:5:7: seed is -1; expected a whole number from 0 to 9,223,372,036,854,775,807",
        "made.yaml:7:13: factors.a.path is not to be varied: jurisdictions.china.funding.capital_multiplyer: there is "
        "no such number in baseline; did you mean jurisdictions.china.funding.capital_multiplier (unit: multiplier)?",
        "made.yaml:8:6: factors.b leaves the bounds: jurisdictions.china.funding.capital_multiplier would be -3; "
        "expected a number (multiplier) between 0 and 1e+12",
        "made.yaml:9:52: factors.c.distribution is 'uniforn'; did you mean uniform?",
        "made.yaml:10:20: factors.d.worlds.on: no scenario is named 'level-patiens'; did you mean level-patients? "
        f"shipped: {', '.join(scenario_names())}",
        "made.yaml:11:16: design.kind is 'latin_hypercub'; did you mean latin_hypercube?",
        "made.yaml:12:7: pair names wst, which is no bloc of baseline; did you mean west?",
        "made.yaml:13:18: analysis.kind is 'sobl'; did you mean sobol?",
    ]


EACH = "design: {kind: one_at_a_time, levels: 3}\n"
DOSES = "analysis: {kind: dose_response}\n"
ONE = "factors: {share: {path: science.spillover_share}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ONE + LHS + "analysis: {kind: sobol}\n",
            "needs a design of kind saltelli, not latin_hypercube: it reads pairs",
        ),
        (ONE + LHS + "analysis: {kind: effects}\n", "needs a design of kind factorial or fractional_factorial"),
        (ONE + "design: {kind: morris, trajectories: 4}\nanalysis: {kind: pawn}\n", "points spread over all factors"),
        (ONE + "design: {kind: morris, trajectories: 4, levels: 3}\n", "is 3; expected an even number"),
        (ONE + "design: {kind: saltelli, points: 100}\n", "is 100; expected a power of two, such as 128"),
        (ONE + "design: {kind: fast, points: 64}\n", "expected a whole number from 65 to"),
        (ONE + "design: {kind: grid, levels: 3, points: 4}\n", "design.points is not known"),
        (f"factors: {{a: {{path: {REVIEW}}}}}\n{LHS}", "changes in 2018-11, 2025-10; give low and high"),
        (f"factors: {{a: {{path: {REVIEW}@2019-01, low: 1, high: 2}}}}\n{LHS}", "has no dated change"),
        ("factors: {a: {path: span.step_months}}\n" + LHS, "cannot be varied within one experiment"),
        ("factors: {a: {path: modalities.autologous.lead_months, low: 3, high: 3}}\n" + LHS, "expected low below high"),
        ("factors: {a: {path: market.order_elasticity, distribution: triangular}}\n" + LHS, "lacks mode"),
        ("factors: {a: {path: modalities.allogeneic.lead_months}}\n" + LHS, "needs low and high: baseline records no"),
        ("factors: {a: {path: science.spillover_share}, b: {path: science.spillover_share}}\n" + LHS, "as a does"),
        (
            "factors: {a: {path: jurisdictions.china.funding.runway_months},"
            " b: {worlds: {x: baseline, y: {set: {jurisdictions.china.funding.runway_months: 9}}}}}\n" + LHS,
            "which the lever b changes too",
        ),
        (
            "factors: {a: {worlds: {x: baseline, y: level-private-capital}},"
            " b: {worlds: {x: {}, y: {set: {jurisdictions.china.companies.seed_usd_m: 3}}}}}\n" + LHS,
            "both change jurisdictions.china.companies.seed_usd_m, to different values",
        ),
        ("set: {span.ending: 3}\n" + ONE + LHS, "span.ending is not in the scenario"),
        ("over_evidence: {under: licencing}\n" + LHS, "no path of baseline begins so; did you mean licensing"),
        ("factors: {a: {worlds: {x: baseline}}}\n" + LHS, "expected two or more levels"),
        ("factors: {a: {paths: science}}\n" + LHS, "expected one of path, worlds, dummy"),
        ("factors: [science.spillover_share]\n" + LHS, "factors is a list; expected names with values"),
        (
            "factors: {a: {path: science.spillover_share, distribution: [normal]}}\n" + LHS,
            "factors.a.distribution is a list; expected halves",
        ),
        (
            "factors: {a: {path: science.spillover_share, values: [0, 0.5, 1]}}\n"
            "design: {kind: factorial}\nanalysis: {kind: effects}\n",
            "which compares two levels; a has more",
        ),
        ("pair: [china, china]\n" + ONE + LHS, "expected two different blocs"),
        (ONE + LHS + DOSES, "is dose_response, which needs a design of kind one_at_a_time, not latin_hypercube"),
        (ONE + EACH + "analysis: {kind: morris}\n", "needs a design of kind morris, not one_at_a_time"),
        (ONE + EACH, "is one_at_a_time, whose points have no common mean; expected analysis: dose_response"),
        (
            f"factors: {{a: {{path: {REVIEW}, low: 1, high: 9}}}}\n{EACH}{DOSES}",
            f"changes in 2018-11, 2025-10, and one_at_a_time starts from one value; name it, such as {REVIEW}@2025-10",
        ),
        (
            "factors: {a: {worlds: {few: {set: {jurisdictions.china.companies.seed_usd_m: 3}},"
            f" many: {{set: {{jurisdictions.china.companies.seed_usd_m: 9}}}}}}}}}}\n{EACH}{DOSES}",
            "factors.a has no level that leaves the world as it is, where one_at_a_time starts; add as_is: {}",
        ),
        (ONE + "design: {kind: one_at_a_time, levels: 1}\n" + DOSES, "levels is 1; expected a whole number from 2"),
        (ONE + "design: {kind: saltelli, points: 1}\nanalysis: sobol\n", "is 1, which has no spread that sobol could"),
        (ONE + "design: {kind: morris, trajectories: 1}\nanalysis: morris\n", "design.trajectories is 1, which has no"),
        (ONE + "design: {kind: saltelli, points: 8, trajectories: 8}\n", "design.trajectories is not known"),
        (ONE + "design: {points: 8}\n", "design lacks kind"),
        (ONE, "the experiment lacks design; expected such as {kind: latin_hypercube, points: 200}"),
        ('factors: {"a\\x1b[2J": {dummy: true}}\n' + LHS, "control character U+001B; expected plain text"),
        (
            "factors: {a: {dummy: true, values: [1, 2]}}\n" + LHS,
            "factors.a.values is not known; expected dummy,",
        ),
        (
            "factors: {a: {path: science.spillover_share, low: .nan}}\n" + LHS,
            "factors.a.low is nan; expected a number",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(tmp_path: Path, text: str, said: str) -> None:
    """It would run for hours and answer another question."""
    assert said in one_problem(tmp_path, HEAD + text)


def test_a_lever_that_would_undo_the_scenario_is_refused(tmp_path: Path) -> None:
    """What level-private-capital changes in a decoupled world is also the decoupling."""
    text = f"title: T\nscenario: decoupling\nreplications: 1\n{LHS}"
    said = one_problem(tmp_path, text + "factors: {money: {worlds: {as_is: {}, level: level-private-capital}}}\n")
    assert "level-private-capital, which does not extend decoupling" in said
    read(tmp_path, text + "factors: {money: {worlds: {as_is: baseline, level: level-private-capital}}}\n")


def test_the_hash_follows_what_is_asked_and_the_kin_what_is_raced(tmp_path: Path) -> None:
    """A result would be taken for that of another experiment, or fresh races be thrown away."""
    sobol = "design: {kind: sobol_sequence, points: %d}\n"

    def made(text: str, points: int = 4) -> Any:
        return read(tmp_path, text + ONE + sobol % points)

    one, more, other = made(HEAD), made(HEAD, 8), made(HEAD + "seed: 2\n")
    renamed = made(HEAD.replace("title: T", "title: U"))
    assert one.hash == renamed.hash
    assert len({one.hash, more.hash, other.hash}) == 3
    assert one.kin == more.kin != other.kin
    fixed = made(HEAD + "set: {span.end_month: 2040-12}\n")
    assert fixed.kin != one.kin
    assert fixed.world(("baseline",)).scenario.span.end_month == "2040-12"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{ONE}design: {{kind: monte_carlo, points: 2000000}}\n", "expected a whole number from 1 to 1,000,000"),
        (f"{ONE}design: {{kind: grid, levels: 1001}}\n", "expected a whole number from 2 to 1,000"),
        (
            "factors: {" + ", ".join(f"f{i}: {{dummy: true}}" for i in range(21)) + "}\ndesign: {kind: factorial}\n",
            "asks for 2,097,152 points; at most 1,000,000 are run",
        ),
        (
            "factors: {" + ", ".join(f"f{i}: {{dummy: true}}" for i in range(60)) + "}\n"
            "design: {kind: monte_carlo, points: 1000000}\n",
            "asks for 60,000,000 numbers in its points; at most 50,000,000 are run",
        ),
        (
            f"replications: 1000000\n{ONE}design: {{kind: monte_carlo, points: 2000}}\n",
            "asks for 2,000,000,000 races; at most 1,000,000,000 are run",
        ),
        (
            "factors: {" + ", ".join(f"f{i}: {{dummy: true}}" for i in range(5001)) + f"}}\n{LHS}",
            "factors has more than 5,000 items",
        ),
        (
            "factors: {a: {worlds: {" + ", ".join(f"l{i}: {{}}" for i in range(1001)) + f"}}}}}}\n{LHS}",
            "factors.a.worlds has more than 1,000 items",
        ),
    ],
)
def test_more_than_any_machine_could_run_is_refused_before_it_is_built(tmp_path: Path, text: str, said: str) -> None:
    """A slip of a zero would fill the memory, or the year."""
    head = HEAD.replace("replications: 2\n", "") if "replications" in text else HEAD
    assert said in one_problem(tmp_path, head + text)


def test_one_mistake_hides_no_other_and_makes_none(tmp_path: Path) -> None:
    """What a good part says must still be held against the other good ones, and not against a bad one."""
    text = """titel: T
title: T
scenario: baseline
replications: 2
factors: {a: {path: science.spillover_shar}, b: {path: science.spillover_share, values: [0, 0.5, 1]}}
design: {kind: fractional_factorial}
analysis: effects
"""
    assert [found.split(": ", 1)[1][:60] for found in problems(tmp_path, text)] == [
        "titel is not known; did you mean title?",
        "factors.a.path is not to be varied: science.spillover_shar: ",
        "design is a design of two levels; b has 3",
    ]


def test_other_replications_and_points_than_those_of_the_file_are_checked_alike(tmp_path: Path) -> None:
    """A number from the command line would slip past what the file is held to."""
    path = tmp_path / "made.yaml"
    path.write_text(f"{HEAD}{ONE}design: {{kind: saltelli, points: 4}}\nanalysis: sobol\n")
    asked = load_experiment(path, replications=3, points=8)
    assert (asked.replications, asked.design.points) == (3, 8)
    with pytest.raises(ScenarioError, match=r"--points: design\.points is 1, which has no spread"):
        load_experiment(path, points=1)
    with pytest.raises(ScenarioError, match="--replications: replications is 0; expected a whole number"):
        load_experiment(path, replications=0)


def test_an_outline_tells_the_size_of_the_whole_experiment() -> None:
    """The list would promise another study than the one that is run."""
    for name in ("levers", "sobol", "gates", "doubts", "levers-in-doubt"):
        told, whole = outline(experiment_folder() / f"{name}.yaml", remembered), load_experiment(name)
        assert told == (name, whole.title, len(whole.points.ids), whole.replications)


def test_an_experiment_is_told_from_a_scenario_by_what_stands_in_it(tmp_path: Path) -> None:
    """An experiment held against a scenario's names is a page of complaints about the wrong thing."""
    made, world = tmp_path / "made.yaml", tmp_path / "world.yaml"
    made.write_text(f"{HEAD}{ONE}{LHS}")
    world.write_text("extends: baseline\nscience: {spillover_share: 0.5}\n")
    assert is_experiment(made)
    assert is_experiment(str(made))
    assert is_experiment("levers")
    assert not is_experiment(world)
    assert not is_experiment("baseline")
    assert not is_experiment(str(tmp_path / "none.yaml"))


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    """Nobody would know what ships."""
    with pytest.raises(ScenarioError, match="no experiment is named 'lever'; did you mean levers"):
        load_experiment("lever")
