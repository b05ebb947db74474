"""Functions with known Sobol indices, run as experiments: the path from file to `analysis.json` is held to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.cli import main
from ipsc_race_lab.execution import runner as conduct
from ipsc_race_lab.results.shards import Rows

QUESTION = "lead_months.first_in_human"
SPREAD = {"ishigami": 3.72, "sobol_g": 0.73}  # standard deviations; noise is half of them
INDICATIONS = ("cardiomyocyte", "hepatocyte", "dopaminergic_neuron", "beta_cell")
CHINA, WEST = 0, 1
Floats = Any


def ishigami(x: Floats) -> Floats:
    """Ishigami & Homma 1990, a = 7, b = 0.1, on [-pi, pi]^3."""
    one, two, three = x.T
    return np.sin(one) + 7 * np.sin(two) ** 2 + 0.1 * three**4 * np.sin(one)


A = np.array([0.0, 1.0, 4.5, 9.0])


def sobol_g(x: Floats) -> Floats:
    """Sobol's G on [0, 1]^4."""
    return np.prod((np.abs(4 * x - 2) + A) / (1 + A), axis=1)


PARTS = 1 / (3 * (1 + A) ** 2)
WHOLE = np.prod(1 + PARTS) - 1
G_FIRST = PARTS / WHOLE
G_TOTAL = PARTS * np.prod(1 + PARTS) / (1 + PARTS) / WHOLE

KNOWN: dict[str, tuple[Callable[[Floats], Floats], int, tuple[float, float], list[float], list[float]]] = {
    "ishigami": (ishigami, 3, (-np.pi, np.pi), [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]),
    "sobol_g": (sobol_g, 4, (0.0, 1.0), G_FIRST.tolist(), G_TOTAL.tolist()),
}


class Formula:
    """An executor whose model is a formula of the values: its result is the lead of China in months, with noise."""

    def __init__(self, model: Callable[[Floats], Floats], noise: float) -> None:
        self.model, self.noise = model, noise

    def race(self, chunks: Iterator[conduct.Chunk]) -> Iterator[Rows]:
        for chunk in chunks:
            outcomes = np.zeros((len(chunk.runs), 3), OUTCOME)
            luck = [np.random.default_rng([p, r]).normal() for p, r in zip(chunk.points, chunk.runs, strict=True)]
            outcomes["first_in_human_months"][:, WEST] = 200.0
            lead = self.model(chunk.values) + self.noise * np.array(luck)
            outcomes["first_in_human_months"][:, CHINA] = 200.0 - lead
            yield Rows(chunk.points, chunk.runs, outcomes, ("",) * len(chunk.runs))


@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("name", KNOWN)
def test_known_indices_lie_inside_the_intervals(
    name: str, noise: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sampler, a store and an analysis that do not fit together still give numbers: here they would be wrong ones."""
    model, count, (low, high), first, total = KNOWN[name]
    factors = "".join(
        f"  x{i}: {{path: indications.{INDICATIONS[i]}.mean_effect, distribution: uniform, low: {low}, high: {high}}}\n"
        for i in range(count)
    )
    file = tmp_path / f"{name}.yaml"
    file.write_text(
        f"title: {name}\nscenario: baseline\nfactors:\n{factors}"
        "design: {kind: saltelli, points: 512}\nreplications: 3\nseed: 3\nanalysis: {kind: sobol}\n"
    )
    monkeypatch.setattr(conduct, "racers", lambda *_: {})
    monkeypatch.setattr(conduct, "Threads", lambda *_: Formula(model, noise * SPREAD[name]))
    assert main(["experiment", str(file), "--out", str(tmp_path / "out"), "--chunk", "1000"]) == 0
    told = json.loads((tmp_path / "out" / "analysis.json").read_text())["scenarios"]["baseline"]
    rows = {(row["index"], row["factor"]): row for row in told["rows"] if row["question"] == QUESTION}
    for i in range(count):
        for index, known in (("first", first[i]), ("total", total[i])):
            row = rows[index, f"x{i}"]
            slack = 0.02  # eight intervals at 95% miss now and then; by more than this they never should
            assert row["low"] - slack <= known <= row["high"] + slack, (index, i, row)
            assert row["high"] - row["low"] < 0.4
