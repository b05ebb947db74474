"""Reading evidence: the formulas are Bayes' rule, credit and bars do what their words say, and power is analytic."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import hosts
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from ipsc_race import evidence
from ipsc_race.milestones import EXPLORATORY_GRADE, GRADES, HOSPITAL_GRADE, PIVOTAL_GRADE

SHARE = st.floats(0, 1)
EFFECT = st.floats(-1, 1)
SPREAD = st.floats(0.05, 2)
Floats = np.ndarray[Any, np.dtype[np.float64]]


def row(**fields: Any) -> SimpleNamespace:
    return SimpleNamespace(**fields)


def reading(**changes: Any) -> SimpleNamespace:
    """How a jurisdiction reads evidence: its own in full, what it credits of others, its bars."""
    full = row(hospital_share=1.0, exploratory_share=1.0, pivotal_share=1.0)
    fields = {
        "own_credit": full,
        "foreign_credit": full,
        "portability_share": 1.0,
        "prior_effect_sd": 0.5,
        "bridging_patients": 8.0,
        "bridging_share": 0.5,
        "hospital_patients_share": 0.5,
    }
    borders = row(sphere_key=changes.pop("sphere_key", 1), evidence_export_share=0.25)
    return row(regulation=row(**(fields | changes)), borders=borders)


SWITCHES = {"hospital_discount_switch": True, "bridging_switch": False, "restrictions_switch": False}


def world_of(*jurisdictions: Any, threshold_effect: float = 0.2, **switches: bool) -> Any:
    return row(
        mechanisms=row(**(SWITCHES | switches)),
        n_jurisdictions=len(jurisdictions),
        jurisdictions=list(jurisdictions),
        evidence=row(threshold_effect=threshold_effect, latent_effect_sd=0.35, harm_prior_patients=50.0),
        indications=[row(harm_probability=0.02)],
    )


def programme(trials: list[tuple[int, int, float, float]], n: int = 2, **fields: Any) -> Any:
    """A programme with a ledger; each trial is (origin, grade, information, observed effect), of one arm."""
    ledger = [
        row(information=[0.0] * 3, score=[0.0] * 3, patients=[0.0] * 3, randomised_patients=0.0) for _ in range(n)
    ]
    for origin, grade, information, observed in trials:
        ledger[origin].information[grade] += information
        ledger[origin].score[grade] += information * observed
        ledger[origin].patients[grade] += information
    return row(
        **({"ledger": ledger, "prior_effect": 0.0, "indication": 0, "harms_count": 0, "patients_count": 0} | fields)
    )


@pytest.fixture(autouse=True)
def plain_callees(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests read worlds made of ordinary objects; that both hosts believe the same is the last test's."""
    for name, function in list(vars(evidence).items()):
        if hasattr(function, "py_func"):
            monkeypatch.setattr(evidence, name, function.py_func)


# ---- Bayes ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("z", [-30.0, -8.0, -1.0, 0.0, 0.3, 5.0, 30.0])
def test_normal_share_is_scipys(z: float) -> None:
    assert evidence.normal_share(z) == pytest.approx(stats.norm.cdf(z), rel=1e-13, abs=0)


@pytest.mark.parametrize("patients", [8, 40, 100])
def test_a_trial_in_two_arms_tells_a_quarter_per_patient(patients: int) -> None:
    """Var(mean of n/2 minus mean of n/2) = 4/n; a single arm has 1/n."""
    assert evidence.trial_variance(patients, 1) == pytest.approx(1 / patients)
    assert evidence.trial_variance(patients, 2) == pytest.approx(2 / (patients / 2))


@pytest.mark.parametrize("observed", [-0.4, 0.1, 0.6])
@pytest.mark.parametrize("information", [0.0, 3.0, 25.0])
@pytest.mark.parametrize(("mean", "spread"), [(0.0, 0.5), (0.3, 0.2)])
def test_the_posterior_is_bayes_rule(observed: float, information: float, mean: float, spread: float) -> None:
    """Else approvals would rest on something other than the evidence. Checked by integrating prior times likelihood."""

    def weight(effect: float) -> float:
        return math.exp(-0.5 * ((effect - mean) / spread) ** 2 - 0.5 * information * (observed - effect) ** 2)

    above, whole = (integrate.quad(weight, low, 6, points=[mean, observed], epsabs=1e-13)[0] for low in (0.2, -6))
    ours = evidence.probability_above(0.2, information, information * observed, mean, spread)
    assert ours == pytest.approx(above / whole, abs=1e-8)


def test_credit_is_a_power_prior() -> None:
    """A trial of 100 patients at credit 0.3 weighs as much as one of 30 that found the same."""
    shares = row(hospital_share=0.3, exploratory_share=1.0, pivotal_share=1.0)
    credited = programme([(0, HOSPITAL_GRADE, 100.0, 0.4)])
    smaller = programme([(0, EXPLORATORY_GRADE, 30.0, 0.4)])
    policy = world_of(reading(own_credit=shares), reading())
    one, other = (evidence.regulator_belief(policy, p, 0) for p in (credited, smaller))
    assert one == pytest.approx(other, rel=1e-13)


