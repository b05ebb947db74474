"""Rows travel as plain bytes: what arrives is what was raced, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ipsc_race.ensemble import Racer
from ipsc_race.loading import load
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.execution.plain_rows import packed, unpacked
from ipsc_race_lab.execution.runner import Chunk, race_chunk

WORLD = load("null", ["span.end_month=2011-12"])
RACER = Racer(WORLD, 7)


def chunk(*, whole: bool) -> Chunk:
    return Chunk(("null",), np.array([4, 4, 5]), np.zeros((3, 0)), np.array([0, 1, 0]), whole)


@pytest.mark.parametrize("whole", [False, True])
def test_what_arrives_is_what_was_raced(whole: bool) -> None:
    asked = chunk(whole=whole)
    raced = race_chunk(RACER, asked)
    arrived = unpacked(packed(raced), asked, WORLD)
    assert arrived.digest() == raced.digest()
    assert [race.digest for race in arrived.races] == [race.digest for race in raced.races]
    assert len(arrived.races) == (3 if whole else 0)


def test_a_race_that_failed_arrives_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def outgrew(run: int, values: Any) -> None:
        raise OverflowError(f"race {run} outgrew its record\x1b[2J{len(values)}")

    monkeypatch.setattr(RACER, "race", outgrew)
    asked = chunk(whole=True)
    arrived = unpacked(packed(race_chunk(RACER, asked)), asked, WORLD)
    assert arrived.reasons[0] == "race 0 outgrew its record\\x1b[2J0"
    assert [len(race.monthly) for race in arrived.races] == [0, 0, 0]


def answer(head: Any, size: int) -> bytes:
    return json.dumps(head).encode() + b"\n" + bytes(size)


ROWS = 3 * len(WORLD.blocs) * OUTCOME.itemsize
FINE = {"reasons": ["", "", ""], "events": []}


def test_an_answer_of_the_right_form_is_taken() -> None:
    """The refusals below have the power to see: this much is not refused."""
    assert unpacked(answer(FINE, ROWS), chunk(whole=False), WORLD).reasons == ("", "", "")


@pytest.mark.parametrize(
    "given",
    [
        7, None, "rows", [b""], b"", b"x", b"[" * 50_000, b"\xff\n", answer([], ROWS), answer({}, ROWS),
        answer(FINE, ROWS - 1), answer(FINE, ROWS + 1), answer(FINE, 0), answer(FINE | {"reasons": ["", ""]}, ROWS),
        answer(FINE | {"reasons": ["", "", 1]}, ROWS), answer(FINE | {"reasons": "abc"}, ROWS),
        answer(FINE | {"events": [0, 0, 0]}, ROWS),
    ],
)  # fmt: skip
def test_an_answer_of_another_form_is_refused(given: Any) -> None:
    """Rows of another length would stand at the wrong points, and look like noise."""
    with pytest.raises((ValueError, RecursionError)):
        unpacked(given, chunk(whole=False), WORLD)


@pytest.mark.parametrize("events", [[-1, 0, 0], [0, 0], [10**18, 0, 0], [0.5, 0, 0]])
def test_events_that_cannot_be_are_refused(events: list[Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        unpacked(answer(FINE | {"events": events}, ROWS), chunk(whole=True), WORLD)
