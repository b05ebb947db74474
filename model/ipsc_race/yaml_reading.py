"""YAML as a tree of values that know where they stand, and the one form that every complaint about a file takes.

The events come from libyaml (through PyYAML) and the scalars are resolved here, by the core schema of YAML 1.2: `1e6`
is a number and `NO` is text. The stock readers do one or the other: PyYAML reads 1.1, and a reader of 1.2 in pure
Python needs about half a second for the baseline where this needs a few hundredths.
Anchors, aliases, merge keys and tags are refused while reading, before anything is built from them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ipsc_race.plain_text import STEERING, plain_text

MAX_BYTES = 2_000_000
MAX_LEVELS = 20
MAX_WORDS = 100_000  # keys and values of a file; the baseline has twenty thousand
MAX_PROBLEMS = 200  # a text with more was not written as what it is read as

Scalar = str | int | float | bool | None

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONTROL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{STEERING}]")  # newline and tab may stand in text
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# The C loader where PyYAML was built with libyaml, as all its published wheels are; the same events from Python else.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Place(NamedTuple):
    """Where a value stands; line and column count from 1, 0 where there is no file."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a scenario, where it stands, and what was expected."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class ScenarioError(ValueError):
    """A scenario that cannot be read, with all its problems at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Node:
    """A value of a document, and where it and its key stand."""

    value: Scalar | list[Node] | dict[str, Node]
    place: Place
    key: Place


class _RefusedError(Exception):
    """Reading cannot go on: the place and the reason."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem(place, "", reason)


def problem(place: Place, path: str, message: str) -> Problem:
    """A problem at a place, in letters that a terminal shows and does not obey."""
    return Problem(plain_text(place.file), place.line, place.column, plain_text(path), plain_text(message))


def note(problems: list[Problem], found: Problem) -> None:
    """Add a problem to those met so far. Raises ScenarioError with them once there are too many."""
    problems.append(found)
    if len(problems) >= MAX_PROBLEMS:
        more = f"{MAX_PROBLEMS} problems are told here, and there may be more; is this the file that was meant?"
        problems.append(problem(Place(found.file, 0, 0), "", more))
        raise ScenarioError(problems)


def read_file(path: Path, shown: str) -> Node:
    """The document in a file; `shown` is the name under which problems report it. Raises ScenarioError."""
    root = _read_once(_text(path, shown), shown)
    if not isinstance(root.value, dict):
        what = "is empty" if root.value is None else "is a list" if isinstance(root.value, list) else "is one value"
        raise ScenarioError([problem(root.place, "", f"the file {what}; expected keys with values (`key: value`)")])
    return root


@lru_cache(maxsize=8)
def _read_once(text: str, shown: str) -> Node:
    """The document in the text of a file: a command reads most files several times, and nobody changes a document."""
    return read_text(text, shown)


