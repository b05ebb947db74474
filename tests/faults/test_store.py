"""A small part of the campaign of faults (`make faults`): whatever happens to a folder, no race is lost or bent."""

from __future__ import annotations

from pathlib import Path

import pytest
import store

COUNTS = {"flips": 6, "truncations": 4, "kills": 2, "pairs": 2, "disks": 4, "signals": 2}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both jobs are raced but once."""
    return tmp_path_factory.mktemp("faults")


@pytest.mark.parametrize("fault", store.FAULTS)
def test_nothing_is_lost_and_nothing_bent(fault: str, place: Path) -> None:
    tried, failures = store.FAULTS[fault](COUNTS[fault], place, 1)
    assert tried == COUNTS[fault]
    assert failures == []
