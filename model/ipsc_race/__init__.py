"""An agent-based race: companies of several jurisdictions bring iPSC therapies through clinical milestones.

The world and its rules. Nothing here knows of designs, result files, plots or terminals (`ipsc_race_lab` does).
Read `rules/month.py` first: it is the whole model as one ordered list of rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipsc_race.ensemble import run_races
    from ipsc_race.loading import load
    from ipsc_race.race import Race

__version__ = "0.1.0"
__all__ = ["Race", "__version__", "load", "run_races"]

_HOMES = {"Race": "race", "load": "loading", "run_races": "ensemble"}


def __getattr__(name: str) -> Any:
    """Import the public names when first used, so that `ipsc-race --help` never pays for Mesa or Numba."""
    if name not in _HOMES:
        msg = f"module 'ipsc_race' has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"ipsc_race.{_HOMES[name]}"), name)
