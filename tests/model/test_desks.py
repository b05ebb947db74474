"""Desks: after every rule of the month each desk holds, in order, all that a search through all programmes finds.

A track that moved without being laid on its desk would be silent until the next month, and no result would say so.
"""

from __future__ import annotations

from pathlib import Path

import hosts
import pytest

LISTS = """
import ast, inspect, textwrap
from ipsc_race.host import rule
from ipsc_race.rules import month as module

def searching(rule):  # the same list of rules, with a search after each
    source = textwrap.dedent(inspect.getsource(getattr(rule, "py_func", rule)))
    tree = ast.parse(source.partition("\\n")[2])  # without its decorator
    body = []
    for line in tree.body[0].body:
        body.append(line)
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call):
            body.append(ast.parse("search(world, policy)").body[0])
    assert len(body) > 2 * 10
    tree.body[0].body = body
    return ast.fix_missing_locations(tree)

lists = {name: searching(getattr(module, name)) for name in ("prepare", "develop", "judge")}
"""
SEARCH = """
from ipsc_race.milestones import *
from ipsc_race.world import *

@rule
def expect(desk, row, belongs):
    if not belongs:
        return
    for i in range(desk.count):
        if desk.rows[i] == row:
            return
    raise AssertionError("a desk was forgotten")

@rule
def search(world, policy):
    for d in range(DESKS):
        for i in range(1, world.desks[d].count):
            if world.desks[d].rows[i - 1] >= world.desks[d].rows[i]:
                raise AssertionError("a desk is out of order")
    for i in range(world.n_live):
        programme = world.programmes[world.live[i]]
        asked = programme.translation_months_left > 0.0 and not programme.translated
        for t in range(policy.n_jurisdictions + 1):
            study = t == policy.n_jurisdictions
            campaign = programme.study if study else programme.campaigns[t]
            row, stage = (programme.index << TRACK_BITS) + t, campaign.stage
            trial = stage in (HOSPITAL_STUDY, PHASE_1, PHASE_2, PHASE_3, CONFIRMATION)
            sold = campaign.on_market != 0 or (programme.translated and t == programme.home)
            expect(world.desks[OPEN], row, stage not in (NOT_OPEN, CLOSED))
            expect(world.desks[TRIALS], row, trial)
            expect(world.desks[READOUTS], row, trial and campaign.activity == DECIDING)
            expect(world.desks[STUDIES], row, study and (asked or stage in (HOSPITAL_REVIEW, HOSPITAL_STUDY, REDESIGN)))
            expect(world.desks[INDS], row, stage in (IND_PREPARATION, IND_REVIEW))
            expect(world.desks[FILINGS], row, stage in (FILING, APPROVAL_REVIEW))
            expect(world.desks[WAITING], row, stage == AWAITING_MONEY)
            expect(world.desks[HOLDS], row, campaign.hold_months_left > 0.0)
            expect(world.desks[PARTNERS], row, campaign.licensee > 0)
            expect(world.desks[SALES], row, sold)
            expect(world.desks[TREATING], programme.index, trial or sold)
"""
RACE = """
module.search = search
for name, tree in lists.items():
    exec(compile(tree, "month", "exec"), vars(module))
    setattr(module, name, rule(getattr(module, name)))

from ipsc_race.ensemble import run_races, value_hash
from ipsc_race.loading import load
from ipsc_race.milestones import MILESTONES
(result,) = run_races(load({world!r}, {overrides}), 1, 1)
print(value_hash([result.digest]), *sorted({{MILESTONES[m] for m in result.events["milestone"].tolist()}}))
"""
WORLD = "order-818"
FEW = [f"jurisdictions.{j}.companies.initial_count=2" for j in ("us", "eu")]
WHOLE, SHORT = ["span.end_month=2036-12", *FEW], ["span.end_month=2017-12", *FEW]
MUST = {
    "approved", "conditionally_approved", "confirmation_met", "filing_refused", "hold_lifted", "licensed_out",
    "redesigned", "translated_at_home", "withdrawn",
}  # fmt: skip


def searched(host: str, overrides: list[str], **environment: str) -> str:
    """A race that is searched after every rule: its hash and its milestones."""
    return hosts.answer(LISTS + SEARCH + RACE.format(world=WORLD, overrides=overrides), host, **environment)


def test_no_desk_is_forgotten(tmp_path: Path) -> None:
    """Without a translation, a refusal or a withdrawal the search would not have seen the desks they move to."""
    done = searched(hosts.COMPILED, WHOLE, XDG_CACHE_HOME=str(tmp_path))  # a cache of its own: it is no month of ours
    assert set(done.split()[1:]) >= MUST


def test_no_desk_is_forgotten_in_the_plain_host() -> None:
    """The same search over Mesa agents."""
    assert "phase_1_read_out" in searched(hosts.PLAIN, SHORT)


def test_a_move_that_forgets_its_desk_is_noticed() -> None:
    """The search is itself tested: studies in preparation for a regulator lie on no desk."""
    forgetful = (
        "from ipsc_race.rules import desks\ndesks.OF_STAGE = tuple(d & ~(1 << desks.INDS) for d in desks.OF_STAGE)\n"
    )
    with pytest.raises(AssertionError, match="a desk was forgotten"):
        hosts.answer(forgetful + LISTS + SEARCH + RACE.format(world=WORLD, overrides=SHORT), hosts.PLAIN)
