"""The figures of `notebooks/what-drives-it`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ipsc_race_lab.analysis.responses import CONVERGING
from ipsc_race_lab.figures import style
from ipsc_race_lab.metrics.registry import METRICS
from ipsc_race_lab.wording.drivers import DUMMY, FIGURE_LABELS, Row
from ipsc_race_lab.wording.names import against

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ipsc_race_lab.analysis.sensitivity import Index
    from ipsc_race_lab.results.stored import Stored


def morris_figure(morris: Stored, question: str) -> Figure:
    """The elementary effects of one answer."""
    from ipsc_race_lab.figures import sensitivity as figures

    with style.look():
        rows, title = _indices(morris, question), _title(morris, question)
        return figures.morris_figure(rows, title, morris.caption, FIGURE_LABELS)


def sobol_figure(sobol: Stored, question: str) -> Figure:
    """First and total indices of one answer, with the dummy's line."""
    from ipsc_race_lab.figures import sensitivity as figures

    rows = _indices(sobol, question)
    floors = {kind: _floor_of(rows, kind) for kind in ("first", "total")}
    with style.look():
        return figures.bars_figure(rows, _title(sobol, question), sobol.caption, floors, FIGURE_LABELS)


def convergence_figure(sobol: Stored, question: str) -> Figure:
    """The total index of one answer from growing parts of the design."""
    from ipsc_race_lab.figures import sensitivity as figures
    from ipsc_race_lab.figures.experiment import steps_of

    steps = steps_of(_found(sobol, "convergence", question))
    title, kind = _title(sobol, question), CONVERGING["sobol"]
    with style.look():
        return figures.convergence_figure(steps, title, sobol.caption, kind, labels=FIGURE_LABELS)


def _title(experiment: Stored, question: str) -> str:
    return f"{METRICS[question].title}: {against(experiment.pair)}"


def _indices(experiment: Stored, question: str) -> list[Index]:
    from ipsc_race_lab.analysis.sensitivity import Index

    return [Index(**row) for row in _found(experiment, "rows", question)]


def _found(experiment: Stored, part: str, question: str) -> list[Row]:
    """Rows of a part of the analysis of every world, of one question."""
    worlds = experiment.analysis["scenarios"].values()
    return [row for world in worlds for row in world.get(part, ()) if row["question"] == question]


def _floor_of(rows: Sequence[Index], kind: str) -> float | None:
    """Upper end of the dummy's interval."""
    from ipsc_race_lab.analysis.sensitivity import noise_floor

    return noise_floor(rows, rows[0].question, kind, DUMMY) if rows else None
