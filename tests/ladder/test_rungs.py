"""The rungs of the validation ladder, climbed: what each claims stands beside it in `ipsc_race_lab.validation`."""

from __future__ import annotations

import json

import pytest

from ipsc_race_lab.errors import LabError
from ipsc_race_lab.validation.ladder import LADDER, rungs
from ipsc_race_lab.validation.rung import (
    Climbed,
    Rung,
    Verdict,
    agrees,
    between,
    climbed,
    near,
    near_all,
    none,
    on_record,
)
from ipsc_race_lab.wording.model_tables import ROOT

RUNGS = [pytest.param(of, id=of.id, marks=[pytest.mark.slow] if of.is_long else []) for of in LADDER.values()]


@pytest.mark.parametrize("rung", RUNGS)
def test_a_rung_is_met_but_for_the_misses_it_owns_up_to(rung: Rung) -> None:
    """A number that begins to miss, or no longer does, is news of the model; it goes into the account of its rung."""
    missed = [check for check in climbed(rung).checks if not check.holds]
    assert [check for check in missed if not check.what.startswith(rung.misses)] == []
    assert [name for name in rung.misses if not any(check.what.startswith(name) for check in missed)] == []


def test_every_rung_of_the_list_is_there() -> None:
    """One that was forgotten would never be missed."""
    forms = set(range(1, 35)) - {6, 9, 16, 17, 18, 19}
    assert set(LADDER) - {"V24-long", "V34-long"} == {f"V{n}" for n in forms} | {f"H{n}" for n in range(1, 8)}


def test_the_committed_page_tells_the_rungs_as_they_are() -> None:
    """A claim or a bound that was changed in silence would stand in the page as it once was met."""
    told = json.loads((ROOT / "docs/validation.json").read_text(encoding="utf-8"))
    assert sorted([*told["left_out"], *(row["id"] for row in told["rungs"])]) == sorted(LADDER)
    for row in told["rungs"]:
        rung = LADDER[row["id"]]
        fresh = Climbed(rung, (), 0.0).row()
        measured = ("checks", "seconds", "verdict")
        assert {k: v for k, v in row.items() if k not in measured} == {
            k: v for k, v in fresh.items() if k not in measured
        }
        assert row["verdict"] == str(rung.apart or (Verdict.MISSED if rung.misses else Verdict.MET))


def test_every_miss_has_its_account() -> None:
    assert all(rung.account for rung in LADDER.values() if rung.misses or rung.apart)


def test_a_number_out_of_tolerance_misses_the_rung() -> None:
    good, bad = near("a", 1.0, 1.0, 0.0), near("b", 1.2, 1.0, 0.1)
    rung = next(iter(LADDER.values()))
    assert Climbed(rung, (good,), 0.0).verdict is Verdict.MET
    assert Climbed(rung, (good, bad), 0.0).verdict is Verdict.MISSED
    assert Climbed(rung, (), 0.0).verdict is Verdict.MISSED, "nothing measured is nothing met"
    assert not between("c", float("nan"), 0.1, 0.0, 1.0).holds
    assert not none("d", 1).holds
    assert not near_all("e", [1.0, 2.0], 1.0, 0.5).holds
    assert not near_all("f", [], 1.0, 0.5).holds, "what was not there was not measured"
    assert agrees("g", [0.0, 1.0] * 50, 0.5).holds
    assert not agrees("h", [0.0, 1.0] * 50, 0.8).holds
    assert on_record("i", 5, range(10)).holds
    assert not on_record("j", 20, range(10)).holds


def test_long_rungs_are_left_out_unless_they_are_asked_for() -> None:
    chosen, left = rungs([], full=False)
    assert {rung.id for rung in left} == {rung.id for rung in LADDER.values() if rung.is_long}
    assert not set(map(id, chosen)) & set(map(id, left))
    assert rungs(["V28"], full=False)[0] == [LADDER["V28"]]
    assert rungs([], full=True)[1] == []
    with pytest.raises(LabError, match="V100: is no rung; did you mean V10"):
        rungs(["V100"], full=False)
