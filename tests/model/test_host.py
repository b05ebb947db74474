"""One rule source, two hosts: what is cached is what was written, and each rule is compiled once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ipsc_race import host

ROOT = Path(__file__).parents[2]
SHORT = """
from ipsc_race.ensemble import run_races, value_hash
from ipsc_race.host import cache_folder
from ipsc_race.loading import load
world = load("null", ["span.end_month=2016-12"])
print(value_hash(race.digest for race in run_races(world, 2, 3)), cache_folder().name)
"""


def told(code: str, model: Path, **environment: str) -> str:
    """What a process that imports the model from a folder prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(model)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def own_copy(tmp_path: Path) -> Path:
    """The model and its scenarios in a folder of their own."""
    shutil.copytree(ROOT / "model", tmp_path / "model")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    return tmp_path


def test_an_edited_rule_changes_results_although_its_caller_was_cached(own_copy: Path) -> None:
    """Numba's cache looks only at the file of the cached function: a stale caller would go on with the old rule."""
    model, cache = own_copy / "model", {"XDG_CACHE_HOME": str(own_copy / "cache")}
    before, again = told(SHORT, model, **cache), told(SHORT, model, **cache)
    assert before == again
    science = model / "ipsc_race/rules/science.py"
    text = science.read_text(encoding="utf-8")
    edited = text.replace(
        "company.cash_usd_m = companies.seed_usd_m", "company.cash_usd_m = 2.0 * companies.seed_usd_m"
    )
    assert edited != text
    science.write_text(edited, encoding="utf-8")
    values, folder = told(SHORT, model, **cache).split()
    assert values != before.split()[0]
    assert folder != before.split()[1]


def test_no_index_runs_past_the_end_of_a_table(own_copy: Path) -> None:
    """An index past the end of a nested array reads the next field, in silence; with bounds checked it raises."""
    cache = {"XDG_CACHE_HOME": str(own_copy / "cache")}
    code = SHORT.replace('"null", ["span.end_month=2016-12"]', '"baseline"')
    checked = told(code, ROOT / "model", NUMBA_BOUNDSCHECK="1", **cache)
    assert checked.split()[0] == told(code, ROOT / "model").split()[0]


def test_each_rule_is_compiled_once(tmp_path: Path) -> None:
    """A version for every literal argument would take minutes to compile; this once took two."""
    code = """
import sys
from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
import ipsc_race.host
next(run_races(load("null", ["span.end_month=2010-03"]), 1, 1))
for name, module in list(sys.modules.items()):
    if name.startswith("ipsc_race."):
        for function in vars(module).values():
            if len(getattr(function, "signatures", ())) > 1 and function.py_func.__module__ == name:
                print(name, function.py_func.__name__, len(function.signatures))
"""
    repeated = told(code, ROOT / "model", XDG_CACHE_HOME=str(tmp_path)).splitlines()
    allowed = {"credited_information"}  # a grade counted from a variable and from a constant
    assert [line for line in repeated if line.split()[1] not in allowed] == []


def test_an_unwritable_cache_is_replaced_by_a_temporary_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only home must not keep anybody from running a race."""
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    folder = host.cache_folder()
    assert folder.is_dir()
    assert blocked not in folder.parents


def test_the_plain_host_is_numbas_own_switch() -> None:
    assert told("from ipsc_race.host import PLAIN; print(PLAIN)", ROOT / "model", NUMBA_DISABLE_JIT="1") == "True"
