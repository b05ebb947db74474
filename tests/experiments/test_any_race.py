"""Any race of any world can be raced, drawn and told.

If it failed, a reader who asks what happened in one race would get the innards of a program instead of its story, or a
finished run would end without its figures: a licence signed and never used, a span of a month, a country alone or a
world of nobody would be no history to the laboratory, though each is one to the model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipsc_race_lab import cli
from ipsc_race_lab.figures import gantt
from ipsc_race_lab.results import event_log as told_race
from ipsc_race_lab.validation.drawn import PLACES, drawn
from ipsc_race_lab.wording import story as story_words
from ipsc_race_lab.wording.names import programme_names

ENDS = ("2010-01", "2010-02", "2010-12", "2012-03", "2020-12", "2026-06", "2029-12", "2034-12", "2045-12")
DEVELOPERS = ("initial_count", "founding_per_month")
BLOCS = {"china": ("china",), "west": ("us", "eu"), "japan": ("japan",)}
RUNS = (1, 4, 10, 25)  # figures show no interval of few races
WORLDS = 100  # of the long study: a thousand races


def odd_world(seed: int) -> dict[str, Any]:
    """A world within the evidence, of any length, often without some jurisdictions, at times without developers."""
    generator = np.random.default_rng([seed, 1])
    values = drawn(seed) | {"span.end_month": str(generator.choice(ENDS))}
    if generator.random() < 0.2:
        values["span.start_month"], values["span.end_month"] = "2021-11", str(generator.choice(["2022-04", "2035-02"]))
    if generator.random() < 0.1:
        for place in PLACES:
            values |= dict.fromkeys((f"jurisdictions.{place}.companies.{name}" for name in DEVELOPERS), 0)
    if generator.random() < 0.4:
        kept = generator.choice(PLACES, generator.integers(1, len(PLACES)), replace=False)
        values = only(values, tuple(map(str, kept)))
    return values


def only(values: dict[str, Any], kept: tuple[str, ...]) -> dict[str, Any]:
    """The same world without the other jurisdictions."""
    gone = [f"jurisdictions.{place}" for place in PLACES if place not in kept]
    inside = tuple(f"{path}." for path in gone)
    blocs = {f"blocs.{bloc}": [place for place in places if place in kept] for bloc, places in BLOCS.items()}
    values = {path: value for path, value in values.items() if not path.startswith(inside)}
    return values | dict.fromkeys(gone) | {path: places or None for path, places in blocs.items()}


def command(*words: str) -> None:
    """A command as a shell would give it."""
    assert cli.main(words) == 0


def race_and_tell(folder: Path, seed: int, runs: int) -> None:
    """Run a world with its figures, then tell each of its races."""
    overrides = [word for path, value in odd_world(seed).items() for word in ("--set", f"{path}={json.dumps(value)}")]
    command("run", "baseline", *overrides, f"--runs={runs}", f"--seed={seed}", "--workers=1", f"--out={folder}")
    assert len(list((folder / "figures").glob("*.png"))) == 7
    for run in range(runs):
        most = (1, 5, 25)[(seed + run) % 3]
        command("story", str(folder), f"--run={run}", f"--programmes={most}", *(["--all"] if run % 2 else []))
        assert (folder / "figures" / f"story-{run}.png").read_bytes().startswith(b"\x89PNG")
        everyone_is_shown(folder, run, most)


def everyone_is_shown(folder: Path, run: int, most: int) -> None:
    """A programme whose name the chart leaves out would lend its rows to the one above it."""
    race = told_race.read_race(folder, run)
    names, leaders = programme_names(race), story_words.leading(race, most)
    rows = [row.label for row in gantt.chart_rows(race, leaders)]
    company = {event.programme: event.company for event in race.events}
    shown = [names[company[programme], programme] for programme in leaders]
    assert sorted(label.split()[0] for label in rows if label.split()[0] in shown) == sorted(shown)


# A span of a month; a country alone; four to 2045, with licences that come to nothing. Other seeds, other worlds.
@pytest.mark.parametrize(("seed", "runs"), [(6, 1), (16, 1), (10, 2)])
def test_a_race_of_any_world_can_be_told(
    tmp_path: Path, seed: int, runs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    race_and_tell(tmp_path / "result", seed, runs)
    assert "Results in" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1000 + WORLDS))
def test_a_thousand_races_of_any_worlds_can_be_told(tmp_path: Path, seed: int) -> None:
    race_and_tell(tmp_path / "result", seed, RUNS[seed % len(RUNS)])
