"""Mutants of scenarios, experiments and `--set`: files and words as nobody in good faith would write them.

A mutant fails where it ends in a traceback, takes longer than a bound, moves the terminal by what it says, or is
accepted and then races to a value that is no number or below zero.
"""

from __future__ import annotations

import contextlib
import io
import json
import time
import traceback
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from ipsc_race.ensemble import Racer, RaceResult
from ipsc_race.loading import Resolved, ScenarioError, load, scenario_names
from ipsc_race.tree import Part, scenario_tree
from ipsc_race.world import MONTHLY
from ipsc_race.yaml_reading import Node, read_file
from ipsc_race_lab.cli import main
from ipsc_race_lab.design import experiment
from ipsc_race_lab.design.finding import experiment_names
from ipsc_race_lab.design.reading import scenarios as reading
from ipsc_race_lab.design.shipped import experiment_folder

MAX_LOADED = 200  # worlds kept for other mutants, of some megabytes each
MAX_SECONDS = 300  # of a mutant, on a busy machine: alone most take less than one
SIGNED = ("cash_usd_m", "earned_usd_m", "stringency")  # what may lie below zero
MONSTERS: tuple[Any, ...] = (
    None, True, "", "none", "NO", "../..", "x" * 5000, "\x1b[2J\x07", "a\nipsc-race: ok", "\u202e", "2018-13",
    "2018-11", "9999-99", -1, 0, 1, 2.5, -0.0, 5e-324, 1e-12, 1e9, 1e12, 1e308, 10**40, float("inf"), float("nan"),
    [], [None], [[[]]], ["us"], {}, {"value": None}, {"value": 1, "range": [2, 3]}, {"value": {"value": 1}},
    {"value": 1, "changes": {"2015-01": 2}}, {"changes": {"2015-01": None}}, {"like": "jurisdictions"},
    {"like": "jurisdictions.us.funding"}, {"like": None}, {"low": 2, "high": 1}, {"set": {"span": 1}},
)  # fmt: skip
Tried = tuple[int, list[str]]  # how many faults were tried, and what went wrong


def scenarios(count: int, folder: Path, seed: int) -> Tried:
    """Files that extend a shipped world, with odd values in places that it has, often with broken text."""
    return _each(count, lambda number: _scenario(folder / "mutant.yaml", np.random.default_rng([seed, 0, number])))


def experiments(count: int, folder: Path, seed: int) -> Tried:
    """Shipped experiments with odd values in their places, often with broken text.

    Their worlds are those that are shipped, each read once for all mutants, which takes nine tenths of the time.
    """
    with patch.object(experiment, "load", _load_once), patch.object(reading, "load", _load_once):
        return _each(
            count, lambda number: _experiment(folder / "mutant.yaml", np.random.default_rng([seed, 1, number]))
        )


def overrides(count: int, folder: Path, seed: int) -> Tried:
    """Words after `--set`."""
    del folder
    return _each(count, lambda number: _override(np.random.default_rng([seed, 2, number])))


FAULTS = {"scenarios": scenarios, "experiments": experiments, "overrides": overrides}


def _load_once(source: str, overrides: Any = ()) -> Resolved:
    asked = repr((source, overrides))
    if asked not in _loaded:
        if len(_loaded) == MAX_LOADED:
            _loaded.pop(next(iter(_loaded)))
        _loaded[asked] = load(source, overrides)
    return _loaded[asked]


_loaded: dict[str, Resolved] = {}


def _each(count: int, fault: Callable[[int], str]) -> Tried:
    """Try every number; a failure is told with it, so that it can be tried again alone."""
    failures = []
    for number in range(count):
        started = time.monotonic()
        try:
            wrong = fault(number)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            wrong = "traceback: " + traceback.format_exc(limit=-3).strip().replace("\n", " | ")
        seconds = time.monotonic() - started
        if seconds > MAX_SECONDS:
            wrong = f"took {seconds:.0f} s; {wrong}"
        if wrong:
            failures.append(f"mutant {number}: {wrong}")
    return count, failures


def _scenario(path: Path, generator: np.random.Generator) -> str:
    world = str(generator.choice(scenario_names()))
    document: dict[str, Any] = {"extends": world}
    for _ in range(generator.integers(1, 5)):
        target = str(generator.choice(_paths(world))).partition("@")[0]
        _set(document, target.split(".")[: generator.integers(1, 9)], _value(target, generator))
    path.write_text(_broken(_written(document), generator), encoding="utf-8")
    return _raced(path)


