"""One race told: true to its events, readable, and clear about what it cannot read."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ipsc_race import milestones
from ipsc_race.policy import iso_month
from ipsc_race_lab.commands import story
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.figures import gantt, style
from ipsc_race_lab.metrics.questions import QUESTIONS
from ipsc_race_lab.results import event_log
from ipsc_race_lab.results.event_log import Event, Race, read_race
from ipsc_race_lab.wording import story as story_words
from ipsc_race_lab.wording.names import programme_names
from ipsc_race_lab.wording.story import leading, log

START = 2010 * 12
HOMES = ("china", "us", "eu", "japan")
VALUES: dict[str, Any] = {
    "title": "Baseline world",
    "span": {"start_month": "2010-01", "end_month": "2045-12"},
    "blocs": {"china": ["china"], "west": ["us", "eu"], "japan": ["japan"]},
    "jurisdictions": {
        "china": {"label": "China"},
        "us": {"label": "US"},
        "eu": {"label": "EU"},
        "japan": {"label": "Japan"},
    },
    "indications": {"heart_failure": {"cell_product": "cardiomyocyte", "disease": "ischaemic heart failure"}},
}
IN_HOSPITALS = ("first_in_human", "hospital_study_opened", "hospital_study_read_out", "redesigned")
COURSE = (
    ("programme_started", 0),
    ("hospital_study_opened", 30),
    ("first_in_human", 34),
    ("hospital_study_read_out", 55),
    ("redesigned", 55),
    ("hospital_study_opened", 62),
    ("hospital_study_read_out", 80),
    ("proof_of_concept", 80),
    ("ind_filed", 90),
    ("ind_cleared", 93),
    ("phase_2_started", 98),
    ("hold_placed", 104),
    ("hold_lifted", 110),
    ("phase_2_read_out", 130),
    ("phase_3_started", 140),
    ("phase_3_read_out", 180),
    ("filed", 188),
    ("conditionally_approved", 200),
    ("confirmation_started", 204),
    ("confirmation_met", 240),
    ("approved", 240),
)


BLOCS = {"china": "china", "us": "west", "eu": "west", "japan": "japan"}


def event(month: int, milestone: str, company: int, programme: int, home: str, place: str = "") -> Event:
    """An event at home unless said otherwise."""
    lane = "hospital" if milestone in IN_HOSPITALS else "registration"
    indication = "heart_failure" if programme >= 0 else ""
    reason = "futility" if milestone == "programme_stopped" else ""
    return Event(iso_month(START + month), milestone, company, programme, home, place or home, indication, lane, reason)


def told_race(seed: int = 4, programmes: int = 40) -> list[Event]:
    """A race of programmes that follow the course for a while, at several paces, some abroad too, and stop."""
    rng, events = np.random.default_rng(seed), []
    for programme in range(programmes):
        company, home = programme // 2, HOMES[programme // 2 % 4]
        start, pace = int(rng.integers(0, 200)), 0.6 + rng.random()
        if programme % 2 == 0:
            events.append(event(start, "company_founded", company, -1, home))
        length = min(len(COURSE), 1 + int(rng.geometric(0.08)))
        course = [(name, start + int(month * pace)) for name, month in COURSE[:length]]
        if length > 12:
            abroad = HOMES[(programme // 2 + 1) % 4]
            moved = [(name, month + 30) for name, month in course if name.startswith(("ind", "phase", "filed"))]
            events += [event(month, name, company, programme, home, abroad) for name, month in moved]
        if length < len(COURSE):
            last = course[-1][1] + 50
            events += [event(last, "campaign_stopped", company, programme, home)]
            events += [event(last, "programme_stopped", company, programme, home)]
        events += [event(month, name, company, programme, home) for name, month in course]
    return sorted((e for e in events if e.month <= "2045-12"), key=lambda e: e.month)


def write_result(folder: Path, runs: dict[int, list[Event]], **manifest: Any) -> Path:
    """A result folder with what the story reads."""
    folder.mkdir(exist_ok=True)
    about = {"status": "complete", "seed": 1, "runs": len(runs), "runs_done": len(runs)} | manifest
    (folder / "manifest.json").write_text(json.dumps(about))
    (folder / "scenario.json").write_text(json.dumps({"epochs": [{"from": "2010-01", "values": VALUES}]}))
    rows = [{"run": run, **vars(e)} for run, events in runs.items() for e in events]
    table = pa.Table.from_pylist(rows, schema=pa.schema([("run", pa.int32()), *_columns()]))
    pq.write_table(table, folder / "milestones.parquet")
    return folder


def _columns() -> list[tuple[str, pa.DataType]]:
    numbers = ("company", "programme")
    words = pa.dictionary(pa.int16(), pa.string())
    return [(name, pa.int32() if name in numbers else words) for name in Event.__dataclass_fields__]


def race_of(*events: Event) -> Race:
    """A race of a few events."""
    labels = {"china": "China", "us": "US", "eu": "EU", "japan": "Japan"}
    return Race(0, 1, "", "2010-01", "2045-12", events, BLOCS, labels, {}, {})


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """Two races."""
    return write_result(tmp_path / "result", {0: told_race(1), 1: told_race(4)})


def arguments(folder: Path, *words: str) -> argparse.Namespace:
    """A command line."""
    parser = argparse.ArgumentParser()
    story.configure(parser)
    return parser.parse_args([str(folder), *words])


def test_every_milestone_has_its_sentence_and_its_stage() -> None:
    """A milestone without a sentence would end the story with an error."""
    assert set(story_words.SENTENCES) == set(milestones.MILESTONES.values())
    for names in (story_words.WAY, story_words.TOLD_OF_LEADERS, gantt.STAGE_AFTER, gantt.MARKS):
        assert set(names) <= set(milestones.MILESTONES.values())


def test_the_log_tells_the_race_in_order(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A reader must be able to follow a programme from its first patient to the market."""
    assert story.execute(arguments(result, "--run", "1")) == 0
    head, *lines, tail = capsys.readouterr().out.splitlines()
    winners, lines = lines[: lines.index("")], lines[lines.index("") + 1 :]
    assert [line.split(":")[0] for line in winners] == list(QUESTIONS.values())
    assert head.startswith("Race 1 (seed 1) of Baseline world")
    assert tail.endswith("story-1.png")
    assert [line[:7] for line in lines] == sorted(line[:7] for line in lines)
    dosed = [line for line in lines if "doses the first patient" in line]
    assert any(
        "(cardiomyocyte, ischaemic heart failure) in a hospital study in China" in line and "first" in line[-20:]
        for line in dosed
    )
    assert any("in the US" in line for line in lines)
    assert not any("is founded" in line for line in lines)
    assert (result / "figures" / "story-1.png").read_bytes().startswith(b"\x89PNG")


