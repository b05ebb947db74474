"""Memory stays flat: a thousand rows and a million take nearly the same, from the first race to the last figure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_APART_MB, MAX_MB = 50, 600

# The races are a formula, so that a million of them take minutes; rows, store and analysis are the real ones.
EXPERIMENT = """
import resource, sys
from contextlib import nullcontext
import numpy as np
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.execution import conducting
from ipsc_race_lab.cli import main
from ipsc_race_lab.results.shards import Rows

class Formula:
    def race(self, chunks):
        for chunk in chunks:
            outcomes = np.zeros((len(chunk.runs), 3), OUTCOME)
            luck = np.random.default_rng([chunk.points[0], chunk.runs[0]]).normal(size=(len(chunk.runs), 3))
            for name in OUTCOME.names:
                outcomes[name] = 100 + chunk.values.sum(axis=1, keepdims=True) + luck
            yield Rows(chunk.points, chunk.runs, outcomes, ("",) * len(chunk.runs))

conducting.executor = lambda *_: nullcontext(Formula())
assert main(["experiment", sys.argv[1], "--out", sys.argv[2], "--chunk", "2000"]) == 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
FILE = """
title: Memory
scenario: baseline
factors:
  capital: {{path: jurisdictions.china.funding.capital_multiplier}}
  accrual: {{path: jurisdictions.china.sites.accrual_patients_per_site_month}}
  dummy: {{dummy: true}}
design: {{kind: {kind}, {size}}}
replications: {replications}
analysis: {{kind: {analysis}}}
"""


def peak_mb(folder: Path, kind: str, size: str, analysis: str, replications: int) -> float:
    """Peak memory of an experiment in a process of its own."""
    folder.mkdir()
    file = folder / "memory.yaml"
    file.write_text(FILE.format(kind=kind, size=size, analysis=analysis, replications=replications), encoding="utf-8")
    paths = {"PYTHONPATH": f"{ROOT / 'model'}{os.pathsep}{ROOT / 'experiments'}"}
    command = [sys.executable, "-c", EXPERIMENT, str(file), str(folder / "out")]
    done = subprocess.run(command, env=os.environ | paths, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "analysis", "small", "large"),
    [
        ("saltelli", "sobol", ("points: 32", 6), ("points: 128", 1563)),
        ("saltelli", "sobol", ("points: 32", 6), ("points: 8192", 24)),
        ("morris", "morris", ("trajectories: 50", 5), ("trajectories: 500", 500)),
    ],
    ids=["many races of few points", "few races of many points", "trajectories"],
)
def test_a_million_races_take_the_memory_of_a_thousand(
    kind: str,
    analysis: str,
    small: tuple[str, int],
    large: tuple[str, int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A study that grows out of memory overnight is lost in the morning."""
    few = peak_mb(tmp_path / "few", kind, small[0], analysis, small[1])
    many = peak_mb(tmp_path / "many", kind, large[0], analysis, large[1])
    with capsys.disabled():
        sys.stdout.write(f"\n{kind}, {large[0]}, {large[1]} races each: {few:.0f} MB, {many:.0f} MB\n")
    assert many < MAX_MB
    assert many - few < MAX_APART_MB
