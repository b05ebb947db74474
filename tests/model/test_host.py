"""One rule source, two hosts: what is cached is what was written, and each rule is compiled once."""

from __future__ import annotations

import shutil
from pathlib import Path

import hosts
import pytest

FIRST_MORNING = """
import hashlib
import numpy as np
from ipsc_race.engine import Calendar, begin_race
from ipsc_race.host import CODE_KEY
from ipsc_race.loading import load
from ipsc_race.world import SIZE, world_type
calendar, worlds = Calendar(load("null")), np.zeros(1, world_type(*SIZE))
begin_race(worlds, calendar.policies[:1], 3, 0, calendar.start_month)
print(hashlib.sha256(worlds.tobytes()).hexdigest(), CODE_KEY)
"""
RACES = """
from ipsc_race.ensemble import run_races, value_hash
from ipsc_race.loading import load
print(value_hash(race.digest for race in run_races(load("baseline"), 2, 3)))
"""
COMPILED_TWICE = """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("ipsc_race."):
        for function in vars(module).values():
            rule = getattr(function, "linked", function)
            if len(getattr(rule, "signatures", ())) > 1 and rule.py_func.__module__ == name:
                print(rule.py_func.__name__)
"""


def told(code: str, model: Path, **environment: str) -> str:
    """What a process that imports the model from a folder prints."""
    return hosts.answer(code, hosts.COMPILED, PYTHONPATH=str(model), **environment).strip()


def test_an_edited_rule_changes_results_although_its_caller_was_cached(tmp_path: Path) -> None:
    """Numba's cache looks only at the file of the cached function: a stale caller would go on with the old rule.

    The first morning stands for all: its compiled entry is kept for engine.py, and the rule is in another file.
    """
    for name in ("model", "scenarios"):
        shutil.copytree(hosts.ROOT / name, tmp_path / name)
    model, cache = tmp_path / "model", {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    before, again = told(FIRST_MORNING, model, **cache), told(FIRST_MORNING, model, **cache)
    assert before == again
    rule = model / "ipsc_race/rules/month.py"
    text = rule.read_text(encoding="utf-8")
    edited = text.replace("patients.prevalent_patients * ", "2.0 * patients.prevalent_patients * ")
    assert edited != text
    rule.write_text(edited, encoding="utf-8")
    values, folder = told(FIRST_MORNING, model, **cache).split()
    assert values != before.split()[0]
    assert folder != before.split()[1]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Values of whole races with every index checked, then the rules that were compiled more than once for them."""
    cache = str(tmp_path_factory.mktemp("cache"))
    code = RACES + COMPILED_TWICE
    return told(code, hosts.ROOT / "model", NUMBA_BOUNDSCHECK="1", XDG_CACHE_HOME=cache).splitlines()


def test_no_index_runs_past_the_end_of_a_table(checked: list[str]) -> None:
    """An index past the end of a nested array reads the next field, in silence; with bounds checked it raises."""
    assert checked[0] == told(RACES, hosts.ROOT / "model")


def test_each_rule_is_compiled_once(checked: list[str]) -> None:
    """A version for every literal argument would take minutes to compile; this once took two."""
    assert checked[1:] == []


def test_our_settings_hold_although_numba_was_imported_before() -> None:
    """Numba re-reads its settings at the first compile: the rules must be those that are kept."""
    code = """
import numba
import ipsc_race.draws as draws
draws.normal_quantile(0.3)
from ipsc_race import ensemble
print(ensemble.is_compiled(), int(numba.config.OPT))
"""
    hosts.answer("from ipsc_race.ensemble import warm; warm(str)", hosts.COMPILED)
    assert told(code, hosts.ROOT / "model") == "True 2"


def test_a_second_checkout_of_the_same_rules_does_not_compile_again(tmp_path: Path) -> None:
    """Numba keys by path: another checkout, or an installed wheel, once found the rules compiled, and then compiled."""
    for name in ("model", "scenarios"):
        shutil.copytree(hosts.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    hosts.answer("from ipsc_race.ensemble import warm; warm(str)", hosts.COMPILED)
    done = hosts.python("-c", RACES, PYTHONPATH=str(tmp_path / "model"))
    assert done.stderr == ""
    assert done.stdout.strip() == told(RACES, hosts.ROOT / "model")


def test_the_plain_host_is_numbas_own_switch() -> None:
    assert told("from ipsc_race.host import PLAIN; print(PLAIN)", hosts.ROOT / "model", NUMBA_DISABLE_JIT="1") == "True"


OTHER_NUMBA = """
import sys
sys.modules["ipsc_race.linked_code"] = None
from ipsc_race.draws import normal_quantile
from ipsc_race.host import QUICKLY
print(QUICKLY, normal_quantile(0.975))
"""


def test_rules_compile_the_ordinary_way_where_numba_is_built_otherwise() -> None:
    """What makes compiling quick rests on Numba's innards: without one of them a user waits longer, and races."""
    assert hosts.answer(OTHER_NUMBA, hosts.COMPILED).split() == ["{}", "1.9599639845400536"]
