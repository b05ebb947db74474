"""The figures of programmes: how many stand at which stage, and what becomes of one from its start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ipsc_race_lab.estimators.incidence import Floats, aalen_johansen
from ipsc_race_lab.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ipsc_race.loading import Resolved


STAGES: dict[str, str] = {  # columns of monthly.parquet
    "preclinical": "Preclinical",
    "hospital": "Hospital study",
    "ind": "IND preparation and review",
    "phase_1": "Phase 1",
    "phase_2": "Phase 2",
    "phase_3": "Phase 3",
    "review": "Filing and review",
    "on_market": "On the market",
    "stopped": "Stopped (cumulative)",
}
THIN_MONTHS = 3  # a fan needs no more than a point a quarter
BOOTSTRAP_SAMPLES = 200
FEWEST_RACES = 10  # a bootstrap over fewer races says nothing

# A million programmes of 1,000 races are read at once: kept small.
PROGRAMME_EVENT = np.dtype([("run", "i4"), ("programme", "i4"), ("month", "i2"), ("home", "i1"), ("kind", "i1")])
KINDS = {
    "programme_started": 0,
    "first_in_human": 1,
    "conditionally_approved": 2,
    "approved": 2,
    "programme_stopped": 3,
}

Months = NDArray[np.float32]


@dataclass(frozen=True)
class StageCounts:
    """Programmes by stage: `counts` (stages, runs, blocs, times); `years` (times,) calendar."""

    years: Floats
    counts: NDArray[np.int32]


@dataclass(frozen=True)
class ProgrammeTimes:
    """One entry a programme: its race, its blocs (programmes, blocs), and months from its start, inf if never."""

    races: int
    run: NDArray[np.int32]
    in_bloc: NDArray[np.bool_]
    in_human: Months
    approved: Months
    stopped: Months
    seen_months: NDArray[np.int32]  # from its start to the horizon
    horizon_months: int


def stage_counts(path: Path, resolved: Resolved) -> StageCounts:
    """Programmes by stage, race, bloc and quarter, read from `monthly.parquet` without holding it."""
    start, rows = _start_month(resolved), _row_of(resolved)
    times = -(-resolved.months // THIN_MONTHS)
    runs = _number_of_runs(path)
    # 9 stages of 1,000 races in 4 jurisdictions over 36 years: 21 MB.
    counts = np.zeros((len(STAGES), runs, len(resolved.jurisdictions), times), np.int32)
    for batch in _batches(path, ["run", "month", "jurisdiction", *STAGES]):
        month = _months(batch["month"]) - start
        chosen = month % THIN_MONTHS == 0
        run = batch["run"].to_numpy()[chosen]
        place = (run, _codes(batch["jurisdiction"], rows)[chosen], month[chosen] // THIN_MONTHS)
        for i, stage in enumerate(STAGES):
            counts[i][place] = batch[stage].to_numpy()[chosen]
    by_bloc = np.stack(
        [counts[:, :, list(members)].sum(axis=2, dtype=np.int32) for members in resolved.blocs.values()], axis=2
    )
    return StageCounts(style.years_of(start, THIN_MONTHS * np.arange(times)), by_bloc)


def stage_figure(stages: StageCounts, labels: Sequence[str], caption: str) -> Figure:
    """Programmes at each stage over time: median over races with the 50% and 90% of races around it."""
    width, columns = 9.6, 3
    lines = style.caption_lines(
        width,
        "Programmes of the bloc's companies by their most advanced live campaign. Line: median race; dark and light "
        "band: middle 50% and 90% of races.",
        caption,
    )
    bottom, panel_width, panel_height = 0.2 + style.LINE_INCHES * len(lines) + 0.5, (width - 0.95) / columns, 1.95
    figure = style.new_figure(width, bottom + 3 * panel_height + 0.25 + style.key_inches(labels))
    for i, name in enumerate(STAGES.values()):
        row, column = divmod(i, columns)
        left, low = 0.75 + column * panel_width, bottom + (2 - row) * panel_height
        axes = style.place(figure, left, low, panel_width - 0.4, panel_height - 0.55)
        _fan_panel(axes, stages.years, stages.counts[i], with_years=row == 2)
        axes.set_title(name, loc="left")
        if column == 0:
            axes.set_ylabel("programmes")
            axes.yaxis.set_label_coords(-0.21, 0.5)
    style.write_heading(figure, "Programmes by stage", "")
    style.bloc_key(figure, labels)
    style.write_caption(figure, lines)
    return figure


def programme_times(path: Path, resolved: Resolved) -> ProgrammeTimes:
    """What became of each programme of every race, read from `milestones.parquet` a part at a time."""
    events = _programme_events(path, resolved)
    width = 1 + int(events["programme"].max(initial=0))

    def key(those: NDArray[Any]) -> NDArray[np.int64]:
        return np.asarray(those["run"].astype(np.int64) * width + those["programme"])

    started = events[events["kind"] == 0]
    keys, first = np.unique(key(started), return_index=True)
    started = started[first]
    since = np.full((3, len(started)), np.inf, np.float32)
    for kind in (1, 2, 3):
        those = events[events["kind"] == kind]
        place = np.searchsorted(keys, key(those))
        np.minimum.at(since[kind - 1], place, (those["month"] - started["month"][place]).astype(np.float32))
    members = np.zeros((len(resolved.jurisdictions), len(resolved.blocs)), bool)
    for i, homes in enumerate(resolved.blocs.values()):
        members[list(homes), i] = True
    seen = (resolved.months - 1 - started["month"]).astype(np.int32)
    races, home = _number_of_runs(path), members[started["home"]]
    return ProgrammeTimes(races, started["run"], home, since[0], since[1], since[2], seen, resolved.months - 1)


def programme_figure(programmes: ProgrammeTimes, labels: Sequence[str], caption: str) -> Figure:
    """From the start of a programme: first patient dosed, approved anywhere, and stopped before approval."""
    banded = programmes.races >= FEWEST_RACES
    band = "95% interval by resampling whole races" if banded else "no interval: too few races to resample"
    note = (
        f"All programmes of all races pooled; Aalen-Johansen, censored at the horizon; {band}. Approved: conditionally "
        "or fully, in any jurisdiction. A programme stopped before the event competes with it."
    )
    width = 9.6
    lines = style.caption_lines(width, note, caption)
    table = style.ROW_INCHES * (len(labels) + 1) + 0.6
    bottom = 0.2 + style.LINE_INCHES * len(lines) + table
    figure = style.new_figure(width, bottom + 2.35 + 0.75 + style.key_inches(labels))
    left = style.label_inches(labels) + 0.35
    panel = (width - left + 0.35) / 3
    panels = (
        ("First patient dosed", "neither dosed nor stopped", programmes.in_human, 0),
        ("Approved", "neither approved nor stopped", programmes.approved, 0),
        ("Stopped before approval", "neither approved nor stopped", programmes.approved, 1),
    )
    for i, (title, at_risk, event, cause) in enumerate(panels):
        axes = style.place(figure, left + i * panel, bottom, panel - 0.6, 2.35)
        axes.set_title(title, loc="left")
        _programme_panel(axes, programmes, event, cause, labels if i == 0 else [""] * len(labels), at_risk)
    style.write_heading(figure, "What becomes of a programme", "")
    style.bloc_key(figure, labels)
    style.write_caption(figure, lines)
    return figure


def race_counts(programmes: ProgrammeTimes, event: Months, bloc: int) -> Floats:
    """Programmes that leave view, by race, way (event, stopped before it, horizon) and month: (races, 3, months)."""
    mine = programmes.in_bloc[:, bloc]
    first = np.minimum(event, programmes.stopped)[mine]
    way = np.where(event[mine] <= programmes.stopped[mine], 0, 1)
    way = np.where(np.isfinite(first), way, 2)
    month = np.where(np.isfinite(first), first, programmes.seen_months[mine]).astype(np.int64)
    shape = (programmes.races, 3, programmes.horizon_months + 1)
    flat = np.ravel_multi_index((programmes.run[mine], way, month), shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)


def pooled_incidence(counts: Floats) -> tuple[Floats, Floats]:
    """Incidence of the first two ways over all races, (2, months), and the number at risk.

    `counts` (..., 3, months) as from `race_counts`, summed over races.
    """
    leaving = counts.sum(axis=-2)
    at_risk = np.cumsum(leaving[..., ::-1], axis=-1)[..., ::-1]
    return aalen_johansen(at_risk, counts[..., :2, :]), at_risk


def race_bootstrap(counts: Floats) -> tuple[Floats, Floats]:
    """95% interval of the pooled incidence by resampling races: programmes of one race share its random numbers."""
    races = len(counts)
    weights = np.random.default_rng(1).multinomial(races, np.full(races, 1 / races), BOOTSTRAP_SAMPLES)
    samples = (weights @ counts.reshape(races, -1)).reshape(BOOTSTRAP_SAMPLES, *counts.shape[1:])
    low, high = np.percentile(pooled_incidence(samples)[0], [2.5, 97.5], axis=0)
    return low, high


def _programme_panel(
    axes: Axes, programmes: ProgrammeTimes, event: Months, cause: int, labels: Sequence[str], at_risk_title: str
) -> None:
    """Curves of one event by bloc, over the table of programmes still at risk."""
    years = np.arange(programmes.horizon_months + 1) / 12
    ticks = style.year_ticks(0, years[-1], most=4)
    rows, most = [], 0.0
    for i, label in enumerate(labels):
        counts = race_counts(programmes, event, i)
        share, at_risk = pooled_incidence(counts.sum(axis=0))
        low, high = race_bootstrap(counts) if programmes.races >= FEWEST_RACES else (share, share)
        colour = style.COLOURS[i]
        axes.fill_between(years, low[cause], high[cause], step="post", color=colour, alpha=0.18, lw=0)
        axes.plot(years, share[cause], color=colour, linestyle=style.LINES[i], lw=2, drawstyle="steps-post")
        rows.append((label, colour, [int(at_risk[12 * tick]) for tick in ticks]))
        most = max(most, float(high[cause].max()))
    axes.set_xlim(0, max(years[-1], style.MONTH_YEARS))
    axes.set_xticks(ticks)
    axes.set_xlabel("years since its start", labelpad=2)
    style.share_axis(axes, most, "")
    style.count_table(axes, 0.5, at_risk_title, ticks, rows)


def _fan_panel(axes: Axes, years: Floats, counts: NDArray[np.int32], with_years: bool) -> None:
    """Median and bands over races, by bloc; `counts` (runs, blocs, times)."""
    most, dots = 0.0, "o" if len(years) == 1 else ""  # a line cannot show a single quarter, a dot can
    for i in range(counts.shape[1]):
        low, lower, middle, upper, high = np.percentile(counts[:, i], [5, 25, 50, 75, 95], axis=0)
        colour = style.COLOURS[i]
        axes.fill_between(years, low, high, color=colour, alpha=0.10, lw=0)
        axes.fill_between(years, lower, upper, color=colour, alpha=0.22, lw=0)
        axes.plot(years, middle, color=colour, linestyle=style.LINES[i], lw=1.8, marker=dots)
        most = max(most, float(high.max()))
    style.calendar_axis(axes, years[0], years[-1], most=5)
    style.count_axis(axes, most)
    if not with_years:
        axes.tick_params(labelbottom=False)


def _programme_events(path: Path, resolved: Resolved) -> NDArray[Any]:
    """Starts and ends of programmes, months counted from the start of the span."""
    parts, rows, start = [np.zeros(0, PROGRAMME_EVENT)], _row_of(resolved), _start_month(resolved)
    for batch in _batches(path, ["run", "month", "milestone", "programme", "home"]):
        kind = _codes(batch["milestone"], KINDS)
        chosen = kind >= 0
        part = np.zeros(int(chosen.sum()), PROGRAMME_EVENT)
        part["run"], part["programme"] = (batch[name].to_numpy()[chosen] for name in ("run", "programme"))
        part["month"], part["kind"] = _months(batch["month"])[chosen] - start, kind[chosen]
        part["home"] = _codes(batch["home"], rows)[chosen]
        parts.append(part)
    return np.concatenate(parts)


def _batches(path: Path, columns: list[str]) -> Iterator[Any]:
    """A result table in parts of bounded size, with only these columns."""
    import pyarrow.parquet as pq

    with path.open("rb") as file, pq.ParquetFile(file) as table:
        yield from table.iter_batches(batch_size=1 << 17, columns=columns, use_threads=False)


def _number_of_runs(path: Path) -> int:
    """Races in a result table: one more than its highest run."""
    return 1 + max((int(batch["run"].to_numpy().max(initial=-1)) for batch in _batches(path, ["run"])), default=-1)


def _codes(column: Any, numbers: Mapping[str, int]) -> NDArray[np.int64]:
    """A column of names as numbers, -1 for a name that has none."""
    words = column if hasattr(column, "dictionary") else column.dictionary_encode()
    lookup = np.array([numbers.get(name, -1) for name in words.dictionary.to_pylist()], dtype=np.int64)
    chosen: NDArray[np.int64] = lookup[words.indices.to_numpy(zero_copy_only=False)]
    return chosen


def _months(column: Any) -> NDArray[np.int64]:
    """A column of "YYYY-MM" as months since year 0."""
    from ipsc_race.policy import calendar_month

    words = column if hasattr(column, "dictionary") else column.dictionary_encode()
    names = words.dictionary.to_pylist()
    return _codes(words, {name: calendar_month(name) for name in names})


def _row_of(resolved: Resolved) -> dict[str, int]:
    """Row of each jurisdiction."""
    return {name: row for row, name in enumerate(resolved.jurisdictions)}


def _start_month(resolved: Resolved) -> int:
    """Calendar month in which the span starts."""
    return resolved.epochs[0].month
