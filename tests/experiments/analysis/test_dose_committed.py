"""The committed dose response: every lever of the question acts, or says why it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ipsc_race_lab.analysis.dose_shape import FLAT, TURNING, shapes
from ipsc_race_lab.design.finding import expected_folder

LEADS = ("lead_months.first_in_human", "lead_months.first_home_approval", "lead_months.first_approval_anywhere")
ACTING = ("public_money", "private_capital", "patient_pools", "accrual", "filing", "approval_review")


def told(question: str) -> dict[str, Any]:
    """Rows and factors of one question of the committed numbers."""
    path = expected_folder() / "dose-response.json"
    found = json.loads(path.read_text(encoding="utf-8"))["analysis"]["scenarios"]["baseline"]
    return {"factors": found["factors"], "rows": [row for row in found["rows"] if row["question"] == question]}


@pytest.mark.parametrize("question", LEADS)
def test_no_lever_turns_and_a_flat_one_says_why(question: str) -> None:
    """A lever that helps at one dose and harms at the next, or does nothing by construction, is a fault of the world.

    160 races a dose: a step against the curve of some five months would show.
    """
    reasons = {of["factor"]: of.get("reason") for of in told(question)["factors"]}
    for factor, of in shapes(told(question)).items():
        assert of.kind != TURNING, factor
        assert of.kind != FLAT or reasons[factor], f"{factor} does nothing, and does not say why"


def test_the_levers_of_the_question_move_a_first_approval_at_home() -> None:
    """Money, patients, sites and clocks of approval are what is asked about: each must have a way to the answer."""
    found = shapes(told("lead_months.first_home_approval"))
    assert {factor for factor in ACTING if found[factor].kind == FLAT} == set()