def _experiment(path: Path, generator: np.random.Generator) -> str:
    name = str(generator.choice(experiment_names()))
    document = _plain(read_file(experiment_folder() / f"{name}.yaml", name))
    for _ in range(generator.integers(1, 4)):
        _set(document, _place(document, generator), _monster(generator))
    path.write_text(_broken(_written(document), generator), encoding="utf-8")
    return _checked(path)


def _override(generator: np.random.Generator) -> str:
    world = str(generator.choice(scenario_names()))
    words = []
    for _ in range(generator.integers(1, 6)):
        target = str(generator.choice(_paths(world)))
        cut = ".".join(target.split(".")[: generator.integers(1, 9)])
        words.append(_broken(f"{cut}={_written(_value(target, generator))}", generator))
    return _raced(world, words)


@cache
def _paths(world: str) -> tuple[str, ...]:
    return tuple(load(world).origins)


def _value(target: str, generator: np.random.Generator) -> Any:
    """A monster, or a number at the very bounds of what is allowed, which says more about the rules."""
    bounds = sorted(_part(target).bounds.values())
    if bounds and generator.random() < 0.6:
        kind = _part(target).kind
        value = bounds[generator.integers(len(bounds))]
        return int(value) if kind is int else value
    return _monster(generator)


def _monster(generator: np.random.Generator) -> Any:
    """One of the monsters, of which no other mutant has a part."""
    return deepcopy(MONSTERS[generator.integers(len(MONSTERS))])


def _part(target: str) -> Part:
    part: Part | None = scenario_tree()
    for key in target.partition("@")[0].split("."):
        part = part.inside(key) if part else None
    assert part, target
    return part


def _set(document: Any, path: list[Any], value: Any) -> None:
    """Put a value at a path of a document; what stands in the way is replaced."""
    for key, following in zip(path, [*path[1:], None], strict=True):
        if following is None:
            document[key] = value
        elif isinstance(following, str) and not (isinstance(document, dict) and isinstance(document.get(key), dict)):
            document[key] = document = {}
        else:
            document = document[key]


def _place(document: Any, generator: np.random.Generator) -> list[Any]:
    """The path of a random place of a document."""
    path: list[Any] = []
    while isinstance(document, (dict, list)) and document and (not path or generator.random() < 0.8):
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        path.append(keys[generator.integers(len(keys))])
        document = document[path[-1]]
    return path


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(inner) for key, inner in node.value.items()}
    return [_plain(inner) for inner in node.value] if isinstance(node.value, list) else node.value


def _written(value: Any) -> str:
    """A value as YAML reads it."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("Infinity", ".inf").replace("NaN", ".nan")


def _broken(text: str, generator: np.random.Generator) -> str:
    """The text, in three of ten cases with a piece cut out, doubled or moved, or a stray character."""
    if generator.random() < 0.7:
        return text
    start, end = sorted(generator.integers(0, len(text) + 1, 2).tolist())
    end = min(end, start + 40)
    piece = text[start:end]
    stray = "{}[]:,&*!|>%@`'\"#\t\n\x00\x1b\u2028"[generator.integers(21)]
    return text[:start] + ("", piece * 2, stray, piece[::-1])[generator.integers(4)] + text[end:]


def _checked(path: Path) -> str:
    """What is wrong with how `ipsc-race check` ends and what it says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["check", str(path)])
    return f"exit code {code}" if code not in (0, 2) else _unprintable(said.getvalue())


def _unprintable(text: str) -> str:
    lines = text.splitlines()
    moving = next((line for line in text.split("\n") if not line.isprintable()), None)
    return f"moves the terminal: {moving!r}" if moving else "" if lines else "says nothing"


def _raced(source: str | Path, words: Sequence[str] = ()) -> str:
    """What is wrong with what is said of a world or, where it is accepted, with one race in it."""
    try:
        return _odd(Racer(load(source, words), 1).race(0))
    except ScenarioError as error:
        return _unprintable(str(error))
    except OverflowError:
        return ""  # said in one sentence


def _odd(race: RaceResult) -> str:
    for name in MONTHLY.names or ():
        if not np.isfinite(race.monthly[name]).all():
            return f"{name} is no number"
        if name not in SIGNED and (race.monthly[name] < 0).any():
            return f"{name} is {race.monthly[name].min()}"
    return ""
