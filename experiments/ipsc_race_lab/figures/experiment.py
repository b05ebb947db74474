"""The figures of an experiment, each by the kind of its analysis: tornado, elementary effects, indices, convergence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.analysis.dose_response import DIFFERENCE
from ipsc_race_lab.analysis.responses import CONVERGING
from ipsc_race_lab.analysis.sensitivity import Index, Step
from ipsc_race_lab.design.designs import size
from ipsc_race_lab.design.experiment import DOSE_RESPONSE
from ipsc_race_lab.figures import comparison as comparison_figures
from ipsc_race_lab.figures import dose_response as dose_figures
from ipsc_race_lab.figures import sensitivity as figures
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.prim import box_figure
from ipsc_race_lab.metrics.registry import METRICS, is_lead
from ipsc_race_lab.wording.dose_response import is_list_of_moves
from ipsc_race_lab.wording.experiment import races
from ipsc_race_lab.wording.names import against, readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ipsc_race_lab.design.experiment import Experiment


QUESTIONS = [question for question in METRICS if not question.startswith("p_")]  # a chance says less than a lead
LEADS = [question for question in METRICS if is_lead(question)]
UNITS = {"saltelli": "base points", "morris": "trajectories"}  # what is counted along a design; points elsewhere


def draw_all(folder: Path, experiment: Experiment, told: Mapping[str, Any]) -> list[Path]:
    """Draw what an `analysis.json` holds: every scenario, and how they differ; returns the paths."""
    design = f"{size(experiment.design, experiment.factors):,} points, {experiment.replications:,} races each"
    caption = f"{experiment.title}. {design if experiment.factors else races(experiment)}, seed {experiment.seed}."
    scenarios = told["scenarios"].items()
    drawn = [path for name, found in scenarios for path in draw(folder, experiment, name, found, caption)]
    return [*drawn, *(comparison_figures.draw(folder, told, caption) if "comparison" in told else ())]


def draw(folder: Path, experiment: Experiment, scenario: str, found: Mapping[str, Any], caption: str) -> list[Path]:
    """Draw what an analysis found of leads and shares, and the boxes of a discovery; returns the paths.

    Raises OSError where a figure cannot be written.
    """
    kind = experiment.analysis.kind if experiment.analysis else ""
    if kind == DOSE_RESPONSE:
        return _draw_doses(folder, experiment, scenario, found, caption)
    drawn: list[Path] = []
    with style.look():
        for box in found["boxes"]:
            head = f"{METRICS[box['question']].title}: {against(experiment.pair)}"
            figure = box_figure(box["chosen"], box["trajectory"], found["factors"], head, caption)
            drawn.append(style.save(figure, folder / f"{scenario}-{_stem(box['question'])}-box.png"))
        for question in QUESTIONS:
            rows = [row for row in found["rows"] if row["question"] == question]
            mine = [Index(**row) for row in rows if row["index"] != "variance_ratio"]
            if not any(row.estimate is not None for row in mine):
                continue
            head = f"{METRICS[question].title}: {against(experiment.pair)}"
            stem = f"{scenario}-{_stem(question)}"
            drawn.append(style.save(_figure(kind, mine, head, caption, experiment), folder / f"{stem}.png"))
            steps = steps_of(row for row in found["convergence"] if row["question"] == question)
            if steps:
                figure = _convergence(experiment, steps, head, caption)
                drawn.append(style.save(figure, folder / f"{stem}-convergence.png"))
    return drawn


def _draw_doses(
    folder: Path, experiment: Experiment, scenario: str, found: Mapping[str, Any], caption: str
) -> list[Path]:
    """Draw the dose response of every question, chances too: whether at all is asked of a dose."""
    logarithmic = {factor.name for factor in experiment.factors if factor.distribution.kind == "log_uniform"}
    name = f"{scenario}-" if len(experiment.scenarios) > 1 else ""
    moves = [of["factor"] for of in found["factors"] if is_list_of_moves(_rows(found, factor=of["factor"]))]
    curves = [of for of in found["factors"] if of["factor"] not in moves]
    drawn: list[Path] = []
    with style.look():
        for factor in moves:
            told = _as_worlds(_rows(found, factor=factor), experiment.pair)
            figure = comparison_figures.differences_figure(told, LEADS, caption)
            drawn.append(style.save(figure, folder / f"{name}moves-{_stem(factor)}.png"))
        for question, mean in found["means"].items() if curves else ():
            rows = [row for row in _rows(found, question=question) if row["factor"] not in moves]
            if any(row["estimate"] is None for row in rows):  # a share of nothing sold has no curve
                continue
            head = f"{METRICS[question].title.removesuffix(' (months)')}: {_whose(question, experiment.pair)}"
            figure = dose_figures.dose_figure(rows, curves, mean, head, caption, logarithmic)
            drawn.append(style.save(figure, folder / f"{name}dose-response-{_stem(question)}.png"))
    return drawn


def _rows(found: Mapping[str, Any], **wanted: str) -> list[dict[str, Any]]:
    """The rows of an analysis that have the wanted values."""
    return [row for row in found["rows"] if all(row[key] == value for key, value in wanted.items())]


def _as_worlds(rows: Iterable[Mapping[str, Any]], pair: Sequence[str]) -> dict[str, Any]:
    """Many moves from one world as a comparison of worlds, the first level being the world as it is."""
    differences = [{**row, "factor": row["value"]} for row in rows if row["index"] == DIFFERENCE]
    worlds = dict.fromkeys(row["factor"] for row in differences)
    return {"scenarios": worlds, "pair": pair, "comparison": {"base": next(iter(worlds)), "rows": differences}}


def _whose(question: str, pair: Sequence[str]) -> str:
    """Of whom a question tells: what was reached is of the first of a pair alone."""
    return readable(pair[0]) if question.startswith("p_reached.") else against(pair)


def _stem(question: str) -> str:
    return question.replace(".", "-").replace("_", "-")


def steps_of(rows: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Rows of `convergence` in an `analysis.json`, of one question, by size."""
    steps: dict[int, Step] = {}
    for row in rows:
        index = Index(**{key: value for key, value in row.items() if key != "size"})
        steps.setdefault(row["size"], Step(row["size"], [])).rows.append(index)
    return list(steps.values())


def _convergence(experiment: Experiment, steps: Sequence[Step], title: str, caption: str) -> Figure:
    assert experiment.analysis is not None
    kind, unit = experiment.analysis.kind, UNITS.get(experiment.design.kind, "points")
    return figures.convergence_figure(steps, title, caption, CONVERGING[kind], unit)


def _figure(kind: str, rows: Sequence[Index], title: str, caption: str, experiment: Experiment) -> Figure:
    """The figure of one question."""
    dummy = next((factor.name for factor in experiment.factors if factor.is_dummy), None)
    floors = {row.index: row.high for row in rows if row.factor == dummy}
    if kind == "effects":
        return figures.tornado_figure(rows, title, caption)
    if kind == "morris":
        return figures.morris_figure(rows, title, caption)
    singles = [row for row in rows if ":" not in row.index]
    return figures.bars_figure(singles, title, caption, floors)
