"""Gates: heads are not information, no gate is a step, and nobody is approved without what the law asks."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from test_evidence import programme, reading, row, world_of

from ipsc_race import draws, evidence
from ipsc_race.draws import race_key
from ipsc_race.milestones import (
    CONDITIONAL_APPROVAL,
    EXPLORATORY_GRADE,
    FULL_APPROVAL,
    PHASE_2,
    PHASE_3,
    PHASE_3_ENTRY,
    PIVOTAL_GRADE,
)
from ipsc_race.rules import gates

KEY = np.uint64(race_key(1, 1))


@pytest.fixture(autouse=True)
def plain_callees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds made of ordinary objects are read by the plain functions; `tests/model/test_host.py` holds both to one."""
    for module in (evidence, gates):
        for name, function in list(vars(module).items()):
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)


def terms(**changes: Any) -> SimpleNamespace:
    """A gate that asks for nothing but what is said."""
    nothing = {"bar_probability": 0.0, "least_patients": 0.0, "least_local_patients": 0.0, "randomised_share": 0.0}
    return row(**(nothing | {"harm_bar_probability": 1.0} | changes))


def policy_of(gate: Any, *, spread: bool = False, open_route: bool = True, **more: Any) -> Any:
    """Two jurisdictions; every gate of the first has these terms."""
    route = row(open_switch=open_route, approval=gate, confirmation=gate)
    rules = reading(
        full=gate, phase_2_entry=gate, phase_3_entry=gate, conditional=route, bar_probit_sd=0.3,
        least_patients_log_sd=0.4, **more,
    )  # fmt: skip
    return world_of(rules, reading(), gate_spread_switch=spread, restrictions_switch=False)


def world_now() -> Any:
    return row(key=KEY, jurisdictions=[row(key=1, stringency=0.0), row(key=2, stringency=0.0)])


def product(trials: list[tuple[int, int, float, float]], *, randomised: float = 0.0, last_phase: int = 0) -> Any:
    p = programme(trials, id=77, past_tries=0, campaigns=[row(last_phase=last_phase), row(last_phase=0)])
    p.ledger[1].randomised_patients = randomised
    return p


def opens(gate: Any, p: Any, which: int = FULL_APPROVAL, **how: Any) -> bool:
    return bool(gates.opens(world_now(), policy_of(gate, **how), p, 0, which))


def test_a_gate_asks_for_heads_local_heads_and_a_randomised_trial() -> None:
    """Forty patients abroad are forty patients, and none of them is local."""
    abroad = product([(1, PIVOTAL_GRADE, 40.0, 1.0)])
    assert opens(terms(least_patients=40.0), abroad)
    assert not opens(terms(least_patients=41.0), abroad)
    assert not opens(terms(least_local_patients=1.0), abroad)
    assert opens(terms(least_local_patients=5.0), product([(0, EXPLORATORY_GRADE, 5.0, 1.0)]))
    assert not opens(terms(randomised_share=1.0), abroad)
    assert opens(terms(randomised_share=1.0), product([(1, PIVOTAL_GRADE, 40.0, 1.0)], randomised=40.0))


def test_a_gate_asks_for_belief_and_safety() -> None:
    believed = [(0, PIVOTAL_GRADE, 100.0, 0.6)]
    assert opens(terms(bar_probability=0.95), product(believed))
    assert not opens(terms(bar_probability=0.95), product([(0, PIVOTAL_GRADE, 100.0, 0.2)]))
    assert not opens(terms(harm_bar_probability=0.01), product(believed)), "the prior of these worlds is 0.02"


def test_an_approval_on_condition_is_for_those_without_a_pivotal_trial_and_where_the_route_is_open() -> None:
    """After a Phase 3 that fell short an approval on early evidence would make the full bar a dead letter."""
    read = [(0, EXPLORATORY_GRADE, 40.0, 0.6)]
    assert opens(terms(), product(read, last_phase=PHASE_2), CONDITIONAL_APPROVAL)
    assert not opens(terms(), product(read, last_phase=PHASE_3), CONDITIONAL_APPROVAL)
    assert not opens(terms(), product(read, last_phase=PHASE_2), CONDITIONAL_APPROVAL, open_route=False)


def places(stated: float, draw: Any) -> np.ndarray[Any, Any]:
    """Where a gate stands for many products."""
    policy, world = policy_of(terms(), spread=True), world_now()
    return np.array([draw(world, policy, row(id=i, past_tries=0), stated) for i in range(4000)])


def test_a_bar_is_spread_in_probits_about_its_stated_place() -> None:
    """Were it a step, a hundredth of belief would decide a race; were it biased, the stated bar would be a label."""
    bars = places(0.9, lambda w, p, x, bar: gates.placed_bar(w, p, x, 0, PHASE_3_ENTRY, bar))
    z = stats.norm.ppf(bars) - stats.norm.ppf(0.9)
    assert np.mean(z) == pytest.approx(0.0, abs=4 * 0.3 / math.sqrt(4000))
    assert np.std(z) == pytest.approx(0.3, rel=0.05)
    for certain in (0.0, 1.0):
        assert set(places(certain, lambda w, p, x, bar: gates.placed_bar(w, p, x, 0, 1, bar))) == {certain}


def test_least_patients_are_spread_about_their_stated_number() -> None:
    asked = places(28.0, lambda w, p, x, n: gates.placed_patients(w, p, x, 0, 1, draws.GATE_PATIENTS, n))
    assert np.median(asked) == pytest.approx(28.0, rel=0.03)
    assert np.std(np.log(asked)) == pytest.approx(0.4, rel=0.05)
    assert set(places(0.0, lambda w, p, x, n: gates.placed_patients(w, p, x, 0, 1, draws.GATE_PATIENTS, n))) == {0.0}


def test_what_is_missing_for_an_approval_is_local_patients_only_where_nothing_else_is() -> None:
    """Otherwise a product without any evidence would be sent into a bridging study."""
    gate = terms(bar_probability=0.9, least_local_patients=20.0)
    policy, world = policy_of(gate), world_now()
    convinced, unread = product([(1, PIVOTAL_GRADE, 100.0, 0.8)]), product([])
    assert gates.missing_for_approval(world, policy, convinced, 0) == 20.0
    assert gates.missing_for_approval(world, policy, unread, 0) == math.inf
