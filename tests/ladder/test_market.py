"""A market within its capacity."""

from __future__ import annotations

import numpy as np
import pytest

from ipsc_race_lab.validation.market import sales


def test_v22_no_more_are_treated_than_centres_take() -> None:
    """Capacity, not demand, is what a country of many patients may lack."""
    place = "jurisdictions.us.market"
    treated = sales({f"{place}.treatment_patients_per_month": 100, f"{place}.expansion_per_month": 0})
    monthly = np.diff(treated["treated"].astype(float))
    assert monthly.max() <= 101
    assert np.median(monthly[monthly > 0]) == pytest.approx(100, abs=1)
