"""A small part of the campaign of faults (`make faults`): whatever happens to a folder, no race is lost or bent."""

from __future__ import annotations

from pathlib import Path

import disks
import pytest
import store

FAULTS = store.FAULTS | disks.FAULTS
COUNTS = {
    "flips": 6,
    "truncations": 4,
    "kills": 2,
    "calibrations": 1,
    "pairs": 2,
    "signals": 2,
    "disks": 4,
    "figures": 2,
    "caches": 4,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both jobs are raced but once."""
    return tmp_path_factory.mktemp("faults")


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_lost_and_nothing_bent(fault: str, place: Path) -> None:
    tried, failures = FAULTS[fault](COUNTS[fault], place, 1)
    assert tried == COUNTS[fault]
    assert failures == []
