"""Institutes: research money is spent once and in full, and both hosts hand a programme over in the same month."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import hosts
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
from ipsc_race.milestones import HANDED_OVER
from ipsc_race.rules import institutes, investors

SHARE = st.floats(0, 1)
PLACES = load("baseline").jurisdictions


@pytest.fixture(autouse=True)
def plain_callees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds made of ordinary objects are read by the plain functions."""
    for module in (institutes, investors):
        for name, function in list(vars(module).items()):
            if hasattr(function, "py_func"):
                monkeypatch.setattr(module, name, function.py_func)


def policy_of(weights: list[float], studies: float, research: float = 1.0) -> Any:
    """Two jurisdictions with one public programme of 120 million a year each; the second has the institutes."""
    public = SimpleNamespace(
        start_month=0, end_month=1000, budget_usd_m_per_year=120.0, research_share=research, equity_share=0.0
    )

    def place(own: list[float]) -> SimpleNamespace:
        return SimpleNamespace(
            funding=SimpleNamespace(public=[public], n_public=1, budget_multiplier=1.0),
            institutes=[SimpleNamespace(research_weight=weight) for weight in own],
            n_institutes=len(own),
            research=SimpleNamespace(studies_share=studies, founders_per_usd_m=0.0),
        )

    return SimpleNamespace(
        roster=SimpleNamespace(n_developers=0),
        mechanisms=SimpleNamespace(institutions_switch=True, state_capital_switch=True),
        jurisdictions=[place([1.0]), place(weights)],
        n_jurisdictions=2,
        n_indications=1,
        indications=[SimpleNamespace(start_weight=1.0)],
        science=SimpleNamespace(knowledge_per_usd_m=0.5),
    )


def world_of(companies: int) -> Any:
    """A later morning, with a row for each institute."""

    def place() -> SimpleNamespace:
        flows = SimpleNamespace(research_usd_m=0.0, public_usd_m=0.0)
        return SimpleNamespace(flows=flows, cells=[SimpleNamespace(knowledge=0.0, created=[0.0] * 400)])

    rows = [SimpleNamespace(home=min(c, 1), cash_usd_m=0.0, granted_usd_m=0.0) for c in range(companies)]
    return SimpleNamespace(tick=5, month=5, step_months=1.0, jurisdictions=[place(), place()], companies=rows)


@given(st.lists(st.floats(0, 10), max_size=6), SHARE, SHARE)
def test_research_money_is_spent_once_and_in_full(weights: list[float], studies: float, research: float) -> None:
    """Money kept for studies that no institute received, as where all weights were 0, was once lost.

    What goes to knowledge and what goes to institutes is the research part of the budget, for any weights.
    """
    world, policy = world_of(1 + len(weights)), policy_of(weights, studies, research)
    institutes.spend_research_money(world, policy)
    for j in range(2):
        flows = world.jurisdictions[j].flows
        assert flows.research_usd_m + flows.public_usd_m == pytest.approx(10.0 * research)
        received = sum(company.cash_usd_m for company in world.companies if company.home == j)
        assert received == pytest.approx(flows.public_usd_m)
        assert world.jurisdictions[j].cells[0].knowledge == pytest.approx(0.5 * flows.research_usd_m)


def test_institutes_share_by_weight() -> None:
    """A share by place in the file would favour who is named first."""
    world = world_of(4)
    institutes.spend_research_money(world, policy_of([1.0, 0.0, 3.0], 0.4))
    assert [company.cash_usd_m for company in world.companies] == pytest.approx([4.0, 1.0, 0.0, 3.0])


def test_the_rows_of_institutes_follow_each_other_by_jurisdiction() -> None:
    """A row that two of them shared would pay one twice and the other never."""
    policy = policy_of([1.0, 1.0, 1.0], 0.4)
    assert [institutes.institute_row(policy, 0, 0)] == [0]
    assert [institutes.institute_row(policy, 1, i) for i in range(3)] == [1, 2, 3]


@given(SHARE, SHARE)
def test_the_parts_of_a_budget_are_no_more_than_the_whole(research: float, equity: float) -> None:
    """Grants below nothing would be owed to later months, and the budget be spent twice."""
    public = SimpleNamespace(research_share=research, equity_share=equity)
    policy = policy_of([], 0.0)
    parts = investors.research_share(policy, public), investors.equity_share(policy, public)
    assert parts[0] == research
    assert parts[1] == equity or sum(parts) == pytest.approx(1.0)
    assert sum(parts) <= 1.0
    assert min(parts) >= 0.0


# A fast world of well-paid institutes, so that programmes change hands within a few years.
FAST = {"span.end_month": "2017-12", "evidence.continue_to_phase_2_probability": 0.1} | {
    f"jurisdictions.{place}.{path}": value
    for place in PLACES
    for path, value in (
        ("companies.founding_per_month", 0.05),
        ("companies.embryonic_share", 0.7),
        ("research.studies_share", 0.5),
        ("funding.budget_multiplier", 3),
        ("hospital_lane.review_months", 1),
        ("regulation.ind_preparation_months", 1),
        ("regulation.ind_review_months", 1),
        ("pool_multiplier", 0.5),
    )
}
FAST |= {f"indications.{name}.preclinical_months": 3 for name in load("baseline").indications}
FAST |= {f"indications.{name}.early_follow_up_months": 3 for name in load("baseline").indications}
FAST |= {"modalities.allogeneic.batch_doses": 1e6, "outlook.sales_elasticity": 10}
HASHED = """
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
print([result.digest.hex() for result in run_races(load("baseline", {values}), 2, 5)])
"""


def test_both_hosts_hand_over_alike() -> None:
    """Studies, spin-outs, embryonic products, banks and outlook, exactly: the plain host is the oracle. Two races."""
    handed = [(result.events["milestone"] == HANDED_OVER).sum() for result in run_races(load("baseline", FAST), 2, 5)]
    assert min(handed) >= 3
    compiled, plain = (hosts.answer(HASHED.format(values=FAST), host) for host in hosts.HOSTS)
    assert compiled == plain


EXTREME: dict[str, dict[str, Any]] = {
    "nothing": {"budget_multiplier": 0.0, "embryonic_share": 0.0, "pool_multiplier": 0.0, "catchments_count": 1e6},
    "all": {"budget_multiplier": 1e6, "embryonic_share": 1.0, "pool_multiplier": 1e6, "catchments_count": 0.001},
}


@pytest.mark.parametrize("case", EXTREME)
def test_both_hosts_bear_an_extreme_world_alike(case: str) -> None:
    """Infinity, or a floor of it, may compile to another number than it has in Python. Two races of five years."""
    given_values = EXTREME[case]
    values = {"span.end_month": "2014-12", "outlook.sales_elasticity": 10}
    for place in PLACES:
        values[f"jurisdictions.{place}.funding.budget_multiplier"] = given_values["budget_multiplier"]
        values[f"jurisdictions.{place}.companies.embryonic_share"] = given_values["embryonic_share"]
        values[f"jurisdictions.{place}.pool_multiplier"] = given_values["pool_multiplier"]
        values[f"jurisdictions.{place}.sites.catchments_count"] = given_values["catchments_count"]
        values[f"jurisdictions.{place}.research.founders_per_usd_m"] = 0
    compiled, plain = (hosts.answer(HASHED.format(values=values), host) for host in hosts.HOSTS)
    assert compiled == plain
