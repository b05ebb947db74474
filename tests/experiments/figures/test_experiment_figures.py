"""Which figures an experiment gets, and that each is of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from small_experiments import analysed

from ipsc_race_lab.figures import experiment as experiment_figures
from ipsc_race_lab.figures import style

QUESTION = "lead_months.first_in_human"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Figure]:
    """Figures by file name, kept and not written."""
    kept: dict[str, Figure] = {}

    def keep(figure: Figure, path: Path) -> Path:
        kept[path.name] = figure
        return path

    monkeypatch.setattr(style, "save", keep)
    return kept


def told_of(kind: str, design: str, points: int) -> tuple[Any, dict[str, Any]]:
    """An experiment, and its analysis as if the one question were a lead."""
    experiment, told = analysed(kind, design, points)
    for rows in (told["rows"], told["convergence"]):
        for row in rows:
            row["question"] = QUESTION
    return experiment, told


@pytest.mark.parametrize(
    ("kind", "design", "points", "index", "label", "unit"),
    [
        ("sobol", "saltelli", 32, "total", "total index", "base points used"),
        ("morris", "morris", 12, "mu_star", "mean size of the effect", "trajectories used"),
        ("pawn", "monte_carlo", 80, "pawn", "PAWN index", "points used"),
    ],
)
def test_convergence_is_drawn_from_the_rows(
    kind: str, design: str, points: int, index: str, label: str, unit: str, drawn: dict[str, Figure]
) -> None:
    """A reader could not see whether a screening has had enough trajectories."""
    experiment, told = told_of(kind, design, points)
    experiment_figures.draw(Path(), experiment, "baseline", told, "A caption.")
    assert set(drawn) == {f"baseline-{stem}.png" for stem in (
        "lead-months-first-in-human", "lead-months-first-in-human-convergence"
    )}  # fmt: skip
    axes = drawn["baseline-lead-months-first-in-human-convergence.png"].axes[0]
    assert (axes.get_ylabel(), axes.get_xlabel()) == (label, unit)
    last = sorted(row["estimate"] for row in told["rows"] if row["index"] == index)
    assert sorted(line.get_ydata()[-1] for line in axes.lines if line.get_marker() == "o") == pytest.approx(last)


def test_a_variance_ratio_is_no_bar_among_effects(drawn: dict[str, Figure]) -> None:
    """A ratio of ten beside an effect of three months would be the largest effect of all."""
    experiment, told = told_of("effects", "factorial", 0)
    assert any(row["index"] == "variance_ratio" for row in told["rows"])
    experiment_figures.draw(Path(), experiment, "baseline", told, "A caption.")
    (figure,) = drawn.values()
    effects = [row["estimate"] for row in told["rows"] if row["index"] != "variance_ratio"]
    assert sorted(bar.get_width() for bar in figure.axes[0].patches) == pytest.approx(sorted(effects))
