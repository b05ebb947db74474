"""A table of worlds: numbers written into the policies are the scenarios that they stand for, in both hosts."""

from __future__ import annotations

from typing import Any

import hosts
import numpy as np
import pytest

from ipsc_race.engine import Calendar
from ipsc_race.ensemble import Racer, run_races
from ipsc_race.loading import Resolved, load
from ipsc_race.varying import NUMBER, SWITCH, Places, locate, refuse_values

CAPITAL = "jurisdictions.china.funding.capital_multiplier"
REVIEW = "jurisdictions.china.regulation.ind_review_months"
LICENSING = "mechanisms.licensing_switch"
PATIENTS = "trials.phase_1.enrolled_patients"
SHORT = {"span.end_month": "2027-12"}


def written(resolved: Resolved, places: Places, values: list[Any]) -> bytes:
    """The policies with values written at their places, by hand."""
    policies = Calendar(resolved).policies
    for f, value in enumerate(values):
        width, kind = (1, np.uint8) if places.kinds[f] == SWITCH else (8, np.float64)
        kind = kind if places.kinds[f] in (SWITCH, NUMBER) else np.int64
        for e in np.flatnonzero(places.epochs[f]):
            at = policies[e : e + 1].view(np.uint8)
            at[places.offsets[f] : places.offsets[f] + width] = np.array([value], kind).view(np.uint8)
    return policies.tobytes()


def test_every_number_of_the_baseline_has_its_place() -> None:
    """A value written beside its place would vary something else, and no error would say so."""
    world = load("baseline")
    dated = {path.partition("@")[0] for path in world.origins if "@" in path}
    generator = np.random.default_rng(4)
    values: dict[str, Any] = {}
    for path, origin in world.origins.items():
        undated_start = path in dated  # a plain path would replace its dated changes too
        if origin.range is None or undated_start or path.startswith("span.") or path.endswith("draw_key"):
            continue
        low, high = origin.range
        value = float(generator.uniform(low, high))
        values[path] = round(value) if isinstance(origin.value, int) else value
    values |= {f"mechanisms.{name}": False for name in world.scenario.mechanisms.model_dump()}
    assert len(values) > 700
    places = locate(world, list(values))
    assert written(world, places, list(values.values())) == Calendar(load("baseline", values)).policies.tobytes()


def test_a_plain_path_holds_throughout_and_a_dated_one_until_the_next_change() -> None:
    """As with `--set`: else a factor would stop, or start, in another year than its label says."""
    world = load("baseline")
    plain, first, last = locate(world, [REVIEW, f"{REVIEW}@2018-11", f"{REVIEW}@2025-10"]).epochs
    assert plain.all()
    assert not (first & last).any()
    months = [epoch.month for epoch in world.epochs]
    assert months[int(np.argmax(first))] == 2018 * 12 + 10
    assert months[int(np.argmax(last))] == 2025 * 12 + 9
    assert last[-1]


def test_outcomes_of_a_row_are_those_of_its_world() -> None:
    """The table must give what loading each world and racing it gives; rows of one run share their luck."""
    world = load("baseline", SHORT)
    paths = (CAPITAL, f"{REVIEW}@2018-11", LICENSING, PATIENTS)
    rows = [(0.125, 2.8, 1, 12), (0.5, 6.0, 0, 20)]
    racer = Racer(world, 3, locate(world, paths))
    outcomes = racer.outcomes(np.repeat(np.array(rows), 2, axis=0), np.array([0, 1, 0, 1]))
    for i, (capital, review, licensing, patients) in enumerate(rows):
        overrides = dict(zip(paths, (capital, review, bool(licensing), patients), strict=True))
        for result in run_races(load("baseline", SHORT | overrides), 2, 3):
            assert outcomes[2 * i + result.run].tobytes() == result.outcomes.tobytes()
    assert outcomes[0].tobytes() != outcomes[2].tobytes()


