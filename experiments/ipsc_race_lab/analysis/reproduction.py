"""Whether the numbers of an experiment are those that were committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MIN_TOLERANCE = 1e-6  # of a number whose interval has no width


Key = tuple[str, ...]


def numbers(analysis: Mapping[str, Any]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Every number of an analysis with its interval: means of answers, indices, and differences of scenarios."""
    for scenario, result in analysis["scenarios"].items():
        for question, mean in result["means"].items():
            yield (scenario, question, "mean"), mean
        for row in result["rows"]:
            level = (f"level {row['level']}",) if "level" in row else ()
            yield (scenario, row["question"], row["factor"], row["index"], *level), row
    compared = analysis.get("comparison", {"rows": []})
    for row in compared["rows"]:
        yield ("comparison", compared["base"], row["question"], row["factor"], row["index"]), row


def differing(committed: Mapping[str, Any], analysis: Mapping[str, Any]) -> Iterator[str]:
    """What is not as committed, in words."""
    here = dict(numbers(analysis))
    for key, known in numbers(committed):
        name = ", ".join(key)
        row = here.pop(key, None)
        if row is None:
            yield f"{name}: is missing here"
        elif (known["estimate"] is None) != (row["estimate"] is None):
            yield f"{name}: {row['estimate']} here, {known['estimate']} committed"
        elif known["estimate"] is not None:
            wide = 0.0 if known["low"] is None else (known["high"] - known["low"]) / 2
            tolerance = max(MIN_TOLERANCE, wide)
            if abs(row["estimate"] - known["estimate"]) > tolerance:
                difference = f"{row['estimate']:.4f} here, {known['estimate']:.4f} committed, tolerance {tolerance:.4f}"
                yield f"{name}: {difference}"
    yield from (f"{', '.join(key)}: is not among the committed numbers" for key in here)
