"""V28: no choice of the modeller changes an answer beyond its interval, by the committed numbers of `robustness`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ipsc_race_lab.design.finding import expected_folder
from ipsc_race_lab.validation.rung import standard_errors

# The horizon is left out: it moves the very months in which the market is asked about.
CHOICES = ("generator", "step", "sites", "herding")
COMMITTED = json.loads((expected_folder() / "robustness.json").read_text(encoding="utf-8"))
FOUND: dict[str, Any] = COMMITTED["analysis"]["scenarios"]["baseline"]


@pytest.mark.parametrize("choice", CHOICES)
def test_v28_a_choice_moves_no_answer_beyond_its_interval(choice: str) -> None:
    """An answer that hung on the length of a step or on the random numbers would be one about the program."""
    effects = [row for row in FOUND["rows"] if (row["factor"], row["index"]) == (choice, "effect")]
    assert len(effects) == len(FOUND["means"])
    wider = standard_errors(len(CHOICES) * len(effects)) / 1.96  # one in twenty of so many intervals misses by chance
    for row in effects:
        answer = FOUND["means"][row["question"]]
        not_told = abs(row["estimate"]) <= wider * (row["high"] - row["low"]) / 2
        small = abs(row["estimate"]) <= (answer["high"] - answer["low"]) / 2
        assert not_told or small, (row, answer)
