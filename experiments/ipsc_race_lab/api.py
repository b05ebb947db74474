"""What an analyst calls from Python: races as tables, answers and figures, by the same code as the commands.

import ipsc_race_lab as lab

result = lab.run("baseline", runs=100, overrides={"jurisdictions.us.regulation.ind_review_months": 3})
print(result)  # the answer in words, as `ipsc-race run` prints it
result.answer  # the same as numbers, with their intervals: `summary.json`
result.to_df()  # a pandas table, a row for each milestone of each race
result.plot()  # a matplotlib figure, as the command draws it

lab.compare("baseline", "no-hospital-lane", runs=100).to_df()  # what the worlds differ by, race by race
lab.stored("sisters").to_df()  # what was raced before: a result folder, or the numbers that are committed

Overrides change single values of a world: a text PATH=VALUE, a mapping of paths to values, or several of either.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import all_cores
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results import stored as finding
from ipsc_race_lab.results.files import read_json
from ipsc_race_lab.results.stored import Stored

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ipsc_race.overriding import Overrides
    from ipsc_race_lab.design.experiment import Experiment

    Figures = Mapping[str, Callable[[], Figure]]

TABLES = ("milestones", "monthly")


@dataclass(frozen=True)
class RunResult:
    """Races of one world: `answer` is the content of `summary.json`, each number with its 95% interval.

    `folder` is the result folder; one that was not asked for is temporary and goes with the result.
    """

    folder: Path
    answer: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        """The answer in words."""
        from ipsc_race_lab.wording.answer import text

        return text(self.answer)

    def to_df(self, table: str = "milestones") -> pd.DataFrame:
        """A table of all races: `milestones`, a row for each event, or `monthly`, one for each month and jurisdiction.

        The columns are those of the Parquet files of the result folder; `run` is the number of the race, and words are
        categories, those of `month` in their order. Raises LabError for another table.
        """
        import pandas as pd

        _known(table, TABLES, "table")
        rows = pd.read_parquet(self.folder / f"{table}.parquet")
        return rows.assign(month=rows["month"].cat.set_categories(sorted(rows["month"].cat.categories), ordered=True))

    @property
    def figures(self) -> list[str]:
        """Names of the figures that `plot` draws."""
        return list(self._figures)

    def plot(self, figure: str = "first") -> Figure:
        """One of the `figures`, as the command draws it. Raises LabError for another name."""
        return _drawn(self._figures, figure)

    @cached_property
    def _figures(self) -> Figures:
        from ipsc_race_lab.figures.stored import run_figures
        from ipsc_race_lab.results.run_folder import read_run

        return run_figures(read_run(self.folder))


@dataclass(frozen=True)
class ExperimentResult(Stored):
    """The analysis of an experiment or a comparison, as the tables of `Stored`, each number with its 95% interval."""

    experiment: Experiment = field(repr=False)  # what was asked

    def __str__(self) -> str:
        """What the analysis says, in words."""
        from ipsc_race_lab.wording.experiment import text

        return text(self.experiment, self.analysis)

    @property
    def answer(self) -> Mapping[str, Any]:
        """The content of `analysis.json`."""
        return self.analysis

    def to_df(self) -> pd.DataFrame:
        """What the worlds differ by from the first, race by race; of one world, what its factors do."""
        if len(self.scenarios) > 1:
            return self.comparison
        return self.doses if len(self.doses) else self.indices

    @property
    def figures(self) -> list[str]:
        """Names of the figures that `plot` draws."""
        return list(self._figures)

    def plot(self, figure: str | None = None) -> Figure:
        """One of the `figures`, as the command draws it: the differences of worlds, or else the first one.

        Raises LabError for another name.
        """
        return _drawn(self._figures, figure or ("differences" if len(self.scenarios) > 1 else self.figures[0]))

    @cached_property
    def _figures(self) -> Figures:
        from ipsc_race_lab.figures.experiment import experiment_figures

        return experiment_figures(self.experiment, self.analysis)


def run(
    scenario: str | Path = "baseline",
    *,
    runs: int = 1000,
    seed: int = 1,
    overrides: Overrides = (),
    workers: int | None = None,
    out: str | Path | None = None,
) -> RunResult:
    """Run many races of one world, as `ipsc-race run` does.

    `scenario` is a name or a file; `workers` races at a time, all cores if not said; `out` a folder to keep the result
    in, with figures: what was raced there before is not raced again. Raises ScenarioError or LabError with all that is
    wrong, and KeyboardInterrupt where it was interrupted.
    """
    from ipsc_race_lab.commands import run as command

    asked = _asked(runs, seed, overrides, workers)
    with _place(out) as folder:
        asked.scenario, asked.out, asked.force, asked.no_figures = str(scenario), folder, False, out is None
        resolved, _ = command.checked(asked)
        study, summary = command.raced(resolved, folder, asked)
        if summary is None or study.interrupts.asked:
            raise KeyboardInterrupt
        result = RunResult(folder, summary)
    if out is None:
        weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result


def compare(
    *scenarios: str | Path,
    runs: int = 400,
    seed: int = 1,
    overrides: Overrides = (),
    workers: int | None = None,
    out: str | Path | None = None,
) -> ExperimentResult:
    """Run the same races in several worlds, the first being compared with, as `ipsc-race compare` does.

    As `run`; `overrides` change all worlds.
    """
    from ipsc_race_lab.commands.compare import compared
    from ipsc_race_lab.commands.conducting import conducted, findings
    from ipsc_race_lab.execution.conducting import Workplace

    asked = _asked(runs, seed, overrides, workers)
    asked.scenarios = [str(scenario) for scenario in scenarios]
    experiment = compared(asked)
    with _place(out) as folder:
        if conducted(experiment, folder, Workplace(asked.workers), place.STUDY, findings) is None:
            raise KeyboardInterrupt
        result = _experiment_result(folder)
        if out is None:
            shutil.rmtree(folder)
    return result


def stored(result: str | Path) -> RunResult | ExperimentResult:
    """What was raced before: a result folder, or a result by name.

    A name is looked for in `results/`, where one's own are, and then among the numbers that are committed for the
    experiments that ship. Raises LabError where there is none, or it is not finished.
    """
    folder = Path(result)
    if folder.name == str(result) and not (folder / place.MANIFEST).is_file():
        folder = finding.RESULTS / folder
    if (place.read_manifest(folder) or {}).get("kind") == place.RUN:
        place.finished(folder, place.RUN)
        return RunResult(folder, read_json(folder / place.SUMMARY))
    return _experiment_result(folder)


def _experiment_result(folder: Path) -> ExperimentResult:
    """An experiment in a folder, or the committed one of its name."""
    from ipsc_race_lab.design.finding import load_experiment
    from ipsc_race_lab.results.experiment_folder import read_experiment

    stored = finding.stored(folder.name, folder.parent)
    is_own = (place.read_manifest(folder) or {}).get("status") == place.COMPLETE
    experiment = read_experiment(folder)[0] if is_own else load_experiment(folder.name)
    named = {"name": experiment.name, "title": experiment.title}
    return ExperimentResult(**{**vars(stored), **named}, experiment=experiment)


def _asked(runs: int, seed: int, overrides: Overrides, workers: int | None) -> argparse.Namespace:
    """What a command would have been asked."""
    workers = all_cores() if workers is None else workers
    return argparse.Namespace(runs=runs, seed=seed, set=list(_texts(overrides)), workers=workers, scheduler=None)


def _texts(overrides: Overrides) -> Iterator[str]:
    """Overrides as PATH=VALUE, each."""
    if isinstance(overrides, str):
        yield overrides
    elif isinstance(overrides, Mapping):
        for path, value in overrides.items():
            plain = value.item() if hasattr(value, "item") else value  # a number of NumPy
            yield f"{path}={plain if isinstance(plain, str) else json.dumps(plain)}"
    else:
        for part in overrides:
            yield from _texts(part)


@contextmanager
def _place(out: str | Path | None) -> Iterator[Path]:
    """The folder asked for, or a temporary one, which goes if it was for nothing."""
    if out is not None:
        yield Path(out)
        return
    folder = Path(tempfile.mkdtemp(prefix="ipsc-race-"))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _drawn(figures: Figures, name: str) -> Figure:
    """A figure, in our look."""
    from ipsc_race_lab.figures import style

    _known(name, list(figures), "figure")
    with style.look():
        figure = figures[name]()
        style.make_drawable(figure)
    return figure


def _known(name: str, names: Sequence[str], kind: str) -> None:
    """Refuse a name that is not there, with the nearest."""
    from ipsc_race.tree import did_you_mean

    if name not in names:
        raise LabError(f"no {kind} {name!r}{did_you_mean(name, names) or '; there are ' + ', '.join(names)}")
