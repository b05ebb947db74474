"""The first screen is what most readers will see of a run: it must fit, and say what the numbers say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_races import fake_resolved, random_race

from ipsc_race_lab.metrics.questions import Answers, summarise
from ipsc_race_lab.results.stored import stored_baseline
from ipsc_race_lab.wording.answer import first_screen, text


@pytest.fixture
def committed() -> dict[str, Any]:
    """The committed answer of the baseline."""
    return stored_baseline(Path("no-results"))


def made_up(blocs: dict[str, tuple[int, ...]], races: int = 5) -> dict[str, Any]:
    resolved = fake_resolved(months=180, blocs=blocs)
    answers = Answers(resolved, 3)
    for run in range(races):
        answers.add(random_race(run, 3, resolved))
    return summarise(answers, lambda digests: f"{len(digests)} digests")


def test_the_first_screen_fits_a_page(committed: dict[str, Any]) -> None:
    """A verdict that has scrolled away is not read, nor what it leaves open."""
    lines = text(committed).splitlines()
    assert len(lines) <= 34
    assert max(map(len, lines)) <= 80
    assert max(len(line) for line in text(committed, width=60).splitlines()) <= 60


def test_each_question_has_a_row_with_the_chance_the_lead_and_the_verdict(committed: dict[str, Any]) -> None:
    """The table is what will be quoted."""
    asked = committed["questions"]["first_in_human"]
    asked["p_leads"] = {pair: {"estimate": 0.1, "low": 0.0, "high": 0.2} for pair in asked["p_leads"]}
    for rival in ("west", "japan"):
        asked["p_leads"][f"china>{rival}"] = {"estimate": 0.9, "low": 0.8, "high": 1.0}
    asked["lead_months"]["china>west"] = {"estimate": 7.0, "low": 6.0, "high": 8.0}
    leading = first_screen(committed)[1]
    assert leading[1].split("  ")[0] == "First patient"
    assert "90.0% (80.0 to 100.0)  +7.0 (+6.0 to +8.0)" in leading[1]
    assert leading[1].endswith("China")
    durable = committed["questions"]["durable_advantage"]["p_leads"]["capture"]
    assert leading[5].startswith("Revenue by capture")
    assert f"{100 * durable['china>west']['estimate']:.2f}%" in leading[5]


def test_the_answer_says_which_part_is_the_numbers(committed: dict[str, Any]) -> None:
    """A reader would take the interval of luck for all that is not known."""
    of = committed["doubts"]["questions"]["p_leads.first_in_human"]
    of |= {"worlds": {"low": 0.02, "high": 0.61}, "numbers_share": {"estimate": 0.4, "low": 0.3, "high": 0.5}}
    told = next(block for block in first_screen(committed) if block[0].startswith("Numbers in doubt"))
    assert told[1].startswith("First patient")
    assert told[1].endswith("2 to 61%       40%")
    assert "90% of worlds" not in text({**committed, "doubts": None})


def test_what_lies_outside_the_record_comes_first(committed: dict[str, Any]) -> None:
    """A world that misses its history must not hide it below what it hits."""
    fact = next(fact for fact in committed["history"] if fact["unit"] == "trials")
    fact["recorded"] = 1000
    record = next(block for block in first_screen(committed) if block[0].startswith("On record"))
    assert record[1].strip().startswith(fact["title"])
    assert "1,000; " in "".join(record[1:3])
    assert "outside" in "".join(record[1:4])


def test_a_summary_says_how_many_numbers_are_assumptions() -> None:
    """A reader would take a thousand races of guesses for knowledge."""
    assert "2 of its 2 numbers are assumptions" in text(made_up({"a": (0,), "b": (1,)}))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_any_number_of_blocs_is_told(count: int) -> None:
    """One alone has nobody to lead, and is told without a verdict."""
    said = text(made_up({f"bloc_{i}": (i,) for i in range(count)}), full=True, width=80)
    assert ("verdict" in said) == (count > 1)
    assert "First of all" in said
    assert "Bloc 0" in said


def test_one_race_decides_nothing() -> None:
    """One race is an anecdote."""
    leading = first_screen(made_up({"a": (0,), "b": (1,)}, races=1))[1]
    assert "\n".join(leading).count("insufficient") == 6


def test_a_long_change_stays_on_the_screen(committed: dict[str, Any]) -> None:
    """What was changed in a world is the first thing to be seen, and the easiest to lose."""
    changes = ", ".join(f"jurisdictions.china.funding.capital_multiplier@20{year}-01=2" for year in range(20, 24))
    committed["title"] += f", with {changes}"
    assert max(map(len, text(committed).splitlines())) <= 80
    assert "@2023-01=2" in text(committed)
