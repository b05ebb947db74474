"""The figures of a run: readable for any blocs, the same bytes for the same races, and true to the tables."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from readable_figures import overlaps, words

from ipsc_race.policy import iso_month
from ipsc_race_lab.figures import programmes as programme_figures
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.durable import durable_figure, is_few, races_that_sell
from ipsc_race_lab.figures.run import bloc_labels, dates_on_record, draw_run, first_figure, incidence_figure, reached
from ipsc_race_lab.metrics import durable
from ipsc_race_lab.metrics.history import Fact, History, Registry
from ipsc_race_lab.metrics.questions import QUESTIONS, FirstTimes, p_first
from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import estimate_words, format_estimate

START = 2010 * 12
CAPTION = "Baseline world. 80 races, seed 1, scenario 5b1c9d0e, ipsc-race 0.1.0."


@dataclass(frozen=True)
class World:
    """What the figures need of a resolved scenario."""

    jurisdictions: tuple[str, ...]
    blocs: dict[str, tuple[int, ...]]
    months: int = 432
    scenario: Any = None
    epochs: Any = field(default_factory=lambda: (SimpleNamespace(month=START),))


def world(names: tuple[str, ...], blocs: dict[str, tuple[int, ...]], months: int = 432) -> Any:
    """A stand-in for a resolved scenario whose labels are the names in capitals."""
    labels = {name: SimpleNamespace(label=readable(name)) for name in names}
    return World(names, blocs, months, SimpleNamespace(jurisdictions=labels))


def fact(what: str, month: str, title: str) -> Fact:
    return Fact(month, title, what, month, month, "all", "reprogrammed", "A", ("a-source",))


HISTORIES = (
    History(
        "a", "A",
        (fact("first_approval", "2026-03", "First approval"), fact("first_approval", "2027-11", "First in Japan"),
         fact("first_patient", "2014-09", "First patient"), fact("first_patient", "1999-01", "Before the span"),
         fact("approvals", "2028-06", "Approvals by mid-2028")),
        Registry({}),
    ),
)  # fmt: skip
FOUR = world(("china", "us", "eu", "japan"), {"china": (0,), "west": (1, 2), "japan": (3,)})
EIGHT_NAMES = tuple(f"long_region_{i}" for i in range(8))
EIGHT = world(EIGHT_NAMES, {name: (i,) for i, name in enumerate(EIGHT_NAMES)})


def first_times(resolved: Any, question: str, runs: int, rng: np.random.Generator, mean: float) -> FirstTimes:
    """First months around `mean`, a later bloc a little later, some never."""
    blocs = tuple(resolved.blocs)
    months = np.round(rng.gamma(8, mean / 8, (runs, len(blocs))) + 6 * np.arange(len(blocs)))
    return FirstTimes(
        question, blocs, np.where(months < resolved.months, months, np.inf), float(resolved.months), START
    )


def all_times(resolved: Any, runs: int) -> dict[str, FirstTimes]:
    """First times of all three questions."""
    rng = np.random.default_rng(5)
    means = dict(zip(QUESTIONS, (70, 330, 260), strict=True))
    return {question: first_times(resolved, question, runs, rng, mean) for question, mean in means.items()}


def holdings(resolved: Any, runs: int, sold_usd_m: float = 10.0) -> durable.Holdings:
    """Sales that grow from the tenth year on, a later bloc selling less; none at all if `sold_usd_m` is 0."""
    rng, years, blocs = np.random.default_rng(7), -(-resolved.months // 12), tuple(resolved.blocs)
    growth = sold_usd_m * np.maximum(np.arange(years) - 9, 0)[:, None] / (1 + np.arange(len(blocs)))
    sales = rng.gamma(2.0, 0.5, (runs, len(durable.SALES), years, len(blocs))) * growth
    totals = np.ones((runs, len(durable.TOTALS), len(blocs)))
    return durable.Holdings(blocs, sales.astype(np.float32), totals, START, resolved.months)


def names_of(values: NDArray[Any], names: dict[int, str]) -> pa.DictionaryArray:
    """A column of names, stored as in a result folder."""
    words = pa.array([names.get(int(value), "") for value in values], pa.string())
    return words.dictionary_encode()


def write_tables(folder: Path, resolved: Any, runs: int, programmes: int = 40) -> None:
    """A result folder's two tables, from a toy history of each programme."""
    rng, n = np.random.default_rng(11), len(resolved.jurisdictions)
    rows = dict(enumerate(resolved.jurisdictions))
    events: list[tuple[int, int, str, int, int]] = []
    counts = np.zeros((runs, resolved.months, n, len(programme_figures.STAGES)), np.int32)
    stages = ["preclinical", "hospital", "ind", "phase_1", "phase_2", "phase_3", "review", "on_market", "stopped"]
    for run, programme in itertools.product(range(runs), range(programmes)):
        home, month = programme % n, int(rng.integers(0, resolved.months - 60))
        events.append((run, START + month, "programme_started", programme, home))
        for stage in range(8):
            end = min(resolved.months, month + 1 + int(rng.gamma(4, 6)))
            counts[run, month:end, home, stage] += 1
            month = end
            if month >= resolved.months or stage == 7:
                break
            if rng.random() < 0.25:
                events.append((run, START + month, "programme_stopped", programme, home))
                counts[run, month:, home, 8] += 1
                break
            reached_name = {0: "first_in_human", 6: "approved"}.get(stage)
            if reached_name:
                events.append((run, START + month, reached_name, programme, home))
    write_milestones(folder, resolved, events)
    shape = (runs, resolved.months, n)
    run, month, place = (axis.ravel() for axis in np.indices(shape))
    columns: dict[str, Any] = {
        "run": pa.array(run, pa.int32()),
        "month": names_of(START + month, {START + m: iso_month(START + m) for m in range(resolved.months)}),
        "jurisdiction": names_of(place, rows),
    }
    columns |= {name: pa.array(counts[..., i].ravel(), pa.int32()) for i, name in enumerate(stages)}
    pq.write_table(pa.table(columns), folder / "monthly.parquet", row_group_size=5000)


