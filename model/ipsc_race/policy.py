"""The POLICY record: the scenario as the rules read it, its layout derived from the scenario classes.

`policy.jurisdictions[j].regulation.ind_review_months` in a rule is `jurisdictions.china.regulation.ind_review_months`
in YAML. Nothing is copied by hand: `layout` walks the classes for types, `fill` walks an instance for values. Words
and names (titles, blocs) stay outside. A table of rows is preceded by its live count, `n_<table>`.
"""

from __future__ import annotations

from operator import attrgetter
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ipsc_race.quantities import RowOf, Table
from ipsc_race.scenario import Scenario


def calendar_month(text: str) -> int:
    """Months since year 0 of a "YYYY-MM" text."""
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def iso_month(months: int) -> str:
    """The "YYYY-MM" text of months since year 0."""
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def _row_of(field: FieldInfo) -> RowOf | None:
    """Of which table a leaf names a row."""
    return next((mark for mark in field.metadata if isinstance(mark, RowOf)), None)


def _leaf(name: str, field: FieldInfo) -> str | None:
    """Record type of a leaf, None where the rules have no use for it."""
    kind: Any = field.annotation
    if get_origin(kind) is Literal or _row_of(field):
        return "i8"
    if kind is str:
        return "i8" if name.endswith("_month") else None
    return {float: "f8", int: "i8", bool: "b1"}.get(kind)


def layout(block: type[BaseModel]) -> np.dtype[Any]:
    """Record layout of a scenario class."""
    fields: list[tuple[Any, ...]] = []
    for name, field in block.model_fields.items():
        kind = field.annotation
        table = next((mark for mark in field.metadata if isinstance(mark, Table)), None)
        if table is not None:
            row = get_args(kind)[1]
            inner = layout(row) if isinstance(row, type) and issubclass(row, BaseModel) else np.dtype("f8")
            fields += [(f"n_{name}", "i8"), (name, inner, (table.rows,))]
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            fields.append((name, layout(kind)))
        else:
            assert not isinstance(kind, UnionType), f"{name}: a parameter has one type"
            code = _leaf(name, field)
            if code is not None:
                fields.append((name, code))
    return np.dtype(fields, align=True)


POLICY = layout(Scenario)


def table_order(scenario: Scenario, of: str, own: dict[str, Any]) -> list[str]:
    """Names of a table in the order of its rows, whatever their order in the file.

    Jurisdictions stand in the order of their draw keys: exchanging all parameters and keys of two jurisdictions then
    exchanges their histories to the last bit. All else stands in the order of its names.
    """
    if of == "jurisdictions":
        return sorted(scenario.jurisdictions, key=lambda name: scenario.jurisdictions[name].draw_key)
    return sorted(own if of == "own" else attrgetter(of)(scenario))


def _code(value: Any, name: str, field: FieldInfo, scenario: Scenario) -> Any:
    """The number that stands for a leaf in the record."""
    kind, row = field.annotation, _row_of(field)
    if row is not None:
        words = (*table_order(scenario, row.table, {}), *reversed(row.words))  # the first word is -1
        place = words.index(value)
        return place - len(words) if value in row.words else place
    if get_origin(kind) is Literal:
        return get_args(kind).index(value)
    return calendar_month(value) if isinstance(value, str) and name.endswith("_month") else value


def fill(record: Any, block: BaseModel, scenario: Scenario) -> None:
    """Write the values of `block` into `record`, a view of one record of its layout."""
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        table = next((mark for mark in field.metadata if isinstance(mark, Table)), None)
        if table is not None:
            order = table_order(scenario, table.of, value)
            record[f"n_{name}"] = len(order)
            for i, key in enumerate(order):
                if isinstance(value[key], BaseModel):
                    fill(record[name][i], value[key], scenario)
                else:
                    record[name][i] = value[key]
        elif isinstance(value, BaseModel):
            fill(record[name], value, scenario)
        elif name in record.dtype.names:
            record[name] = _code(value, name, field, scenario)


def policies(epochs: list[Scenario]) -> np.ndarray[Any, Any]:
    """One POLICY record for each epoch of a scenario: between two dated changes nothing in it moves."""
    records = np.zeros(len(epochs), POLICY)
    for record, scenario in zip(records, epochs, strict=True):
        fill(record, scenario, scenario)
    return records
