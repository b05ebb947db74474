"""The sentences and figures of `race-at-a-glance` follow the numbers, whichever way these fall."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from readable_figures import check_clear, words

from ipsc_race_lab.figures import glance as glance_figures
from ipsc_race_lab.results.stored import Stored, stored, stored_baseline
from ipsc_race_lab.wording import glance
from ipsc_race_lab.wording.telling import SECTIONS

NOTHING = {"estimate": 0.0, "low": 0.0, "high": 0.0}


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    """The committed answer, but China leads nobody, except perhaps Japan in the market by origin."""
    stored = stored_baseline(Path("no-results"))
    durable = stored["questions"]["durable_advantage"]
    asked = [durable["p_leads"][view] for view in ("origin", "capture")]
    asked += [of["p_leads"] for name, of in stored["questions"].items() if name != "durable_advantage"]
    for chances in asked:
        chances["china>west"] = chances["china>japan"] = {"estimate": 0.2, "low": 0.1, "high": 0.3}
    durable["p_leads"]["origin"]["china>japan"] = {"estimate": 0.52, "low": 0.44, "high": 0.6}
    return stored


@pytest.fixture(scope="module")
def levers() -> Stored:
    return stored("levers", Path("no-results"))


def sisters(turned: bool = False) -> Stored:
    """Two worlds: one better for China in the lead to a first patient, worse in the market by origin, else the same."""
    worlds = {"baseline": 0.1, "decoupling": 0.9 if turned else 0.1}
    scenarios = {
        world: {
            "means": {
                question: {"estimate": chance, "low": chance - 0.05, "high": chance + 0.05}
                for pair in SECTIONS.values()
                for question in pair
            },
            "rows": [],
        }
        for world, chance in worlds.items()
    }
    moved = {
        "lead_months.first_in_human": {"estimate": 4.0, "low": 3.0, "high": 5.0},
        "lead_months.first_home_approval": {"estimate": 1.0, "low": -3.0, "high": 5.0},
        "revenue_share.origin": {"estimate": -0.02, "low": -0.03, "high": -0.01},
    }
    rows = [
        {"question": question, "factor": "decoupling", "index": "difference", **moved.get(question, NOTHING)}
        for pair in SECTIONS.values()
        for question in pair
    ]
    analysis = {"pair": ["china", "west"], "scenarios": scenarios, "comparison": {"base": "baseline", "rows": rows}}
    return Stored("sisters", "The baseline and its sister worlds", "here", 1, 30, 1, "abc", analysis)


def test_the_baseline_is_told_with_its_own_numbers(answer: dict[str, Any]) -> None:
    """The table is what most readers will quote."""
    table = glance.baseline_table(answer)
    assert "| A first patient | 20.0% (10.0 to 30.0) | lead " in table
    assert table.count("the West leads") == 5
    assert answer["questions"]["first_in_human"]["median_month"]["japan"]["estimate"] in glance.months_table(answer)
    assert "**The West leads** in 5 of 5" in glance.baseline_words(answer)
    assert "insufficient evidence for the market by origin" in glance.baseline_words(answer)  # against Japan


def test_a_turned_answer_turns_the_words(answer: dict[str, Any]) -> None:
    """Words that stay when the numbers change are decoration."""
    turned = copy.deepcopy(answer)
    asked = turned["questions"]["first_in_human"]
    asked["p_leads"]["china>west"] = {"estimate": 0.9, "low": 0.88, "high": 0.92}
    asked["lead_months"]["china>west"] = {"estimate": 7.0, "low": 6.0, "high": 8.0}
    said = glance.baseline_words(turned)
    assert "**China leads** in 1 of 5: a first patient." in said
    assert "A first patient: China is on average 7.0 months ahead (6.0 to 8.0)." in said


def test_a_world_is_told_by_what_is_told_of_it() -> None:
    """A difference whose interval holds nothing is no finding, and one that is nothing in every race is one."""
    said = glance.world_words(sisters(), "decoupling")
    assert "Better for China: the lead to a first patient +4.0 months (+3.0 to +5.0); worse for China: " in said
    assert "the share of revenue by origin -2.0 points (-3.0 to -1.0)." in said
    assert "Not told apart: the lead to a first approval at home." in said
    assert "The same in every race: the lead to a first approval anywhere and the share of revenue by capture." in said
    assert said.endswith("No verdict turns.")


def test_a_verdict_that_turns_is_said(answer: dict[str, Any], levers: Stored) -> None:
    """It is what a sister world is for."""
    said = glance.world_words(sisters(turned=True), "decoupling")
    assert "The verdict turns on a first patient, where it is now: China leads (P = 90.0% (85.0 to 95.0))" in said
    assert glance.turning_worlds(sisters(turned=True)) == ["decoupling"]
    assert "A verdict turns in 1 of 1 sister worlds: decoupling." in glance.paragraph(
        answer, sisters(turned=True), levers
    )
    assert "No verdict turns in any of the 1 sister worlds." in glance.paragraph(answer, sisters(), levers)


def test_a_lever_is_worth_the_opposite_of_its_american_value(levers: Stored) -> None:
    """The experiment gives China what America has; told the wrong way round, help would be harm."""
    effects = levers.indices
    mine = effects[(effects["question"] == "lead_months.first_home_approval") & (effects["index"] == "effect")]
    money = mine.set_index("factor").loc["private_capital"]
    line = next(line for line in glance.lever_words(levers).split("\n") if line.startswith("- **A first approval at"))
    assert f"ts private capital: {-money['estimate']:+.1f} months ({-money['high']:+.1f} to" in line
    for name in glance.LEVERS.values():
        assert name[1:] in line


def test_every_sister_world_is_described_in_the_words_of_its_file() -> None:
    """A name alone does not say what was changed."""
    assert "| `decoupling` | Two spheres apart | From 2027 the borders between China" in glance.worlds_table(sisters())


def test_the_figures_name_every_question_and_their_races(answer: dict[str, Any], levers: Stored) -> None:
    """A figure leaves the notebook alone, and is quoted without it."""
    for figure in (glance_figures.baseline_figure(answer), glance_figures.levers_figure(levers)):
        check_clear(figure)
        for heading in SECTIONS:
            assert heading in words(figure)
    assert "1,000 races, seed 1" in words(glance_figures.baseline_figure(answer))
    assert "32 points, 120 races each, seed 1" in words(glance_figures.levers_figure(levers))


def test_the_doubts_of_the_numbers_have_a_row_for_each_question(answer: dict[str, Any]) -> None:
    """The verdicts would be read as what is known of the world."""
    told = glance.doubts_table(answer)
    assert all(heading in told for heading in SECTIONS)
    assert "90% of worlds" in told
    assert not glance.doubts_table({**answer, "doubts": None})
