"""What is written in scenario files is what is simulated, and every value knows where it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race.loading import Resolved, load, scenario_names
from ipsc_race.policy import calendar_month, iso_month, policies
from ipsc_race.yaml_reading import scalar

World = dict[str, Any]
Write = Callable[..., Path]


def test_a_bare_world_is_simulated_as_written(world: World, write: Write) -> None:
    """If this failed, no number in a file could be trusted to reach the rules."""
    world["jurisdictions"]["china"]["regulation"]["ind_review_months"] = 2.75
    resolved = load(write(world))
    assert resolved.scenario.jurisdictions["china"].regulation.ind_review_months == 2.75
    record = policies([epoch.scenario for epoch in resolved.epochs])[0]
    assert record["jurisdictions"][0]["regulation"]["ind_review_months"] == 2.75


def test_rows_blocs_and_time_are_those_of_the_record(world: World, write: Write) -> None:
    """Rows go by draw key or name, not by the file; a bloc at another row would report the wrong country."""
    world["jurisdictions"]["china"]["draw_key"] = 9
    world["span"]["step_months"] = 0.5
    resolved = load(write(world))
    assert resolved.jurisdictions == ("us", "china")
    assert resolved.blocs == {"china": (1,), "west": (0,)}
    assert resolved.indications == ("heart_failure", "parkinson")
    assert (resolved.months, resolved.ticks) == (132, 264)


def test_evidence_stands_with_its_value_and_its_place(child: Callable[..., Path], write: Write) -> None:
    """A reader who doubts a number must find its grade, source and line."""
    write("nmpa-2018: {title: Notice 50, where: somewhere, year: 2018}\n", "sources.yaml")
    path = child(
        "science:\n  spillover_lag_months: {value: 6, range: [3, 12], grade: B, source: nmpa-2018, note: slow}\n"
    )
    origin = load(path).origins["science.spillover_lag_months"]
    assert (origin.value, origin.unit, origin.range, origin.grade) == (6, "months", (3, 12), "B")
    assert (origin.source, origin.note, origin.scenario, origin.line) == ("nmpa-2018", "slow", "child", 3)


def extending(world: Path, text: str) -> Path:
    """A scenario that extends the small world."""
    path = world.with_name("child.yaml")
    path.write_text(f"extends: ./world.yaml\n{text}", encoding="utf-8")
    return path


REVIEW = "jurisdictions.china.regulation.ind_review_months"


def review(resolved: Resolved) -> list[tuple[str, float]]:
    """The Chinese review clock in every epoch."""
    return [
        (iso_month(epoch.month), epoch.scenario.jurisdictions["china"].regulation.ind_review_months)
        for epoch in resolved.epochs
    ]


@pytest.fixture
def dated(world: World, write: Write) -> Path:
    """The small world with a history of the Chinese review clock."""
    world["jurisdictions"]["china"]["regulation"]["ind_review_months"] = {
        "value": 14,
        "grade": "A",
        "changes": {"2005-01": 12, "2015-11": {"value": 9, "grade": "B"}, "2018-11": 2.8, "2025-10": 1.4},
    }
    return write(world)


def test_a_dated_change_is_in_force_from_its_month_on(dated: Path) -> None:
    """A reform before the span holds at its start, one within it begins an epoch, one after it never comes."""
    assert review(load(dated)) == [("2010-01", 12), ("2015-11", 9), ("2018-11", 2.8)]


def test_changes_that_change_nothing_make_no_epoch(dated: Path) -> None:
    """Epochs cost memory and time; two equal ones are one."""
    assert review(load(dated, [f"{REVIEW}@2018-11=9"])) == [("2010-01", 12), ("2015-11", 9)]


def test_dated_values_keep_their_own_evidence(dated: Path) -> None:
    """The grade of a law of 2015 says nothing about the clock of 2010."""
    origins = load(dated).origins
    assert origins[REVIEW].grade == "A"
    assert origins[f"{REVIEW}@2015-11"].grade == "B"
    assert origins[f"{REVIEW}@2018-11"].grade is None


def test_a_bare_override_drops_inherited_evidence_and_history(dated: Path) -> None:
    """A what-if value that kept the grade of the fact it replaces would be passed off as measured."""
    text = "jurisdictions: {china: {regulation: {ind_review_months: 1}}}\n"
    resolved = load(extending(dated, text))
    assert review(resolved) == [("2010-01", 1)]
    assert resolved.origins[REVIEW].grade is None
    assert resolved.origins[REVIEW].scenario == "child"


def test_a_mapping_without_value_adds_to_what_is_inherited(dated: Path) -> None:
    """`order-818` adds one date to the history; it must not have to repeat it."""
    text = "jurisdictions: {china: {regulation: {ind_review_months: {changes: {2018-11: null, 2019-01: 3}}}}}\n"
    resolved = load(extending(dated, text))
    assert review(resolved) == [("2010-01", 12), ("2015-11", 9), ("2019-01", 3)]
    assert resolved.origins[REVIEW].grade == "A"


def test_an_override_sets_a_value_or_one_date(dated: Path) -> None:
    """A factor of an experiment that moved the wrong date would attribute the effect to the wrong law."""
    assert review(load(dated, [f"{REVIEW}=3"])) == [("2010-01", 3)]
    assert review(load(dated, {f"{REVIEW}@2015-11": 8})) == [("2010-01", 12), ("2015-11", 8), ("2018-11", 2.8)]
    assert load(dated, [f"{REVIEW}=3"]).origins[REVIEW].scenario == "--set"


def test_like_copies_a_part_with_its_history(dated: Path) -> None:
    """`level-regulation` gives China the US regulator: all of it, the dates included, and nothing of its own."""
    text = "jurisdictions:\n  us: {regulation: {like: jurisdictions.china.regulation, hold_months: 7}}\n"
    scenario = load(extending(dated, text))
    for epoch in scenario.epochs:
        china, us = (epoch.scenario.jurisdictions[name].regulation for name in ("china", "us"))
        assert us == china.model_copy(update={"hold_months": 7.0})
    assert len(scenario.epochs) == 3


def test_like_replaces_what_was_inherited(child: Callable[..., Path]) -> None:
    """A levelled lever that kept some of China's own values would not be level."""
    path = child(
        "jurisdictions:\n"
        "  china: {funding: {capital_multiplier: 3, public: {fund: {start_month: 2010-01, end_month: 2020-01, "
        "budget_usd_m_per_year: 1, equity_share: 0, research_share: 0, grant_usd_m: 1, clinical_switch: true, "
        "merit_elasticity: 0, "
        "soft_budget_share: 0}}}}\n"
    )
    level = path.with_name("level.yaml")
    level.write_text("extends: ./child.yaml\njurisdictions: {china: {funding: {like: jurisdictions.us.funding}}}\n")
    jurisdictions = load(level).scenario.jurisdictions
    assert jurisdictions["china"].funding == jurisdictions["us"].funding
    assert "fund" in load(path).scenario.jurisdictions["china"].funding.public


