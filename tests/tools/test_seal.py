"""A draft is filled and sealed without a word of it changing, or not at all."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ipsc_race_lab.metrics.register_reading import find_register, read_register, register_names
from ipsc_race_lab.results.folder import OURS

ROOT = Path(__file__).parents[2]
DRAFT = """\
# A comment that stays.
title: What may come
made: 2026-11-27
as_of: 2026-06
draft: true

events:
  one:
    statement: One comes by 2030.
    by: 2030-12
    settled_by: a list
    base_rate: 0.5
    base_rate_reason: as often as not
    no_change: 0
    question: {milestone: approval}

counts:
  many:
    statement: Number of things.
    by: 2030-12
    settled_by: a list
    unit: things
    base_rate: {low: 0, median: 1, high: 9}
    base_rate_reason: as in other years
    no_change: 3
"""
NUMBERS = {
    "how": {"scenario": "today", "races": 10000, "effective_number": 650.5},
    "events": {"one": 0.27},
    "counts": {"many": {"low": 1, "median": 2, "high": 4}},
}


@pytest.fixture
def seal() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seal", ROOT / "tools/seal.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(seal: ModuleType, folder: Path, numbers: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    draft = folder / "2026-11.yaml"
    draft.write_text(DRAFT, encoding="utf-8")
    (folder / "numbers.json").write_text(json.dumps(numbers), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["seal.py", str(draft), str(folder / "numbers.json")])
    seal.main()
    return draft


def test_a_draft_becomes_a_register(seal: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = run(seal, tmp_path, NUMBERS, monkeypatch)
    register = read_register(path, "2026-11.yaml")
    assert not register.draft
    assert register.events["one"].probability == 0.27
    assert register.counts["many"].quantiles is not None
    assert register.counts["many"].quantiles.values == (1, 2, 4)
    assert register.how.effective_number == 650.5
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in DRAFT.splitlines() if line not in lines] == ["draft: true"]


def test_half_a_register_is_not_written(seal: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"counts\.many lacks quantiles"):
        run(seal, tmp_path, {"events": {"one": 0.27}}, monkeypatch)
    assert (tmp_path / "2026-11.yaml").read_text(encoding="utf-8") == DRAFT


def test_a_name_that_the_draft_lacks_is_refused(
    seal: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A probability that fell on no event would be lost in silence."""
    with pytest.raises(SystemExit, match="two: the draft has no such event or count"):
        run(seal, tmp_path, {**NUMBERS, "events": {"one": 0.27, "two": 0.5}}, monkeypatch)


def test_the_committed_drafts_can_be_filled(seal: ModuleType) -> None:
    """Their layout is that which the tool knows."""
    for name in register_names():
        path, shown = find_register(name)
        register = read_register(path, shown)
        if register.draft:
            numbers = {
                "events": dict.fromkeys(register.events, 0.5),
                "counts": {name: {"low": 1, "median": 2, "high": 3} for name in register.counts},
            }
            seal.check(seal.filled(path.read_text(encoding="utf-8"), numbers), path.name)


def test_a_draft_is_filled_from_the_folder_of_a_forecast(seal: ModuleType, tmp_path: Path) -> None:
    """Numbers copied by hand are numbers copied wrongly."""
    told = {
        "posterior": "before-2016", "scenario": "baseline", "seed": 4, "races": 90, "weighed": 13000, "effective": 60.4,
        "register": {
            "events": {"one": {"estimate": 0.12345}},
            "counts": {"many": {"low": 1, "median": 2.345, "high": 4}},
        },
    }  # fmt: skip
    (tmp_path / "analysis.json").write_text(json.dumps(told))
    said = {"status": "complete", "kind": "forecast", "scenario_hash": "abc"}
    (tmp_path / "manifest.json").write_text(json.dumps({**dict.fromkeys(OURS, ""), **said}))
    numbers = seal.numbers_of(tmp_path)
    assert numbers["events"] == {"one": 0.123}
    assert numbers["counts"] == {"many": {"low": 1, "median": 2.35, "high": 4}}
    assert (numbers["how"]["races"], numbers["how"]["effective_number"]) == (13000, 60)
