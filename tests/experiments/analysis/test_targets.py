"""Targets are read with every mistake at once, and hold a measure to the record and to nothing looser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ipsc_race.loading import ScenarioError
from ipsc_race_lab.analysis.record import MEASURES, Measure
from ipsc_race_lab.analysis.targets import Target, read_targets, targets

SHARE = Target("bridging", "t", "d", "share", 0.5, (0.4, 0.6), 0.1, "why", "n", "D", ("assumption",))


def share(value: float) -> Measure:
    return Measure(value, None, None, 100)


def test_every_measure_but_one_has_a_target() -> None:
    """A measure that is held against nothing could be anything; no Chinese product has skipped a Phase 2 yet."""
    assert {target.measure for target in targets()} == set(MEASURES) - {"first_patient_to_phase_3.china"}


def test_every_allowance_of_the_model_has_its_reason() -> None:
    assert all(bool(target.reason) == (target.discrepancy > 0) for target in targets())


@pytest.mark.parametrize(("value", "held"), [(0.31, True), (0.69, True), (0.29, False), (0.71, False)])
def test_a_measure_is_held_to_the_spread_and_the_discrepancy(value: float, held: bool) -> None:
    assert SHARE.holds(share(value)) is held


def test_without_a_spread_nothing_is_held() -> None:
    assert replace(SHARE, spread=None, discrepancy=0.0).holds(share(5.0))
    assert not SHARE.holds(share(float("nan"))), "what no race tells is not on record"


def test_of_whole_races_the_central_ones_must_reach_the_record() -> None:
    count = replace(SHARE, unit="a race", spread=(5.0, 5.0), discrepancy=0.0)
    assert count.holds(Measure(7.0, 4.0, 9.0, 10))
    assert not count.holds(Measure(7.0, 6.0, 9.0, 10))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "made-up.yaml"
    file.write_text(
        """title: Made up
description: Wrong in many ways
targets:
  bridgin: {title: t, definition: d, unit: share, not_for: n, grade: A, source: bio-2021}
  joined.us: {title: t, definition: d, unit: months, not_for: n, grade: A, source: bio-2021}
  skips.us: {title: t, definition: d, unit: share, recorded: 2, spread: [0, 1], not_for: n, grade: A, source: bio-2012}
  bridging: {title: t, definition: d, unit: share, spread: [1, 0], not_for: n, grade: A, source: bio-2021}
  skips.china: {title: t, definition: d, unit: share, grade: A, source: bio-2021}
""",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as raised:
        read_targets(file, "made-up.yaml")
    told = "\n".join(map(str, raised.value.problems))
    for words in (
        "targets.bridgin is no measure; did you mean bridging?",
        "joined.us.unit is 'months'; expected 'share', as of the measure",
        "source is 'bio-2012', which sources.yaml does not list; did you mean bio-2021?",
        "skips.us.recorded is 2.0; expected a number within the spread",
        "is not two numbers in order; expected [low, high]",
        "lacks not_for",
    ):
        assert words in told
