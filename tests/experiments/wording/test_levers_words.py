"""What each lever is worth is what is lost without it, with its sign turned."""

from __future__ import annotations

from typing import Any

from ipsc_race_lab.metrics.registry import METRICS
from ipsc_race_lab.wording.levers import QUESTIONS, levers


def committed() -> dict[str, Any]:
    rows = []
    for question in QUESTIONS:
        scale = 1.0 if question.startswith("lead") else 0.01
        for index, numbers in (("difference", (-3.0, -5.0, -1.0)), ("worlds", (-3.0, -9.0, 3.0))):
            estimate, low, high = (scale * number for number in numbers)
            row = {"question": question, "factor": "level-public-money", "index": index}
            rows.append({**row, "estimate": estimate, "low": low, "high": high})
    return {
        "points": 100,
        "replications": 12,
        "analysis": {
            "scenarios": {"baseline": {}, "level-public-money": {}},
            "comparison": {"base": "baseline", "rows": rows},
        },
    }


def test_what_is_lost_without_a_lever_is_what_it_is_worth() -> None:
    """With the sign of the race without it the table would say that money holds China back."""
    text = levers(committed())
    *_, row = text.splitlines()
    assert row.startswith("| public money | +3.0 (+1.0 to +5.0) *; -3 to +9 |")
    assert row.count("; -3 to +9") == len(QUESTIONS)
    assert all(METRICS[question].title in text for question in QUESTIONS)
    assert "100 worlds of the posterior, 12 races of each" in text


def test_a_mean_that_no_race_tells_is_said_to_be_unknown() -> None:
    told = committed()
    for row in told["analysis"]["comparison"]["rows"]:
        row |= {"estimate": None, "low": None, "high": None}
    assert levers(told).splitlines()[-1].count("unknown; unknown") == len(QUESTIONS)
