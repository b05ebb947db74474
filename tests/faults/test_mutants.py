"""A small part of the campaign of mutants (`make faults`): what nobody would write ends in a world or a sentence."""

from __future__ import annotations

from pathlib import Path

import mutants
import pytest

COUNTS = {"scenarios": 6, "experiments": 3, "overrides": 6}


@pytest.mark.parametrize("fault", mutants.FAULTS)
def test_no_mutant_hangs_breaks_or_races_to_no_number(fault: str, tmp_path: Path) -> None:
    tried, failures = mutants.FAULTS[fault](COUNTS[fault], tmp_path, 1)
    assert tried == COUNTS[fault]
    assert failures == []
