"""What a calibration says of its waves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from ipsc_race_lab.analysis import posterior
from ipsc_race_lab.analysis.calibration import Record


def test_a_race_with_another_exact_count_is_against_the_record() -> None:
    """Approvals are counted exactly; a race with one of two weighs nothing, so it must not pass for one that agrees."""
    inf = np.inf
    numbers = np.array([[2.0, 90.0, 5.0], [1.0, 90.0, 5.0], [2.0, inf, 5.0], [2.0, 80.0, 9.0]])
    facts = Record(("approvals", "first_month", "none_yet"), np.array([2.0, 88.0, 5.0]), np.array([0.0, 6.0, 0.0]))
    record = SimpleNamespace(simulated=lambda rows: numbers[rows], facts=facts)
    of: Any = SimpleNamespace(told=np.array([0, 1]), rows=np.array([2, 3]), record=record)
    asked: Any = SimpleNamespace(waves=(2, 2))
    told = posterior._waves(asked, of, np.array([1.0, 0.0]))
    assert [wave["possible"] for wave in told] == [1, 0]
    assert [wave["effective"] for wave in told] == [None, 1.0]
