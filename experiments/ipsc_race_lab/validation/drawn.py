"""Worlds drawn at random from what the evidence allows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ipsc_race.loading import load

PLACES = ("china", "us", "eu", "japan")


def drawn(seed: int) -> dict[str, Any]:
    """Every number of the baseline drawn uniformly from the range on record for it, and any subset of mechanisms."""
    generator = np.random.default_rng(seed)
    baseline = load("baseline")
    values: dict[str, Any] = {
        "span.end_month": "2029-12",
        "span.step_months": float(generator.choice([1.0, 0.5])),
    }
    switches = baseline.scenario.mechanisms.model_dump()
    values |= {f"mechanisms.{switch}": bool(generator.random() < 0.7) for switch in switches}
    for path, origin in baseline.origins.items():
        if origin.range is None or path.endswith(("draw_key", "step_months")) or "exogenous" in path:
            continue
        low, high = origin.range
        if isinstance(origin.value, int) and float(low).is_integer():
            values[path] = int(generator.integers(int(low), int(high) + 1))
        else:
            values[path] = float(generator.uniform(low, high))
    return values
