"""Where the experiments lie that ship, with their calibrations, posteriors and committed numbers."""

from __future__ import annotations

from pathlib import Path


def experiment_folder() -> Path:
    """Folder of the shipped experiments: inside an installed package, beside it in the repository otherwise."""
    packaged = Path(__file__).parents[1] / "experiments"
    return packaged if packaged.is_dir() else Path(__file__).parents[2]
