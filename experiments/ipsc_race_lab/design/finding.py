"""Finding the shipped experiments, and reading one by name or file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ipsc_race.loading import ScenarioError, scenario_names
from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Node, Place, node_of, problem, read_file
from ipsc_race_lab.design.shipped import experiment_folder

if TYPE_CHECKING:
    from ipsc_race_lab.design.calibration import Calibration
    from ipsc_race_lab.design.experiment import Experiment


_ONLY_EXPERIMENTS = {  # keys
    "scenario", "scenarios", "factors", "over_evidence", "over_posterior", "design", "replications", "pair", "analysis",
}  # fmt: skip


def experiment_names() -> list[str]:
    """Names of the shipped experiments."""
    return sorted(path.stem for path in experiment_folder().glob("*.yaml"))


def is_experiment(source: str | Path) -> bool:
    """Whether a name or a file is that of an experiment rather than of a scenario, by what stands in it."""
    if source in experiment_names() and source not in scenario_names():
        return True
    with suppress(ScenarioError):
        path = _file(source)
        given = read_file(path, str(path)).value if path else None
        return isinstance(given, dict) and not _ONLY_EXPERIMENTS.isdisjoint(given)
    return False


def load_experiment(source: str | Path, *, replications: int | None = None, points: int | None = None) -> Experiment:
    """The experiment with a shipped name or in a file, checked against its scenarios.

    `replications`, `points`: instead of those that the file says. Raises ScenarioError with all problems, each at its
    place in the file.
    """
    from ipsc_race_lab.design.reading.experiment import read_experiment  # it makes what is defined here

    path, shown = _find(source)
    root = read_file(path, shown)
    assert isinstance(root.value, dict)
    given = dict(root.value)
    if replications is not None:
        given["replications"] = node_of(replications, Place("--replications", 0, 0))
    if points is not None:
        design = given.get("design")
        settings = dict(design.value) if design and isinstance(design.value, dict) else {}
        place, key = Place("--points", 0, 0), next((key for key in ("points", "trajectories") if key in settings), None)
        if design is None or key is None:
            raise ScenarioError([problem(place, "", f"{path.stem} has as many points as its levels give")])
        settings[key] = node_of(points, place)
        given["design"] = Node(settings, design.place, design.key)
    return read_experiment(path, Node(given, root.place, root.key))


def _file(source: str | Path) -> Path | None:
    """The path of what is no name: it has a suffix or a separator."""
    return Path(source) if isinstance(source, Path) or Path(source).suffix or "/" in source else None


def _find(source: str | Path) -> tuple[Path, str]:
    """Path of an experiment and the name under which it is shown."""
    text = str(source)
    if path := _file(source):
        return path, text
    names = experiment_names()
    if text in names:
        return experiment_folder() / f"{text}.yaml", f"experiments/{text}.yaml"
    hint = did_you_mean(text, names) or ";"
    message = f"no experiment is named {text!r}{hint} shipped: {', '.join(names) or 'none'}"
    raise ScenarioError([problem(Place(text, 0, 0), "", message)])


def expected_folder() -> Path:
    """Folder of the committed numbers."""
    return experiment_folder() / "expected"


def calibration_names() -> list[str]:
    """Names of the shipped calibrations."""
    return sorted(path.stem for path in (experiment_folder() / "calibrations").glob("*.yaml"))


def is_calibration(source: str) -> bool:
    """Whether a file is that of a calibration, by what stands in it."""
    with suppress(ScenarioError):
        path = _file(source)
        given = read_file(path, str(path)).value if path else None
        return isinstance(given, dict) and "waves" in given
    return False


def load_calibration(source: str) -> Calibration:
    """The calibration with a shipped name or in a file. Raises ScenarioError with all problems."""
    from ipsc_race_lab.design.reading.calibration import read_calibration

    names, path = calibration_names(), Path(source)
    if source in names:
        path = experiment_folder() / "calibrations" / f"{source}.yaml"
        return read_calibration(path, f"experiments/calibrations/{path.name}")
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        hint = did_you_mean(source, names) or f"; shipped: {', '.join(names)}"
        message = f"{source}: no calibration of this name, and no YAML file{hint}"
        raise ScenarioError([problem(Place("", 0, 0), "", message)])
    return read_calibration(path, str(path))
