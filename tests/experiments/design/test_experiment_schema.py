"""The schema beside the experiments says what the reader reads, so that an editor and `check` agree."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from ipsc_race.yaml_reading import read_file
from ipsc_race_lab.design.finding import experiment_names
from ipsc_race_lab.design.schema import FILE, file_schema, schema_text
from ipsc_race_lab.design.shipped import experiment_folder
from ipsc_race_lab.typed_file import plain_value

VALIDATOR = jsonschema.Draft202012Validator(file_schema())
GOOD: dict[str, Any] = {
    "title": "T",
    "scenario": "baseline",
    "replications": 2,
    "factors": {
        "share": {"path": "science.spillover_share", "distribution": "triangular", "mode": 0.5},
        "lane": {"worlds": {"as_is": {}, "closed": "no-hospital-lane"}},
        "noise": {"dummy": True},
    },
    "design": {"kind": "saltelli", "points": 8},
    "analysis": "sobol",
}


def test_the_shipped_schema_is_that_of_the_models() -> None:
    """A stale schema completes names that are refused; `python -m ipsc_race_lab.design.schema` renews it."""
    assert (experiment_folder() / FILE).read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_schema() -> None:
    """An invalid schema is silently ignored by editors."""
    jsonschema.Draft202012Validator.check_schema(file_schema())


@pytest.mark.parametrize("name", experiment_names())
def test_every_shipped_experiment_fits_the_schema(name: str) -> None:
    """An editor that marks a shipped experiment as wrong teaches users to ignore it."""
    VALIDATOR.validate(plain_value(read_file(experiment_folder() / f"{name}.yaml", name)))


def test_what_is_read_fits() -> None:
    """Every kind of factor, bare words for a level and an analysis."""
    VALIDATOR.validate(GOOD)


@pytest.mark.parametrize(
    "part",
    [
        {"titel": "T"},
        {"scenarios": ["baseline", "decoupling"]},
        {"replications": 0},
        {"design": {"kind": "saltelli", "trajectories": 8}},
        {"design": {"kind": "saltelly", "points": 8}},
        {"factors": {"a": {"path": "x", "distribution": "triangular"}}},
        {"factors": {"a": {"path": "x", "dummy": True}}},
        {"analysis": {"kind": "sobl"}},
    ],
)
def test_what_is_refused_does_not_fit(part: dict[str, Any]) -> None:
    """An editor should mark what `check` will refuse."""
    assert not VALIDATOR.is_valid(GOOD | part)
