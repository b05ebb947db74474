"""What `what-drives-it` says: what is significant, what is not, and whether points sufficed."""

from __future__ import annotations

from typing import Any

import pytest
from readable_figures import check_clear, words

from ipsc_race_lab.figures import drivers as drivers_figures
from ipsc_race_lab.results.stored import Stored
from ipsc_race_lab.wording import drivers
from ipsc_race_lab.wording.telling import SECTIONS

LEAD, CHANCE = "lead_months.first_in_human", "p_leads.first_in_human"
QUESTIONS = [question for pair in SECTIONS.values() for question in pair]
Triple = tuple[float | None, float | None, float | None]


def rows(question: str, index: str, numbers: dict[str, Triple]) -> list[dict[str, Any]]:
    return [
        {"question": question, "factor": factor, "index": index, "estimate": one, "low": low, "high": high}
        for factor, (one, low, high) in numbers.items()
    ]


def experiment(name: str, listed: list[dict[str, Any]], index: str, sizes: tuple[int, ...], **more: Any) -> Stored:
    """An experiment whose indices of `index` are half as large from the first beginning of the design."""
    steps = [
        {**row, "size": size, "estimate": None if row["estimate"] is None else row["estimate"] * scale}
        for size, scale in zip(sizes, (0.5, 1.0), strict=True)
        for row in listed
        if row["index"] == index
    ]
    means = {
        question: {"estimate": 0.1, "low": 0.0, "high": 0.2}
        if question != LEAD
        else {"estimate": -30.0, "low": -40.0, "high": -20.0}
        for question in QUESTIONS
    }
    result = {"means": means, "rows": listed, "convergence": steps, **more}
    analysis = {"pair": ["china", "west"], "scenarios": {"baseline": result}}
    return Stored(name, "A title", "here", 10, 4, 1, "abc", analysis)


EFFECTS: dict[str, Triple] = {
    "rounds": (8.0, 3.0, 15.0),
    "capital": (4.0, 1.0, 8.0),
    "coverage": (0.0, 0.0, 0.0),
    "dummy": (0.0, 0.0, 0.0),
}
NOISE: dict[str, Triple] = {"rounds": (2.0, None, None), "capital": (2.0, None, None)}
SHARES: dict[str, Triple] = {
    "rounds": (0.6, 0.5, 0.7),
    "accrual": (0.1, 0.05, 0.2),
    "capital": (0.02, -0.1, 0.1),
    "coverage": (0.0, 0.0, 0.0),
    "dummy": (0.0, 0.0, 0.0),
}
UNPINNED: dict[str, Triple] = dict.fromkeys(SHARES, (0.3, None, None))
NONE: dict[str, Triple] = dict.fromkeys(SHARES, (None, None, None))


def morris() -> Stored:
    table = rows(LEAD, "mu_star", EFFECTS) + rows(LEAD, "mu_star_noise", NOISE) + rows(LEAD, "sigma", EFFECTS)
    still = dict.fromkeys(EFFECTS, (0.0, 0.0, 0.0))
    for question in QUESTIONS:
        if question != LEAD:
            table += rows(question, "mu_star", still) + rows(question, "sigma", still)
    return experiment("morris", table, "mu_star", (6, 12))


def sobol(explained: bool = True) -> Stored:
    table = []
    for question in QUESTIONS:
        numbers = SHARES if question == LEAD else UNPINNED if question == QUESTIONS[2] else NONE
        table += rows(question, "first", numbers) + rows(question, "total", numbers)
    share = {"estimate": 0.05, "low": 0.02, "high": 0.1}
    return experiment(
        "sobol", table, "total", (128, 256), variance=[{"question": LEAD, "share": share}] if explained else []
    )


def test_an_effect_within_stochastic_variation_is_not_significant() -> None:
    """Noise of few races always looks like some effect; the lower end must lie above what noise would show."""
    assert [row["factor"] for row in drivers.significant_effects(morris(), LEAD)] == ["rounds"]
    said = drivers.morris_words(morris(), LEAD)
    assert "-30.0 months (-40.0 to -20.0) on average" in said
    assert (
        "1 of the 3 numbers have a significant effect: how often China's developers close a round, 8.0 months" in said
    )
    assert "1 show no effect at all." in said
    assert "The first 6 of the 12 trajectories put the same number first." in said


