"""No words of a scenario can spoil a figure, whatever somebody writes there."""

from __future__ import annotations

from pathlib import Path

import pytest
from readable_figures import boxes, words

from ipsc_race_lab.analysis.sensitivity import Index
from ipsc_race_lab.figures import sensitivity, style
from ipsc_race_lab.figures.panels import Panel, panels_figure
from ipsc_race_lab.wording.names import readable

ODD = (
    "From $1^^m to $2m",
    "a\x1b[31mred\x07",
    "nul\x00",
    "two\nlines",
    "\u4e2d\u56fd",
    "\ud800",
    r"\frac{$",
    "\u202eback",
    "",
)


@pytest.mark.parametrize("odd", ODD, ids=ascii)
@pytest.mark.filterwarnings("error")
def test_every_text_is_drawn_or_escaped(odd: str, tmp_path: Path) -> None:
    """Dollars read as mathematics, or a sign that the font lacks, would cost a figure after hours of races."""
    numbers = [Panel(odd, odd, [{"estimate": 1.0, "low": 0.0, "high": 2.0}], 1.0, 0.0)]
    with style.look():
        rows = [Index("q", odd, "total", 0.5, 0.4, 0.6), Index("q", "b", "total", 0.1, 0.0, 0.2)]
        figures = [
            panels_figure(odd, odd, [odd], numbers, odd, odd),
            sensitivity.bars_figure(rows, odd, odd, labels={odd: odd} if odd else None),
        ]
        for place, figure in enumerate(figures):
            style.save(figure, tmp_path / f"{place}.png")
            shown = [text.get_text() for text, _ in boxes(figure)]
            assert all(style.drawable(text) == text for text in shown)
            assert not any(text.get_parse_math() for text, _ in boxes(figure))


def test_names_are_written_as_the_field_writes_them() -> None:
    """`Ind review` is no review that anyone has heard of."""
    told = [readable(name) for name in ("ind_review", "phase_1", "us", "west", "industrial-policy")]
    assert told == ["IND review", "Phase 1", "US", "West", "Industrial policy"]


def test_what_cannot_be_drawn_is_told_by_its_number() -> None:
    """A sign left out makes one name of two."""
    assert style.drawable("a\x1b[31m \u4e2d") == "a\\x1b[31m \\u4e2d"
    assert style.drawable("Zürich, $5 µm") == "Zürich, $5 µm"
    with style.look():
        figure = panels_figure("T", "", ["\u4e2d", "b"], [Panel("", "", [None, None], 1.0, 0.0)], "", "")
        style.make_drawable(figure)
    assert "\\u4e2d b" in words(figure)
