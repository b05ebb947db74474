"""A history is data that others write: what is wrong with it is said at once, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ipsc_race.loading import ScenarioError, load, scenario_names
from ipsc_race_lab.metrics.history import ALL, Posting
from ipsc_race_lab.metrics.history_reading import histories_of, history_folder, history_names, read_history

GOOD = """\
title: A made-up field
registry:
  default:
    hospital: {posting_probability: 0.5, delay_months: {value: 3, range: [0, 6], grade: D, source: assumption}}
    registration: {posting_probability: 1, delay_months: 0}
  china:
    hospital: {posting_probability: 0.25}
facts:
  trials:
    title: Trials so far
    what: trials_posted
    by: 2019-12
    recorded: 54
    region: all
    cells: reprogrammed
    lane: hospital
    spread: [50, 60]
    grade: A
    source: [kirkeby-2025, programmes-2026]
"""
BAD = """\
title: 3
registry:
  default:
    hospital: {posting_probability: 1.5, delay_months: 1}
    registration: {posting_probability: 1}
fakts: {}
facts:
  one: {title: One, what: first_pacient, recorded: 2014-13, region: all, cells: ips, grade: E, source: kirkby-2025}
  two: {title: Two, what: patients_treated, by: 2019-12, recorded: many, region: all, cells: embryonic, lane: hospital,
    grade: A, source: kirkeby-2025}
  date: {title: Date, what: first_patient, by: 2014-09, recorded: 2014-13, region: all, cells: any, grade: A,
    source: riken-2014}
  three: {title: Three, what: approval_lag, by: 2019, recorded: 46, region: us, cells: any, grade: A, spread: [3, 2]}