def test_an_answer_that_nothing_moves_is_said_to_be_so() -> None:
    """No effect is a finding; silence would look like an oversight."""
    assert "No effect of any of the 3 numbers is seen." in drivers.morris_words(morris(), CHANCE)
    assert not drivers.has_spread(morris(), CHANCE)
    assert drivers.has_spread(morris(), LEAD)


def test_shares_begin_with_what_is_unexplained_and_end_with_what_is_not_significant() -> None:
    """Shares of a hundredth of the variance read as if they were of all of it mislead."""
    said = drivers.sobol_words(sobol(), LEAD)
    assert "account for 5.0% (2.0 to 10.0) of the variance of a single race; the rest is stochastic variation." in said
    assert (
        "Significant parts of the variance of the mean answer: how often China's developers close a round, total 0.60 "
        in said
    )
    assert "Not significant: size of China's private rounds." in said
    assert "Without any part in it: patients paid for in China." in said


def test_without_the_variance_nothing_is_said_of_stochastic_variation() -> None:
    """The committed numbers may leave it out; a made-up share would be worse than none."""
    assert "stochastic variation" not in drivers.sobol_words(sobol(explained=False), LEAD)
    assert "variance of single races" not in drivers.drivers_table(sobol(explained=False))
    assert "5.0% (2.0 to 10.0)" in drivers.drivers_table(sobol())


def test_indices_without_intervals_are_not_read_as_numbers() -> None:
    """An estimate that no interval goes with says nothing, however large."""
    assert "so no index is told and none drawn" in drivers.sobol_words(sobol(), QUESTIONS[2])
    assert not drivers.has_intervals(sobol(), QUESTIONS[2])
    assert drivers.has_intervals(sobol(), LEAD)
    assert "cannot be told" in drivers.convergence_words(sobol(), QUESTIONS[2])
    assert "no variance to share out" in drivers.sobol_words(sobol(), CHANCE)
    assert not drivers.has_variance(sobol(), CHANCE)


def test_whether_points_sufficed_is_told_for_places_and_for_values() -> None:
    """A ranking can be safe where the values are not, and the other way round never."""
    said = drivers.convergence_words(sobol(), LEAD)
    assert "From 128 to 256 base points no total index moved by more than 0.30 (how often China's developers" in said
    assert "the widest interval is 0.20 wide" in said
    assert "the values are not pinned" in said
    assert "The first place is settled" in said


def test_the_paragraph_names_the_first_driver_with_its_grade() -> None:
    """That the answer hangs on an assumption is the finding."""
    said = drivers.paragraph(morris(), sobol())
    assert "how often China's developers close a round (grade D) for the lead to a first patient" in said
    assert "none for the lead to a first approval at home" in said
    assert "settled for the lead to a first patient." in said
    assert "for no probability of leading" in said


def test_every_factor_of_both_experiments_has_a_name_for_readers_and_its_evidence() -> None:
    """A number without its range and grade cannot be judged."""
    from ipsc_race_lab.design.finding import load_experiment

    for name in ("morris", "sobol"):
        assert {factor.name for factor in load_experiment(name).factors} <= set(drivers.LABELS)
    table = drivers.factors_table("morris")
    assert (
        "| `jurisdictions.china.funding.round_per_month` | 0.12 | per month | 0.05 to 0.25 | D | assumption |" in table
    )
    assert "0.005 to 0.08, in logarithms" in table


@pytest.mark.parametrize("kind", ["morris", "sobol", "convergence"])
def test_the_figures_name_the_factors_and_the_races(kind: str) -> None:
    """A figure leaves the notebook alone, and is quoted without it."""
    drawn = {
        "morris": lambda: drivers_figures.morris_figure(morris(), LEAD),
        "sobol": lambda: drivers_figures.sobol_figure(sobol(), LEAD),
        "convergence": lambda: drivers_figures.convergence_figure(sobol(), LEAD),
    }[kind]()
    check_clear(drawn)
    assert "China against West" in words(drawn)
    assert "A title. 10 points, 4 races each, seed 1." in words(drawn)
    assert "How often China's developers" in words(drawn).replace("\n", " ")
