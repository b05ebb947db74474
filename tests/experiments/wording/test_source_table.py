"""Every factor of the source text has a move with an effect, or a sentence saying why it has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ipsc_race.loading import Resolved, ScenarioError, load
from ipsc_race_lab.design.experiment import Experiment
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.figures import experiment as experiment_figures
from ipsc_race_lab.wording import dose_response as dose_response_words
from ipsc_race_lab.wording import source_table

FEWEST_FACTORS = 50
SUBJECTS = (
    "Cell products", "Reprogramming", "Release tests", "Uses", "Public money", "Institutes", "Regulation in China",
    "Patients", "Private money", "Regulation elsewhere", "Harm", "Borders", "Imitation",
)  # fmt: skip


@pytest.fixture(scope="module")
def baseline() -> Resolved:
    return load("baseline")


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return load_experiment(source_table.NAME)


def test_every_factor_has_a_move_or_a_sentence_and_every_move_a_factor(experiment: Experiment) -> None:
    """A factor that the source text names would be left out in silence, or raced and told nowhere."""
    factors = source_table.source_factors()
    assert len(factors) >= FEWEST_FACTORS
    assert all(factor.name and (factor.acts if factor.move else factor.why.endswith(".")) for factor in factors)
    named = [factor.move for factor in factors if factor.move]
    assert sorted(named) == sorted(source_table.moves(experiment))
    assert len({factor.name for factor in factors}) == len(factors)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_subject_of_the_source_text_is_left_out(subject: str) -> None:
    """The table would answer for a part of what was asked."""
    assert any(factor.group.startswith(subject) for factor in source_table.source_factors())


def test_every_path_stands_in_the_baseline_and_is_moved(experiment: Experiment, baseline: Resolved) -> None:
    """A move that writes what the world has already would pass for a factor without effect."""
    for level in source_table.moves(experiment).values():
        for path in level.overrides if level.scenario is None else ():
            assert path.partition("@")[0] in baseline.origins, path
        for what, moved in source_table.changes(level, baseline):
            own, _, after = moved.rpartition(" to ")
            assert own != after, f"{level.name} does not move {what}"


def test_no_two_factors_are_moved_alike(experiment: Experiment) -> None:
    """One effect would be told as that of two."""
    written = [json.dumps(level.overrides, sort_keys=True) for level in source_table.moves(experiment).values()]
    assert len(set(written)) == len(written)


def test_the_world_as_it_is_is_raced_beside_all_moves_and_not_beside_each(experiment: Experiment) -> None:
    """Half of all races would tell the same world again."""
    moved = source_table.moves(experiment)
    assert len(experiment.points.ids) == len(moved) + 2, "the world as it is, and the same as the first level"


def committed(experiment: Experiment, path: Path) -> Path:
    """Numbers as they are committed: each move gains its place in months, known to within two."""
    rows = [
        {"question": question, "factor": "moved", "index": "difference", "level": level, "value": name}
        | {"estimate": float(level), "low": level - 2.0, "high": level + 2.0}
        for question in source_table.QUESTIONS
        for level, name in enumerate(source_table.moves(experiment))
    ]
    path.write_text(json.dumps({"analysis": {"scenarios": {"baseline": {"rows": rows}}}}), encoding="utf-8")
    return path


def test_effects_stand_beside_their_factor_with_interval(experiment: Experiment, tmp_path: Path) -> None:
    """An effect would be read as that of another factor, or luck as an effect."""
    known = source_table.effects(committed(experiment, tmp_path / "numbers.json"))
    written = dict(zip(source_table.source_factors(), source_table.rows(experiment, known), strict=True))
    places = {name: place for place, name in enumerate(source_table.moves(experiment))}
    for factor, (group, cells) in written.items():
        assert group == factor.group
        assert len(cells) == len(source_table.HEADINGS)
        if factor.why:
            assert cells[3] == factor.why
            continue
        place = places[factor.move]
        star = " *" if place > 2 else ""
        assert cells[-1] == f"{place:+.1f} ({place - 2:+.1f} to {place + 2:+.1f}){star}"


def test_without_races_the_table_says_so_in_a_sentence(experiment: Experiment, tmp_path: Path) -> None:
    """A page of blanks would read as a page of factors without effect."""
    assert source_table.effects(tmp_path / "none.json") is None
    assert source_table.note(experiment, None) == source_table.NOT_RACED
    assert {cells[-1] for _, cells in source_table.rows(experiment, None)} == {"not measured", source_table.NOTHING}


@pytest.mark.parametrize("line", ["{name: A}", "{name: A, move: b, acts: c, why: d}", "{name: A, move: b}"])
def test_a_factor_with_neither_or_both_is_refused(line: str, tmp_path: Path) -> None:
    """A row could stand in the table that tells nothing, or two things."""
    file = tmp_path / "factors.yaml"
    file.write_text(f"G:\n  - {line}\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="expected a name with a move and how it acts"):
        source_table.source_factors(file)


def test_every_lever_of_the_dose_response_has_five_doses_around_its_world() -> None:
    """A curve of fewer could not be told to rise, turn or saturate, and one beside the world would tell of another."""
    from ipsc_race_lab.design import designs

    doses = load_experiment("dose-response")
    assert set(designs.level_counts(doses.design, doses.factors)) == {5}
    for factor, own in zip(doses.factors, doses.as_it_is("baseline"), strict=True):
        values = designs.level_values(doses.design, factor)
        assert values[0] <= own <= values[-1], factor.name
    assert doses.reasons.keys() <= {factor.name for factor in doses.factors}


def test_many_moves_are_drawn_and_told_one_by_one(experiment: Experiment, tmp_path: Path) -> None:
    """The last of eighty worlds would stand in print as the high end of one factor."""
    names = ["as_is", *source_table.moves(experiment)]
    rows: list[dict[str, Any]] = [
        {"question": question, "factor": "moved", "index": index, "level": level, "value": name}
        | {"estimate": float(level), "low": level - 2.0, "high": level + 2.0}
        for question in experiment_figures.LEADS
        for level, name in enumerate(names)
        for index in ("mean", "difference")
    ]
    mean = {"estimate": 0.0, "low": -1.0, "high": 1.0}
    of = {"rows": rows, "factors": [{"factor": "moved", "unit": None, "value": "as_is"}]}
    drawn = experiment_figures.draw(
        tmp_path, experiment, "baseline", of | {"means": dict.fromkeys(experiment_figures.LEADS, mean)}, "Caption."
    )
    assert [path.name for path in drawn] == ["moves-moved.png"]
    analysis = of | {"rows": [row for row in rows if row["question"] == experiment_figures.LEADS[0]]}
    lines = dose_response_words.lines(analysis | {"question": experiment_figures.LEADS[0], "mean": mean}, "Lead")
    assert [line.split()[0] for line in lines[1:]] == names
