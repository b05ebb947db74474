"""The form of a dose response is told from its intervals, and a flat one says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipsc_race.loading import ScenarioError
from ipsc_race_lab.analysis import dose_response, dose_shape
from ipsc_race_lab.analysis.dose_shape import FALLING, FLAT, RISING, TURNING, Shape
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.wording import dose_response as dose_response_words

DOSES = (1.0, 2.0, 3.0, 4.0, 5.0)
AS_IT_IS = 2  # the place of the level that the world has


def rows(means: tuple[float, ...], wide: float) -> list[dict[str, Any]]:
    """The rows of one curve, all differences known to within so much."""
    told = []
    for level, (dose, mean) in enumerate(zip(DOSES, means, strict=True)):
        numbers = {"mean": mean, "difference": mean - means[AS_IT_IS]}
        if level:
            numbers["step"] = mean - means[level - 1]
        told += [
            {"factor": "dose", "index": index, "level": level, "value": dose}
            | {"estimate": at, "low": at - wide, "high": at + wide}
            for index, at in numbers.items()
        ]
    return told


@pytest.mark.parametrize(
    ("means", "wide", "wanted"),
    [
        ((0, 1, 2, 3, 4), 0.5, Shape(RISING)),
        ((4, 3, 2, 1, 0), 0.5, Shape(FALLING)),
        ((0, 1, 2, 3, 4), 5, Shape(FLAT)),
        ((2, 2, 2, 2, 2), 0, Shape(FLAT)),
        ((0, 3, 2, 3, 4), 0.5, Shape(TURNING)),
        ((0, 1.6, 1.5, 3, 4), 0.5, Shape(RISING)),
        ((0, 2, 4, 6, 6), 0.5, Shape(RISING, ("high",))),
        ((6, 6, 4, 2, 2), 0.5, Shape(FALLING, ("low", "high"))),
    ],
)
def test_a_curve_is_called_what_its_intervals_show(means: tuple[float, ...], wide: float, wanted: Shape) -> None:
    """A lever that does nothing, or too much, would pass for one that works."""
    assert dose_shape.shape(rows(means, wide)) == wanted


def told(means: tuple[float, ...], **more: Any) -> dict[str, Any]:
    return {"rows": rows(means, 0.5), "factors": [{"factor": "dose", "unit": "count", "value": 3.0, **more}]}


def test_a_flat_curve_is_named_with_its_reason_and_another_is_not() -> None:
    """A reader would take a lever that moves nothing for one that was forgotten."""
    (line,) = dose_response_words.shape_lines(told((2, 2, 2, 2, 2), reason="one dose is enough"))
    assert line.endswith("as it is: dose (one dose is enough).")
    assert dose_response_words.shape_lines(told((0, 1, 2, 3, 4), reason="one dose is enough")) == []


def test_worlds_and_switches_have_no_form() -> None:
    """Two worlds have nothing between them that could rise or turn."""
    of = told((0, 1, 2, 3, 4))
    for row in of["rows"]:
        row["value"] = f"world {row['value']}"
    assert dose_shape.shapes(of) == {}


FILE = """\
title: Doses
scenario: baseline
factors:
  sites: {path: jurisdictions.china.sites.capacity_count%s}
design: {kind: one_at_a_time, levels: 3}
replications: 2
analysis: {kind: dose_response}
"""


def test_a_reason_is_read_beside_its_factor_and_changes_no_race(tmp_path: Path) -> None:
    """A sentence put right would throw away all that was raced."""
    bare, told = tmp_path / "doses.yaml", tmp_path / "told.yaml"
    bare.write_text(FILE % "", encoding="utf-8")
    told.write_text(FILE % ", reason: seldom short", encoding="utf-8")
    assert load_experiment(told).reasons == {"sites": "seldom short"}
    assert load_experiment(told).hash == load_experiment(bare).hash
    answers = {"lead_months.first_in_human": np.zeros((4, 2))}
    (of,) = dose_response.analyse(load_experiment(told), answers, "baseline")["factors"]
    assert of["reason"] == "seldom short"


def test_a_reason_without_words_is_refused(tmp_path: Path) -> None:
    """A flat curve would be excused with nothing."""
    file = tmp_path / "doses.yaml"
    file.write_text(FILE % ", reason: 3", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"factors\.sites\.reason is 3; expected text"):
        load_experiment(file)
