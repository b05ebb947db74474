"""An experiment as its folder holds it: what it asked, so that its answer can be told and drawn without racing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ipsc_race_lab.design.designs import Design
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.experiment import Analysis, Experiment
from ipsc_race_lab.design.factors import Factor, Level
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results.files import read_json
from ipsc_race_lab.results.folder import ANALYSIS, EXPERIMENT


def experiment_content(experiment: Experiment) -> dict[str, Any]:
    """The content of `experiment.json`; files are told by name only."""
    content = asdict(experiment)
    content["scenarios"] = {name: Path(source).name for name, source in experiment.scenarios.items()}
    for factor in content["factors"]:
        for level in factor["levels"]:
            level["scenario"] = level["scenario"] and Path(level["scenario"]).name
    return content


def read_experiment(folder: Path) -> tuple[Experiment, dict[str, Any]]:
    """A finished experiment and its analysis. Raises LabError where the folder holds none, or one that is not whole."""
    place.finished(folder, place.STUDY)
    path = folder / EXPERIMENT
    try:
        experiment = _experiment(read_json(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LabError(f"{path}: is damaged: {error}") from error
    return experiment, read_json(folder / ANALYSIS)


def _experiment(content: Mapping[str, Any]) -> Experiment:
    one, other = content["pair"]
    analysis = content["analysis"] and Analysis(**content["analysis"])
    design = dict(content["design"])
    design["levels_of"] = tuple((name, count) for name, count in design["levels_of"])
    design["posterior"] = tuple(design.get("posterior", ()))
    made = {
        "scenario_hashes": tuple(content["scenario_hashes"]),
        "factors": tuple(map(_factor, content["factors"])),
        "design": Design(**design),
        "pair": (one, other),
        "analysis": analysis,
    }
    return Experiment(**{**content, **made})


def _factor(content: Mapping[str, Any]) -> Factor:
    distribution = {**content["distribution"], "values": tuple(content["distribution"]["values"])}
    levels = tuple(Level(**level) for level in content["levels"])
    return Factor(**{**content, "distribution": Distribution(**distribution), "levels": levels})
