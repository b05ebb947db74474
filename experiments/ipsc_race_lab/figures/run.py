"""The figures of a run: who comes first, when, and with what certainty.

Every figure states its units, the number of races and the seed, and shows 95% intervals; blocs are told apart by
colour and by line style.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ipsc_race_lab.estimators.incidence import Floats, Incidence, first_of
from ipsc_race_lab.figures import style
from ipsc_race_lab.wording.names import readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ipsc_race.loading import Resolved
    from ipsc_race_lab.metrics.durable import Holdings
    from ipsc_race_lab.metrics.questions import FirstTimes


def draw_run(
    folder: Path, resolved: Resolved, times: Mapping[str, FirstTimes], holdings: Holdings, caption: str
) -> list[Path]:
    """Draw all figures of a finished run into `folder`/figures; returns their paths.

    As `run_figures`. Raises OSError where a figure cannot be written.
    """
    figures = run_figures(folder, resolved, times, holdings, caption)
    with style.look():
        return [style.save(draw(), folder / "figures" / f"{name}.png") for name, draw in figures.items()]


def run_figures(
    folder: Path, resolved: Resolved, times: Mapping[str, FirstTimes], holdings: Holdings, caption: str
) -> dict[str, Callable[[], Figure]]:
    """The figures of a finished run by name, each drawn when called, within `style.look`.

    `times` holds the first times of each question, `holdings` the sales; `monthly.parquet` and `milestones.parquet`
    are read from `folder`, a few columns and a few rows at a time. `caption` names the scenario, races, seed and
    version.
    """
    from ipsc_race_lab.figures import programmes
    from ipsc_race_lab.figures.durable import durable_figure
    from ipsc_race_lab.metrics.questions import QUESTIONS

    labels = bloc_labels(resolved)
    titles = {question: QUESTIONS[question] for question in times}

    def stages() -> Figure:
        return programmes.stage_figure(programmes.stage_counts(folder / "monthly.parquet", resolved), labels, caption)

    def ends() -> Figure:
        return programmes.programme_figure(
            programmes.programme_times(folder / "milestones.parquet", resolved), labels, caption
        )

    return {
        **{
            f"incidence-{question.replace('_', '-')}": partial(
                incidence_figure, first, titles[question], labels, caption
            )
            for question, first in times.items()
        },
        "first": partial(first_figure, times, titles, labels, caption),
        "durable": partial(durable_figure, holdings, labels, caption),
        "stages": stages,
        "programmes": ends,
    }


def bloc_labels(resolved: Resolved) -> tuple[str, ...]:
    """Names of the blocs for readers: a bloc of the one jurisdiction of its name wears that one's label."""
    rows, labels = resolved.jurisdictions, []
    for bloc, members in resolved.blocs.items():
        alone = [rows[member] for member in members] == [bloc]
        labels.append(resolved.scenario.jurisdictions[bloc].label if alone else readable(bloc))
    return tuple(labels)


def incidence_figure(first: FirstTimes, title: str, labels: Sequence[str], caption: str) -> Figure:
    """Cumulative incidence of being first, by bloc, and the share of races in which each bloc has arrived at all."""
    incidence = first_of(first.months, first.horizon_months)
    arrived = reached(first.months, incidence.times)
    width, note = 7.2, "Band: pointwise 95% interval over races (Aalen-Johansen; ties share the credit)."
    lines = style.caption_lines(width, note, caption)
    table = style.ROW_INCHES * (len(labels) + 2) + 0.55
    bottom = 0.2 + style.LINE_INCHES * len(lines) + table
    figure = style.new_figure(width, bottom + 3.6)
    ends = [float(share) for share in incidence.share[:, -1]]
    texts = [f"{label} {style.percent(end)}" for label, end in zip(labels, ends, strict=True)]
    left, right = style.label_inches([*labels, "any bloc"]) + 0.25, style.label_inches(texts, points=10)
    axes = style.place(figure, left, bottom, width - left - right - 0.15, 2.95)
    years = style.years_of(first.start_month, incidence.times)
    for i in range(len(labels)):
        axes.plot(years, arrived[i], color=style.COLOURS[i], linestyle=style.LINES[i], lw=0.9, drawstyle="steps-post")
        _band(axes, years, incidence, i)
    ticks = style.calendar_axis(axes, years[0], style.years_of(first.start_month, first.horizon_months))
    style.share_axis(axes, float(max(arrived.max(), incidence.high.max())), "share of races")
    style.label_ends(axes, ends, texts)
    style.count_table(axes, 0.42, "Races still waiting for", ticks, _not_there_yet(first, labels, ticks))
    style.write_heading(figure, title, "Thick: is the first of all blocs. Thin: has arrived at all, first or not.")
    style.write_caption(figure, lines)
    return figure


