"""Finding the shipped experiments, and reading one by name or file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ipsc_race.loading import ScenarioError
from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Place, problem, read_file

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment


def experiment_folder() -> Path:
    """Folder of the shipped experiments: inside an installed package, beside it in the repository otherwise."""
    packaged = Path(__file__).parents[1] / "experiments"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def experiment_names() -> list[str]:
    """Names of the shipped experiments."""
    return sorted(path.stem for path in experiment_folder().glob("*.yaml"))


def load_experiment(source: str | Path) -> Experiment:
    """The experiment with a shipped name or in a file, checked against its scenarios.

    Raises ScenarioError with all problems, each at its place in the file.
    """
    from ipsc_race_lab.design.reading.experiment import read_experiment  # it makes what is defined here

    path, shown = _find(source)
    return read_experiment(path, read_file(path, shown))


def _find(source: str | Path) -> tuple[Path, str]:
    """Path of an experiment and the name under which it is shown."""
    text = str(source)
    if isinstance(source, Path) or Path(text).suffix or "/" in text:
        return Path(text), text
    names = experiment_names()
    if text in names:
        return experiment_folder() / f"{text}.yaml", f"experiments/{text}.yaml"
    hint = did_you_mean(text, names) or ";"
    message = f"no experiment is named {text!r}{hint} shipped: {', '.join(names) or 'none'}"
    raise ScenarioError([problem(Place(text, 0, 0), "", message)])


def expected_folder() -> Path:
    """Folder of the committed numbers."""
    from ipsc_race_lab.design.finding import experiment_folder

    return experiment_folder() / "expected"
