"""Investors look at what would be paid: prices, coverage, patients and rivals, at home and as far as one reaches."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race import evidence
from ipsc_race.rules import investors, programmes


@pytest.fixture(autouse=True)
def plain_callees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds made of ordinary objects are read by the plain functions."""
    for module in (evidence, investors, programmes):
        for name, function in list(vars(module).items()):
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)


def policy_of(
    *, ceiling: float = 1.0, coverage: float = 0.5, elasticity: float = 1.0, reach: float = 0.0, looks: bool = True
) -> Any:
    """Two alike places within one sphere, one indication at a price of 0.2 million, a tenth of patients a year."""
    place = SimpleNamespace(
        market=SimpleNamespace(coverage_share=coverage, price_multiplier=1.0, price_ceiling_usd_m_per_patient=ceiling),
        companies=SimpleNamespace(reach_abroad_share=reach),
        borders=SimpleNamespace(sphere_key=1, product_export_share=1.0, foreign_entry_share=1.0),
    )
    return SimpleNamespace(
        n_jurisdictions=2,
        n_indications=1,
        jurisdictions=[place, place],
        indications=[SimpleNamespace(price_usd_m_per_patient=0.2)],
        outlook=SimpleNamespace(
            treated_share_per_year=0.1, reference_usd_m_per_year=100.0, sales_elasticity=elasticity
        ),
        mechanisms=SimpleNamespace(sales_outlook_switch=looks, price_ceiling_switch=True, restrictions_switch=False),
    )


def outlook(patients: float = 10_000.0, sellers: int = 0, **how: Any) -> tuple[float, float]:
    """Sales expected and outlook of a product at home in the first place, with as many patients in both."""
    places = [
        SimpleNamespace(
            cells=[SimpleNamespace(eligible_patients=patients, sellers_count=sellers, sales_usd_m_per_year=9.0,
                                   outlook=1.0)]
        )
        for _ in range(2)
    ]  # fmt: skip
    investors.look_ahead(SimpleNamespace(jurisdictions=places), policy_of(**how))
    cell = places[0].cells[0]
    return cell.sales_usd_m_per_year, cell.outlook


def test_expected_sales_are_patients_covered_times_price_shared_with_who_sells_already() -> None:
    """10,000 patients, half of them covered, a tenth a year at 0.2 million: 100 million, and half beside a rival."""
    assert outlook() == (pytest.approx(100.0), pytest.approx(1.0))
    assert outlook(sellers=1)[0] == pytest.approx(50.0)
    assert outlook(reach=0.4)[0] == pytest.approx(140.0)
    assert outlook(ceiling=0.05)[0] == pytest.approx(25.0)


def test_who_does_not_look_sees_nothing_and_minds_nothing() -> None:
    """Off means at stage and mood only: no sales are expected, and the outlook is what it was."""
    assert outlook(looks=False) == (0.0, 1.0)


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0, 10), st.floats(0, 2), st.floats(0, 1))
def test_more_patients_never_darken_the_outlook_and_no_outlook_is_without_bounds(
    one: float, other: float, elasticity: float, ceiling: float, coverage: float
) -> None:
    """A pool, a price or a coverage of nothing is dark and not infinitely so: rounds must stay finite."""
    few, many = sorted((one, other))
    how = {"elasticity": elasticity, "ceiling": ceiling, "coverage": coverage}
    dark, bright = outlook(few, **how)[1], outlook(many, **how)[1]
    least, most = math.exp(-investors.OUTLOOK_BOUND), math.exp(investors.OUTLOOK_BOUND)
    assert least * (1 - 1e-12) <= dark <= bright <= most * (1 + 1e-12)


def company(**changes: Any) -> Any:
    """A developer with money for a year."""
    plain = {"alive": True, "sponsor": 0, "home": 0, "live_count": 1, "programmes_count": 1, "cash_usd_m": 12.0,
             "burn_usd_m": 1.0, "need_usd_m": 0.0}  # fmt: skip
    return SimpleNamespace(**(plain | changes))


def test_who_is_short_of_runway_or_of_its_next_step_raises_and_an_institute_never_does() -> None:
    """A round closed by a university, or by a developer with nothing to show, would be money for nobody's work."""
    policy = SimpleNamespace(jurisdictions=[SimpleNamespace(funding=SimpleNamespace(runway_months=12.0))])
    assert not investors.is_raising(policy, company())
    assert investors.is_raising(policy, company(cash_usd_m=11.0))
    assert investors.is_raising(policy, company(need_usd_m=13.0))
    for silent in ({"sponsor": 1}, {"alive": False}, {"live_count": 0}):
        assert not investors.is_raising(policy, company(cash_usd_m=0.0, **silent))
    assert investors.is_raising(policy, company(cash_usd_m=0.0, live_count=0, programmes_count=0)), "just founded"
