"""The chart of one race: the course of its leading programmes, a row for each country in which one is developed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ipsc_race_lab.figures import style
from ipsc_race_lab.results.event_log import Event, Race
from ipsc_race_lab.wording.names import bloc_label, cell_product, programme_names, with_article
from ipsc_race_lab.wording.story import winner_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


COLOURS: dict[str, str] = {
    "preclinical": "#D0D0D0",
    "hospital study": "#E69F00",
    "IND review": "#E3B7D0",
    "Phase 1": "#BFDFF2",
    "Phase 2": "#56B4E9",
    "Phase 3": "#0072B2",
    "approval review": "#B0568A",
    "market, conditional": "#93D8C3",
    "market": "#009E73",
}
BETWEEN = "between stages"
NONE = ""
HOSPITALS = "hospitals"  # a track beside those of countries, which are named by theirs
STAGE_AFTER: dict[str, str] = {  # stage that a milestone begins
    "programme_started": "preclinical",
    "hospital_study_opened": "hospital study",
    "hospital_study_read_out": NONE,  # a redesign goes on, and says so
    "redesigned": BETWEEN,
    "ind_filed": "IND review",
    "ind_cleared": BETWEEN,
    "phase_1_started": "Phase 1",
    "phase_1_read_out": BETWEEN,
    "phase_2_started": "Phase 2",
    "phase_2_read_out": BETWEEN,
    "phase_3_started": "Phase 3",
    "phase_3_read_out": BETWEEN,
    "filed": "approval review",
    "filing_refused": BETWEEN,
    "conditionally_approved": "market, conditional",
    "approved": "market",
    "withdrawn": NONE,
    "campaign_stopped": NONE,
    "programme_stopped": NONE,
}
STANDING: dict[str, str] = {  # stage in which a programme of the roster stands at the start
    "hospital_review": BETWEEN,
    "hospital_study": "hospital study",
    "ind_preparation": BETWEEN,
    "ind_review": "IND review",
    "phase_1": "Phase 1",
    "phase_2": "Phase 2",
    "phase_3": "Phase 3",
    "filing": BETWEEN,
    "approval_review": "approval review",
    "conditional": "market, conditional",
    "approved": "market",
}
MARKS: dict[str, tuple[str, str, str]] = {  # shape, colour, meaning
    "first_in_human": ("o", "white", "first patient"),
    "proof_of_concept": ("D", "#F0E442", "proof of concept"),
    "approved": ("*", "white", "approval"),
    "withdrawn": ("X", "#D55E00", "withdrawal"),
    "programme_stopped": ("s", "black", "stop"),
}
HOLD_ENDS = {"hold_lifted", "campaign_stopped", "programme_stopped", "settled_at_home"}
SAME_MARK = {"conditionally_approved": "approved"}
ROW = 0.2  # inches
WIDTH = 9.6
WINNER_INCHES = 0.14  # a line that says who was first


class Bar(NamedTuple):
    """A stage of a programme in a country, from one month to another (since year 0)."""

    stage: str
    start: int
    end: int


class Row(NamedTuple):
    """A row of the chart: a heading, or a programme in one country."""

    label: str
    bars: Sequence[Bar]
    holds: Sequence[Bar]
    marks: Sequence[tuple[str, int]]
    is_heading: bool = False


def draw(path: Path, race: Race, leaders: Sequence[int]) -> None:
    """Write the chart of these programmes as a PNG. Raises OSError where it cannot be written."""
    with style.look():
        style.save(chart(race, leaders), path)


def chart(race: Race, leaders: Sequence[int]) -> Figure:
    """Rows grouped by bloc, bars by stage, marks for what matters most."""
    rows = list(chart_rows(race, leaders))
    bottom = 1.1
    height = ROW * max(len(rows), 1)
    winners = style.caption_lines(WIDTH, *winner_lines(race))
    figure = style.new_figure(WIDTH, bottom + height + 0.65 + WINNER_INCHES * len(winners))
    left = style.label_inches([row.label for row in rows] or [""])
    axes = style.place(figure, left, bottom, WIDTH - left - 0.25, height)
    for y, row in enumerate(rows):
        _draw_row(axes, y, row)
    start, end = _span(race)
    style.calendar_axis(axes, start / 12, end / 12)
    style.rows_axis(axes, [row.label for row in rows], size=9)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        tick.set_fontweight("bold" if row.is_heading else "normal")
    axes.spines["left"].set_visible(False)
    which = f"The {len(leaders)} leading programmes (the first approved, then the farthest)"
    explanation = f"{which}, a row for each country with work on it. Thin line: between stages."
    style.write_heading(figure, f"Race {race.run} (seed {race.seed}): {race.title}", explanation)
    top = figure.get_figheight() - 0.57
    style.write_at(figure, 0.15, top, "\n".join(winners), size=style.CAPTION_POINTS, va="top", linespacing=1.2)
    _legend(figure, bottom)
    return figure


def chart_rows(race: Race, leaders: Sequence[int]) -> Iterable[Row]:
    """Rows from top to bottom: each bloc's name, then its programmes with one row for each country."""
    names, end = programme_names(race), _span(race)[1]
    courses = [_events_of(race, programme) for programme in leaders]
    for bloc in dict.fromkeys(race.blocs.values()):
        mine = [events for events in courses if race.blocs[events[0].home] == bloc]
        if mine:
            yield Row(bloc_label(race, bloc), (), (), (), is_heading=True)
        for events in mine:
            yield from _programme_rows(race, names[events[0].company, events[0].programme], events, end)


