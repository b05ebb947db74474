"""What an answer does as one factor goes through its levels and all others stay as the scenario has them.

Replications share their random numbers at all points, so that every difference is taken race by race; see `registry`
for the intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.quantities import unit_of
from ipsc_race_lab.design import designs
from ipsc_race_lab.design.levers import part_at, plain
from ipsc_race_lab.metrics.registry import difference, estimate

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.design.factors import Factor
    from ipsc_race_lab.results.shards import Array


MEAN, DIFFERENCE, STEP = "mean", "difference", "step"

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
        "means": {question: estimate(question, table[:1])._asdict() for question, table in answers.items()},
        "rows": [asdict(row) for question, table in answers.items() for row in doses(experiment, question, table)],
        "factors": _factors(experiment, scenario),
    }


def doses(experiment: Experiment, question: str, table: Array) -> Iterator[Dose]:
    """Mean, difference and step of every level of every factor, for one question."""
    rows_of = designs.level_rows(experiment.design, experiment.factors)
    for factor, rows in zip(experiment.factors, rows_of, strict=True):
        values = [written_value(factor, value) for value in designs.level_values(experiment.design, factor)]
        for level, (value, row) in enumerate(zip(values, rows, strict=True)):
            here, before = table[row : row + 1], table[row - 1 : row]
            estimates = {MEAN: estimate(question, here), DIFFERENCE: difference(question, here, table[:1])}
            if level:
                estimates[STEP] = difference(question, here, before)
            yield from (Dose(question, factor.name, index, level, value, *of) for index, of in estimates.items())


def written_value(factor: Factor, value: float) -> Value:
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
            "value": None if np.isnan(value) else written_value(factor, value),
        }
        | ({"reason": experiment.reasons[factor.name]} if factor.name in experiment.reasons else {})
        for factor, value in own
    ]
