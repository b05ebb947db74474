"""Ship the YAML of this repository inside the packages that read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelData(BuildHookInterface):  # type: ignore[type-arg]
    """Place `scenarios/`, `forecasts/`, and of `experiments/` what is read, in a wheel.

    An editable install gets no copies, which would go stale: there the files are read where they lie.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files to what hatchling puts in the wheel."""
        if version == "editable":
            return
        scenarios, experiments, forecasts = (
            Path(self.root, name) for name in ("scenarios", "experiments", "forecasts")
        )
        if scenarios.is_dir():
            build_data["force_include"][str(scenarios)] = "ipsc_race/scenarios"
        if forecasts.is_dir():
            build_data["force_include"][str(forecasts)] = "ipsc_race_lab/forecasts"
        shipped = ("*.yaml", "*.schema.json", "expected/*.json", "calibrations/*.yaml", "posteriors/*.parquet")
        for file in (file for pattern in shipped for file in experiments.glob(pattern)):
            build_data["force_include"][str(file)] = f"ipsc_race_lab/experiments/{file.relative_to(experiments)}"