def test_all_tells_every_event_and_json_holds_them(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing may be hidden from who asks for everything."""
    story.execute(arguments(result, "--run", "0", "--all"))
    lines = capsys.readouterr().out.splitlines()
    story.execute(arguments(result, "--run", "0", "--json"))
    told = json.loads(capsys.readouterr().out)
    assert len(lines) == len(told["events"]) + len(QUESTIONS) + 3
    assert told["run"] == 0
    assert told["events"] == [vars(e) for e in told_race(1)]


def test_each_bloc_is_first_once_and_one_of_all(result: Path) -> None:
    """Two firsts of all would be a contradiction."""
    lines = [line for line in log(read_race(result, 1), leaders=()) if "doses the first patient" in line]
    assert sum("the first of all" in line for line in lines) == 1
    assert len(lines) == 3


def test_names_count_companies_and_programmes_within_their_home() -> None:
    """china-2-1 must be the first programme of the second Chinese company, so that it can be found in other worlds."""
    events = (
        event(0, "company_founded", 0, -1, "us"),
        event(0, "company_founded", 1, -1, "china"),
        event(1, "company_founded", 2, -1, "china"),
        event(2, "programme_started", 2, 0, "china"),
        event(3, "programme_started", 1, 1, "china"),
        event(4, "programme_started", 2, 2, "china"),
    )
    race = event_log.Race(0, 1, "", "2010-01", "2045-12", events, {}, {}, {}, {})
    names = programme_names(race)
    assert names[2, -1] == "china-2"
    assert names[2, 2] == "china-2-2"
    assert names[1, 1] == "china-1-1"
    assert names[0, -1] == "us-1"


def test_a_programme_handed_over_keeps_its_name_and_institutes_are_counted_apart() -> None:
    """A reader who follows a programme from an institute to its company would lose it at the hand-over."""
    started, handed = "programme_started", "handed_over"
    events = (
        Event("2012-01", started, 0, 0, "japan", "japan", "heart_failure", "", "", "institute"),
        Event("2013-01", started, 1, 1, "japan", "japan", "heart_failure", "", ""),
        Event("2016-01", handed, 2, 0, "japan", "japan", "heart_failure", "", ""),
    )
    names = programme_names(race_of(*events))
    assert (names[0, -1], names[1, -1], names[2, -1]) == ("japan-institute-1", "japan-1", "japan-2")
    assert names[0, 0] == names[2, 0] == "japan-institute-1-1"


def test_who_is_on_the_roster_is_called_by_name() -> None:
    """A reader wants to see what becomes of a product that the press writes of, and from where it started."""
    events = (
        Event("2026-07", "company_founded", 0, -1, "us", "us", "", "", ""),
        Event("2026-07", "programme_started", 0, 0, "us", "us", "heart_failure", "", ""),
        Event("2026-09", "company_founded", 1, -1, "us", "us", "", "", ""),
        Event("2026-09", "programme_started", 1, 1, "us", "us", "heart_failure", "", ""),
        Event("2028-01", "filed", 0, 0, "us", "us", "heart_failure", "registration", ""),
    )
    standing = {"us": "phase_3", "eu": "phase_1"}
    race = dataclasses.replace(race_of(*events), developers=("iNamed",), programmes=("IN-1",), stages=(standing,))
    names = programme_names(race)
    assert (names[0, -1], names[0, 0], names[1, -1], names[1, 1]) == ("iNamed", "IN-1", "us-1", "us-1-1")
    told = list(log(race, None))
    assert "iNamed is there from the start, at home in the US" in told[0]
    assert "iNamed is there with programme IN-1" in told[1]
    assert "first" not in told[1]
    assert "Company us-1 is founded in the US" in told[2]
    bars = gantt.bars_by_place([event for event in events if event.programme == 0], 2030 * 12, standing)
    assert [bar.stage for bar in bars["us"]] == ["Phase 3", "approval review"]
    assert [(bar.stage, bar.start) for bar in bars["eu"]] == [("Phase 1", 2026 * 12 + 6)]


def test_every_bloc_shows_its_best_programme(result: Path) -> None:
    """A chart without a bloc would hide how far it came."""
    race = read_race(result, 1)
    chosen = leading(race, 3)
    homes = {e.programme: race.blocs[e.home] for e in race.events}
    assert {homes[programme] for programme in chosen} == {"china", "west", "japan"}
    assert len(leading(race, 25)) == 25
    assert len(leading(race, 200)) == 40


def test_bars_follow_the_milestones_of_each_country() -> None:
    """A bar that runs on after a stop would show work that nobody does."""
    events = [event(month, name, 0, 0, "china") for name, month in COURSE[:11]]
    events += [event(100, "ind_filed", 0, 0, "china", "us"), event(120, "programme_stopped", 0, 0, "china")]
    bars = gantt.bars_by_place(events, START + 432)
    stages = {
        place: [(bar.stage, bar.start - START, bar.end - START) for bar in found] for place, found in bars.items()
    }
    hospital = [("hospital study", 30, 55), (gantt.BETWEEN, 55, 62), ("hospital study", 62, 80)]
    assert stages[gantt.HOSPITALS] == hospital, "a track of its own, over with its last readout"
    assert stages["china"] == [
        ("preclinical", 0, 30), ("IND review", 90, 93), (gantt.BETWEEN, 93, 98), ("Phase 2", 98, 120)
    ]  # fmt: skip
    assert stages["us"] == [("IND review", 100, 120)]


def test_preclinical_work_ends_when_a_programme_goes_abroad_first() -> None:
    """A developer that starts trials abroad must not look idle at home for ever."""
    events = [event(0, "programme_started", 0, 0, "eu"), event(40, "ind_filed", 0, 0, "eu", "us")]
    bars = gantt.bars_by_place(events, START + 432)
    assert bars["eu"] == [gantt.Bar("preclinical", START, START + 40)]


def test_holds_end_with_their_lifting_or_with_the_work() -> None:
    """A hold drawn to the horizon would accuse a regulator of what a company did."""
    events = [event(5, "hold_placed", 0, 0, "us"), event(9, "hold_lifted", 0, 0, "us")]
    events += [event(20, "hold_placed", 0, 0, "us"), event(26, "campaign_stopped", 0, 0, "us")]
    found = [(bar.start - START, bar.end - START) for bar in gantt.holds(events, START + 432)]
    assert found == [(5, 9), (20, 26)]
    assert gantt.holds(events[:1], START + 50)[0].end == START + 50


@pytest.mark.parametrize("milestone", ["licensed_out", "serious_harm", "of_a_later_version"])
def test_a_country_with_events_and_no_stage_has_no_row(milestone: str) -> None:
    """A licence signed in the last months of a race, its IND not filed yet, must not cost the reader the chart."""
    events = [event(0, "programme_started", 0, 0, "eu"), event(420, milestone, 0, 0, "eu", "japan")]
    assert [*gantt.bars_by_place(events, START + 432)] == ["eu"]
    rows = gantt.chart_rows(race_of(*events), [0])
    assert [row.label.strip() for row in rows] == ["West", "eu-1-1"]


def test_a_programme_without_work_at_home_keeps_its_name() -> None:
    """Rows of a programme that went abroad at once would seem to belong to the programme above them."""
    events = [event(3, "programme_started", 0, 0, "eu"), event(3, "ind_filed", 0, 0, "eu", "us")]
    _, home, abroad = gantt.chart_rows(race_of(*events), [0])
    assert (home.label.strip(), home.bars, home.is_heading) == ("eu-1-1", [], False)
    assert (abroad.label, [bar.stage for bar in abroad.bars]) == ("in the US", ["IND review"])


def test_a_programme_that_ends_as_it_starts_is_marked_at_home() -> None:
    """A programme that leaves no trace would be missing from the count of those shown."""
    events = [event(3, "programme_started", 0, 0, "eu"), event(3, "programme_stopped", 0, 0, "eu")]
    _, row = gantt.chart_rows(race_of(*events), [0])
    assert (row.bars, row.marks) == ([], [("programme_stopped", START + 3)])


def test_holds_end_where_a_developer_settles_or_stops_elsewhere() -> None:
    """Nobody is on hold in a country where nobody tries any more."""
    events = [event(5, "hold_placed", 0, 0, "china"), event(9, "settled_at_home", 0, 0, "china")]
    assert gantt.holds(events, START + 432) == [gantt.Bar("hold", START + 5, START + 9)]
    events = [
        event(1, "programme_started", 0, 0, "china"),
        event(4, "ind_filed", 0, 0, "china"),
        event(4, "ind_filed", 0, 0, "china", "us"),
        event(5, "hold_placed", 0, 0, "china", "us"),
        event(9, "programme_stopped", 0, 0, "china"),
    ]
    *_, abroad = gantt.chart_rows(race_of(*events), [0])
    assert abroad.holds == [gantt.Bar("hold", START + 5, START + 9)]


def test_who_won_the_race_is_shown() -> None:
    """A story without the first approved programme leaves out what the race was about."""
    events = [
        event(100, "conditionally_approved", 0, 0, "china", "japan"),
        event(120, "conditionally_approved", 1, 1, "japan"),
        event(130, "approved", 2, 2, "eu", "us"),
        event(140, "conditionally_approved", 3, 3, "us"),
        *(event(150 + later, "approved", 4, 4 + later, home) for later, home in enumerate(HOMES)),
    ]
    race = race_of(*events)
    assert story_words.winners(race) == [0, 1, 3, 4]
    assert leading(race, 1) == (0,)
    assert set(leading(race, 4)) == {0, 1, 3, 4}
    assert set(leading(race, 6)) == {0, 1, 3, 4, 2, 7}  # with the farthest of each bloc
    assert story_words.winners(race_of()) == []


def test_the_story_begins_with_who_won() -> None:
    """A reader who asks of a race who won it should not have to search two hundred lines."""
    embryonic = dataclasses.replace(event(3, "first_in_human", 9, 9, "us"), cell_source="embryonic")
    race = race_of(
        embryonic,
        event(20, "first_in_human", 0, 0, "japan"),
        event(20, "first_in_human", 0, 0, "japan", "us"),
        event(20, "first_in_human", 1, 1, "eu", "us"),
        event(100, "conditionally_approved", 2, 2, "china", "japan"),
        event(140, "approved", 0, 0, "japan"),
    )
    human, at_home, anywhere = story_words.winner_lines(race)
    assert human == (
        "First patient dosed: Japan, company japan-1 with programme japan-1-1 () in Japan and "
        "West, company eu-1 with programme eu-1-1 () in the US, 2011-09"
    )
    assert at_home.startswith("First approval at home: Japan, company japan-1 with")
    assert anywhere.startswith("First approval anywhere: China, company china-1 with programme china-1-1 () in Japan")
    assert story_words.winner_lines(race_of())[0] == "First patient dosed: nobody within the span"


def test_cells_that_the_answer_does_not_count_are_told_as_such() -> None:
    """An embryonic product approved years before the first approval would make the story contradict itself."""
    embryonic = dataclasses.replace(event(3, "first_in_human", 0, 0, "us"), cell_source="embryonic")
    race = dataclasses.replace(race_of(embryonic), products={"heart_failure": "cardiomyocyte"})
    assert "(cardiomyocyte from embryonic cells, )" in next(log(race, None))
    assert [row.label for row in gantt.chart_rows(race, [0])][1] == "us-1-1 cardiomyocyte from embryonic cells"


def test_the_chart_says_who_won(result: Path) -> None:
    """A chart goes round without its log."""
    from readable_figures import words

    race = read_race(result, 1)
    with style.look():
        told = words(gantt.chart(race, leading(race, 5)))
    assert all(line in told for line in story_words.winner_lines(race))


def test_a_milestone_of_a_later_version_is_told_by_its_name() -> None:
    """An old laboratory should tell of a new result what it can."""
    race = race_of(event(3, "twice_cured", 0, 0, "eu"))
    assert list(log(race, None)) == ["2010-04   twice cured in the EU: company eu-1, programme eu-1-1"]


def test_a_title_with_money_is_a_title(result: Path) -> None:
    """Two prices in a title, taken for a formula, would cost the reader the chart."""
    race = dataclasses.replace(read_race(result, 1), title="From $1^^m to $2m")
    with style.look():
        gantt.chart(race, leading(race, 3)).canvas.draw()


@pytest.mark.parametrize("most", [1, 25])
def test_the_chart_is_readable(result: Path, most: int) -> None:
    """Texts that cover each other cannot be read."""
    from readable_figures import overlaps

    race = read_race(result, 1)
    with style.look():
        assert overlaps(gantt.chart(race, leading(race, most))) == []


def test_a_race_without_programmes_can_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty history is a history."""
    folder = write_result(tmp_path / "r", {0: [event(0, "company_founded", 0, -1, "us")], 1: []})
    assert story.execute(arguments(folder, "--run", "0", "--all")) == 0
    assert "us-1 is founded in the US" in capsys.readouterr().out
    assert story.execute(arguments(folder, "--run", "1")) == 0


def refusal(folder: Path, *words: str) -> str:
    """What is said of bad input."""
    with pytest.raises(LabError) as caught:
        story.execute(arguments(folder, *words))
    assert not (folder / "figures").exists()
    return str(caught.value)


def test_bad_input_is_refused_in_one_clear_sentence(tmp_path: Path, result: Path) -> None:
    """Whoever mistypes a folder or a run should learn what would be right."""
    assert "holds no result" in refusal(tmp_path / "nowhere", "--run", "0")
    assert "expected a race from 0 to 1" in refusal(result, "--run", "2")
    assert "expected a race from 0 to 1" in refusal(result, "--run", "-1")
    assert "from 1 to 200" in refusal(result, "--run", "0", "--programmes", "0")
    running = write_result(tmp_path / "running", {0: []}, status="running", runs_done=0)
    assert "not finished" in refusal(running, "--run", "0")
    (result / "milestones.parquet").write_bytes(b"not a table")
    assert "milestones.parquet: cannot be read" in refusal(result, "--run", "0")
    (result / "manifest.json").write_text("{")
    assert "manifest.json: is damaged" in refusal(result, "--run", "0")
