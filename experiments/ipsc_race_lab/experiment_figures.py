"""The figures of an experiment, each by the kind of its analysis: tornado, Morris plane, index bars, convergence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ipsc_race_lab import sensitivity_figures as figures
from ipsc_race_lab import style
from ipsc_race_lab.responses import convergence_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ipsc_race_lab.experiment import Experiment
    from ipsc_race_lab.sensitivity import Index
    from ipsc_race_lab.shards import Array

TITLES = {
    "lead_months.first_in_human": "Lead to a first patient (months)",
    "lead_months.first_home_approval": "Lead to a first approval at home (months)",
    "lead_months.first_approval_anywhere": "Lead to a first approval anywhere (months)",
    "revenue_share.origin": "Share of revenue, by origin",
    "revenue_share.capture": "Share of revenue, by capture",
}
HALVINGS = 3  # beginnings of the design that show convergence: an eighth, a quarter, a half, all


def draw(
    folder: Path, experiment: Experiment, scenario: str, rows: Sequence[Index], answers: dict[str, Array], caption: str
) -> list[Path]:
    """Draw every question with a title; returns the paths. Raises OSError where a figure cannot be written."""
    kind = experiment.analysis.kind if experiment.analysis else ""
    one, other = experiment.pair
    drawn: list[Path] = []
    with style.look():
        for question, title in TITLES.items():
            mine = [row for row in rows if row.question == question]
            if not any(row.estimate is not None for row in mine):
                continue
            head, stem = f"{title}: {one} against {other}", f"{scenario}-{question.replace('.', '-').replace('_', '-')}"
            drawn.append(style.save(_figure(kind, mine, head, caption, experiment), folder / f"{stem}.png"))
            if kind == "sobol":
                steps = convergence_of(experiment, question, answers[question], HALVINGS)
                figure = figures.convergence_figure(steps, head, caption)
                drawn.append(style.save(figure, folder / f"{stem}-convergence.png"))
    return drawn


def _figure(kind: str, rows: Sequence[Index], title: str, caption: str, experiment: Experiment) -> Figure:
    """The figure of one question."""
    dummy = next((factor.name for factor in experiment.factors if factor.is_dummy), None)
    floors = {row.index: row.high for row in rows if row.factor == dummy}
    if kind == "effects":
        return figures.tornado_figure(rows, title, caption)
    if kind == "morris":
        return figures.morris_figure(rows, title, caption, floors.get("mu_star"))
    singles = [row for row in rows if ":" not in row.index]
    return figures.bars_figure(singles, title, caption, floors)
