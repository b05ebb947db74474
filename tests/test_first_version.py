"""With the later mechanisms off, a race is that of the first version's rules: mechanisms add, and change nothing else.

`first_version.json` holds golden hashes of its events and the monthly columns that version 0.1 had. It was renewed
once, when what was wrong in all worlds was mended (order of doses, definitions of minima and harm; CHANGELOG under
Regression). Only such a mend of the first version's rules may move it again.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from test_golden import RUNS, SEED

from ipsc_race.ensemble import RaceResult, run_races, value_hash
from ipsc_race.loading import load
from ipsc_race.world import MONTHLY

COLUMNS = (
    "cash_usd_m", "private_usd_m", "public_usd_m", "spent_usd_m", "knowledge", "sentiment", "stringency",
    "eligible_patients", "companies", "preclinical", "hospital", "ind", "phase_1", "phase_2", "phase_3",
    "review", "on_market", "stopped", "recruiting", "trials_started", "patients_enrolled", "doses_made",
    "doses_used", "patients_harmed", "approvals", "withdrawals",
)  # fmt: skip
FIRST_MONTHLY = np.dtype([(name, MONTHLY[name]) for name in COLUMNS])
FIRST = json.loads(Path(__file__).with_name("first_version.json").read_text(encoding="utf-8"))


def first_digest(result: RaceResult) -> bytes:
    monthly = np.empty(result.monthly.shape, FIRST_MONTHLY)
    for name in COLUMNS:
        monthly[name] = result.monthly[name]
    return hashlib.sha256(result.events.tobytes() + monthly.tobytes()).digest()


@pytest.mark.parametrize("scenario", FIRST)
def test_without_the_later_mechanisms_a_race_is_that_of_the_first_version(scenario: str) -> None:
    """What a mechanism does can be read off its switch only if the rest of the world stays as it was."""
    switches = load("first-version").scenario.mechanisms.model_dump()
    world = load(scenario, {f"mechanisms.{name}": on for name, on in switches.items()})
    assert value_hash(first_digest(result) for result in run_races(world, RUNS, SEED)) == FIRST[scenario]