def _text(path: Path, shown: str) -> str:
    """The text of a file, its size looked at before it is read."""
    reason = None
    data = b""
    try:
        if path.is_dir():
            reason = "is a folder; expected a YAML file"
        elif not path.is_file():
            reason = "is no file but a device or a pipe" if path.exists() else "no such file"
        elif (size := path.stat().st_size) > MAX_BYTES:
            reason = f"has {size / 1e6:.1f} MB; a scenario has at most {MAX_BYTES / 1e6:.0f} MB"
        else:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                data = file.read(MAX_BYTES)  # what grows meanwhile is cut, and cannot fill the memory
    except (OSError, ValueError) as error:
        reason = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    if reason:
        raise ScenarioError([problem(Place(shown, 0, 0), "", reason)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_after(data[: error.start].decode(), shown)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ScenarioError([problem(place, "", message)]) from None


def read_text(text: str, shown: str) -> Node:
    """The one document in a text. Raises ScenarioError: at a syntax error alone, at duplicate keys all of them."""
    problems: list[Problem] = []
    try:
        _refuse_control_characters(text, shown)
        root = _document(_plain_events(text, shown), shown, problems)
    except _RefusedError as refused:
        problems.append(refused.problem)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown, 0, 0)
        context = f" {error.context}" if error.context else ""
        problems.append(problem(place, "", f"is not valid YAML: {error.problem}{context}"))
    except (yaml.YAMLError, UnicodeError) as error:
        problems.append(problem(Place(shown, 0, 0), "", f"is not valid YAML: {str(error).splitlines()[0]}"))
    if problems:
        raise ScenarioError(problems)
    return root


def _place_after(before: str, shown: str) -> Place:
    return Place(shown, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _refuse_control_characters(text: str, shown: str) -> None:
    found = _CONTROL.search(text)
    if found:
        raise _RefusedError(_place_after(text[: found.start()], shown), _control_character(found.group()))


def _control_character(found: str) -> str:
    return f"control character U+{ord(found):04X}; expected plain text"


def _plain_events(text: str, shown: str) -> Iterator[Any]:
    """The events of a text, not too many, without the control characters that an escape in quotes stands for."""
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if count > MAX_WORDS:
            raise _RefusedError(_place(event, shown), f"more than {MAX_WORDS:,} keys and values; no scenario has")
        if isinstance(event, yaml.ScalarEvent) and (found := _CONTROL.search(event.value)):
            raise _RefusedError(_place(event, shown), _control_character(found.group()))
        yield event


def _document(events: Iterator[Any], shown: str, problems: list[Problem]) -> Node:
    """The only document of the stream; an empty stream reads as null."""
    next(events)  # the start of the stream
    first = next(events)
    if isinstance(first, yaml.StreamEndEvent):
        place = Place(shown, 1, 1)
        return Node(None, place, place)
    root = _node(next(events), events, shown, 0, problems)
    next(events)  # the end of the document
    after = next(events)
    if not isinstance(after, yaml.StreamEndEvent):
        raise _RefusedError(_place(after, shown), "a second document starts here; a scenario file holds one")
    return root


def _place(event: Any, shown: str) -> Place:
    mark = event.start_mark
    return Place(shown, mark.line + 1, mark.column + 1)


def _node(event: Any, events: Iterator[Any], shown: str, level: int, problems: list[Problem]) -> Node:
    place = _place(event, shown)
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise _RefusedError(
            place, "anchors (&) and aliases (*) are not read; copy a part with `like: path.of.the.part`"
        )
    if event.tag is not None:
        raise _RefusedError(place, f"tags are not read, found {event.tag}; write the plain value")
    if level > MAX_LEVELS:
        raise _RefusedError(place, f"nested deeper than {MAX_LEVELS} levels; no scenario is")
    if isinstance(event, yaml.ScalarEvent):
        return Node(scalar(event.value) if event.implicit[0] else event.value, place, place)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_node(event, events, shown, level + 1, problems))
        return Node(items, place, place)
    return Node(_mapping(events, shown, level + 1, problems), place, place)


def _mapping(events: Iterator[Any], shown: str, level: int, problems: list[Problem]) -> dict[str, Node]:
    mapping: dict[str, Node] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        place = _place(event, shown)
        if not isinstance(event, yaml.ScalarEvent):
            raise _RefusedError(place, "a key must be a word")
        if event.anchor is not None or event.tag is not None:
            raise _RefusedError(place, "anchors (&) and tags (!) are not read")
        if event.value == "<<":
            raise _RefusedError(place, "merge keys (<<) are not read; copy a part with `like: path.of.the.part`")
        node = _node(next(events), events, shown, level, problems)
        node.key = place
        if event.value in mapping:
            first = mapping[event.value].key
            note(problems, problem(place, event.value, f"duplicate key {event.value}, first on line {first.line}"))
        else:
            mapping[event.value] = node
    return mapping


def scalar(text: str) -> Scalar:
    """A plain scalar by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 40 else float(text)  # longer ones are past every bound, and slow
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", "", 1))
    if re.fullmatch(r"0o[0-7]{1,20}|0x[0-9a-fA-F]{1,16}", text):
        return int(text, 0)
    return text


def node_of(value: Any, place: Place) -> Node:
    """A Python value as a node, every part of it at one place."""
    if isinstance(value, dict):
        return Node({str(key): node_of(inner, place) for key, inner in value.items()}, place, place)
    if isinstance(value, (list, tuple)):
        return Node([node_of(inner, place) for inner in value], place, place)
    return Node(value.item() if hasattr(value, "item") else value, place, place)  # numbers of NumPy as Python's


def shown_value(node: Node) -> str:
    """A value as a message quotes it: short, on one line."""
    value = node.value
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "empty"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
