"""A dose response in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipsc_race_lab.analysis.dose_response import DIFFERENCE, MEAN, STEP, Value
from ipsc_race_lab.analysis.dose_shape import FLAT, TURNING, shapes
from ipsc_race_lab.metrics.registry import is_lead, kind_of
from ipsc_race_lab.wording.comparison import starred
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import format_estimate, written
from ipsc_race_lab.wording.tables import table_lines

MAX_NAMED_DOSES = 8  # more named levels than a panel or a row can hold are told one by one


def lines(result: Mapping[str, Any], title: str) -> list[str]:
    """The dose response of one question for people: a row for each factor.

    `result`: `question`, `mean`, `rows` and `factors` of an `analysis.json`, those of one question.
    """
    question, means = result["question"], result["mean"]
    cells = [["", "low end", "as it is", "high end", "largest step"]]
    moves: list[str] = []
    for of in result["factors"]:
        mine = [row for row in result["rows"] if row["factor"] == of["factor"]]
        if is_list_of_moves(mine):
            moves += _move_lines(question, mine)
            continue
        ends = [row for row in mine if row["index"] == MEAN]
        steps = [row for row in mine if row["index"] == STEP]
        as_it_is = "" if of["value"] is None else f"{value_words(of['value'])}: {written(means, kind_of(question))[0]}"
        values = [row["value"] for row in ends]
        largest = _largest(question, steps, values)
        cells.append([readable(of["factor"]), _dose(question, ends[0]), as_it_is, _dose(question, ends[-1]), largest])
    body = table_lines(cells[0], cells[1:], indent="  ")
    unit = "" if is_lead(question) else " (%)"
    return [f"{title}{unit}: as it is {_mean(question, means)}", *(body if len(body) > 1 else []), *moves]


def is_list_of_moves(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a factor's levels are many separate moves from the world as it is, and no doses of one thing."""
    values = [row["value"] for row in rows if row["index"] == MEAN]
    return len(values) > MAX_NAMED_DOSES and all(isinstance(value, str) for value in values)


def _move_lines(question: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each of many moves does, a row each."""
    moved = [row for row in rows if row["index"] == DIFFERENCE]
    width = max(len(row["value"]) for row in moved)
    return [f"  {row['value']:{width}}  {difference_words(question, row)}" for row in moved]


def difference_words(question: str, row: Mapping[str, Any]) -> str:
    """A difference with its interval, and a star where 0 lies outside it."""
    return starred(row, kind_of(question))


def value_words(value: Value) -> str:
    """A level as a reader would write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _mean(question: str, row: Mapping[str, Any]) -> str:
    """A mean with its interval, its unit in the heading."""
    return format_estimate(row, kind_of(question), unit=False)


def _dose(question: str, row: Mapping[str, Any]) -> str:
    return f"{value_words(row['value'])}: {_mean(question, row)}"


def _largest(question: str, steps: Sequence[Mapping[str, Any]], values: Sequence[Value]) -> str:
    """The step that moves the answer most, `values` those of all levels; a star where 0 lies outside its interval."""
    if not steps:
        return ""
    row = max(steps, key=lambda row: abs(row["estimate"] or 0.0))
    if not row["estimate"]:
        return "none moves it"
    where = " to ".join(map(value_words, values[row["level"] - 1 : row["level"] + 1]))
    return f"{where}: {difference_words(question, row)}"


def flat_lines(result: Mapping[str, Any]) -> list[str]:
    """A line that names the flat curves, each with its reason where one is given; none where no curve is flat."""
    reasons = {of["factor"]: of.get("reason", "") for of in result["factors"]}
    flat = [name for name, of in shapes(result).items() if of.kind == FLAT]
    named = [f"{_spaced(name)} ({reasons[name]})" if reasons[name] else _spaced(name) for name in flat]
    return [f"Flat, no level told apart from the world as it is: {'; '.join(named)}."] if named else []


def _spaced(name: str) -> str:
    """The name of a factor as words."""
    return name.replace("_", " ")


def shape_lines(result: Mapping[str, Any]) -> list[str]:
    """The curves that a reader should not trust to go on as they are: flat, turning, or saturated at an end."""
    shape_of = shapes(result)
    turning = [_spaced(name) for name, of in shape_of.items() if of.kind == TURNING]
    still = [f"{_spaced(name)} ({' and '.join(of.saturated)} end)" for name, of in shape_of.items() if of.saturated]
    said = flat_lines(result)
    said += [f"Turning, a step goes against the whole: {'; '.join(turning)}."] if turning else []
    said += [f"Saturated, the last step moves next to nothing: {'; '.join(still)}."] if still else []
    return [f"  {line}" for line in said]
