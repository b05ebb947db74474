"""What another world takes of numbers drawn for a first one: its own stay, copies follow, the rest is as drawn."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipsc_race.ensemble import Racer
from ipsc_race.loading import Resolved, load
from ipsc_race.varying import NOWHERE, locate
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.design.following import following
from ipsc_race_lab.design.levers import part_at, plain
from ipsc_race_lab.design.reading.posterior import find_posterior

CHINA, US = "jurisdictions.china.regulation", "jurisdictions.us.regulation"
FILING, PREPARATION = "filing_months", "ind_preparation_months"
RACES = 3


@cache
def first() -> Resolved:
    return load("baseline")


def scenario_kind(path: str) -> type[Any]:
    """Of a number: whole, a switch, or any."""
    part = part_at(plain(path))
    assert part is not None
    return part.kind


def changed(folder: Path, text: str) -> Resolved:
    path = folder / "other.yaml"
    path.write_text(f"extends: baseline\ntitle: Another\njurisdictions: {{china: {{regulation: {text}}}}}\n")
    return load(path)


def test_what_a_world_leaves_as_it_is_is_drawn() -> None:
    assert following(first(), first(), [f"{CHINA}.{FILING}"]) == {f"{CHINA}.{FILING}": f"{CHINA}.{FILING}"}


def test_a_copy_takes_the_number_of_what_it_copies_and_no_other(tmp_path: Path) -> None:
    """Else a China regulated as the United States are would get China's own reviews back in every world."""
    other = changed(tmp_path, f"{{like: {US}}}")
    drawn = [f"{place}.{name}" for place in (CHINA, US) for name in (FILING, PREPARATION)]
    assert following(other, first(), drawn) == {
        f"{place}.{name}": f"{US}.{name}" for name in (FILING, PREPARATION) for place in (CHINA, US)
    }
    assert following(other, first(), [f"{CHINA}.{FILING}"]) == {}


def test_a_copy_follows_where_both_have_the_same_stated_value(tmp_path: Path) -> None:
    """Equal numbers of two places are drawn apart, so which of them is meant matters."""
    spread = "bar_probit_sd"
    assert first().origins[f"{CHINA}.{spread}"].value == first().origins[f"{US}.{spread}"].value
    other = changed(tmp_path, f"{{like: {US}}}")
    assert following(other, first(), [f"{place}.{spread}" for place in (CHINA, US)])[f"{CHINA}.{spread}"] == (
        f"{US}.{spread}"
    )


def test_what_a_world_says_of_itself_stays(tmp_path: Path) -> None:
    other = changed(tmp_path, f"{{like: {US}, {FILING}: 2}}")
    assert following(other, first(), [f"{place}.{FILING}" for place in (CHINA, US)]) == {
        f"{US}.{FILING}": f"{US}.{FILING}"
    }
    assert following(changed(tmp_path, f"{{{FILING}: 2}}"), first(), [f"{CHINA}.{FILING}"]) == {}


def test_a_copy_of_the_first_world_too_has_a_draw_of_its_own() -> None:
    """South Korea of `today` copies Japan in every world, and both are in doubt."""
    today = load("today")
    pace = "jurisdictions.korea.regulation.filing_months"
    assert following(today, today, [pace]) == {pace: pace}


def test_a_row_that_another_world_lacks_takes_nothing_and_a_new_one_follows() -> None:
    other = load("level-public-money")
    ours = "funding.public.nih.budget_usd_m_per_year"
    gone = "jurisdictions.china.funding.public.shanghai.budget_usd_m_per_year"
    found = following(other, first(), [f"jurisdictions.us.{ours}", gone])
    assert found == {f"jurisdictions.{place}.{ours}": f"jurisdictions.us.{ours}" for place in ("china", "us")}


def test_a_date_goes_along(tmp_path: Path) -> None:
    other = changed(tmp_path, f"{{like: {US}}}")
    dated = next(path for path in first().origins if path.startswith(f"{US}.") and "@" in path)
    assert following(other, first(), [dated]) == {dated: dated, dated.replace(US, CHINA): dated}


@pytest.mark.parametrize("world", ["level-public-money", "level-regulation"])
def test_a_world_that_follows_races_as_one_that_is_written_so(world: str, tmp_path: Path) -> None:
    """The same races as of a file in which the drawn numbers stand and the copies are made of them: same outcomes."""
    path = tmp_path / "made.yaml"
    over = "over_posterior: {posterior: baseline, points: 1}"
    path.write_text(f"title: T\nscenarios: [baseline, {world}]\n{over}\nreplications: 2\npair: [china, west]\n")
    experiment = load_experiment(path)
    points, key = experiment.points, experiment.points.worlds[1]
    at = np.flatnonzero(points.world_of == 1)
    values, runs = points.written(1, at).repeat(RACES, axis=0), np.arange(RACES)
    followed = Racer(experiment.world(key), 1, locate(experiment.world(key), experiment.paths_of(key)))
    own = {path: source for path, source in experiment.follows[world].items() if path == source}
    drawn = dict(zip(experiment.paths, points.numbers[at[0]].tolist(), strict=True))
    texts = {path: scenario_kind(path)(drawn[path]) for path in own}
    written = Racer(load(world, texts), 1, NOWHERE)
    assert len(own) > 850
    assert (followed.outcomes(values, runs) == written.outcomes(np.zeros((RACES, 0)), runs)).all()


def test_the_shipped_levers_are_asked_of_the_posterior_of_their_first_world() -> None:
    experiment = load_experiment("levers-in-doubt")
    assert find_posterior("baseline").scenario_hash == experiment.scenario_hashes[0]
    assert set(experiment.follows) == set(list(experiment.scenarios)[1:])
    for number, key in enumerate(experiment.points.worlds):
        paths = experiment.paths_of(key)
        assert locate(experiment.world(key), paths).epochs.any(axis=1).all()
        assert experiment.points.written(number, np.zeros(1, np.intp)).shape == (1, len(paths))