def write_milestones(folder: Path, resolved: Any, events: list[tuple[int, int, str, int, int]]) -> None:
    """Events of (run, calendar month, milestone, programme, home) as a result folder holds them."""
    run, month, milestone, programme, home = zip(*events, strict=True)
    names = dict(enumerate(resolved.jurisdictions))
    columns = {
        "run": pa.array(run, pa.int32()),
        "month": pa.array([iso_month(m) for m in month]).dictionary_encode(),
        "milestone": pa.array(milestone).dictionary_encode(),
        "programme": pa.array(programme, pa.int32()),
        "home": names_of(np.array(home), names),
    }
    pq.write_table(pa.table(columns), folder / "milestones.parquet", row_group_size=500)


@pytest.fixture
def _look() -> Any:
    """The fonts of the figures."""
    with style.look():
        yield


@pytest.mark.usefixtures("_look")
@pytest.mark.parametrize(("resolved", "runs"), [(FOUR, 1), (FOUR, 2000), (EIGHT, 2000)])
def test_no_text_covers_another(tmp_path: Path, resolved: Any, runs: int) -> None:
    """A label that lies on another says nothing about either bloc."""
    labels, times = bloc_labels(resolved), all_times(resolved, runs)
    write_tables(tmp_path, resolved, runs=min(runs, 12), programmes=3 * len(resolved.jurisdictions))
    figures = [incidence_figure(first, QUESTIONS[q], labels, HISTORIES, CAPTION) for q, first in times.items()]
    figures.append(first_figure(times, QUESTIONS, labels, CAPTION))
    figures.append(durable_figure(holdings(resolved, runs), labels, CAPTION))
    stages = programme_figures.stage_counts(tmp_path / "monthly.parquet", resolved)
    figures.append(programme_figures.stage_figure(stages, labels, CAPTION))
    programmes = programme_figures.programme_times(tmp_path / "milestones.parquet", resolved)
    figures.append(programme_figures.programme_figure(programmes, labels, CAPTION))
    assert [overlaps(figure) for figure in figures] == [[]] * len(figures)


