"""The JSON Schema of a scenario file, derived from the scenario classes, so that editors complete and check.

A file may leave out anything (it extends another), a number is bare or carries its evidence and dated changes, and
`like` copies a part. `python -m ipsc_race.schema` writes it beside the scenarios.
"""

from __future__ import annotations

import json
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from ipsc_race.quantities import unit_of
from ipsc_race.tree import Part, tree_of
from ipsc_race.values import GRADES, MONTH

Schema = dict[str, Any]

FILE = "scenario.schema.json"
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}
_LIKE: Schema = {
    "type": "string",
    "description": "Path of a part to copy; the keys beside it override the copy.",
}
_MONTH_KEY = f"^{MONTH.pattern}$"


def file_schema(scenario: type[BaseModel]) -> Schema:
    """JSON Schema (draft 2020-12) of a file that describes `scenario`, whole or in part."""
    definitions: dict[str, Schema] = {
        "range": {
            "type": "array",
            "items": {"type": ["number", "string"]},
            "minItems": 2,
            "maxItems": 2,
            "description": "Low and high end of what is plausible.",
        },
        "grade": {"enum": list(GRADES), "description": "A: measured and comparable, to D: assumption."},
        "source": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
            "description": "Source, or sources, as sources.yaml names them.",
        },
    }
    root = _block(tree_of(scenario), definitions)
    root["properties"] = {
        "extends": {
            "type": "string",
            "description": "Scenario (a shipped name, or a path) that this one changes.",
        },
        **root["properties"],
    }
    del root["properties"]["like"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario of ipsc-race",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _schema(part: Part, definitions: dict[str, Schema]) -> Schema:
    """Schema of a place, its description beside the reference to its kind."""
    if part.row is not None:
        schema = _table(part.row, definitions)
    elif part.parts:
        name = part.kind.__name__
        if name not in definitions:
            definitions[name] = {}  # holds the place while its parts are made
            definitions[name] = _block(part, definitions)
        schema = {"$ref": f"#/$defs/{name}"}
    elif part.carries_evidence:
        schema = {"$ref": f"#/$defs/{_value(part, definitions)}"}
    else:
        schema = _bare(part)
    unit = unit_of(part.name) if part.is_leaf else None
    described = f"{part.description} Unit: {unit}." if unit else part.description
    return {**schema, "description": described} if described else schema


def _block(part: Part, definitions: dict[str, Schema]) -> Schema:
    parts = {name: _schema(inner, definitions) for name, inner in part.parts.items()}
    return _closed({"like": _LIKE, **parts})


def _table(row: Part, definitions: dict[str, Schema]) -> Schema:
    """Schema of a table; null removes an inherited row."""
    rows = {"anyOf": [_schema(row, definitions), {"type": "null"}]}
    return {"type": "object", "properties": {"like": _LIKE}, "additionalProperties": rows}


def _closed(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _bare(part: Part) -> Schema:
    if part.is_month:
        return {"type": "string", "pattern": part.pattern}
    if get_origin(part.kind) is Literal:
        return {"enum": list(get_args(part.kind))}
    if get_origin(part.kind) is tuple:
        return {"type": "array", "items": {"type": "string"}}
    kind = {float: "number", int: "integer", bool: "boolean", str: "string"}[part.kind]
    return {"type": kind, **{_BOUNDS[key]: bound for key, bound in part.bounds.items()}}


def _value(part: Part, definitions: dict[str, Schema]) -> str:
    """Name of the definition of such a value: bare, or with its evidence."""
    bare = _bare(part)
    name = _name_of(part)
    if name not in definitions:
        evidence: dict[str, Schema] = {
            "value": bare,
            "range": {"$ref": "#/$defs/range"},
            "grade": {"$ref": "#/$defs/grade"},
            "source": {"$ref": "#/$defs/source"},
            "note": {"type": "string"},
            "like": _LIKE,
        }
        dated = {"anyOf": [bare, _closed(evidence), {"type": "null"}]}
        changes = {"type": "object", "patternProperties": {_MONTH_KEY: dated}, "additionalProperties": False}
        definitions[name] = {"anyOf": [bare, _closed({**evidence, "changes": changes})]}
    return name


def _name_of(part: Part) -> str:
    """A name for the kind of a value: "number_ge_0_le_1"."""
    if get_origin(part.kind) is Literal:
        return "_or_".join(get_args(part.kind))
    if part.is_month:
        return "month"
    if part.row_of is not None:
        return "_or_".join(["row_of_" + part.row_of.table.replace(".", "_"), *part.row_of.words])
    kind = {float: "number", int: "whole_number", bool: "switch"}[part.kind]
    return "_".join([kind, *(f"{key}_{bound:.12g}" for key, bound in part.bounds.items())])


def schema_text(scenario: type[BaseModel]) -> str:
    """The text of the schema file."""
    return json.dumps(file_schema(scenario), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema beside the shipped scenarios."""
    from ipsc_race.loading import scenario_folder  # noqa: PLC0415 - only the writer needs the folder
    from ipsc_race.scenario import Scenario  # noqa: PLC0415

    (scenario_folder() / FILE).write_text(schema_text(Scenario), encoding="utf-8")


if __name__ == "__main__":
    main()
