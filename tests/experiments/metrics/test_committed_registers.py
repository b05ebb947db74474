"""The registers that are committed stand, sealed, for anybody to hold against the world."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from ipsc_race.loading import load
from ipsc_race_lab.metrics.register import Count, Event, Register
from ipsc_race_lab.metrics.register_reading import (
    OUTCOMES,
    find_register,
    read_outcomes,
    read_register,
    register_folder,
    register_names,
    registers_beside,
)

OF_YEARS = re.compile(r"(?P<number>\d+) in (?P<years>\d+) years to (?P<as_of>\d{4}-\d\d)(; (?P<more>\d+) more)?(: |$)")


def committed(name: str) -> Register:
    return read_register(*find_register(name))


def months(of: str) -> int:
    return int(of[:4]) * 12 + int(of[5:])


@pytest.mark.parametrize("name", register_names())
def test_a_register_holds_its_digest_and_its_name(name: str) -> None:
    """An edit after the day it was made is refused on reading; only a draft has no digest yet."""
    register = committed(name)
    assert register.draft == (register.digest is None)
    assert register.backtest or register.made.startswith(name[:7])


def test_outcomes_are_of_these_registers() -> None:
    path = register_folder() / OUTCOMES
    read_outcomes(path, "forecasts/outcomes.yaml", registers_beside(path))


def test_a_name_means_one_thing_for_ever() -> None:
    """One outcome settles an event in every register; a name used for another thing would settle the wrong one."""
    meant: dict[str, tuple[Any, ...]] = {}
    for name in register_names():
        for key, of in committed(name).forecasts.items():
            said = (type(of), of.statement, of.by, of.settled_by)
            assert meant.setdefault(key, said) == said


def of_years() -> list[tuple[str, str, Event, int]]:
    """Every event whose base rate says `n in T years`, with the months that it has."""
    registers = {name: committed(name) for name in register_names()}
    return [
        (name, key, event, months(event.by) - months(register.as_of))
        for name, register in registers.items()
        for key, event in register.events.items()
        if OF_YEARS.match(event.base_rate_reason)
    ]


@pytest.mark.parametrize(("name", "key", "event", "ahead_months"), of_years())
def test_a_base_rate_is_what_its_reason_says(name: str, key: str, event: Event, ahead_months: int) -> None:
    """A Poisson rate of (n + 1/2)/T a year; a reference that was rounded our way would make us look skilled."""
    said = OF_YEARS.match(event.base_rate_reason)
    assert said is not None
    expected = (int(said["number"]) + 0.5) / int(said["years"]) * ahead_months / 12
    fewer = sum(math.exp(-expected) * expected**i / math.factorial(i) for i in range(int(said["more"] or 1)))
    assert event.base_rate == pytest.approx(1 - fewer, abs=0.0051)
    assert event.question is None or event.question.kth == int(said["more"] or 1)


@pytest.mark.parametrize("name", register_names())
def test_questions_name_what_the_world_has(name: str) -> None:
    """A question about a place that no race knows could never be given a probability."""
    register = committed(name)
    world = load(register.how.scenario or "baseline")
    places = {"any", "home", "abroad", *world.jurisdictions}
    for of in register.forecasts.values():
        if isinstance(of, Count) and of.question:
            assert of.question.region in {"all", *world.jurisdictions, *world.blocs}
        elif isinstance(of, Event) and of.question:
            assert {of.question.bloc, of.question.before or "any"} <= {"any", *world.blocs}
            assert of.question.place in places
            assert of.question.indication in {None, *world.indications}
            assert of.question.programme in {None, *world.scenario.roster.programmes}


@pytest.mark.parametrize("name", register_names())
def test_an_earlier_month_is_not_more_probable(name: str) -> None:
    """What has come by 2028 has come by 2030: ours and the base rates must say so too."""
    events = committed(name).events
    for key, event in events.items():
        for other_key, other in events.items():
            if key[:-4] == other_key[:-4] and event.by < other.by:
                assert event.base_rate <= other.base_rate
                assert (event.probability or 0) <= (other.probability or 1)
