"""The figures of a sensitivity analysis: nothing hidden, clipped or overprinted, and true to the rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from readable_figures import check_clear, words

from ipsc_race_lab.analysis.sensitivity import Index, Step
from ipsc_race_lab.figures import sensitivity as figures
from ipsc_race_lab.figures import style
from ipsc_race_lab.wording.names import readable

TITLE, CAPTION = (
    "First to full approval: China",
    "Baseline world. 80 races at each of 320 points, seed 1, ipsc-race 0.1.0.",
)
LONG = "a_very_long_name_of_a_parameter_that_goes_on_and_on_for_the_whole_world_without_an_end"
NAMES = [*(f"capital_per_programme_{i}" for i in range(12)), LONG, "dummy"]


def rows(index: str, seed: int, names: list[str] = NAMES, scale: float = 1.0) -> list[Index]:
    rng = np.random.default_rng(seed)
    values = scale * rng.exponential(size=len(names)) ** 2
    values[-1] = 0.0
    return [
        Index("q", name, index, float(v), float(v - 0.1), float(v + 0.2)) for name, v in zip(names, values, strict=True)
    ]


def every_figure(names: list[str] = NAMES) -> dict[str, Figure]:
    first, total = rows("first", 1, names, 0.2), rows("total", 1, names, 0.3)
    steps = [Step(size, rows("total", 1, names, 0.3 + 1 / size)) for size in (16, 32, 64, 128)]
    effects = [*rows("effect", 2, names), Index("q", names[0], f"interaction:{names[-2]}", -1.5, -2.0, -1.0)]
    morris = [*rows("mu_star", 3, names), *rows("sigma", 4, names), *rows("mu_star_noise", 5, names, 0.1)]
    with style.look():
        return {
            "tornado": figures.tornado_figure(effects, TITLE, CAPTION),
            "bars": figures.bars_figure([*first, *total], TITLE, CAPTION, floors={"first": 0.2, "total": 0.25}),
            "morris": figures.morris_figure(morris, TITLE, CAPTION),
            "convergence": figures.convergence_figure(steps, TITLE, CAPTION),
        }


@pytest.fixture(scope="module")
def drawn() -> dict[str, Figure]:
    return every_figure()


@pytest.mark.parametrize("kind", ["tornado", "bars", "morris", "convergence"])
def test_no_text_leaves_the_page_or_lies_on_another(kind: str, drawn: dict[str, Figure]) -> None:
    """A name that cannot be read is a cause that cannot be named."""
    check_clear(drawn[kind])


def test_effects_stand_above_the_floor_of_their_own_noise() -> None:
    """A dummy shares all its luck, so its 0 is no floor: whatever moves a race at all would look proven."""
    some = [
        Index("lead_months.first_in_human", name, index, *numbers)
        for name, size, mean, noise in (
            ("noisy", (4.0, 1.0, 6.0), (3.0, 1.0, 5.0), (2.0, None, None)),
            ("clear", (6.0, 3.0, 9.0), (-6.0, -9.0, -3.0), (2.0, None, None)),
            ("both_ways", (5.0, 3.0, 7.0), (0.0, -2.0, 2.0), (1.0, None, None)),
            ("dummy", (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, None, None)),
        )
        for index, numbers in (("mu_star", size), ("mu", mean), ("sigma", size), ("mu_star_noise", noise))
    ]
    with style.look():
        figure = figures.morris_figure(some, TITLE, CAPTION)
        alone = figures.morris_figure([row for row in some if row.index != "mu_star_noise"], TITLE, CAPTION)
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Clear", "Both ways", "Noisy", "Dummy"]
    assert [bar.get_width() for bar in axes.patches] == [2.0, 1.0, 2.0, 0.0]
    dots = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert [dot.get_marker() for dot in dots] == ["<", "o", ">", "o"]
    assert [dot.get_markerfacecolor() != "white" for dot in dots] == [True, True, False, False]
    assert axes.get_xlabel() == "months"
    unknown = [line for line in alone.axes[0].lines if len(line.get_xdata()) == 1]
    assert all(dot.get_markerfacecolor() == "white" for dot in unknown), "without replications nothing is told"


def test_effects_on_a_share_are_drawn_in_the_points_of_the_text() -> None:
    """A bar of 0.05 beside a text of 5 points would be taken for another number."""
    with style.look():
        share = [Index("revenue_share.origin", "a", "effect", 0.05, 0.04, 0.06)]
        axes = figures.tornado_figure(share, TITLE, CAPTION).axes[0]
    assert axes.patches[0].get_width() == pytest.approx(5.0)
    assert axes.get_xlabel() == "percentage points"


@pytest.mark.parametrize("kind", ["tornado", "bars", "morris"])
def test_every_factor_is_named(kind: str, drawn: dict[str, Figure]) -> None:
    """A factor left out would be taken for one that was not asked."""
    result = words(drawn[kind])
    assert all(readable(name) in result for name in NAMES)
    assert CAPTION in result
    assert TITLE in result


def test_bars_and_lines_stand_at_the_numbers_of_the_rows() -> None:
    """A figure that is not of the table beside it is worse than none."""
    some = [Index("q", "small", "effect", -0.5, -0.75, -0.25), Index("q", "large", "effect", 2.0, 1.0, 3.0)]
    with style.look():
        axes = figures.tornado_figure(some, TITLE, CAPTION, {"large": "The large one"}).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [2.0, -0.5]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["The large one", "Small"]
    intervals = [list(line.get_xdata()) for line in axes.lines if len(set(line.get_xdata())) == 2]
    assert intervals == [[1.0, 3.0], [-0.75, -0.25]]


def test_the_line_of_the_dummy_is_where_its_interval_ends() -> None:
    """A line too low would make causes of noise."""
    with style.look():
        axes = figures.bars_figure(rows("pawn", 1), TITLE, CAPTION, floors={"pawn": 0.2, "delta": 0.7}).axes[0]
        plain = figures.bars_figure(rows("pawn", 1), TITLE, CAPTION, floors={"pawn": None})
    upright = [line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]]
    assert sorted(upright) == [0, 0.2]
    assert "dummy factor's interval" not in words(plain)


def test_convergence_ends_at_the_last_rows(drawn: dict[str, Figure]) -> None:
    """A line that ends elsewhere than in the table shows the convergence of something else."""
    last = sorted((row.estimate or 0 for row in rows("total", 1, scale=0.3 + 1 / 128)), reverse=True)
    ends = [line.get_ydata()[-1] for line in drawn["convergence"].axes[0].lines if len(line.get_xdata()) == 4]
    assert sorted(ends, reverse=True) == pytest.approx(last)


def test_what_has_no_estimate_is_an_empty_row_and_not_a_nought() -> None:
    """Nothing known is not nothing found."""
    open_rows = [Index("q", name, index, None, None, None) for name in ("a", "b") for index in ("mu_star", "sigma")]
    half = [Index("q", "a", "total", 0.5, None, None), Index("q", "b", "total", None, None, None)]
    with style.look():
        empty = [
            figures.bars_figure(open_rows, TITLE, CAPTION),
            figures.morris_figure(open_rows, TITLE, CAPTION),
            figures.tornado_figure(open_rows, TITLE, CAPTION),
            figures.convergence_figure([Step(4, open_rows)], TITLE, CAPTION, "mu_star"),
        ]
        axes = figures.bars_figure(half, TITLE, CAPTION).axes[0]
        steps = [Step(4, half), Step(8, [Index("q", "a", "total", 0.4, 0.1, 0.7), half[1]])]
        figures.convergence_figure(steps, TITLE, CAPTION)
    assert all(figures.NO_ROWS in words(figure) for figure in empty)
    assert len(axes.lines) == 2, "one dot, and the line at nothing"


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    """A figure that changes without its numbers cannot be checked against a committed one."""
    few = ["public_money", "capital", "dummy"]
    with style.look():
        for name in ("one", "two"):
            for kind, figure in every_figure(few).items():
                style.save(figure, tmp_path / name / f"{kind}.png")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_too_many_kinds_of_index_are_refused() -> None:
    """A fifth would wear the shape of none."""
    many = [row for i in range(5) for row in rows(f"second:{i}", i)]
    with pytest.raises(ValueError, match="At most 4 kinds"):
        figures.bars_figure(many, TITLE, CAPTION)