"""


def problems_of(file: Path) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        read_history(file, "made-up.yaml")
    return [str(problem) for problem in error.value.problems]


def test_a_history_comes_back_as_it_was_written(write: Callable[..., Path]) -> None:
    """A fact that changed on its way would have the races held against what nobody recorded."""
    history = read_history(write(GOOD, "made-up.yaml"), "made-up.yaml")
    (fact,) = history.facts
    assert (history.name, fact.key, fact.what, fact.by, fact.recorded) == (
        "made-up", "trials", "trials_posted", "2019-12", 54,
    )  # fmt: skip
    assert (fact.cells, fact.lane, fact.spread, fact.grade) == ("reprogrammed", "hospital", (50, 60), "A")
    assert fact.sources == ("kirkeby-2025", "programmes-2026")


def test_a_place_takes_from_the_default_what_it_does_not_say_itself(write: Callable[..., Path]) -> None:
    """A registry that forgot the delay of a place would show its trials too early."""
    registry = read_history(write(GOOD, "made-up.yaml"), "made-up.yaml").registry
    assert registry.posting("china", "hospital") == Posting(0.25, 3)
    assert registry.posting("us", "hospital") == Posting(0.5, 3)
    assert registry.posting("china", "registration") == Posting(1, 0)


def test_all_that_is_wrong_is_said_at_once_with_its_place_and_the_nearest_name(write: Callable[..., Path]) -> None:
    """A reader who mends one mistake at a time gives up; one that passes silently is a wrong record."""
    assert problems_of(write(BAD, "made-up.yaml")) == [
        "made-up.yaml:1:8: title is 3; expected text",
        "made-up.yaml:4:37: registry.default.hospital.posting_probability is 1.5; expected a number from 0 to 1",
        "made-up.yaml:5:5: registry.default.registration lacks delay_months",
        "made-up.yaml:6:1: fakts is not known; did you mean facts?",
        "made-up.yaml:8:27: facts.one.what is 'first_pacient'; did you mean first_patient?",
        "made-up.yaml:8:81: facts.one.cells is 'ips'; expected any, reprogrammed, embryonic",
        "made-up.yaml:8:93: facts.one.grade is 'E'; expected A, B, C, D",
        "made-up.yaml:8:104: facts.one.source is 'kirkby-2025', which sources.yaml does not list; "
        "did you mean kirkeby-2025?",
        "made-up.yaml:9:68: facts.two.recorded is 'many'; expected a number",
        "made-up.yaml:9:94: facts.two.cells is 'embryonic'; expected any: races do not tell this by cells",
        "made-up.yaml:9:111: facts.two.lane is not possible: races do not tell this by lane",
        "made-up.yaml:11:48: facts.date.by is not for a date: `recorded` is the month",
        "made-up.yaml:11:67: facts.date.recorded is '2014-13'; expected a month such as 2018-11",
        "made-up.yaml:13:3: facts.three lacks source",
        "made-up.yaml:13:10: facts.three has `after`, the other place, if it is an approval_lag, and only then",
        "made-up.yaml:13:49: facts.three.by is 2019; expected a month such as 2018-11",
        "made-up.yaml:13:111: facts.three.spread is not two of what is recorded; expected [low, high]",
    ]


@pytest.mark.parametrize("name", history_names())
def test_every_shipped_history_is_whole(name: str) -> None:
    """A history that ships broken would stop every run of the worlds that name it."""
    assert read_history(history_folder() / f"{name}.yaml", name).facts


def test_every_place_of_a_shipped_history_is_one_of_a_world_that_names_it() -> None:
    """A fact about a place that no world has would never be asked, and nobody would miss it."""
    for world in map(load, scenario_names()):
        for history in histories_of(world):
            places = {place for fact in history.facts for place in (fact.region, fact.after) if place}
            assert places <= {ALL, *world.jurisdictions, *world.blocs}, world.name


def test_no_history_is_taken_for_a_scenario_and_worlds_of_no_history_name_none() -> None:
    """`run ipsc` would end in a list of missing keys, and a world of four equal places be told it missed Japan."""
    assert not set(history_names()) & (set(scenario_names()) - {"cart"})
    assert load("baseline").scenario.histories == ("ipsc", "pluripotent")
    assert load("cart").scenario.histories == ("cart",)
    assert load("null").scenario.histories == ()


def test_a_history_changes_no_hash_for_it_changes_no_race() -> None:
    """Results on disk would otherwise be raced anew because a fact was added."""
    assert load("baseline", ["histories=[]"]).hash == load("baseline").hash


def test_a_world_may_name_a_history_of_its_own_beside_it(world: dict[str, Any], write: Callable[..., Path]) -> None:
    """Users have records that do not ship, from sources that do not ship either."""
    world["histories"] = ["./made-up.yaml"]
    write(GOOD.replace("programmes-2026", "our-own"), "made-up.yaml")
    write("our-own: {title: Ours, where: here, year: 2026}\n", "sources.yaml")
    (history,) = histories_of(load(write(world)))
    assert history.facts[0].sources == ("kirkeby-2025", "our-own")


def test_an_unknown_name_is_met_with_the_nearest_and_the_place(
    world: dict[str, Any], write: Callable[..., Path]
) -> None:
    """A misspelt history would pass for none."""
    world["histories"] = ["ipcs", "pluripotent", "nothing-like-it"]
    with pytest.raises(ScenarioError) as error:
        histories_of(load(write(world)))
    first, second = (problem.message for problem in error.value.problems)
    assert first == "histories: none is named 'ipcs'; did you mean ipsc? shipped: cart, ipsc, pluripotent"
    assert second.startswith("histories: none is named 'nothing-like-it'; shipped:")
    assert all(problem.line for problem in error.value.problems)


def test_a_place_misspelt_in_a_history_is_met_with_the_nearest(
    world: dict[str, Any], write: Callable[..., Path]
) -> None:
    """A fact about `chine` would silently not be asked, and what its registry hides be shown."""
    world["histories"] = ["./made-up.yaml"]
    for right, wrong in (("region: all", "region: chine"), ("  china:", "  chine:")):
        write(GOOD.replace(right, wrong), "made-up.yaml")
        with pytest.raises(ScenarioError, match="no place is named chine; did you mean china"):
            histories_of(load(write(world)))


def held(facts: str) -> str:
    """A history of these facts, each a line of what differs."""
    lines = [f"  {line.strip()}, title: T, grade: A, source: assumption}}" for line in facts.strip().splitlines()]
    head = GOOD.partition("facts:")[0]
    return "\n".join([head, "facts:", *lines, ""])


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            """a: {what: approvals, by: 2026-06, recorded: 2, region: japan, cells: reprogrammed
            b: {what: approvals, by: 2026-06, recorded: 3, region: japan, cells: reprogrammed""",
            "facts.b.recorded is 3, but a says 2 of the same by 2026-06",
        ),
        (
            """a: {what: first_patient, recorded: 2014-09, region: japan, cells: any
            b: {what: first_patient, recorded: 2015-01, region: japan, cells: any""",
            "facts.b.recorded is 2015-01, but a says 2014-09 of the same",
        ),
        (
            """a: {what: trials_posted, by: 2019-12, recorded: 54, region: all, cells: any
            b: {what: trials_posted, by: 2024-12, recorded: 40, region: all, cells: any""",
            "facts.b.recorded is 40, but a says 54 of the same by 2019-12: no count falls",
        ),
        (
            """a: {what: trials_posted, by: 2019-12, recorded: 54, region: all, cells: any
            b: {what: trials_posted, by: 2019-12, recorded: 60, region: china, cells: reprogrammed""",
            "is 54, but b says 60 of a part of it by 2019-12: no count falls",
        ),
        (
            """a: {what: first_patient, recorded: 2014-09, region: japan, cells: any
            b: {what: first_patient, recorded: 2016-01, region: all, cells: any""",
            "is 2016-01, but a says 2014-09 of a part of it: no later than that",
        ),
        (
            """a: {what: first_approval, recorded: 2026-03, region: japan, cells: reprogrammed
            b: {what: approvals, by: 2026-06, recorded: 0, region: japan, cells: reprogrammed""",
            "is 0 by 2026-06, but a says that the first came in 2026-03",
        ),
    ],
)
def test_facts_that_cannot_both_be_are_refused(write: Callable[..., Path], facts: str, said: str) -> None:
    """No race could meet both: every one would be thrown away after hours of racing, and nobody would know why."""
    (problem,) = problems_of(write(held(facts)))
    assert said in problem


def test_two_reviews_may_differ_as_far_as_they_say(write: Callable[..., Path]) -> None:
    """A count with a discrepancy of ten may lie eight above one of later."""
    wide = "discrepancy: {value: 10, reason: other rules}"
    facts = f"""a: {{what: trials_posted, by: 2019-12, recorded: 54, region: all, cells: any, {wide}
    b: {{what: trials_posted, by: 2024-12, recorded: 46, region: all, cells: any"""
    assert len(read_history(write(held(facts)), "made-up.yaml").facts) == 2