def first_figure(
    times: Mapping[str, FirstTimes], titles: Mapping[str, str], labels: Sequence[str], caption: str
) -> Figure:
    """Probability that each bloc, or none, is the first: one panel a question."""
    width, rows = 9.6, [*labels, "None"]
    lines = style.caption_lines(width, "None: no bloc arrives before the horizon. A tie shares the credit.", caption)
    bottom = 0.2 + style.LINE_INCHES * len(lines) + 0.45
    height = 0.42 * len(rows)
    figure = style.new_figure(width, bottom + height + 0.9)
    left = style.label_inches(rows, points=10)
    panel = (width - left - 0.05) / len(times)
    for i, (question, first) in enumerate(times.items()):
        axes = style.place(figure, left + i * panel, bottom, panel - 0.4, height)
        _first_panel(axes, first, rows if i == 0 else None)
        axes.set_title(titles[question], loc="left")
    style.write_heading(figure, "Who is first of all blocs", "Dot: probability. Line: its 95% interval over races.")
    style.write_caption(figure, lines)
    return figure


def reached(months: Floats, grid: Floats) -> Floats:
    """Share of races in which each rival has arrived by each time, shape (rivals, times)."""
    ordered = np.sort(months, axis=0)
    counts = [np.searchsorted(ordered[:, i], grid, side="right") for i in range(months.shape[1])]
    return np.array(counts) / len(months)


def _band(axes: Axes, years: Floats, incidence: Incidence, i: int) -> None:
    """One thick step line with its interval, from the month in which any race first has a winner."""
    begun = incidence.share.sum(axis=0) > 0
    colour, low, high = style.COLOURS[i], incidence.low[i], incidence.high[i]
    axes.fill_between(years, low, high, where=begun.tolist(), step="post", color=colour, alpha=0.18, lw=0)
    axes.plot(years, incidence.share[i], color=colour, linestyle=style.LINES[i], lw=2.2, drawstyle="steps-post")


def _not_there_yet(first: FirstTimes, labels: Sequence[str], ticks: Sequence[int]) -> list[tuple[str, str, list[int]]]:
    """Rows of the table: races that no bloc, and that each bloc, has reached by the start of each year."""
    since = [12 * year - first.start_month for year in ticks]
    earliest = first.months.min(axis=1)
    rows = [("any bloc", "black", [int(np.sum(earliest >= month)) for month in since])]
    for i, label in enumerate(labels):
        rows.append((label, style.COLOURS[i], [int(np.sum(first.months[:, i] >= month)) for month in since]))
    return rows


def _first_panel(axes: Axes, first: FirstTimes, rows: Sequence[str] | None) -> None:
    """Dots with intervals, one a bloc and one for none, the first bloc on top."""
    from ipsc_race_lab.metrics.questions import p_first

    estimates = p_first(first)
    for i, bloc in enumerate([*first.blocs, "none"]):
        share, low, high = (float(number or 0) for number in estimates[bloc])
        colour = style.GREY if bloc == "none" else style.COLOURS[i]
        axes.plot([low, high], [i, i], color=colour, lw=2)
        axes.plot([share], [i], marker="o", ms=7, color=colour, linestyle="none")
        at, shift, side = (high, 7, "left") if high < 0.78 or low < 0.22 else (low, -7, "right")
        axes.annotate(style.percent(share), (at, i), (shift, 0), textcoords="offset points", ha=side, va="center")
    n = len(first.blocs) + 1
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_yticks(range(n), rows if rows is not None else [""] * n)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
    axes.set_xlabel("probability")
