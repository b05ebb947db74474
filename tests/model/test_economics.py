"""Learning, adoption, shares and the price of a licence do what their words say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race.economics import bass_share, finding_share, learning_multiplier, nash_price, share_weight

SHARE = st.floats(0, 1)


def test_each_doubling_saves_its_share() -> None:
    """Wright: 20% a doubling is b = 0.3219, and ten times the volume costs 0.4765."""
    assert learning_multiplier(200.0, 100.0, 0.2) == pytest.approx(0.8)
    assert learning_multiplier(1000.0, 100.0, 0.2) == pytest.approx(0.4765, abs=5e-5)
    assert -math.log2(1 - 0.2) == pytest.approx(0.3219, abs=5e-5)


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(1, 1e6), st.floats(0, 0.9))
def test_more_doses_never_cost_more(one: float, other: float, reference: float, learning: float) -> None:
    few, many = sorted((one, other))
    assert 1.0 >= learning_multiplier(few, reference, learning) >= learning_multiplier(many, reference, learning) > 0.0


@given(SHARE, st.floats(0, 0.1), st.floats(0, 0.5), st.floats(0, 24), st.floats(0, 24))
def test_adoption_over_two_spells_is_adoption_over_both(f: float, p: float, q: float, one: float, other: float) -> None:
    """Else half-month steps would sell another number of treatments; and nobody un-adopts."""
    stepwise = bass_share(bass_share(f, p, q, one), p, q, other)
    assert stepwise == pytest.approx(bass_share(f, p, q, one + other), abs=1e-9)
    assert f - 1e-12 <= stepwise <= 1.0 + 1e-12


def test_nobody_adopts_what_nobody_starts() -> None:
    assert bass_share(0.0, 0.0, 0.5, 12.0) == 0.0
    assert bass_share(0.3, 0.0, 0.0, 12.0) == 0.3


@given(st.floats(1, 20), st.floats(1, 20), st.floats(-2, 2), st.floats(0, 1), st.floats(0, 5))
def test_a_later_entrant_of_the_same_quality_claims_no_more(
    one: float, other: float, quality: float, elasticity: float, slope: float
) -> None:
    early, late = sorted((one, other))
    first = share_weight(early, quality, elasticity, slope)
    assert first >= share_weight(late, quality, elasticity, slope) * (1 - 1e-12)
    assert share_weight(early, quality + 0.1, elasticity, slope) >= first


@given(st.floats(0, 1e6), st.floats(0, 1e6), SHARE)
def test_a_licence_leaves_neither_side_worse_than_without_it(own: float, gain: float, bargaining: float) -> None:
    """Nash: the developer gets its outside value and a share of the surplus, the partner the rest."""
    price = nash_price(own, own + gain, bargaining)
    assert own <= price <= (own + gain) * (1 + 1e-12)


HANDLED = st.floats(0.01, 100)


@given(st.floats(0, 1e9), st.floats(0, 1e9), HANDLED)
def test_more_patients_never_slow_a_site_and_none_enrols_more_than_it_can_handle(
    one: float, other: float, handled: float
) -> None:
    """A lever of patients that turned back somewhere would show here: a share from 0 to 1, rising with the patients."""
    few, many = sorted((one, other))
    assert 0.0 <= finding_share(few, handled) <= finding_share(many, handled) <= 1.0


@given(st.floats(1e-6, 1e-3), HANDLED)
def test_few_patients_are_enrolled_as_they_are_found(share: float, handled: float) -> None:
    """Twice the few patients are twice the enrolment: any other limit would blunt the lever where it counts."""
    found = share * handled
    assert finding_share(found, handled) * handled == pytest.approx(found, rel=2e-3)
    assert finding_share(2 * found, handled) == pytest.approx(2 * finding_share(found, handled), rel=2e-3)


@given(st.floats(1e3, 1e9), HANDLED)
def test_many_patients_are_enrolled_as_fast_as_a_site_can_handle(plenty: float, handled: float) -> None:
    """Ten times as many change nothing there, to a thousandth."""
    assert finding_share(plenty * handled, handled) == pytest.approx(1.0, abs=1e-3)
    assert finding_share(10 * plenty * handled, handled) == pytest.approx(1.0, abs=1e-3)


def test_a_site_that_finds_nobody_enrols_nobody() -> None:
    """Also one that could not enrol anybody: no number divided by nothing."""
    assert finding_share(0.0, 0.5) == 0.0
    assert finding_share(0.0, 0.0) == 0.0
    assert finding_share(-1.0, 0.5) == 0.0, "a pool drawn below nothing by rounding"
