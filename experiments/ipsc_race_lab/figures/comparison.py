"""The figures of a comparison: each answer in each world, and what each world differs by from the first.

Dots are estimates, lines their 95% intervals; a row for each world, the first on top. Names of worlds are made
readable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.panels import dot, ends, excludes, rows_page
from ipsc_race_lab.metrics.registry import METRICS, is_chance, is_lead, kind_of
from ipsc_race_lab.wording.names import against, readable
from ipsc_race_lab.wording.numbers import ratio_words, scale_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


DOTS = "Dot: mean over races. Line: its 95% interval."
HOLLOW = "Hollow dot: not told apart from 0."
WORLDS = "Band: nine worlds of the posterior in ten."
HEAD = "ratio"
RATIO = (
    "Ratio: how many times as many races would tell as much if each world had random numbers of its own; none (-) "
    "where the difference is the same in every race."
)


def draw(folder: Path, analysis: Mapping[str, Any], caption: str) -> list[Path]:
    """Draw the comparison of an `analysis.json`; returns the paths. Raises OSError where one cannot be written."""
    return style.save_all(comparison_figures(analysis, caption), folder)


def comparison_figures(analysis: Mapping[str, Any], caption: str) -> dict[str, Callable[[], Figure]]:
    """The figures of a comparison by name, each drawn when it is called, within `style.look`."""
    chances = [question for question in METRICS if is_chance(question)]
    others = [question for question in METRICS if question not in chances]
    return {
        "worlds": partial(worlds_figure, analysis, others, caption),
        "worlds-p-leads": partial(worlds_figure, analysis, chances, caption),
        "differences": partial(differences_figure, analysis, others, caption),
    }


def worlds_figure(analysis: Mapping[str, Any], questions: Sequence[str], caption: str) -> Figure:
    """The mean answer to each question in each world, with a line at that of the first."""
    worlds, base = list(analysis["scenarios"]), analysis["comparison"]["base"]
    title, note = f"The same races in each world: {against(analysis['pair'])}", f"{DOTS} Grey line: {readable(base)}."
    figure, panels = rows_page(title, note, [*map(readable, worlds)], _titles(questions), (caption,))
    for axes, question in zip(panels, questions, strict=True):
        means = [analysis["scenarios"][world]["means"][question] for world in worlds]
        if means[0]["estimate"] is not None:  # a share of nothing sold has none
            axes.axvline(scale_of(kind_of(question)) * means[0]["estimate"], color="#AAAAAA", lw=1.2, zorder=1)
        for y, mean in enumerate(means):
            dot(axes, ends(mean), y, "black" if y == 0 else style.COLOURS[0], scale=scale_of(kind_of(question)))
        axes.set_xlabel(METRICS[question].unit)
        if not is_lead(question):  # shares end at 0, and one of 0 in all worlds is no hundredth either
            high = max(1.0, axes.get_xlim()[1])
            axes.set_xlim(max(-0.04 * high, axes.get_xlim()[0]), high)
    return figure


def differences_figure(analysis: Mapping[str, Any], questions: Sequence[str], caption: str) -> Figure:
    """What each world differs by from the first in the same races, and the variance ratio of that difference."""
    base, rows = analysis["comparison"]["base"], analysis["comparison"]["rows"]
    row_of = {(row["question"], row["factor"], row["index"]): row for row in rows}
    worlds = [world for world in analysis["scenarios"] if world != base]
    title = f"Each world less {readable(base)}, race by race: {against(analysis['pair'])}"
    note = f"{DOTS} Right of 0: better for {readable(analysis['pair'][0])}."
    ratios = {key: _ratio(row["estimate"]) for key, row in row_of.items() if row["index"] == "variance_ratio"}
    beside = style.label_inches([*ratios.values(), HEAD]) if ratios else 0.3
    known = [HOLLOW, *([RATIO] if ratios else []), *([WORLDS] if any(key[2] == "worlds" for key in row_of) else [])]
    notes = (" ".join(known), caption)
    names = [*map(readable, worlds)]
    figure, panels = rows_page(title, note, names, _titles(questions), notes, beside_inches=beside)
    for axes, question in zip(panels, questions, strict=True):
        axes.axvline(0, color="#AAAAAA", lw=1.2, zorder=1)
        for y, world in enumerate(worlds):
            difference = row_of[question, world, "difference"]
            colour = style.COLOURS[0 if difference["estimate"] > 0 else 1] if difference["estimate"] else style.GREY
            scale = scale_of(kind_of(question))
            if (worlds_of := row_of.get((question, world, "worlds"))) and worlds_of["low"] is not None:
                axes.hlines(y, scale * worlds_of["low"], scale * worlds_of["high"], color="#DDDDDD", lw=6, zorder=0)
            dot(axes, ends(difference), y, colour, scale=scale, filled=excludes(difference, 0.0))
            if ratios:
                ratio = ratios[question, world, "variance_ratio"]
                axes.text(1.03, y, ratio, transform=axes.get_yaxis_transform(), va="center", size=9)
        way: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "size": 9}
        axes.annotate(HEAD if ratios else "", (1.03, 1), (0, 3), color=style.GREY, **way)
        axes.set_xlabel("months" if is_lead(question) else "percentage points of revenue")
        if not any(axes.dataLim.intervalx):  # nothing differs: an axis of hundredths would look as if it did
            axes.set_xlim(-1, 1)
    return figure


def _titles(questions: Sequence[str]) -> list[str]:
    """Questions as titles, their unit being on the axis."""
    return [METRICS[question].title.removesuffix(" (months)") for question in questions]


def _ratio(ratio: float | None) -> str:
    """A variance ratio, capped as in every text; none where the difference is the same in every race."""
    return "-" if ratio is None else ratio_words(ratio)