def test_a_run_draws_every_figure_and_draws_it_again_to_the_last_byte(tmp_path: Path) -> None:
    """A figure that changes between two identical runs cannot be reproduced by a reader."""
    write_tables(tmp_path, FOUR, runs=12)
    times, sold = all_times(FOUR, 12), holdings(FOUR, 12)
    first = {path.name: path.read_bytes() for path in draw_run(tmp_path, FOUR, times, sold, HISTORIES, CAPTION)}
    again = {path.name: path.read_bytes() for path in draw_run(tmp_path, FOUR, times, sold, HISTORIES, CAPTION)}
    assert first == again
    assert sorted(first) == sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert {"incidence-first-approval-anywhere.png", "durable.png"} < set(first)
    assert all(content.startswith(b"\x89PNG") and b"Software" not in content for content in first.values())


def test_a_world_where_nothing_happens_can_be_drawn(tmp_path: Path) -> None:
    """No approval within the span is an answer, not an error."""
    write_tables(tmp_path, FOUR, runs=2, programmes=4)
    write_milestones(tmp_path, FOUR, [(0, START, "company_founded", -1, 0), (1, START, "company_founded", -1, 0)])
    never = {q: FirstTimes(q, ("china", "west", "japan"), np.full((2, 3), np.inf), 432.0, START) for q in QUESTIONS}
    assert len(draw_run(tmp_path, FOUR, never, holdings(FOUR, 2, sold_usd_m=0.0), HISTORIES, CAPTION)) == 7


def test_stage_counts_sum_the_jurisdictions_of_a_bloc_within_a_race(tmp_path: Path) -> None:
    """A fan over jurisdictions instead of races would show the West too small and too certain."""
    write_tables(tmp_path, FOUR, runs=3)
    stages = programme_figures.stage_counts(tmp_path / "monthly.parquet", FOUR)
    table = pq.read_table(tmp_path / "monthly.parquet").to_pandas()
    west = table[(table.run == 2) & (table.month == "2031-04") & table.jurisdiction.isin(["us", "eu"])]
    quarter = int(np.flatnonzero(np.isclose(stages.years, 2031.25))[0])
    for i, stage in enumerate(programme_figures.STAGES):
        assert stages.counts[i, 2, 1, quarter] == west[stage].sum()
    assert stages.counts.shape == (9, 3, 3, 144)


def test_programme_times_are_counted_from_each_programmes_own_start(tmp_path: Path) -> None:
    """Time since the start of the race would make late programmes look slow."""
    events = [
        (0, START + 10, "programme_started", 0, 0),
        (0, START + 34, "first_in_human", 0, 0),
        (0, START + 100, "conditionally_approved", 0, 0),
        (0, START + 120, "approved", 0, 0),
        (1, START + 40, "programme_started", 0, 2),
        (1, START + 52, "programme_stopped", 0, 2),
        (1, START + 400, "programme_started", 7, 3),
    ]
    write_tables(tmp_path, FOUR, runs=2, programmes=4)
    write_milestones(tmp_path, FOUR, events)
    found = programme_figures.programme_times(tmp_path / "milestones.parquet", FOUR)
    assert list(found.in_human) == [24, np.inf, np.inf]
    assert list(found.approved) == [90, np.inf, np.inf]
    assert list(found.stopped) == [np.inf, 12, np.inf]
    assert list(found.seen_months) == [421, 391, 31]
    assert found.in_bloc.tolist() == [[True, False, False], [False, True, False], [False, False, True]]
    counts = programme_figures.race_counts(found, found.approved, bloc=1)
    assert counts[1, 1, 12] == 1
    assert counts.sum() == 1


