"""A roster of what cannot be is refused in one clear sentence each, at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rosters

from ipsc_race.loading import ScenarioError, load

Told = dict[str, Any]


def campaign(**changed: Any) -> Told:
    return {"campaigns": {"us": rosters.CAMPAIGN | changed}}


def phase_3(**changed: Any) -> Told:
    readout = rosters.READOUT | {"read_month": "2025-11"}
    return {"readouts": {"one": readout}} | campaign(stage="phase_3", wanted_patients=100, **changed)


def readouts(*told: Told) -> Told:
    return {"readouts": {f"r{row}": readout for row, readout in enumerate(told)}}


ONE, EMBRYONIC = rosters.CAMPAIGN, {"cell_source": "embryonic", "method": "none"}
NO_TRIAL = {"wanted_patients": 0, "enrolled_patients": 0}
FAR = {"stage": "conditional", "wanted_patients": 35, "enrolled_patients": 0}
STUDY = {"stage": "hospital_study"}
P = "roster.programmes.bc"

WRONG: list[tuple[Told, str]] = [
    ({"developer": "bluebirt"}, ".developer is 'bluebirt', which is not among the roster developers; did you mean"),
    ({"developer": ["us"]}, ".developer is a list; expected one of the roster developers"),
    ({"draw_key": [[]]}, ".draw_key is a list; expected a whole number"),
    ({"indication": "parkinson"}, ".indication is 'parkinson', which is not among the indications"),
    (campaign(place="korea"), ".campaigns.us.place is 'korea', which is not among the jurisdictions"),
    (campaign(partner="nobody"), ".campaigns.us.partner is 'nobody', which is not among the jurisdictions"),
    (campaign(since_month="2026-09"), ".campaigns.us.since_month is 2026-09, after the start of the race in 2026-07"),
    (readouts(rosters.READOUT | {"read_month": "2027-01"}), ".readouts.r0.read_month is 2027-01, after the start"),
    (phase_3(since_month="2025-09"), ".campaigns.us.since_month is 2025-09, but the phase_1 before that phase_3 was"),
    (readouts(rosters.READOUT | {"stage": "phase_2"}), ".campaigns.us.stage is phase_1, but a phase_2 was read there"),
    (campaign(stage="phase_3"), ".campaigns.us.stage is phase_3, but nothing of the programme was read"),
    (campaign(stage="approved", **NO_TRIAL), ".campaigns.us.stage is approved, but nothing of the programme was read"),
    (campaign(enrolled_patients=13), ".campaigns.us.enrolled_patients is 13, more than the 12 wanted"),
    (campaign(**NO_TRIAL), ".campaigns.us.wanted_patients is 0; a phase_1 wants patients"),
    (campaign(stage="ind_review"), ".campaigns.us.wanted_patients is 12, but no trial runs in ind_review"),
    (campaign(**STUDY, place="china"), ".campaigns.us.place is china, but a hospital study is one at home, in us"),
    (campaign(**STUDY), ".campaigns.us.stage is hospital_study, but us has no hospital lane in 2026-07"),
    ({"campaigns": {"us": ONE, "too": ONE}}, ".campaigns.too is a second campaign there, after us"),
    (readouts(rosters.READOUT, rosters.READOUT), ".readouts.r1 is a second readout of it there, after r0"),
    ({"campaigns": {}}, " has no campaign; expected at least one that goes on"),
    (campaign(royalty_share=0.1), ".campaigns.us.royalty_share is above 0, but there is no partner"),
    ({"cell_source": "embryonic"}, ".method is sendai, but its cells are embryonic; expected none"),
    ({"method": "none"}, ".method is none, but its cells are reprogrammed; expected a method, or unknown"),
    (EMBRYONIC | {"modality": "autologous"}, ".modality is autologous, but embryonic cells are a donor's"),
    (campaign(stage="phase_4"), ".campaigns.us.stage is 'phase_4'; expected hospital_review or hospital_study"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "said"), WRONG)
def test_an_impossible_programme_is_refused(tmp_path: Path, changed: Told, said: str) -> None:
    """A programme that cannot stand where it is put would race from a place where nobody can be."""
    with pytest.raises(ScenarioError) as refused:
        load(rosters.write_roster(tmp_path, {"bc": rosters.programme(**changed)}))
    assert f"{P}{said}" in "\n".join(map(str, refused.value.problems))


def test_an_approval_on_condition_needs_the_route(tmp_path: Path) -> None:
    """Where there is no such approval nobody can have one."""
    changed = {"readouts": {"one": rosters.READOUT}} | campaign(**FAR)
    shut = {"regulation": {"conditional": {"open_switch": False}}}
    with pytest.raises(ScenarioError, match=r"is conditional, but us has no approval on condition in 2026-07"):
        load(rosters.write_roster(tmp_path, {"bc": rosters.programme(**changed)}, jurisdictions={"us": shut}))


def test_keys_and_developers_are_matched(tmp_path: Path) -> None:
    """Two of one key would share their luck, and a developer without a programme would have nothing to do."""
    developers = {"bluebird": rosters.developer(), "other": rosters.developer()}
    with pytest.raises(ScenarioError) as refused:
        load(rosters.write_roster(tmp_path, {"bc": rosters.programme(), "cd": rosters.programme()}, developers))
    said = "\n".join(map(str, refused.value.problems))
    assert "roster.developers.other has no programme; expected one that names it under developer" in said
    assert "roster.developers.other.draw_key is 1, the key of bluebird too; expected another number" in said
    assert f"{P.replace('bc', 'cd')}.draw_key is 1, the key of bc too; expected another number" in said


def test_given_attrition_has_no_roster(tmp_path: Path) -> None:
    """Where success rates are given nothing is read, so nothing can be known of a programme."""
    exogenous = {"evidence": {"attrition": "exogenous"}}
    with pytest.raises(ScenarioError, match=r"evidence\.attrition is exogenous, but a roster is of programmes"):
        load(rosters.write_roster(tmp_path, {"bc": rosters.programme()}, **exogenous))


def test_what_is_known_of_the_past_has_no_later_date(tmp_path: Path) -> None:
    """A dated change of where a programme stood would be read by nobody."""
    cash = {"value": 100, "grade": "D", "source": "assumption", "changes": {"2028-01": 200}}
    developers = {"bluebird": rosters.developer(cash_usd_m=cash)}
    with pytest.raises(ScenarioError, match="is not possible: this value holds for the whole race"):
        load(rosters.write_roster(tmp_path, {"bc": rosters.programme()}, developers))
