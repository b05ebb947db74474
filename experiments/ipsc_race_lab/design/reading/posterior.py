"""Reading a posterior: one small Parquet file, with what it is a posterior of in its metadata."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ipsc_race.tree import did_you_mean
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.factors import Factor
from ipsc_race_lab.design.posterior import Posterior
from ipsc_race_lab.design.shipped import experiment_folder
from ipsc_race_lab.errors import LabError

FACTS = b"ipsc-race posterior"


def posterior_names() -> list[str]:
    """Names of the shipped posteriors."""
    return sorted(path.stem for path in (experiment_folder() / "posteriors").glob("*.parquet"))


def find_posterior(source: str) -> Posterior:
    """A posterior by the name of a shipped one, by its file, or by the folder of a calibration. Raises LabError."""
    path = Path(source)
    if source in posterior_names():
        path = experiment_folder() / "posteriors" / f"{source}.parquet"
    elif path.is_dir():
        path = path / "posterior.parquet"
    elif not path.is_file():
        names = posterior_names()
        hint = did_you_mean(source, names) or f"; shipped: {', '.join(names) or 'none'}"
        raise LabError(f"{source}: no posterior of this name, no such file and no folder of a calibration{hint}")
    return read_posterior(path)


def posterior_as_of(scenario: str, month: str) -> Posterior:
    """The shipped posterior of a scenario that knows what was known at the end of a month. Raises LabError."""
    shipped = [of for of in map(find_posterior, posterior_names()) if of.scenario == scenario]
    for of in shipped:
        if of.as_of == month:
            return of
    months = ", ".join(sorted(of.as_of for of in shipped)) or "none"
    raise LabError(f"{scenario} as of {month}: no such posterior is shipped, but as of {months}; calibrate that month")


def read_posterior(path: Path) -> Posterior:
    """The posterior in a file. Raises LabError where it is not there or not whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            table = pq.read_table(file, use_threads=False)
        facts: dict[str, Any] = json.loads((table.schema.metadata or {})[FACTS])
        factors = tuple(map(_factor, facts.pop("factors")))
        rows = [np.frombuffer(row, np.uint8) for row in table["levels"].to_pylist()]
        levels = np.stack(rows) if rows else np.zeros((0, len(factors)), np.uint8)
        facts["leave_out"] = tuple(facts["leave_out"])
        made = Posterior(
            **facts, factors=factors, runs=table["run"].to_numpy(), counts=table["count"].to_numpy(), levels=levels
        )
    except OSError as error:
        raise LabError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise LabError(f"{path}: is no posterior, or is damaged: {error}") from error
    if made.levels.shape != (len(made.runs), len(factors)):
        raise LabError(f"{path}: is damaged: its points and its paths do not fit")
    return replace(made, name=path.stem if path.stem != "posterior" else made.name)


def _factor(content: dict[str, Any]) -> Factor:
    path = content.pop("path")
    return Factor(path, Distribution(**{**content, "values": tuple(content["values"])}), path)
