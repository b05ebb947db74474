"""V32: calibration finds the truths that it was given, on synthetic histories of the baseline."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from ipsc_race_lab.analysis.calibrated import compared
from ipsc_race_lab.analysis.calibrating import calibrate
from ipsc_race_lab.analysis.calibration import rank_test, recovery
from ipsc_race_lab.analysis.histories import RACE
from ipsc_race_lab.analysis.posterior import LEARNED_SHARE
from ipsc_race_lab.design.experiment import anchored
from ipsc_race_lab.design.finding import load_calibration
from ipsc_race_lab.design.posterior import on_unit
from ipsc_race_lab.execution.conducting import at_work
from ipsc_race_lab.validation.rung import Check, Rung, between

TRUTHS, WORKERS = 300, 2
LEAST_P = 0.01


def climb_recovery() -> Iterator[Check]:
    """Races taken as the record in turn, with an error drawn for each number, and their numbers in doubt found back."""
    asked = load_calibration("recovery")
    world = anchored(asked.source, asked.fixed, asked.paths)
    with (
        tempfile.TemporaryDirectory() as folder,
        at_work(asked, {("",): world}, Path(folder), {"kind": "calibration"}, blocs=[RACE]) as study,
    ):
        of = calibrate(study, WORKERS)
        assert of is not None
        simulated, record = compared(of)
        found = recovery(on_unit(of.levels), simulated, record, TRUTHS, asked.seed)
    learned = found.contraction.mean(axis=0) >= LEARNED_SHARE
    p_values = rank_test(found.ranks)
    yield between("numbers that lose more than a fifth of their variance", float(learned.sum()), 3, 1, float("inf"))
    yield between(
        "90% intervals that hold the truth, of these", float(found.covered[:, learned].mean()), 0.9, 0.85, 0.95
    )
    least = float(p_values[learned].min(initial=1.0)) * int(learned.sum())
    yield between("least p of even ranks of these, times their number", min(least, 1.0), 1, LEAST_P, 1)
    yield between("90% intervals that hold the truth, of all numbers", float(found.covered.mean()), 0.9, 0.85, 0.95)


RUNGS = (
    Rung(
        "V32",
        "calibration finds the truths that it was given",
        "ranks of truths even; 90% intervals hold 85 to 95% of synthetic truths",
        f"{TRUTHS} truths; chi-square p above {LEAST_P} times the number of parameters looked at",
        "Talts et al. 2018, arXiv:1804.06788",
        "baseline, experiments/calibrations/recovery.yaml",
        climb_recovery,
        is_long=True,
    ),
)