def test_copies_of_copies_are_followed(child: Callable[..., Path]) -> None:
    """Four equal jurisdictions are written as a chain in the null world."""
    path = child(
        "blocs: {eu: [eu], japan: [japan]}\n"
        "jurisdictions:\n"
        "  us: {market_weight: 0.25}\n"
        "  eu: {like: jurisdictions.us, draw_key: 3}\n"
        "  japan: {like: jurisdictions.eu, draw_key: 4, label: Japan}\n"
    )
    jurisdictions = load(path).scenario.jurisdictions
    assert jurisdictions["japan"] == jurisdictions["us"].model_copy(update={"draw_key": 4, "label": "Japan"})


def test_null_removes_an_inherited_row(child: Callable[..., Path]) -> None:
    """A race of one country is the limit world of several tests."""
    resolved = load(child("blocs: {west: null}\njurisdictions: {us: null}\n"))
    assert resolved.jurisdictions == ("china",)
    assert resolved.blocs == {"china": (0,)}


def test_the_hash_is_of_the_world_and_not_of_its_words(child: Callable[..., Path]) -> None:
    """A corrected source must not look like another world; a changed number must."""
    same = child("title: Another title\nscience: {spillover_share: {value: 0.5, grade: D}}\n", "same.yaml")
    other = child("science: {spillover_share: 0.25}\n", "other.yaml")
    assert load(same).hash == load(same.with_name("world.yaml")).hash != load(other).hash


def test_1e6_is_a_number_and_no_is_text() -> None:
    """Under YAML 1.1 a market of 1e6 patients would be a word and Norway would be False."""
    assert scalar("1e6") == 1e6
    assert scalar("NO") == "NO"
    assert scalar("off") == "off"
    assert scalar("2018-11") == "2018-11"
    assert scalar("0o17") == 15
    assert scalar("1_000") == "1_000"


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()))
def test_numbers_are_read_as_they_are_written(value: object) -> None:
    """A number that changed on its way from the file would change the world."""
    assert scalar(json.dumps(value)) == value


def test_1e6_may_stand_for_a_whole_number(child: Callable[..., Path]) -> None:
    """Counts are written as people write them."""
    resolved = load(child("jurisdictions: {us: {sites: {capacity_count: 1e6}}}"))
    assert resolved.scenario.jurisdictions["us"].sites.capacity_count == 1_000_000


@pytest.mark.parametrize("name", scenario_names())
def test_every_shipped_scenario_loads_by_its_name(name: str) -> None:
    """A shipped world that does not load is no world."""
    resolved = load(name)
    assert resolved.name == name
    assert resolved.epochs[0].month == calendar_month(resolved.scenario.span.start_month)
