"""A small roster on the baseline, for tests to change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START = "2026-07"
READOUT = {
    "place": "us", "stage": "phase_1", "read_month": "2024-02", "enrolled_patients": 12, "observed_effect": 0,
    "telling_effect_sd": 10,
}  # fmt: skip
CAMPAIGN = {
    "place": "us", "stage": "phase_1", "since_month": "2025-09", "wanted_patients": 12, "enrolled_patients": 4,
    "partner": "none", "royalty_share": 0,
}  # fmt: skip


def developer(**changed: Any) -> dict[str, Any]:
    """A developer of the United States."""
    told = {"label": "Bluebird Cells", "draw_key": 1, "copies_count": 1, "home": "us", "owner": "us"}
    return told | {"cash_usd_m": 400} | changed


def programme(**changed: Any) -> dict[str, Any]:
    """A product for Parkinson's disease in a Phase 1."""
    told = {
        "label": "BC-1", "developer": "bluebird", "draw_key": 1, "indication": "dopaminergic_neuron",
        "cell_source": "reprogrammed", "method": "sendai", "modality": "allogeneic", "readouts": {},
        "campaigns": {"us": CAMPAIGN},
    }  # fmt: skip
    return told | changed


def write_roster(
    folder: Path, programmes: Mapping[str, Any], developers: Mapping[str, Any] | None = None, **world: Any
) -> Path:
    """A file of the baseline from 2026 on with a roster; `world` is what else it changes."""
    roster = {"knowledge_count": 0, "developers": developers or {"bluebird": developer()}, "programmes": programmes}
    span = {"start_month": START, "end_month": "2030-12"}
    content = {"extends": "baseline", "histories": [], "span": span, "roster": roster, **world}
    path = folder / "roster.yaml"
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path
