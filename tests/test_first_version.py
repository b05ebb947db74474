"""With the later mechanisms off, a race is that of the first version's rules: mechanisms add, and change nothing else.

`first_version.json` holds the golden hash of the events and monthly columns that version 0.1 had, on its numbers
(`scenarios/first-version.yaml` states them, but for the months of preparation that were added to its trials). Only a
mend of what was wrong in all worlds may move it (CHANGELOG under Regression).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from test_golden import RUNS, SEED

from ipsc_race.ensemble import RaceResult, run_races, value_hash
from ipsc_race.loading import load
from ipsc_race.world import EVENT, MONTHLY

COLUMNS = (
    "cash_usd_m", "private_usd_m", "public_usd_m", "spent_usd_m", "knowledge", "sentiment", "stringency",
    "eligible_patients", "companies", "preclinical", "hospital", "ind", "phase_1", "phase_2", "phase_3",
    "review", "on_market", "stopped", "recruiting", "trials_started", "patients_enrolled", "doses_made",
    "doses_used", "patients_harmed", "approvals", "withdrawals",
)  # fmt: skip
LATER_FIELDS = ("cell_source", "sponsor")
FIRST_EVENT = np.dtype([(name, EVENT[name]) for name in EVENT.names or () if name not in LATER_FIELDS])
FIRST_MONTHLY = np.dtype([(name, MONTHLY[name]) for name in COLUMNS])
FIRST = json.loads(Path(__file__).with_name("first_version.json").read_text(encoding="utf-8"))


PREPARATION_MONTHS = {"phase_2": 3, "phase_3": 8, "confirmation": 3}


def columns(records: np.ndarray, layout: np.dtype) -> bytes:
    kept = np.empty(records.shape, layout)
    for name in layout.names or ():
        kept[name] = records[name]
    return kept.tobytes()


def first_digest(result: RaceResult) -> bytes:
    return hashlib.sha256(columns(result.events, FIRST_EVENT) + columns(result.monthly, FIRST_MONTHLY)).digest()


def test_without_the_later_mechanisms_a_race_is_that_of_the_first_version() -> None:
    """What a mechanism does can be read off its switch only if the rest of the world stays as it was."""
    world = load("first-version", {f"trials.{name}.preparation_months": n for name, n in PREPARATION_MONTHS.items()})
    assert value_hash(first_digest(result) for result in run_races(world, RUNS, SEED)) == FIRST["first-version"]
