"""The schema beside the scenarios says what the classes say, so that an editor and the loader agree."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from ipsc_race.loading import scenario_folder, scenario_names
from ipsc_race.scenario import Scenario
from ipsc_race.schema import FILE, file_schema, schema_text
from ipsc_race.yaml_reading import Node, read_file


def as_plain(node: Node) -> Any:
    """A document without its places."""
    if isinstance(node.value, dict):
        return {key: as_plain(inner) for key, inner in node.value.items()}
    return [as_plain(inner) for inner in node.value] if isinstance(node.value, list) else node.value


def accepts(document: object) -> bool:
    """Whether an editor would find nothing wrong."""
    return bool(jsonschema.Draft202012Validator(file_schema(Scenario)).is_valid(document))


def test_the_shipped_schema_is_that_of_the_classes() -> None:
    """A stale schema lets an editor complete names that the loader refuses; `python -m ipsc_race.schema` renews it."""
    assert (scenario_folder() / FILE).read_text(encoding="utf-8") == schema_text(Scenario)


def test_the_schema_is_a_schema() -> None:
    """An invalid schema is silently ignored by editors."""
    jsonschema.Draft202012Validator.check_schema(file_schema(Scenario))


@pytest.mark.parametrize("name", scenario_names())
def test_every_shipped_scenario_fits_the_schema(name: str) -> None:
    """An editor that marks a shipped scenario as wrong teaches users to ignore it."""
    path = scenario_folder() / f"{name}.yaml"
    jsonschema.validate(as_plain(read_file(path, name)), file_schema(Scenario), jsonschema.Draft202012Validator)


def test_a_whole_world_fits(world: dict[str, Any]) -> None:
    """What loads is what the schema describes."""
    assert accepts(world)


@pytest.mark.parametrize(
    "part",
    [
        {"extends": "baseline"},
        {"science": {"spillover_share": 0.5}},
        {"science": {"spillover_share": {"value": 0.5, "range": [0, 1], "grade": "A", "source": ["a", "b"]}}},
        {"science": {"spillover_share": {"changes": {"2018-11": 0.5, "2019-01": {"value": 1}, "2020-01": None}}}},
        {"jurisdictions": {"china": {"funding": {"like": "jurisdictions.us.funding"}}, "us": None}},
    ],
)
def test_what_the_loader_reads_fits(part: dict[str, Any]) -> None:
    """Bare or with evidence, dated, copied, removed."""
    assert accepts(part)


@pytest.mark.parametrize(
    "part",
    [
        {"sciense": {}},
        {"science": {"spillover_share": 1.5}},
        {"science": {"spillover_share": {"value": 0.5, "grade": "E"}}},
        {"science": {"spillover_share": {"changes": {"2018-13": 0.5}}}},
        {"span": {"start_month": "2018"}},
        {"evidence": {"attrition": "given"}},
    ],
)
def test_what_the_loader_refuses_does_not(part: dict[str, Any]) -> None:
    """An editor should mark what the loader will refuse."""
    assert not accepts(part)
