"""What CONTRIBUTING.md shows can be done: a country, a disease, a method and an experiment are added in YAML alone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ipsc_race.ensemble import run_races
from ipsc_race.loading import load
from ipsc_race.milestones import COMPANY_FOUNDED, FIRST_IN_HUMAN, PROGRAMME_STARTED
from ipsc_race.race import Company, Race
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.metrics.register_reading import read_register

TEXT = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
WORLDS = {
    match["title"].split()[-1]: match["yaml"]
    for match in re.finditer(r"```yaml\n(?P<yaml>extends: .*?title: (?P<title>[^\n]*)\n.*?)```", TEXT, re.DOTALL)
}
EXPERIMENTS = re.findall(r"```yaml\n(title: .*?)```", TEXT, re.DOTALL)


def written(folder: Path, name: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(WORLDS[name], encoding="utf-8")
    return path


def test_the_examples_are_there() -> None:
    assert set(WORLDS) == {"Korea", "disease", "reprogramming"}


@pytest.mark.parametrize("name", ["Korea", "disease", "reprogramming"])
def test_an_example_races_as_written(name: str, tmp_path: Path) -> None:
    """A reader who copies an example must get a race, not an error."""
    world = load(written(tmp_path, name))
    assert [len(result.monthly) for result in run_races(world, 2, 1)] == [world.ticks, world.ticks]


def test_south_korea_has_developers_and_patients_of_its_own(tmp_path: Path) -> None:
    world = load(written(tmp_path, "Korea"))
    korea = world.jurisdictions.index("korea")
    events = next(run_races(world, 1, 1)).events
    assert ((events["milestone"] == COMPANY_FOUNDED) & (events["home"] == korea)).any()
    assert ((events["milestone"] == FIRST_IN_HUMAN) & (events["jurisdiction"] == korea)).any()


def test_a_new_disease_is_worked_on(tmp_path: Path) -> None:
    world = load(written(tmp_path, "disease"))
    events = next(run_races(world, 1, 1)).events
    row = world.indications.index("corneal_epithelium")
    assert ((events["milestone"] == PROGRAMME_STARTED) & (events["indication"] == row)).any()


def test_a_new_method_is_used_from_its_month_on(tmp_path: Path) -> None:
    world = load(written(tmp_path, "reprogramming"))
    row = sorted(world.scenario.methods).index("partial")
    race = Race(world, rng=1)
    race.run_for(world.ticks)
    founded = np.array([company.founded_month for company in race.agents_by_type[Company] if company.method == row])
    assert len(founded) > 0
    assert founded.min() >= 2028 * 12


def test_the_register_is_one_as_written(tmp_path: Path) -> None:
    """A reader who copies it must be told what it still lacks, and nothing else."""
    (text,) = re.findall(r"```yaml\n(# forecasts/.*?)```", TEXT, re.DOTALL)
    path = tmp_path / "2027-05.yaml"
    path.write_text(text, encoding="utf-8")
    assert set(read_register(path, "2027-05.yaml").events) == {"approval_us_2032"}


def test_the_experiment_can_be_asked_as_written(tmp_path: Path) -> None:
    """A reader who copies it must get an answer about what it names, in worlds that differ."""
    (text,) = EXPERIMENTS
    path = tmp_path / "clinics.yaml"
    path.write_text(text, encoding="utf-8")
    experiment = load_experiment(path)
    assert [factor.name for factor in experiment.factors] == ["hospital_lane", "review", "capital", "noise"]
    assert len({world.hash for world in experiment.worlds().values()}) == 2
