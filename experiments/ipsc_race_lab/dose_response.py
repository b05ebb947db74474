"""What an answer does as one factor goes through its levels and all others stay as the scenario has them.

Replications share their luck at all points, so that every difference is taken race by race. Means of probabilities
have Wilson's interval and their differences one that has a width even where no race differs: a handful of races that
all agree does not make certain. Months and shares have Student's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.quantities import unit_of
from ipsc_race_lab import designs
from ipsc_race_lab.intervals import Estimate, as_share, paired_shares, paired_t, wilson
from ipsc_race_lab.levers import part_at, plain

if TYPE_CHECKING:
    from ipsc_race_lab.experiment import Experiment, Factor
    from ipsc_race_lab.shards import Array

DOSE_RESPONSE = "dose_response"
MEAN, DIFFERENCE, STEP = "mean", "difference", "step"
MOST_NAMED_DOSES = 8  # more named levels than a panel or a row can hold are told one by one

Value = float | bool | str  # a number in the factor's unit, a switch, the name of a lever's level


@dataclass(frozen=True, slots=True)
class Dose:
    """One number of one level of a factor, as it stands in `analysis.json`.

    `index`: `mean`; `difference`, from the world as it is; `step`, from the level before; `level`: its place from 0.
    """

    question: str
    factor: str
    index: str
    level: int
    value: Value
    estimate: float | None
    low: float | None
    high: float | None


def analyse(experiment: Experiment, answers: Mapping[str, Array], scenario: str) -> dict[str, Any]:
    """What a dose response tells of a scenario, from answers by question, shape (points, replications).

    `means`: of the world as it is; `rows`: those of `Dose`; `factors`: of each its unit, the scenario's own value and,
    where the experiment gives one, the reason why it is expected to move nothing.
    """
    return {
        "means": {question: mean(question, table[0])._asdict() for question, table in answers.items()},
        "rows": [asdict(row) for question, table in answers.items() for row in doses(experiment, question, table)],
        "factors": _factors(experiment, scenario),
    }


def doses(experiment: Experiment, question: str, table: Array) -> Iterator[Dose]:
    """Mean, difference and step of every level of every factor, for one question."""
    as_it_is = table[0].astype(np.float64)
    rows_of = designs.level_rows(experiment.design, experiment.factors)
    for factor, rows in zip(experiment.factors, rows_of, strict=True):
        values = [_written(factor, value) for value in designs.level_values(experiment.design, factor)]
        levels = table[rows.start : rows.stop].astype(np.float64)
        for level, (value, here) in enumerate(zip(values, levels, strict=True)):
            told = {MEAN: mean(question, here), DIFFERENCE: _difference(question, here - as_it_is)}
            if level:
                told[STEP] = _difference(question, here - levels[level - 1])
            yield from (Dose(question, factor.name, index, level, value, *of) for index, of in told.items())


def mean(question: str, answers: Array) -> Estimate:
    """Mean answer of one point over its replications, with its interval."""
    values = answers.astype(np.float64)
    if is_chance(question):
        return wilson(float(values.sum()), len(values))
    return paired_t(values) if is_lead(question) else as_share(paired_t(values))


def _difference(question: str, differences: Array) -> Estimate:
    return paired_shares(differences) if is_chance(question) else paired_t(differences)


def is_chance(question: str) -> bool:
    """Whether a race answers with 0, a half or 1."""
    return question.startswith("p_")


def is_lead(question: str) -> bool:
    """Whether a race answers with months."""
    return question.startswith("lead_months")


def _written(factor: Factor, value: float) -> Value:
    """A value of `designs.points` as an experiment file would write it."""
    if factor.levels:
        return factor.levels[int(value)].name
    part = part_at(plain(factor.path)) if factor.path else None
    if part is not None and part.kind is bool:
        return bool(value)
    return int(value) if part is not None and part.kind is int else float(value)


def _factors(experiment: Experiment, scenario: str) -> list[dict[str, Any]]:
    """Unit and own value of each factor; a dummy has neither, a lever no unit."""
    own = zip(experiment.factors, experiment.as_it_is(scenario), strict=True)
    return [
        {
            "factor": factor.name,
            "unit": unit_of(plain(factor.path)) if factor.path else None,
            "value": None if np.isnan(value) else _written(factor, value),
        }
        | ({"reason": experiment.reasons[factor.name]} if factor.name in experiment.reasons else {})
        for factor, value in own
    ]


# In words


def lines(told: Mapping[str, Any], title: str) -> list[str]:
    """The dose response of one question for people: a row for each factor.

    `told`: `question`, `mean`, `rows` and `factors` of an `analysis.json`, those of one question.
    """
    question, means = told["question"], told["mean"]
    cells = [["", "low end", "as it is", "high end", "largest step"]]
    moves: list[str] = []
    for of in told["factors"]:
        mine = [row for row in told["rows"] if row["factor"] == of["factor"]]
        if is_list_of_moves(mine):
            moves += _move_lines(question, mine)
            continue
        ends = [row for row in mine if row["index"] == MEAN]
        steps = [row for row in mine if row["index"] == STEP]
        as_it_is = "" if of["value"] is None else f"{value_words(of['value'])}: {_number(question, means['estimate'])}"
        values = [row["value"] for row in ends]
        largest = _largest(question, steps, values)
        cells.append([of["factor"], _dose(question, ends[0]), as_it_is, _dose(question, ends[-1]), largest])
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    body = ["  " + "  ".join(f"{cell:{widths[i]}}" for i, cell in enumerate(row)).rstrip() for row in cells]
    unit = "" if is_lead(question) else " (%)"
    return [f"{title}{unit}: as it is {_interval(question, means)}", *(body if len(body) > 1 else []), *moves]


def is_list_of_moves(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a factor's levels are many separate moves from the world as it is, and no doses of one thing."""
    values = [row["value"] for row in rows if row["index"] == MEAN]
    return len(values) > MOST_NAMED_DOSES and all(isinstance(value, str) for value in values)