@given(st.tuples(SHARE, SHARE, SHARE), st.tuples(SHARE, SHARE, SHARE), SHARE)
def test_credit_is_own_at_home_and_a_product_abroad(own: Any, foreign: Any, portability: float) -> None:
    """What a regulator counts of foreign evidence: its own credit times what may leave the country of origin."""
    names = [f"{grade}_share" for grade in GRADES]
    rules = reading(
        own_credit=row(**dict(zip(names, own, strict=True))),
        foreign_credit=row(**dict(zip(names, foreign, strict=True))),
    )
    policy = world_of(rules, reading(portability_share=portability))
    for grade in (HOSPITAL_GRADE, EXPLORATORY_GRADE, PIVOTAL_GRADE):
        assert evidence.credit(policy, 0, 0, grade, 0.0) == own[grade]
        assert evidence.credit(policy, 0, 1, grade, 0.0) == foreign[grade] * portability


def test_hospital_evidence_counts_as_much_as_early_trials_where_its_discount_is_off() -> None:
    shares = row(hospital_share=0.1, exploratory_share=0.8, pivotal_share=1.0)
    rules = reading(own_credit=shares, foreign_credit=shares)
    on = world_of(rules, reading())
    off = world_of(rules, reading(), hospital_discount_switch=False)
    for origin in (0, 1):
        assert evidence.credit(on, 0, origin, HOSPITAL_GRADE, 0.0) == 0.1
        assert evidence.credit(off, 0, origin, HOSPITAL_GRADE, 0.0) == 0.8
        assert evidence.credit(off, 0, origin, PIVOTAL_GRADE, 0.0) == 1.0


def test_a_bridging_study_restores_part_of_the_missing_credit_of_foreign_evidence() -> None:
    """Credit 0.6, half of the missing 0.4 restored once eight patients were treated here, half of that after four."""
    policy = world_of(reading(), reading(portability_share=0.6), bridging_switch=True)
    abroad = (1, PIVOTAL_GRADE, 100.0, 0.4)
    for here, counted in ((0.0, 60.0), (4.0, 70.0), (8.0, 80.0), (80.0, 80.0)):
        p = programme([abroad, (0, EXPLORATORY_GRADE, here, 0.4)])
        assert evidence.credited(policy, p, 0)[0] - here == pytest.approx(counted)


def test_a_border_withholds_evidence_between_spheres_only() -> None:
    """Human genetic resources stay at home for a foreign sphere, whoever asks and whatever is bridged."""
    for sphere, counted in ((1, 1.0), (2, 0.25)):
        policy = world_of(reading(), reading(sphere_key=sphere), restrictions_switch=True)
        assert evidence.credit(policy, 0, 1, PIVOTAL_GRADE, 0.0) == counted
        assert evidence.credit(policy, 0, 1, PIVOTAL_GRADE, 1.0) == counted
        assert evidence.credit(policy, 0, 0, PIVOTAL_GRADE, 0.0) == 1.0


def test_information_and_score_count_by_credit() -> None:
    policy = world_of(reading(), reading(portability_share=0.5))
    p = programme([(0, 0, 12.0, 0.1), (0, 1, 10.0, 0.1), (1, 2, 40.0, 0.1)])
    information, score = evidence.credited(policy, p, 0)
    assert information == 12.0 + 10.0 + 0.5 * 40.0
    assert score == pytest.approx(1.2 + 1.0 + 0.5 * 4.0)


def test_patients_count_by_heads_whatever_the_credit_and_those_of_hospitals_in_part() -> None:
    """A regulator that believes nothing of foreign evidence still sees forty patients, unless a border hides them."""
    nothing = row(hospital_share=0.0, exploratory_share=0.0, pivotal_share=0.0)
    trials = [(0, HOSPITAL_GRADE, 12.0, 0.1), (0, EXPLORATORY_GRADE, 12.0, 0.1), (1, PIVOTAL_GRADE, 40.0, 0.1)]
    for sphere, abroad in ((1, 40.0), (2, 10.0)):
        world = world_of(reading(foreign_credit=nothing), reading(sphere_key=sphere), restrictions_switch=True)
        p = programme(trials)
        assert evidence.shown_patients(world, p, 0, 0) == 0.5 * 12.0 + 12.0
        assert evidence.patients_shown(world, p, 0) == 18.0 + abroad


def test_the_developer_reads_everything_at_face_value() -> None:
    policy = world_of(reading(), reading(portability_share=0.0))
    trials = [(0, 0, 12.0, 0.6), (1, 2, 25.0, 0.3)]
    expected = evidence.probability_above(0.2, 37.0, 12 * 0.6 + 25 * 0.3, 0.1, 0.35)
    assert evidence.developer_belief(policy, programme(trials, prior_effect=0.1)) == expected


