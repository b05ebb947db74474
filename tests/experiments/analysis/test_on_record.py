"""What is on record as a calibration holds it: which facts count, and which races contradict them."""

from __future__ import annotations

import numpy as np
import pytest

from ipsc_race.loading import load
from ipsc_race.policy import calendar_month
from ipsc_race_lab.analysis.calibration import Record
from ipsc_race_lab.analysis.meeting import Told
from ipsc_race_lab.analysis.on_record import excesses, held_rates, on_record
from ipsc_race_lab.estimators.weighing import log_density
from ipsc_race_lab.metrics.history_reading import histories_of

HISTORIES = histories_of(load("baseline"))
KEYS = [f"{history.name}.{fact.key}" for history in HISTORIES for fact in history.facts]


def rows(**numbers: float) -> np.ndarray:
    """One race with what is on record, but for some numbers."""
    table = np.zeros(1, [(key, np.float64) for key in KEYS])
    for history in HISTORIES:
        for fact in history.facts:
            recorded = calendar_month(str(fact.recorded)) if fact.kind.is_month else fact.recorded
            table[f"{history.name}.{fact.key}"] = recorded
    for key, number in numbers.items():
        table[key.replace("__", ".")] = number
    return table


def density(as_of: str, **numbers: float) -> float:
    held = on_record(HISTORIES, KEYS, as_of, rates=False)
    return float(log_density(held.simulated(rows(**numbers)), held.facts.recorded, held.facts.error_sd)[0])


def test_a_race_that_is_the_record_has_the_highest_density() -> None:
    """Everything else is less likely to be ours."""
    assert density("2026-06") == 0
    assert density("2026-06", pluripotent__trials_2024=140) < 0


def test_what_has_happened_must_have_and_what_has_not_must_not() -> None:
    """A forecast from a race without the approvals of March 2026 would forecast what is past."""
    late, early = calendar_month("2026-07"), calendar_month("2026-06")
    assert density("2026-06", ipsc__first_approval_japan=late) == -np.inf
    assert density("2026-06", ipsc__first_approval_japan=early) > -np.inf
    assert density("2026-06", ipsc__approvals_west_2026=1) == -np.inf
    assert density("2020-01", ipsc__first_approval_japan=calendar_month("2019-06")) == -np.inf
    assert density("2020-01", ipsc__first_approval_japan=np.inf) == 0


def test_what_was_not_known_yet_does_not_count() -> None:
    """A hindcast that had seen the count of 2024 would be none."""
    assert density("2020-01", pluripotent__trials_2024=500, ipsc__approvals_china_2026=3) == 0
    assert density("2020-01", pluripotent__trials_2019=90) < 0


def test_a_fact_that_another_tells_already_can_be_left_out() -> None:
    """One patient counted twice would weigh twice."""
    held = on_record(HISTORIES, KEYS, "2026-06", ["ipsc.first_patient_japan"], rates=False)
    assert "ipsc.first_patient_japan" not in held.facts.keys
    assert len(held.facts.keys) == len(KEYS) - 1


def told(key: str, **numbers: float) -> Told:
    held = on_record(HISTORIES, KEYS, "2026-06", rates=False)
    return held.told(rows(**numbers))[held.facts.keys.index(key)]


def test_a_date_that_never_came_is_searched_some_time_after_the_record() -> None:
    """Emulators know no infinities, and a race without the date does not meet it."""
    of = told("ipsc.first_patient_west", ipsc__first_patient_west=np.inf)
    assert np.isfinite(of.numbers).all()
    assert of.log_density(of.numbers)[0] == -np.inf


def test_counts_are_searched_in_logarithms_and_held_as_they_are_counted() -> None:
    """3,200 patients too many are as far off as they are counted, and not as the slope of the logarithm has it."""
    of = told("pluripotent.patients_2024", pluripotent__patients_2024=4400)
    facts = on_record(HISTORIES, KEYS, "2026-06", rates=False).facts
    error_sd = facts.error_sd[facts.keys.index("pluripotent.patients_2024")]
    assert of.numbers[0] == pytest.approx(np.log(4401))
    assert of.log_density(of.numbers)[0] == pytest.approx(-0.5 * (3200 / error_sd) ** 2)


def test_what_has_no_error_is_searched_by_whether_it_was_met() -> None:
    """One approval and three are both missed, however near their mean is to two."""
    for count, met in ((1, 0), (2, 1), (3, 0)):
        of = told("ipsc.approvals_japan_2026", ipsc__approvals_japan_2026=count)
        assert of.exact
        assert of.numbers[0] == met


def test_an_excess_is_nothing_where_a_race_has_the_rate() -> None:
    """Three of ten at a rate of 0.3 is what is on record."""
    table = np.array([(3.0, 10.0), (4.0, 10.0)], [("success.phase_1:sum", "f8"), ("success.phase_1:number", "f8")])
    excess, number = excesses(table, Record(("success.phase_1",), np.array([0.3]), np.array([0.1])))
    assert excess[:, 0] == pytest.approx([0, 1])
    assert number[:, 0] == pytest.approx([10, 10])


def test_every_rate_that_binds_and_is_a_ratio_is_held() -> None:
    """A rate left out because it was forgotten would be a rate that calibration may spoil."""
    held = {target.measure for target in held_rates()}
    assert {"success.phase_1", "success.phase_2", "success.phase_3", "likelihood_of_approval"} <= held
    assert "fda_inds_of_chinese" not in held  # a count of a race
