"""Small experiments that no scenario stands behind."""

from __future__ import annotations

from typing import Any

import numpy as np

from ipsc_race_lab.analysis import responses
from ipsc_race_lab.design import experiment as experiments
from ipsc_race_lab.design.designs import Design
from ipsc_race_lab.design.distributions import Distribution
from ipsc_race_lab.design.experiment import Analysis, Experiment
from ipsc_race_lab.design.factors import Factor

UNIT = Distribution("uniform")


SWITCH = Distribution("values", values=(0.0, 1.0))


SIZES: dict[str, dict[str, Any]] = {
    "factorial": {},
    "fractional_factorial": {},
    "grid": {"levels": 3},
    "one_at_a_time": {"levels": 3},
    "latin_hypercube": {"points": 16},
    "sobol_sequence": {"points": 16},
    "saltelli": {"points": 16},
    "morris": {"points": 6},
    "fast": {"points": 65},
    "monte_carlo": {"points": 16},
}


def experiment(kind: str, factors: int | list[Distribution] = 5, seed: int = 0, **more: Any) -> Experiment:
    """An experiment that no scenario stands behind."""
    of = [UNIT] * factors if isinstance(factors, int) else factors
    made = tuple(Factor(f"f{i}", distribution, f"a.path_{i}") for i, distribution in enumerate(of))
    design = Design(kind, **{**SIZES[kind], **more})
    return Experiment("e", "E", "", {"baseline": "baseline"}, ("0",), {}, made, design, 1, seed, ("a", "b"), None)


def analysed(kind: str, design: str, points: int, factors: int = 3) -> tuple[Experiment, dict[str, Any]]:
    from dataclasses import replace

    made = replace(experiment(design, factors, points=points), analysis=Analysis(kind))
    unit = experiments.quantiles(made)
    rng = np.random.default_rng(2)
    table = 10 * unit[:, [0]] + 3 * unit[:, [1]] * unit[:, [2]] + rng.normal(size=(len(unit), 6))
    return made, responses.analyse(made, {"lead": table})
