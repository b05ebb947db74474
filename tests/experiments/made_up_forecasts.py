"""Made-up registers of forecasts, as text, with the digest that seals them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ipsc_race_lab.metrics.register import digest_of


def event(number: int, probability: float | None = 0.3, by: str = "2028-12", **more: Any) -> dict[str, Any]:
    """An event of which only what a test is about needs to be said."""
    said = {} if probability is None else {"probability": probability}
    return {
        "statement": f"Thing {number} comes.", "by": by, "settled_by": "a list", "base_rate": 0.5,
        "base_rate_reason": "as often as not", "no_change": 0, **said, **more,
    }  # fmt: skip


def count(number: int, by: str = "2028-12", **more: Any) -> dict[str, Any]:
    """A count, likewise."""
    return {
        "statement": f"Number of things {number}.", "by": by, "settled_by": "a list", "unit": "things",
        "quantiles": {"low": 2, "median": 4, "high": 8}, "base_rate": {"low": 0, "median": 1, "high": 9},
        "base_rate_reason": "as in other years", "no_change": 3, **more,
    }  # fmt: skip


def register(events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A register of November 2026 as plain values, without its digest."""
    return {"title": "What may come", "made": "2026-11-27", "as_of": "2026-06", "events": events, **more}


def write_sealed(path: Path, given: dict[str, Any]) -> Path:
    """Write a register with its digest."""
    return write_plain(path, {**given, "digest": digest_of(given)})


def write_plain(path: Path, given: dict[str, Any]) -> Path:
    """Write a file as it is given."""
    path.write_text(yaml.safe_dump(given, sort_keys=False), encoding="utf-8")
    return path
