"""The box of a scenario discovery in words: where in the space of factors an outcome is mostly so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipsc_race_lab.wording.dose_response import value_words
from ipsc_race_lab.wording.names import readable

OF_NUMBERS = ("multiplier", "share (0 to 1)", "count")  # units that are said of a number and not after it

Factor = Mapping[str, Any]  # factor, unit, low, high, log, and the names of its levels where they have no order
Box = Mapping[str, Any]  # limits, coverage, density, mass


def box_lines(box: Box, factors: Sequence[Factor], one: str) -> list[str]:
    """The chosen box with the bounds of each factor that it limits, and what it is worth."""
    where = f"in {box['density']:.0%} of the points of a box, and {box['coverage']:.0%} of all points where it leads"
    head = f"{readable(one)} leads {where} lie in it ({box['mass']:.0%} of the whole space)"
    limits = [f"  {line}" for line in limit_lines(box, factors)]
    return [f"{head}:", *limits] if limits else [f"{head}: no factor limits it"]


def limit_lines(box: Box, factors: Sequence[Factor]) -> list[str]:
    """What a box asks of each factor, with its unit and the range that was tried."""
    return [
        f"{readable(of['factor'])} {limit_words(box['limits'][of['factor']], of)}"
        for of in factors
        if of["factor"] in box["limits"]
    ]


def limit_words(limit: Mapping[str, Any], of: Factor) -> str:
    """The bounds of one factor beside what was tried: `below 12 USD million (tried 5 to 30)`, `is on (of off, on)`."""
    return f"{_bounds(limit, of)} ({_tried(of)})"


def _bounds(limit: Mapping[str, Any], of: Factor) -> str:
    """What the box asks, without what was tried."""
    unit = "" if of["unit"] is None or of["unit"] in OF_NUMBERS else f" {of['unit']}"
    if limit["levels"] is not None:
        return f"is {' or '.join(value_words(of['levels'][place]) for place in places(limit, of))}"
    low, high = limit["low"], limit["high"]
    if low is not None and high is not None:
        return f"from {value_words(low)} to {value_words(high)}{unit}"
    return f"below {value_words(high)}{unit}" if low is None else f"above {value_words(low)}{unit}"


def places(limit: Mapping[str, Any], of: Factor) -> list[int]:
    """Places among the levels of a factor of those that a box keeps; switches and levers are numbered from 0."""
    return [place for place, level in enumerate(of["values"]) if level in limit["levels"]]


def _tried(of: Factor) -> str:
    """The range or the levels that were tried."""
    if "levels" in of:
        return f"of {', '.join(map(value_words, of['levels']))}"
    kind = f"{of['unit'].split(' (')[0]}; " if of["unit"] in OF_NUMBERS else ""
    return f"{kind}tried {value_words(of['low'])} to {value_words(of['high'])}"
