"""An experiment is told in one line first, and without keys, signs or units that mislead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ipsc_race_lab.design.designs import Design
from ipsc_race_lab.design.experiment import Analysis
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.wording import experiment as wording
from ipsc_race_lab.wording.comparison import turned_line

CHANCE, LEAD = "p_leads.first_in_human", "lead_months.first_in_human"


def row(question: str, factor: str, index: str, *numbers: float) -> dict[str, Any]:
    named = dict(zip(("estimate", "low", "high"), numbers, strict=False))
    return {"question": question, "factor": factor, "index": index, **named}


def analysis(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"means": {CHANCE: {}, LEAD: {}}, "rows": list(rows), "floors": [], "boxes": [], **more}


def test_what_moves_is_told_apart_from_what_is_not_known_to() -> None:
    """A factor whose interval holds nothing, or lies within noise, would be told as a driver."""
    found = analysis(
        row(LEAD, "trial_sites", "mu_star", 5.0, 4.0, 6.0),
        row(LEAD, "trial_sites", "mu_star_noise", 1.0),
        row(LEAD, "review", "mu_star", 2.0, 1.5, 2.5),
        row(LEAD, "review", "mu_star_noise", 1.8),
    )
    assert wording.moving_line(found) == (
        "1 of 2 factors are known to move an answer; most often the largest: Trial sites, of 1 of 2 answers"
    )
    found = analysis(row(CHANCE, "review", "effect", 0.1, -0.1, 0.3))
    assert wording.moving_line(found) == "insufficient evidence that any of the 1 factors moves an answer"


def test_a_scenario_is_headed_by_what_was_asked_of_it() -> None:
    """A box that was found would be told as a posterior, for want of rows, or the other way round."""
    doubts = load_experiment("doubts")
    found = {"pair": ["china", "west"], "scenarios": {"baseline": analysis(variance=[], means={}, factors=[])}}
    assert "In baseline, over its posterior" in wording.text(doubts, found).splitlines()
    found["scenarios"]["baseline"]["boxes"] = [{"question": CHANCE}]
    told = wording.text(replace(doubts, analysis=Analysis("prim")), found).splitlines()
    assert "In baseline: a box for the probability of leading to a first patient" in told
    cloud = replace(doubts, design=Design("latin_hypercube", points=4))
    assert "In baseline" in wording.text(cloud, found).splitlines()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (row(LEAD, "a", "effect", 2.0, 1.5, 2.5), "+2.0 months (+1.5 to +2.5)"),
        (row(LEAD, "a", "mu_star", 2.0, 1.5, 2.5), "2.0 months (1.5 to 2.5)"),
        (row(CHANCE, "a", "mu_star", 0.02, 0.015, 0.025), "2.0 points (1.5 to 2.5)"),
        (row(CHANCE, "a", "total", 0.5, 0.25, 0.75), "0.50 (0.25 to 0.75)"),
    ],
)
def test_a_size_has_no_sign_and_an_effect_its_unit(row: dict[str, Any], expected: str) -> None:
    """A plus before a size reads as help, and points without a unit as percent."""
    assert wording.index_words(row["question"], row) == expected


def test_a_verdict_turns_only_into_its_contrary() -> None:
    """Too few races in one of two worlds would pass for a change of winner."""

    def worlds(low: float, high: float) -> str:
        means = {"base": {"low": 0.1, "high": 0.2}, "other": {"low": low, "high": high}}
        found = {world: {"means": {CHANCE: mean}} for world, mean in means.items()}
        return turned_line({"pair": ["china", "west"], "scenarios": found})

    assert worlds(0.7, 0.8) == (
        "Verdicts turn in 1 of 1 worlds: other (leading to a first patient: China, not the West); "
        "of 2 verdicts 0 are insufficient evidence."
    )
    assert worlds(0.3, 0.6) == "No verdict turns in any other world; of 2 verdicts 1 are insufficient evidence."
