"""Rows as plain bytes: what travels back from a worker, and how it is looked at before it is believed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.ensemble import RaceResult
from ipsc_race.plain_text import plain_text
from ipsc_race.rules.summary import OUTCOME
from ipsc_race.world import EVENT, MONTHLY
from ipsc_race_lab.results.shards import Rows

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.execution.runner import Chunk
    from ipsc_race_lab.results.shards import Array


def packed(rows: Rows) -> bytes:
    """What the client does not know of the rows of a chunk: a line of JSON, then the records, one after another."""
    head = {"reasons": rows.reasons, "events": [len(race.events) for race in rows.races]}
    records = [rows.outcomes, *(part for race in rows.races for part in (race.events, race.monthly))]
    return b"".join([json.dumps(head).encode(), b"\n", *(part.tobytes() for part in records)])


def unpacked(answer: Any, chunk: Chunk, world: Resolved) -> Rows:
    """The rows of a chunk, raced in a world. Raises ValueError where the answer has not their form to the last byte."""
    if not isinstance(answer, bytes):
        msg = f"expected bytes, got {type(answer).__name__}"
        raise ValueError(msg)  # noqa: TRY004 - who asks looks at one kind of error
    first_line, _, content = answer.partition(b"\n")
    reasons, counts = _head(first_line, chunk)
    records = _Records(content)
    outcomes = records.take(OUTCOME, len(reasons), len(world.blocs))
    races = []
    for row, count in enumerate(counts):
        events = records.take(EVENT, count)
        shape = (0, 1) if reasons[row] else (world.ticks, len(world.jurisdictions))
        races.append(RaceResult(int(chunk.runs[row]), events, records.take(MONTHLY, *shape), outcomes[row]))
    records.end()
    return Rows(chunk.points, chunk.runs, outcomes, tuple(map(plain_text, reasons)), tuple(races))


def _head(first_line: bytes, chunk: Chunk) -> tuple[list[str], list[int]]:
    """Why each row failed, and how many events each whole race has."""
    head: Any = json.loads(first_line)
    named: dict[str, Any] = head if isinstance(head, dict) else {}
    reasons: Any = named.get("reasons")
    counts: Any = named.get("events")
    rows = len(chunk.runs)
    if not _is_list(reasons, str, rows) or not _is_list(counts, int, rows if chunk.keeps_races else 0):
        msg = f"expected the reasons and events of {rows} rows"
        raise ValueError(msg)
    return reasons, counts


def _is_list(value: Any, kind: type, length: int) -> bool:
    return isinstance(value, list) and len(value) == length and all(isinstance(it, kind) for it in value)


class _Records:
    """Records taken one table after another from bytes."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, kind: np.dtype[Any], *shape: int) -> Array:
        """The next table of a shape."""
        count = int(np.prod(shape))
        size = count * kind.itemsize
        if not 0 <= size <= len(self._content) - self._at:
            msg = f"expected {count} records and {size} bytes"
            raise ValueError(msg)
        self._at += size
        return np.array(np.frombuffer(self._content[self._at - size : self._at], np.uint8)).view(kind).reshape(shape)

    def end(self) -> None:
        """Nothing may be left."""
        if self._at != len(self._content):
            msg = f"{len(self._content) - self._at} bytes too many"
            raise ValueError(msg)
