"""Asking questions of the race: commands, result folders, figures; `ipsc_race` never imports it.

From Python, `run`, `compare` and `stored` give results with tables, answers and figures (`api`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipsc_race_lab.api import ExperimentResult, RunResult, compare, run, stored

__all__ = ["ExperimentResult", "RunResult", "compare", "run", "stored"]


def __getattr__(name: str) -> Any:
    """Import the public names when first used, so that `--help` answers at once."""
    if name not in __all__:
        msg = f"module 'ipsc_race_lab' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module

    return getattr(import_module("ipsc_race_lab.api"), name)