@pytest.mark.parametrize("grade", range(3))
@pytest.mark.parametrize("origin", range(2))
def test_there_is_evidence_once_any_trial_was_read(origin: int, grade: int) -> None:
    """What nobody has read cannot end a programme, and what anybody has read can."""
    world = world_of(reading(), reading())
    assert not evidence.has_evidence(world, programme([]))
    assert evidence.has_evidence(world, programme([(origin, grade, 9.0, 0.0)]))


@given(EFFECT, EFFECT, st.floats(0.1, 200))
def test_a_better_result_never_lowers_a_belief(one: float, other: float, information: float) -> None:
    low, high = sorted((one, other))
    worse, better = (evidence.probability_above(0.2, information, information * x, 0.0, 0.5) for x in (low, high))
    assert worse <= better


# ---- bars -----------------------------------------------------------------------------------------------------------
@given(SHARE, SHARE, st.floats(0, 1e6), st.floats(0, 1e6))
def test_stringency_only_ever_raises_a_bar(bar: float, other_bar: float, calm: float, strict: float) -> None:
    """Untouched at 0, certainty in the limit, rising between; and it keeps the order of bars."""
    calm, strict = sorted((calm, strict))
    low, high = sorted((bar, other_bar))
    assert evidence.tightened(bar, 0.0) == pytest.approx(bar, abs=1e-15)
    assert evidence.tightened(bar, 1e18) == pytest.approx(1.0)
    assert bar - 1e-15 <= evidence.tightened(bar, calm) <= evidence.tightened(bar, strict) <= 1.0
    assert evidence.tightened(low, calm) <= evidence.tightened(high, calm)


def test_safety_is_the_posterior_mean_harm_against_the_bar() -> None:
    """Prior 0.02 worth 50 patients: 4 harms in 50 give (1 + 4) / 100 = 0.05, the bar; a fifth is one too many."""
    policy = world_of(reading())
    p = programme([], n=1, patients_count=50, harms_count=4)
    assert evidence.harm_belief(policy, p, 0.02) == 0.05
    assert evidence.is_safe(policy, p, 0.05, 0.0)
    p.harms_count = 5
    assert not evidence.is_safe(policy, p, 0.05, 0.0)
    p.harms_count = 4
    assert not evidence.is_safe(policy, p, 0.05, 0.01)


# ---- power (V31) ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("effect", [0.0, 0.3, 0.6])
@pytest.mark.parametrize(("patients", "arms"), [(100, 2), (60, 1)])
def test_approval_probability_is_the_normal_power_formula(effect: float, patients: int, arms: int) -> None:
    """A single pivotal trial read by a skeptic with prior N(0, s^2), credit w, bar c, threshold t.

    Approve iff (w x I / L - t) sqrt(L) >= z_c with I = 1/v and L = w I + 1/s^2, that is iff
    x >= (t L + z_c sqrt(L)) / (w I); x ~ N(effect, v), so P = Phi((effect - that) sqrt(I)).
    """
    w, bar, sd, threshold = 0.8, 0.9, 0.5, 0.2
    information = 1.0 / evidence.trial_variance(patients, arms)
    precision = w * information + 1.0 / sd**2
    needed = (threshold * precision + stats.norm.ppf(bar) * math.sqrt(precision)) / (w * information)
    analytic = stats.norm.cdf((effect - needed) * math.sqrt(information))

    shares = row(hospital_share=0.0, exploratory_share=0.0, pivotal_share=w)
    policy = world_of(reading(own_credit=shares, prior_effect_sd=sd))
    found = effect + np.random.default_rng(7).standard_normal(20_000) / math.sqrt(information)
    read = [programme([(0, PIVOTAL_GRADE, information, x)], n=1) for x in found]
    approved = [evidence.regulator_belief(policy, p, 0) >= bar for p in read]
    error = math.sqrt(analytic * (1 - analytic) / len(found))
    assert abs(np.mean(approved) - analytic) < 3.5 * error + 1e-9


FORMULAS = """
import struct, hashlib
from ipsc_race import evidence
total = hashlib.sha256()
for i in range(500):
    x = (i - 250) / 97
    total.update(struct.pack("<ddd", evidence.normal_share(x), evidence.tightened(abs(x) / 3, i / 7),
                             evidence.probability_above(0.2, i / 3, x * i / 3, x / 5, 0.05 + i / 400)))
print(total.hexdigest())
"""


def test_both_hosts_believe_the_same_bits() -> None:
    """erfc comes from different libraries if the hosts are careless."""
    assert hosts.answer(FORMULAS, hosts.COMPILED) == hosts.answer(FORMULAS, hosts.PLAIN)
