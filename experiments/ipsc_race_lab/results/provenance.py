"""What made a result: versions, commit, and all that decides its bits; no names of users or machines."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ipsc_race
from ipsc_race.host import source_hash


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    packages = {name: version(name) for name in ("numpy", "numba", "mesa")}
    return {"ipsc-race": ipsc_race.__version__, "python": platform.python_version(), **packages}


def environment() -> dict[str, str]:
    """What decides the last bit of a race: rules, numpy and numba, minor version of Python, kind of processor."""
    packages = {name: version(name) for name in ("numpy", "numba")}
    python = platform.python_version().rpartition(".")[0]
    return {"rules": source_hash(), **packages, "python": python, "machine": platform.machine()}


def commit() -> str | None:
    """Commit of the checkout that this package runs from, "-dirty" if edited; None where there is none."""
    here = Path(__file__).resolve()
    describe = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"]
    git = ["git", "-C", str(here.parent)]
    try:
        for command in (["ls-files", "--error-unmatch", here.name], describe):
            answer = subprocess.run([*git, *command], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def provenance() -> dict[str, Any]:
    """Versions and commit, as a manifest says them."""
    return {"versions": versions(), "commit": commit()}
