"""The figures of any finished result, drawn from what its folder holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.errors import LabError
from ipsc_race_lab.metrics.history_reading import histories_of
from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results.files import read_json, reason
from ipsc_race_lab.results.folder import FIGURES, PICTURES
from ipsc_race_lab.results.run_folder import StoredRun, read_run

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(folder: Path) -> list[Path]:
    """Draw all figures of a finished result into its folder; returns their paths, of an ablation none.

    Raises LabError where the folder holds no finished result, or where the figures cannot be written: none stays then.
    """
    kind = place.finished(folder, *place.KINDS)["kind"]
    if kind == place.RUN:
        return draw_run(read_run(folder))
    if kind == place.CALIBRATION:
        return draw_calibration(folder)
    if kind == place.FORECAST:
        return draw_forecast(folder)
    return draw_experiment(folder) if kind == place.STUDY else []


def draw_run(run: StoredRun) -> list[Path]:
    """As `draw`, of a run that has been read already."""
    from ipsc_race_lab.figures import run as figures

    return _drawn(run.folder, lambda: figures.draw_run(*_what(run)))


def run_figures(run: StoredRun) -> dict[str, Callable[[], Figure]]:
    """The figures of a run by name, each drawn when it is called, within `style.look`."""
    from ipsc_race_lab.figures import run as figures

    return figures.run_figures(*_what(run))


def _what(run: StoredRun) -> tuple[Any, ...]:
    """What the figures of a run are drawn from."""
    answers, histories = run.answers, histories_of(run.resolved)
    return run.folder, run.resolved, answers.times(), answers.holdings(), histories, run.caption


def draw_experiment(folder: Path) -> list[Path]:
    """As `draw`, of an experiment."""
    from ipsc_race_lab.figures import experiment as figures
    from ipsc_race_lab.results.experiment_folder import read_experiment

    experiment, analysis = read_experiment(folder)
    return _drawn(folder, lambda: figures.draw_all(folder / FIGURES, experiment, analysis))


def draw_calibration(folder: Path) -> list[Path]:
    """As `draw`, of a calibration."""
    from ipsc_race_lab.figures import calibration as figures

    return _drawn(folder, lambda: figures.draw_all(folder / FIGURES, read_json(folder / place.ANALYSIS)))


def draw_forecast(folder: Path) -> list[Path]:
    """As `draw`, of a forecast."""
    from ipsc_race_lab.figures import forecast as figures

    return _drawn(folder, lambda: figures.draw_all(folder / FIGURES, read_json(folder / place.ANALYSIS)))


def _drawn(folder: Path, draw: Callable[[], list[Path]]) -> list[Path]:
    """All figures or none."""
    try:
        return draw()
    except BaseException as error:
        for path in [path for name in PICTURES for path in (folder / FIGURES).glob(name)]:
            path.unlink()
        if isinstance(error, OSError):
            trouble = f"the figures cannot be written: {reason(error)}"
            raise LabError(f"{folder}: the numbers are saved, but {trouble}") from error
        raise