def _programme_rows(race: Race, name: str, events: Sequence[Event], end: int) -> Iterator[Row]:
    """One programme: a row for each country with work on it, and always one for its home, which bears the name."""
    home, product = events[0].home, cell_product(race, events[0])
    row = events[0].programme
    standing = race.stages[row] if row < len(race.stages) else {}
    bars_in: dict[str, list[Bar]] = {home: []} | bars_by_place(events, end, standing)
    last = max(bars_in, key=lambda place: max((bar.end for bar in bars_in[place]), default=0))
    for place, bars in bars_in.items():
        where = "hospitals at home" if place == HOSPITALS else with_article(race.labels.get(place, place))
        label = f"{name} {product}" if place == home else f"in {where}"
        # The end of a programme is marked where the work went on longest.
        marked = [e for e in events if place == (last if e.milestone == "programme_stopped" else track(e))]
        yield Row(label, bars, holds(_events_in(events, place), end), marks(marked))


def bars_by_place(
    events: Sequence[Event], end: int, standing: Mapping[str, str] = MappingProxyType({})
) -> dict[str, list[Bar]]:
    """Stages of a programme on each track that has any, home first; a stop of the programme ends them all.

    A track is the registration in a country, or the hospitals at home, which may go on beside it.

    A country may have events and no stage, such as a licence signed there whose IND is not filed yet. Preclinical work
    is drawn at home, and ends with the first step anywhere: some go abroad first. A programme of the roster begins in
    each place where it is `standing`.
    """
    places, begun = dict.fromkeys([events[0].home, *standing, *map(track, events)]), _month(events[0])
    if standing:
        events = [event for event in events if event.milestone != "programme_started"] or events
    steps = [_month(e) for e in events if e.milestone in STAGE_AFTER and e.milestone != "programme_started"]
    ready = min(steps, default=end)
    bars_of = {}
    for place in places:
        here = _events_in(events, place)
        changes = [(begun, STANDING[standing[place]])] if place in standing else []
        changes += [(_month(e), STAGE_AFTER[e.milestone]) for e in here if e.milestone in STAGE_AFTER]
        bars = [
            Bar(stage, month, min(stop, ready) if stage == "preclinical" else stop)
            for (month, stage), (stop, _) in pairwise([*changes, (end, NONE)])
        ]
        bars_of[place] = [bar for bar in bars if bar.stage != NONE and bar.end > bar.start]
    return {place: bars for place, bars in bars_of.items() if bars}


def track(event: Event) -> str:
    """Track of an event: a country, or the hospitals at home."""
    return HOSPITALS if event.lane == "hospital" else event.jurisdiction


def holds(events: Sequence[Event], end: int) -> list[Bar]:
    """Times on hold on one track: to the lifting, or to the end of the work there."""
    bars, since = [], None
    for event in events:
        if event.milestone == "hold_placed" and since is None:
            since = _month(event)
        elif since is not None and event.milestone in HOLD_ENDS:
            bars.append(Bar("hold", since, _month(event)))
            since = None
    return bars if since is None else [*bars, Bar("hold", since, end)]


def marks(events: Sequence[Event]) -> list[tuple[str, int]]:
    """Marked milestones in one country with their months; of two approvals, the first."""
    first_months: dict[str, int] = {}
    for event in events:
        name = SAME_MARK.get(event.milestone, event.milestone)
        if name in MARKS:
            first_months.setdefault(name, _month(event))
    return list(first_months.items())


def _draw_row(axes: Axes, y: int, row: Row) -> None:
    """One row: thin line between stages, bars of stages, hatching of holds, marks on top."""
    for bar in row.bars:
        start, length = bar.start / 12, (bar.end - bar.start) / 12
        if bar.stage == BETWEEN:
            axes.plot([start, start + length], [y, y], color="#999999", lw=1, solid_capstyle="butt")
        else:
            axes.barh(y, length, left=start, height=0.72, color=COLOURS[bar.stage], lw=0)
    for bar in row.holds:
        length = (bar.end - bar.start) / 12
        axes.barh(
            y, length, left=bar.start / 12, height=0.72, facecolor="none", edgecolor="black", hatch="////", lw=0.8
        )
    for name, month in row.marks:
        shape, colour, _ = MARKS[name]
        size = 9 if shape == "*" else 5
        axes.plot(month / 12, y, marker=shape, ms=size, color=colour, mec="black", mew=0.7, clip_on=False, zorder=3)


def _legend(figure: Figure, bottom: float) -> None:
    """What the colours and the marks mean, under the chart."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    stages = [Patch(facecolor=colour, label=stage) for stage, colour in COLOURS.items()]
    points = [
        Line2D(
            [], [], marker=shape, ms=9 if shape == "*" else 5, color=colour, mec="black", mew=0.7, ls="none", label=name
        )
        for shape, colour, name in MARKS.values()
    ]
    hold = Patch(facecolor="none", edgecolor="black", hatch="////", label="on hold")
    style.key(figure, [*stages, hold, *points], bottom - 0.32, columns=5, columnspacing=1.6)


def _events_of(race: Race, programme: int) -> list[Event]:
    """Events of one programme, in order."""
    return [event for event in race.events if event.programme == programme]


def _events_in(events: Sequence[Event], place: str) -> list[Event]:
    """What happened to a programme in one country; its stop happens in all."""
    return [event for event in events if track(event) == place or event.milestone == "programme_stopped"]


def _month(event: Event) -> int:
    from ipsc_race.policy import calendar_month

    return calendar_month(event.month)


def _span(race: Race) -> tuple[int, int]:
    """First month, and the month after the last."""
    from ipsc_race.policy import calendar_month

    return calendar_month(race.start_month), calendar_month(race.end_month) + 1
