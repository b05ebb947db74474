"""Words say what the numbers say: sides, signs, units and doubt."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
from PIL import Image

from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.inline import INLINE_DPI, png
from ipsc_race_lab.metrics.verdicts import INSUFFICIENT, NO_CLEAR_LEADER
from ipsc_race_lab.wording import telling

LEAD = "lead_months.first_in_human"


def row(estimate: float | None, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"estimate": estimate, "low": low, "high": high}


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        (row(0.2, 0.1, 0.3), "the West leads"),
        (row(0.8, 0.7, 0.9), "China leads"),
        (row(0.55, 0.49, 0.6), INSUFFICIENT),
        (row(0.5, 0.47, 0.53), NO_CLEAR_LEADER),
        (row(0.9), INSUFFICIENT),
        (row(0.9, math.nan, math.nan), INSUFFICIENT),
    ],
)
def test_a_verdict_names_the_likelier_or_says_that_it_cannot(chance: dict[str, Any], told: str) -> None:
    """A verdict on an interval that holds one half would be a coin told as a finding."""
    assert telling.verdict(chance, "china", "west") == told


def test_a_lead_in_words_has_its_side() -> None:
    """Ahead and behind exchanged is the wrong answer to the whole question."""
    assert telling.months_apart(row(-33.31, -34.4, -32.26)) == "33.3 months behind (32.3 to 34.4)"
    assert telling.months_apart(row(5.0, 4.0, 6.0)) == "5.0 months ahead (4.0 to 6.0)"
    assert telling.months_apart(row(1.0, -1.0, 3.0)).startswith("neither ahead nor behind")
    assert telling.months_apart(row(1.0)).startswith("neither ahead nor behind")


def test_amounts_carry_their_unit_and_sign() -> None:
    """Months taken for percent, or a loss for a gain, would be believed."""
    assert telling.amount(LEAD, row(-3.14, -4, -2)) == "-3.1 months (-4.0 to -2.0)"
    assert telling.amount("revenue_share.origin", row(0.165, 0.157, 0.174)) == "16.5% (15.7 to 17.4)"
    assert telling.amount("revenue_share.origin", row(0.02, 0.01, 0.03), signed=True) == "+2.0 points (+1.0 to +3.0)"
    assert telling.amount(LEAD, row(-1.0, -1.9, -0.04)) == "-1.00 months (-1.90 to -0.04)"
    assert telling.amount(LEAD, row(0.0, 0.0, 0.0)) == "+0.0 months (in every race)"
    assert telling.amount(LEAD, row(2.0)) == "+2.0 months (no interval)"
    assert telling.amount(LEAD, row(None)) == "unknown"
    assert telling.index(row(0.482, 0.08, 0.893)) == "0.48 (0.08 to 0.89)"
    assert telling.index(row(math.nan)) == "unknown"


def test_a_difference_is_told_only_away_from_nothing() -> None:
    """An interval that holds nothing, or none at all, tells of no difference."""
    assert telling.differs(row(1.0, 0.5, 1.5))
    assert not telling.differs(row(1.0, -0.5, 1.5))
    assert not telling.differs(row(0.0, 0.0, 0.0))
    assert not telling.differs(row(1.0))


def test_lists_read_as_english() -> None:
    """A sentence that stumbles is not trusted."""
    assert telling.listed(["a", "b", "c"]) == "a, b and c"
    assert telling.listed(["a"]) == "a"
    assert telling.listed([], "nobody") == "nobody"


def test_every_section_has_words_for_both_of_its_answers() -> None:
    """A question without words would stop the notebooks."""
    from ipsc_race_lab.metrics.registry import METRICS

    asked = [question for section in telling.SECTIONS.values() for question in section]
    whether_at_all = [question for question in METRICS if question.startswith("p_reached.")]
    assert sorted([*asked, *whether_at_all]) == sorted(METRICS) == sorted(telling.SHORT)


def test_a_figure_for_a_notebook_is_the_same_bytes_each_time_and_keeps_its_colours() -> None:
    """A notebook executed anew must not look changed; a palette must not turn one bloc's colour into another's."""
    with style.look():
        figure = style.new_figure(2, 1)
        axes = style.place(figure, 0.2, 0.2, 1.6, 0.6)
        axes.set_ylim(0, 9)
        for height, colour in enumerate(style.COLOURS):
            axes.plot([0, 1], [height, height], color=colour, marker="o", ms=4, linestyle="none")
    drawn = png(figure)
    assert drawn == png(figure)
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.size == (2 * INLINE_DPI, INLINE_DPI)
        found = {colour for _, colour in image.convert("RGB").getcolors(1 << 16) or []}
    for colour in style.COLOURS:
        wanted = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert min(max(abs(a - b) for a, b in zip(wanted, one, strict=True)) for one in found) <= 8
