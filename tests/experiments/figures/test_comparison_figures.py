"""The figures of a comparison name every world and question, stand at the numbers, and hide nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from readable_figures import check_clear, words

from ipsc_race_lab.analysis.responses import comparison
from ipsc_race_lab.figures import comparison as figures
from ipsc_race_lab.figures import style
from ipsc_race_lab.metrics.registry import METRICS, estimate, is_chance, of_whole
from ipsc_race_lab.wording.names import readable

CAPTION = "The baseline and its sister worlds. 30 races of each world, seed 1."
LONG = "a-very-long-name-of-a-world-that-somebody-has-written-beside-the-others"
WORLDS = ["baseline", "level-private-capital", "order-818", "the-same", LONG]
OTHERS = [question for question in METRICS if not question.startswith("p_")]
CHANCES = [question for question in METRICS if question.startswith("p_")]


def answered(question: str, numbers: Any) -> Any:
    """Numbers about nothing as answers of the kind that a question has."""
    if is_chance(question):
        return (numbers > 0).astype(float)
    return of_whole(numbers + 0.5, np.ones(numbers.shape)) if question.startswith("revenue_share") else numbers


def made_up(worlds: list[str] = WORLDS, races: int = 30) -> dict[str, Any]:
    """An `analysis.json`: each world a little further from the first, the fourth the same as it."""
    rng = np.random.default_rng(4)
    answers: dict[str, Any] = {}
    luck = {question: rng.normal(size=(1, races)) for question in METRICS}
    for i, world in enumerate(worlds):
        own = 0 if world in (worlds[0], "the-same") else i
        scale = {question: 40 if question in OTHERS[:3] else 0.1 for question in METRICS}
        numbers = {
            question: scale[question] * (luck[question] + 0.1 * own * rng.normal(0.5, 1, (1, races)))
            for question in METRICS
        }
        answers[world] = {question: answered(question, of) for question, of in numbers.items()}
    means = {
        world: {"means": {question: estimate(question, table)._asdict() for question, table in of.items()}}
        for world, of in answers.items()
    }
    analysis = {"pair": ["china", "west"], "scenarios": means}
    return {**analysis, "comparison": comparison(answers)}


def every_figure(analysis: dict[str, Any]) -> dict[str, Figure]:
    with style.look():
        return {
            "worlds": figures.worlds_figure(analysis, OTHERS, CAPTION),
            "chances": figures.worlds_figure(analysis, CHANCES, CAPTION),
            "differences": figures.differences_figure(analysis, OTHERS, CAPTION),
        }


@pytest.fixture(scope="module")
def drawn() -> dict[str, Figure]:
    return every_figure(made_up())


@pytest.mark.parametrize("kind", ["worlds", "chances", "differences"])
def test_no_text_leaves_the_page_or_lies_on_another(kind: str, drawn: dict[str, Figure]) -> None:
    """A world that cannot be read is not compared."""
    check_clear(drawn[kind])


@pytest.mark.parametrize("kind", ["worlds", "chances", "differences"])
def test_every_world_and_question_is_named_with_its_unit(kind: str, drawn: dict[str, Figure]) -> None:
    """A dot of nobody, or of months taken for shares, says nothing true."""
    analysis = words(drawn[kind])
    for world in WORLDS if kind != "differences" else WORLDS[1:]:
        assert readable(world) in analysis
    for question in CHANCES if kind == "chances" else OTHERS:
        assert METRICS[question].title.removesuffix(" (months)") in analysis
    assert ("% of races" if kind == "chances" else "months") in analysis
    assert "China against West" in analysis
    assert CAPTION in analysis


def test_dots_stand_at_the_numbers_and_ratios_beside_them() -> None:
    """A figure that is not of the table beside it is worse than none."""
    analysis = made_up()
    axes = every_figure(analysis)["differences"].axes[0]
    rows = {
        (row["factor"], row["index"]): row for row in analysis["comparison"]["rows"] if row["question"] == OTHERS[0]
    }
    dots = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]
    assert dots == pytest.approx([rows[world, "difference"]["estimate"] for world in WORLDS[1:]])
    texts = [text.get_text() for text in axes.texts]
    assert texts[2] == "-", "the same in every race"
    assert float(texts[0]) == pytest.approx(rows["level-private-capital", "variance_ratio"]["estimate"], rel=0.05)
    assert texts[-1] == "ratio"


def test_worlds_that_are_the_same_and_races_without_interval_are_drawn_too() -> None:
    """Nothing found is an answer, and one race is a beginning."""
    for analysis in (made_up(["baseline", "the-same"]), made_up(["baseline", "other"], races=1)):
        for figure in every_figure(analysis).values():
            check_clear(figure)
    same = every_figure(made_up(["baseline", "the-same"]))["differences"]
    assert same.axes[0].get_xlim() == (-1, 1)


def test_three_files_are_written(tmp_path: Path) -> None:
    paths = figures.draw(tmp_path, made_up(), CAPTION)
    assert [path.name for path in paths] == ["worlds.png", "worlds-p-leads.png", "differences.png"]
    assert all(path.stat().st_size > 10_000 for path in paths)