def test_a_row_can_be_raced_again_with_all_its_events() -> None:
    """Whoever asks why a row came out so must be told of that race, and not of one like it."""
    world = load("baseline", SHORT)
    racer = Racer(world, 5, locate(world, [CAPITAL]))
    again = racer.race(3, [0.9])
    (alone,) = run_races(load("baseline", {**SHORT, CAPITAL: 0.9}), 1, 5, first_run=3)
    assert again.digest == alone.digest
    assert again.outcomes.tobytes() == racer.outcomes(np.array([[0.9]]), np.array([3]))[0].tobytes()


def test_monthly_series_of_a_table_are_the_mean_of_its_races() -> None:
    """A curve over time of another row, or of the last one only, would look as plausible."""
    world = load("baseline", SHORT)
    means = Racer(world, 5, locate(world, [CAPITAL])).mean_monthly(np.array([[0.1], [0.9], [0.9]]), np.array([0, 0, 1]))
    rows = [*run_races(load("baseline", {**SHORT, CAPITAL: 0.1}), 1, 5)]
    rows += run_races(load("baseline", {**SHORT, CAPITAL: 0.9}), 2, 5)
    for name, mean in means.items():
        assert mean == pytest.approx(np.mean([race.monthly[name] for race in rows], axis=0), rel=1e-12, abs=1e-12)
    assert means["trials_started"].shape == (world.ticks, 4)


def test_a_table_in_which_nothing_varies_is_the_scenario() -> None:
    """An experiment of whole worlds writes no numbers, and is raced all the same."""
    world = load("baseline", SHORT)
    outcomes = Racer(world, 3, locate(world, [])).outcomes(np.zeros((2, 0)), np.array([0, 1]))
    assert [row.tobytes() for row in outcomes] == [result.outcomes.tobytes() for result in run_races(world, 2, 3)]


TABLE = """
import numpy as np
from ipsc_race.ensemble import Racer
from ipsc_race.loading import load
from ipsc_race.varying import locate
world = load("baseline", {"span.start_month": "2020-01", "span.end_month": "2030-12"})
paths = ("jurisdictions.china.funding.capital_multiplier", "mechanisms.market_switch",
         "trials.phase_1.enrolled_patients")
values = np.array([(0.125, 1, 12), (2.0, 0, 20), (0.125, 1, 12)])
print(Racer(world, 5, locate(world, paths)).outcomes(values, np.array([0, 0, 1])).tobytes().hex())
"""


def test_both_hosts_give_the_same_outcomes() -> None:
    """V29: the plain host reads the same numbers at the same places."""
    compiled, plain = (hosts.answer(TABLE, host) for host in hosts.HOSTS)
    assert compiled == plain


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "jurisdictions.china.funding.capital_multipler",
            "did you mean jurisdictions.china.funding.capital_multiplier (unit: multiplier)?",
        ),
        ("jurisdictions.china.funding", "there is no such number"),
        ("span.step_months", "cannot be varied"),
        ("jurisdictions.china.draw_key", "cannot be varied"),
        ("title", "cannot be varied"),
        (f"{REVIEW}@2018-12", "has no dated change of it in that month"),
    ],
)
def test_what_cannot_be_varied_is_refused_in_words(path: str, said: str) -> None:
    with pytest.raises(ValueError, match=path.replace(".", r"\.")) as caught:
        locate(load("baseline"), [path])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "fine"),
    [
        (CAPITAL, 0.5, True), (CAPITAL, -1.0, False), (CAPITAL, float("nan"), False), (PATIENTS, 12.5, False),
        (PATIENTS, 12.0, True), (LICENSING, 1.0, True), (LICENSING, 0.5, False), (f"{REVIEW}@2018-11", 3.0, True),
        ("jurisdictions.us.sites.cost_multiplier", 0.0, False),
    ],
)  # fmt: skip
def test_values_outside_what_can_be_meant_are_refused(path: str, value: float, fine: bool) -> None:
    """The table is not validated row by row, so its values are, once."""
    said = refuse_values(load("baseline"), path, [value])
    assert (said == "") == fine
    assert fine or "expected" in said
