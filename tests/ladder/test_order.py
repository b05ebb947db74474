"""V33: what happens to a programme happens in an order that makes sense, in any world."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipsc_race.loading import load
from ipsc_race.milestones import (
    APPROVED,
    CAMPAIGN_STOPPED,
    COMPARABILITY_LOST,
    CONDITIONALLY_APPROVED,
    CONFIRMATION_MET,
    CONFIRMATION_STARTED,
    FILED,
    FILING_REFUSED,
    HOLD_LIFTED,
    HOLD_PLACED,
    HOSPITAL,
    HOSPITAL_STUDY_OPENED,
    HOSPITAL_STUDY_READ_OUT,
    HUNDREDTH_PATIENT,
    IND_CLEARED,
    IND_FILED,
    LICENSED_OUT,
    MILESTONES,
    PARTNER_LEFT,
    PHASE_1_READ_OUT,
    PHASE_1_STARTED,
    PHASE_2_READ_OUT,
    PHASE_2_STARTED,
    PHASE_3_READ_OUT,
    PHASE_3_STARTED,
    PROGRAMME_STARTED,
    PROGRAMME_STOPPED,
    SERIOUS_HARM,
    SETTLED_AT_HOME,
    THOUSANDTH_PATIENT,
    TRANSLATED_AT_HOME,
    TRANSLATION_ENDED,
    WITHDRAWN,
)
from ipsc_race_lab.validation.drawn import drawn
from ipsc_race_lab.validation.limits import Array, races

SOLD = (HUNDREDTH_PATIENT, THOUSANDTH_PATIENT, SERIOUS_HARM, TRANSLATION_ENDED)
ANY_APPROVAL = (APPROVED, CONDITIONALLY_APPROVED)
BEFORE: dict[int, tuple[int, ...]] = {  # each happens no more often than those before it, in the same jurisdiction
    HOSPITAL_STUDY_READ_OUT: (HOSPITAL_STUDY_OPENED,),
    SETTLED_AT_HOME: (TRANSLATED_AT_HOME,),
    TRANSLATION_ENDED: (TRANSLATED_AT_HOME,),
    PARTNER_LEFT: (LICENSED_OUT,),
    COMPARABILITY_LOST: (HOSPITAL_STUDY_READ_OUT,),
    IND_CLEARED: (IND_FILED,),
    PHASE_1_STARTED: (IND_CLEARED,),
    PHASE_1_READ_OUT: (PHASE_1_STARTED,),
    PHASE_2_STARTED: (IND_CLEARED,),
    PHASE_2_READ_OUT: (PHASE_2_STARTED,),
    PHASE_3_STARTED: (IND_CLEARED,),
    PHASE_3_READ_OUT: (PHASE_3_STARTED,),
    FILED: (IND_CLEARED, FILING_REFUSED),
    FILING_REFUSED: (FILED,),
    CONDITIONALLY_APPROVED: (FILED,),
    APPROVED: (FILED,),
    CONFIRMATION_STARTED: (CONDITIONALLY_APPROVED,),
    CONFIRMATION_MET: (CONFIRMATION_STARTED,),
    WITHDRAWN: ANY_APPROVAL,
    HOLD_LIFTED: (HOLD_PLACED,),
}


def disorder(events: Array) -> list[str]:
    """What happened out of order to a programme, or on one of its tracks: a registration, or the hospitals at home."""
    faults = []
    done: defaultdict[tuple[int, int, bool], Counter[int]] = defaultdict(Counter)
    ended: set[int] = set()
    for event in events[events["programme"] >= 0]:
        milestone, programme = int(event["milestone"]), int(event["programme"])
        place, in_hospital = int(event["jurisdiction"]), int(event["lane"]) == HOSPITAL
        seen = done[programme, place, in_hospital]
        name = f"programme {programme}: {MILESTONES[milestone]}"
        if programme in ended:
            faults.append(f"{name} after its end")
        if milestone == PROGRAMME_STOPPED:
            ended.add(programme)
        elif milestone in SOLD and done[programme, place, True][TRANSLATED_AT_HOME]:
            pass  # hospitals at home go on treating when the registration there has ended
        elif milestone not in (PROGRAMME_STARTED, TRANSLATED_AT_HOME) and seen[CAMPAIGN_STOPPED]:
            faults.append(f"{name} after the campaign was stopped")
        before = BEFORE.get(milestone, ())
        if before and seen[milestone] >= sum(seen[earlier] for earlier in before):
            faults.append(f"{name} out of nothing")
        seen[milestone] += 1
    return faults


@pytest.mark.parametrize("seed", [7, 14])
def test_v33_nothing_happens_to_a_campaign_that_was_stopped(seed: int) -> None:
    """A hold that outlived its campaign was once lifted, or ended the campaign a second time, in these worlds."""
    world = load("baseline", drawn(seed) | {"span.end_month": "2045-12"})
    assert disorder(races(world, 1, seed=seed)[0].events) == []


@settings(max_examples=5)
@given(st.integers(0, 2**32))
def test_v33_in_any_world_within_the_evidence_one_thing_follows_another(seed: int) -> None:
    """An approval without a filing, or a patient in a trial that was stopped, is no history."""
    world = load("baseline", drawn(seed) | {"span.end_month": "2045-12"})
    assert disorder(races(world, 1, seed=seed)[0].events) == []
