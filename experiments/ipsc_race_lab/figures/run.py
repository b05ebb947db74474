"""The figures of a run: who comes first, when, and with what certainty.

Every figure states its units, the number of races and the seed, and shows 95% intervals; blocs are told apart by
colour and by line style. Numbers are written as in the printed answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.policy import calendar_month
from ipsc_race_lab.estimators.incidence import Floats, Incidence, first_of
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.panels import DASHED, dot, rows_page
from ipsc_race_lab.metrics.questions import QUESTIONS, p_first
from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import estimate_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ipsc_race.loading import Resolved
    from ipsc_race_lab.metrics.durable import Holdings
    from ipsc_race_lab.metrics.history import History
    from ipsc_race_lab.metrics.questions import FirstTimes


DATED = {"first_in_human": "first_patient"}  # the kind of fact that dates a question, if not the first approval
LABEL_YEARS = 4.5  # between two dates whose labels do not touch


def draw_run(
    folder: Path,
    resolved: Resolved,
    times: Mapping[str, FirstTimes],
    holdings: Holdings,
    histories: Sequence[History],
    caption: str,
) -> list[Path]:
    """Draw all figures of a finished run into `folder`/figures; returns their paths.

    As `run_figures`. Raises OSError where a figure cannot be written.
    """
    return style.save_all(run_figures(folder, resolved, times, holdings, histories, caption), folder / "figures")


def run_figures(
    folder: Path,
    resolved: Resolved,
    times: Mapping[str, FirstTimes],
    holdings: Holdings,
    histories: Sequence[History],
    caption: str,
) -> dict[str, Callable[[], Figure]]:
    """The figures of a finished run by name, each drawn when it is called, within `style.look`.

    `times` holds the first times of each question, `holdings` the sales, `histories` what is on record;
    `monthly.parquet` and `milestones.parquet` are read from `folder`, a few columns and a few rows at a time. `caption`
    names the scenario, races, seed and version.
    """
    from ipsc_race_lab.figures import programmes
    from ipsc_race_lab.figures.durable import durable_figure

    labels = bloc_labels(resolved)
    titles = {question: QUESTIONS[question] for question in times}
    figures: dict[str, Callable[[], Figure]] = {
        f"incidence-{question.replace('_', '-')}": partial(
            incidence_figure, first, titles[question], labels, histories, caption
        )
        for question, first in times.items()
    }

    def stages() -> Figure:
        return programmes.stage_figure(programmes.stage_counts(folder / "monthly.parquet", resolved), labels, caption)

    def ends() -> Figure:
        times = programmes.programme_times(folder / "milestones.parquet", resolved)
        return programmes.programme_figure(times, labels, caption)

    return figures | {
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


def incidence_figure(
    first: FirstTimes, title: str, labels: Sequence[str], histories: Sequence[History], caption: str
) -> Figure:
    """Cumulative incidence of being first, by bloc, and the share of races in which each bloc has arrived at all.

    Beside it what is on record: the months of the facts that date this milestone, and the last month on record.
    """
    incidence = first_of(first.months, first.horizon_months)
    arrived = reached(first.months, incidence.times)
    width, note = 7.2, "Band: pointwise 95% interval over races (Aalen-Johansen; ties share the credit)."
    recorded, as_of = dates_on_record(histories, first)
    lines = style.caption_lines(width, note, _record_note(recorded, as_of), caption)
    table = style.ROW_INCHES * (len(labels) + 2) + 0.55
    bottom = 0.2 + style.LINE_INCHES * len(lines) + table
    figure = style.new_figure(width, bottom + 3.75)
    chances = p_first(first)
    texts = [
        f"{label} {estimate_words(chances[bloc]._asdict(), Kind.CHANCE)}"
        for bloc, label in zip(first.blocs, labels, strict=True)
    ]
    left, right = style.label_inches([*labels, "any bloc"]) + 0.25, style.label_inches(texts, points=10)
    axes = style.place(figure, left, bottom, width - left - right - 0.15, 2.95)
    years = style.years_of(first.start_month, incidence.times)
    for i in range(len(labels)):
        axes.plot(years, arrived[i], color=style.COLOURS[i], linestyle=style.LINES[i], lw=0.9, drawstyle="steps-post")
        _band(axes, years, incidence, i)
    ticks = style.calendar_axis(axes, years[0], style.years_of(first.start_month, first.horizon_months))
    style.share_axis(axes, float(max(arrived.max(), incidence.high.max())), "share of races")
    _mark_record(axes, list(recorded), as_of)
    style.label_ends(axes, [float(share) for share in incidence.share[:, -1]], texts)
    style.count_table(axes, 0.42, "Races still waiting for", ticks, _not_there_yet(first, labels, ticks))
    style.write_heading(figure, title, "Thick: is the first of all blocs. Thin: has arrived at all, first or not.")
    style.write_caption(figure, lines)
    return figure


def dates_on_record(histories: Sequence[History], first: FirstTimes) -> tuple[dict[str, list[str]], str | None]:
    """Within a span: the facts that date a milestone, their titles by month, and the last month on record, if any."""

    def is_seen(month: str) -> bool:
        return 0 <= calendar_month(month) - first.start_month < first.horizon_months

    kind = DATED.get(first.question, "first_approval")
    facts = [fact for history in histories for fact in history.facts if fact.what == kind and is_seen(fact.by)]
    titles = {month: [fact.title for fact in facts if fact.by == month] for month in sorted({f.by for f in facts})}
    return titles, max(filter(is_seen, (history.as_of for history in histories)), default=None)


def _record_note(recorded: Mapping[str, Sequence[str]], as_of: str | None) -> str:
    """What the marks of the record mean."""
    dates = [f"{month} ({'; '.join(titles)})" for month, titles in recorded.items()]
    triangles = f"Triangle: on record, {', '.join(dates)}. " if dates else ""
    return triangles + (f"Dashed line: as of {as_of}, the last month on record." if as_of else "")


def _mark_record(axes: Axes, recorded: Sequence[str], as_of: str | None) -> None:
    """Triangles at months on record, and a line at the last month on record, which is never earlier."""
    above: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "clip_on": False}
    written: float | None = None
    for month in recorded:
        year = calendar_month(month) / 12
        axes.axvline(year, color="black", lw=0.8, linestyle=(0, (1, 2)), zorder=1)
        axes.plot([year], [1.0], marker="v", ms=6, color="black", linestyle="none", **above)
        if written is None or year - written > LABEL_YEARS:
            axes.text(year - 0.2, 1.03, month, ha="right", va="bottom", size=8, **above)
            written = year
    if as_of is not None:
        year = calendar_month(as_of) / 12
        axes.axvline(year, color=style.GREY, lw=1.0, linestyle=DASHED, zorder=1)
        axes.text(year + 0.2, 1.03, f"as of {as_of}", ha="left", va="bottom", size=8, color=style.GREY, **above)


def first_figure(
    times: Mapping[str, FirstTimes], titles: Mapping[str, str], labels: Sequence[str], caption: str
) -> Figure:
    """Probability that each bloc, or none, is the first: one panel a question."""
    note, how = "None: no bloc arrives before the horizon. A tie shares the credit.", "Dot: probability. Line: its 95%"
    figure, panels = rows_page(
        "Who is first of all blocs",
        f"{how} interval over races.",
        [*labels, "None"],
        [titles[question] for question in times],
        (note, caption),
        width=9.6,
        row_inches=0.42,
        beside_inches=0.4,
    )
    for axes, first in zip(panels, times.values(), strict=True):
        _first_panel(axes, first)
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


def _first_panel(axes: Axes, first: FirstTimes) -> None:
    """Dots with intervals, one a bloc and one for none, the first bloc on top."""
    estimates = p_first(first)
    for i, bloc in enumerate([*first.blocs, "none"]):
        share, low, high = (float(number or 0) for number in estimates[bloc])
        dot(axes, (share, low, high), i, style.GREY if bloc == "none" else style.COLOURS[i])
        text, side = estimate_words(estimates[bloc]._asdict(), Kind.CHANCE), round(2 * share)
        way: dict[str, Any] = {"textcoords": "offset points", "va": "bottom", "ha": ("left", "center", "right")[side]}
        axes.annotate(text, (share, i), ((-3, 0, 3)[side], 4), size=9, **way)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
    axes.set_xlabel("probability")