def test_the_interval_of_programmes_widens_where_races_differ_more_than_programmes() -> None:
    """Programmes of one race share its luck: treating them as independent would promise too much."""
    races, size = 40, 50
    run = np.repeat(np.arange(races, dtype=np.int32), size)
    approved = np.where(run % 2 == 0, 24, np.inf).astype(np.float32)  # all programmes of a race share one fate
    found = programme_figures.ProgrammeTimes(
        races,
        run,
        np.ones((len(run), 1), bool),
        approved,
        approved,
        np.where(run % 2 == 0, np.inf, 24).astype(np.float32),
        np.full(len(run), 60, np.int32),
        60,
    )
    counts = programme_figures.race_counts(found, found.approved, bloc=0)
    low, high = programme_figures.race_bootstrap(counts)
    binomial = 2 * 1.96 * np.sqrt(0.25 / (races * size))
    assert high[0, -1] - low[0, -1] > 3 * binomial
    assert programme_figures.pooled_incidence(counts.sum(axis=0))[0][:, -1] == pytest.approx([0.5, 0.5])


def test_reached_counts_races_in_which_a_bloc_has_arrived() -> None:
    """The thin lines must be plain shares, whoever was first."""
    months = np.array([[1.0, 2.0], [np.inf, 2.0]])
    assert reached(months, np.array([0.0, 1.0, 2.0])).tolist() == [[0, 0.5, 0.5], [0, 0, 1.0]]


def test_a_bloc_of_one_jurisdiction_wears_its_label() -> None:
    """A reader should meet one name for one thing."""
    assert bloc_labels(FOUR) == ("China", "West", "Japan")


def test_dates_on_record_are_those_of_the_milestone_and_today_is_that_of_the_record() -> None:
    """A date of the wall clock would make another figure each month, and a first approval is no first patient."""
    times = all_times(FOUR, 20)
    found, as_of = dates_on_record(HISTORIES, times["first_home_approval"])
    assert found == {"2026-03": ["First approval"], "2027-11": ["First in Japan"]}
    assert as_of == "2028-06"
    assert dates_on_record(HISTORIES, times["first_in_human"]) == ({"2014-09": ["First patient"]}, "2028-06")
    assert dates_on_record((), times["first_in_human"]) == ({}, None)


@pytest.mark.usefixtures("_look")
def test_a_figure_writes_the_numbers_of_the_printed_answer() -> None:
    """0.4% in the text and 0.5% in the figure are two answers to one question."""
    times = all_times(FOUR, 230)
    figure = words(incidence_figure(times["first_in_human"], "First", bloc_labels(FOUR), HISTORIES, CAPTION))
    panels = words(first_figure(times, QUESTIONS, bloc_labels(FOUR), CAPTION))
    for bloc, label in zip(FOUR.blocs, bloc_labels(FOUR), strict=True):
        numbers = p_first(times["first_in_human"])[bloc]._asdict()
        estimate = estimate_words(numbers, Kind.CHANCE)
        assert format_estimate(numbers, Kind.CHANCE).startswith(estimate)
        assert f"{label} {estimate}" in figure
        assert estimate in panels
    assert "Triangle: on record, 2014-09 (First patient)" in figure
    assert "as of 2028-06" in figure


@pytest.mark.usefixtures("_look")
def test_shares_that_rest_on_few_races_are_faint_and_how_many_sell_is_told() -> None:
    """All of a market of three races in a thousand is no lead of anyone."""
    sold = holdings(FOUR, 200)
    sold.sales[29:, :, :20] = 0  # 29 of 200 races sell before the twentieth year
    selling = races_that_sell(sold.yearly("revenue", "origin"))
    assert (selling[12], selling[25]) == (29, 200)
    few = is_few(selling, 200)
    assert (few[12], few[25]) == (True, False)
    assert is_few(np.array([49, 50]), 1000).tolist() == [True, False]
    figure = durable_figure(sold, bloc_labels(FOUR), CAPTION)
    panel, strip = figure.axes[:2]
    strong = [line for line in panel.lines if line.get_linewidth() == 2.2]
    assert all(np.isnan(line.get_ydata()[0]) and not np.isnan(line.get_ydata()[-1]) for line in strong)
    assert strip.get_title(loc="left") == "races that sell"
    assert [label.get_text() for label in strip.get_yticklabels()] == ["0", "200"]