def _move_lines(question: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each of many moves does, a row each."""
    moved = [row for row in rows if row["index"] == DIFFERENCE]
    width = max(len(row["value"]) for row in moved)
    return [f"  {row['value']:{width}}  {difference_words(question, row)}" for row in moved]


def difference_words(question: str, row: Mapping[str, Any]) -> str:
    """A difference with its interval, and a star where 0 lies outside it."""
    known = row["low"] is not None and not row["low"] <= 0 <= row["high"]
    return f"{_interval(question, row, sign='+')}{' *' if known else ''}"


def value_words(value: Value) -> str:
    """A level as a reader would write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _dose(question: str, row: Mapping[str, Any]) -> str:
    return f"{value_words(row['value'])}: {_interval(question, row)}"


def _largest(question: str, steps: Sequence[Mapping[str, Any]], values: Sequence[Value]) -> str:
    """The step that moves the answer most, `values` those of all levels; a star where 0 lies outside its interval."""
    if not steps:
        return ""
    row = max(steps, key=lambda row: abs(row["estimate"]))
    if row["estimate"] == 0:
        return "none moves it"
    where = " to ".join(map(value_words, values[row["level"] - 1 : row["level"] + 1]))
    return f"{where}: {difference_words(question, row)}"


def _interval(question: str, row: Mapping[str, Any], sign: str = "") -> str:
    """A number with its interval in brackets."""
    estimate, *ends = (_number(question, row[key], sign) for key in ("estimate", "low", "high"))
    return f"{estimate} ({' to '.join(ends)})" if all(ends) else f"{estimate} (no interval)"


def _number(question: str, number: float | None, sign: str = "") -> str:
    """Months as they are, shares in percent; nothing where there is none."""
    if number is None:
        return ""
    scale, sign = (1.0, "+") if is_lead(question) else (100.0, sign)
    return f"{scale * number:{sign}z.1f}"
