"""The figures of an experiment, each by the kind of its analysis: tornado, elementary effects, indices, convergence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.analysis.dose_response import DIFFERENCE
from ipsc_race_lab.analysis.responses import CONVERGING
from ipsc_race_lab.analysis.sensitivity import Index, Step
from ipsc_race_lab.design.designs import size
from ipsc_race_lab.design.experiment import DOSE_RESPONSE
from ipsc_race_lab.figures import comparison, sensitivity, style
from ipsc_race_lab.figures import dose_response as dose_figures
from ipsc_race_lab.figures.prim import box_figure
from ipsc_race_lab.metrics.registry import METRICS, is_lead
from ipsc_race_lab.wording.dose_response import is_list_of_moves
from ipsc_race_lab.wording.experiment import races
from ipsc_race_lab.wording.names import against, readable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ipsc_race_lab.design.experiment import Experiment

    Figures = dict[str, Callable[[], Figure]]

QUESTIONS = [question for question in METRICS if not question.startswith("p_")]  # a chance says less than a lead
LEADS = [question for question in METRICS if is_lead(question)]
UNITS = {"saltelli": "base points", "morris": "trajectories"}  # what is counted along a design; points elsewhere


def draw_all(folder: Path, experiment: Experiment, analysis: Mapping[str, Any]) -> list[Path]:
    """Draw what an `analysis.json` holds; returns the paths. Raises OSError where a figure cannot be written."""
    return style.save_all(experiment_figures(experiment, analysis), folder)


def experiment_figures(experiment: Experiment, analysis: Mapping[str, Any]) -> Figures:
    """The figures of an `analysis.json` by name, each drawn when it is called, within `style.look`.

    Those of every scenario, and of how they differ.
    """
    design = f"{size(experiment.design, experiment.factors):,} points, {experiment.replications:,} races each"
    caption = f"{experiment.title}. {design if experiment.factors else races(experiment)}, seed {experiment.seed}."
    figures: Figures = {}
    for scenario, result in analysis["scenarios"].items():
        figures |= scenario_figures(experiment, scenario, result, caption)
    return figures | (comparison.comparison_figures(analysis, caption) if "comparison" in analysis else {})


def draw(folder: Path, experiment: Experiment, scenario: str, result: Mapping[str, Any], caption: str) -> list[Path]:
    """Draw what an analysis found of one scenario; returns the paths. Raises OSError as `draw_all`."""
    return style.save_all(scenario_figures(experiment, scenario, result, caption), folder)


def scenario_figures(experiment: Experiment, scenario: str, result: Mapping[str, Any], caption: str) -> Figures:
    """The figures of what an analysis found of leads and shares in one scenario."""
    kind = experiment.analysis.kind if experiment.analysis else ""
    if kind == DOSE_RESPONSE:
        return _dose_figures(experiment, scenario, result, caption)
    figures: Figures = {}
    for box in result.get("boxes", ()):
        head = f"{METRICS[box['question']].title}: {against(experiment.pair)}"
        drawn = partial(box_figure, box["chosen"], box["trajectory"], result["factors"], head, caption)
        figures[f"{scenario}-{_stem(box['question'])}-box"] = drawn
    for question in QUESTIONS:
        rows = [row for row in result["rows"] if row["question"] == question]
        mine = [Index(**row) for row in rows if row["index"] != "variance_ratio"]
        if not any(row.estimate is not None for row in mine):
            continue
        head = f"{METRICS[question].title}: {against(experiment.pair)}"
        stem = f"{scenario}-{_stem(question)}"
        figures[stem] = partial(_figure, kind, mine, head, caption, experiment)
        steps = steps_of(row for row in result.get("convergence", ()) if row["question"] == question)
        if steps:
            figures[f"{stem}-convergence"] = partial(_convergence, experiment, steps, head, caption)
    return figures


def _dose_figures(experiment: Experiment, scenario: str, result: Mapping[str, Any], caption: str) -> Figures:
    """The dose response of every question, chances too: whether at all is asked of a dose."""
    logarithmic = {factor.name for factor in experiment.factors if factor.distribution.kind == "log_uniform"}
    name = f"{scenario}-" if len(experiment.scenarios) > 1 else ""
    moves = [of["factor"] for of in result["factors"] if is_list_of_moves(_rows(result, factor=of["factor"]))]
    curves = [of for of in result["factors"] if of["factor"] not in moves]
    figures: Figures = {}
    for factor in moves:
        worlds = _as_worlds(_rows(result, factor=factor), experiment.pair)
        figures[f"{name}moves-{_stem(factor)}"] = partial(comparison.differences_figure, worlds, LEADS, caption)
    for question, mean in result["means"].items() if curves else ():
        rows = [row for row in _rows(result, question=question) if row["factor"] not in moves]
        if any(row["estimate"] is None for row in rows):  # a share of nothing sold has no curve
            continue
        head = f"{METRICS[question].title.removesuffix(' (months)')}: {_whose(question, experiment.pair)}"
        drawn = partial(dose_figures.dose_figure, rows, curves, mean, head, caption, logarithmic)
        figures[f"{name}dose-response-{_stem(question)}"] = drawn
    return figures


def _rows(result: Mapping[str, Any], **wanted: str) -> list[dict[str, Any]]:
    """The rows of an analysis that have the wanted values."""
    return [row for row in result["rows"] if all(row[key] == value for key, value in wanted.items())]


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
    return sensitivity.convergence_figure(steps, title, caption, CONVERGING[kind], unit)


def _figure(kind: str, rows: Sequence[Index], title: str, caption: str, experiment: Experiment) -> Figure:
    """The figure of one question."""
    dummy = next((factor.name for factor in experiment.factors if factor.is_dummy), None)
    floors = {row.index: row.high for row in rows if row.factor == dummy}
    if kind == "effects":
        return sensitivity.tornado_figure(rows, title, caption)
    if kind == "morris":
        return sensitivity.morris_figure(rows, title, caption)
    singles = [row for row in rows if ":" not in row.index]
    return sensitivity.bars_figure(singles, title, caption, floors)
