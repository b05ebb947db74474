"""Whether the numbers of an experiment are those that were committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LEAST_TOLERANCE = 1e-6  # of a number whose interval has no width


Key = tuple[str, ...]


def numbers(told: Mapping[str, Any]) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Every number of an analysis with its interval: means of answers, indices, and differences of scenarios."""
    for scenario, found in told["scenarios"].items():
        for question, mean in found["means"].items():
            yield (scenario, question, "mean"), mean
        for row in found["rows"]:
            level = (f"level {row['level']}",) if "level" in row else ()
            yield (scenario, row["question"], row["factor"], row["index"], *level), row
    compared = told.get("comparison", {"rows": []})
    for row in compared["rows"]:
        yield ("comparison", compared["base"], row["question"], row["factor"], row["index"]), row


def differing(committed: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    """What is not as committed, in words."""
    here = dict(numbers(told))
    for key, known in numbers(committed):
        name = ", ".join(key)
        found = here.pop(key, None)
        if found is None:
            yield f"{name}: is missing here"
        elif (known["estimate"] is None) != (found["estimate"] is None):
            yield f"{name}: {found['estimate']} here, {known['estimate']} committed"
        elif known["estimate"] is not None:
            wide = 0.0 if known["low"] is None else (known["high"] - known["low"]) / 2
            tolerance = max(LEAST_TOLERANCE, wide)
            if abs(found["estimate"] - known["estimate"]) > tolerance:
                told_by = f"{found['estimate']:.4f} here, {known['estimate']:.4f} committed, tolerance {tolerance:.4f}"
                yield f"{name}: {told_by}"
    yield from (f"{', '.join(key)}: is not among the committed numbers" for key in here)
