"""If these fail, the laboratory gives the market to the wrong bloc, or is surer of it than the races allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import oracle
import pytest
from fake_races import BLOCS, event, fake_resolved, race, summed_up
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from ipsc_race import milestones
from ipsc_race_lab.estimators.intervals import Estimate, mean_amount, ratio_of_means, share_of_sums
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.durable import durable_figure, yearly_shares
from ipsc_race_lab.metrics import durable
from ipsc_race_lab.metrics.questions import Answers, month_ends, summarise
from ipsc_race_lab.wording import answer as printed

START = 2010 * 12
CHINA, US, EU, JAPAN = range(4)
PAIR = ("a", "b")


def sold(*races: Any, blocs: tuple[str, ...] = PAIR, captured: Any = None) -> durable.Holdings:
    """Holdings of races given as years x blocs of revenue; by origin, and by capture unless `captured` is given."""
    origin = np.array(races, dtype=np.float32)
    capture = origin if captured is None else np.array(captured, dtype=np.float32)
    sales = np.stack([origin, capture, origin, capture], axis=1)
    totals = np.zeros((len(origin), len(durable.TOTALS), len(blocs)))
    for view, sold in zip(durable.VIEWS, (origin, capture), strict=True):
        totals[:, durable.TOTALS.index(f"revenue_{view}_usd_m")] = sold[:, -1]
    return durable.Holdings(blocs, sales, totals, START, 12 * origin.shape[1])


def estimates(numbers: dict[str, Any]) -> dict[str, float | None]:
    return {name: number["estimate"] for name, number in numbers.items()}


def summary_of(resolved: Any, *races: Any) -> dict[str, Any]:
    answers = Answers(resolved, 1)
    for result in races:
        answers.add(result)
    return summarise(answers, lambda digests: f"{len(digests)} digests")


sales_tables = st.lists(st.lists(st.integers(0, 5).map(float), min_size=3, max_size=3), min_size=1, max_size=20)


# What is kept of a race


def test_a_year_ends_at_the_horizon_and_not_in_december() -> None:
    """Else the last twelve months of a span that ends in June would be a half year, and an old one."""
    rows = month_ends(fake_resolved(months=30, step_months=0.5))
    assert list(durable.year_rows(rows)) == [2 * 6 - 1, 2 * 18 - 1, 2 * 30 - 1]
    holdings = durable.Holdings(PAIR, np.zeros((1, 4, 3, 2), np.float32), np.zeros((1, 5, 2)), START, 30)
    assert list(holdings.year_ends_months()) == [6, 18, 30]


def test_a_bloc_sells_what_its_jurisdictions_sell_and_a_year_what_was_added_in_it() -> None:
    """Cumulative sales taken for yearly ones would keep an early leader in the lead for ever."""
    resolved = fake_resolved(months=36)
    result = race(0, resolved)
    months = np.arange(1, 37)
    result.monthly["revenue_origin_usd_m"][:, US] = 2.0 * months
    result.monthly["revenue_origin_usd_m"][:, EU] = 1.0 * np.minimum(months, 24)
    kept = durable.yearly_sales(result.monthly, durable.year_rows(month_ends(resolved)), BLOCS)
    revenue = kept[[*durable.SALES].index(("revenue", "origin"))]
    assert revenue.tolist() == [[0, 36, 0], [0, 36, 0], [0, 24, 0]]


def test_a_thousand_races_take_a_few_megabytes() -> None:
    """Whoever runs ten thousand races must not run out of memory for a table of shares."""
    result, rows = race(0, fake_resolved(months=432)), month_ends(fake_resolved(months=432))
    kept = durable.yearly_sales(result.monthly, durable.year_rows(rows), BLOCS)
    assert kept.base is None, "a view would keep the whole race"
    assert kept.nbytes + durable.race_totals(result.outcomes).nbytes < 3000


def test_a_global_approval_is_counted_once_and_outside_the_bloc() -> None:
    """The US approving a German product is the West at home; a conditional approval made full is one approval."""
    approvals = [
        (milestones.CONDITIONALLY_APPROVED, 0, CHINA, JAPAN),
        (milestones.APPROVED, 0, CHINA, JAPAN),  # the same, confirmed
        (milestones.APPROVED, 0, CHINA, EU),
        (milestones.APPROVED, 0, CHINA, CHINA),  # at home
        (milestones.APPROVED, 1, CHINA, EU),  # another product
        (milestones.APPROVED, 2, EU, US),  # within the West
        (milestones.FILED, 3, JAPAN, US),  # not an approval
    ]
    events = []
    for milestone, programme, home, place in approvals:
        events.append(event(milestone, "2020-01", home, place))
        events[-1]["programme"] = programme
    assert oracle.global_approvals(np.concatenate(events), BLOCS) == [3, 0, 0]


# Shares and leads


@given(sales_tables)
def test_shares_and_chances_sum_to_one(rows: list[list[float]]) -> None:
    """A market handed out twice, or not at all, is no market."""
    sales, blocs = np.array(rows), ("a", "b", "c")
    found = [number.estimate for number in durable.shares(sales, blocs).values()]
    assert found == [None] * 3 if sales.sum() == 0 else sum(f or 0.0 for f in found) == pytest.approx(1)
    assert sum(chance.estimate or 0.0 for chance in durable.p_largest(sales, blocs).values()) == pytest.approx(1)


@given(sales_tables)
def test_exchanging_two_blocs_exchanges_their_chances(rows: list[list[float]]) -> None:
    """Else the order in which blocs stand in the file would decide who leads."""
    one, other, _ = np.array(rows).T
    here, there = durable.p_leads(one, other), durable.p_leads(other, one)
    assert (here.estimate or 0.0) + (there.estimate or 0.0) == pytest.approx(1)
    assert (here.low or 0.0) == pytest.approx(1 - (there.high or 0.0))


def test_equals_share_the_credit_and_where_nobody_sells_none_is_largest() -> None:
    """A world without a market must not have a leader, nor an alphabetical one."""
    sales = np.array([[4.0, 4.0, 1.0], [0.0, 0.0, 0.0], [1.0, 5.0, 4.0], [0.0, 0.0, 2.0]])
    chances = durable.p_largest(sales, ("a", "b", "c"))
    assert {name: chance.estimate for name, chance in chances.items()} == {
        "a": 0.125,
        "b": 0.375,
        "c": 0.25,
        "none": 0.25,
    }
    assert durable.p_leads(sales[:, 0], sales[:, 1]).estimate == (0.5 + 0.5 + 0 + 0.5) / 4


def test_a_race_weighs_by_its_market_in_the_last_twelve_months() -> None:
    """A mean of shares would let a race with one patient speak as loudly as one with a million."""
    numbers = durable.answer(sold([[50, 0], [90, 10]], [[50, 0], [0, 0]], [[50, 0], [0, 100]]))
    assert estimates(numbers["shares"]["revenue"]["origin"]) == pytest.approx({"a": 0.45, "b": 0.55})


def test_what_is_captured_elsewhere_leaves_the_bloc_of_its_origin() -> None:
    """China inventing and the West selling is the case this question is asked for."""
    numbers = durable.answer(sold([[30, 10]], [[60, 10]], captured=[[[12, 28]], [[15, 55]]]))
    shares = numbers["shares"]["revenue"]
    assert estimates(shares["origin"]) == pytest.approx({"a": 90 / 110, "b": 20 / 110})
    assert estimates(shares["capture"]) == pytest.approx({"a": 27 / 110, "b": 83 / 110})
    assert estimates(numbers["captured_share"]) == pytest.approx({"a": 0.3, "b": 4.15})
    assert numbers["p_leads"]["origin"]["a>b"]["estimate"] == 1
    assert numbers["p_leads"]["capture"]["a>b"]["estimate"] == 0


# Whether a lead lasts


def test_a_lead_halves_in_the_year_in_which_it_is_at_half_or_less() -> None:
    """A lead of 80 points that shrinks by 10 a year is at half after four years."""
    shares = [[0.9 - 0.05 * year, 0.1 + 0.05 * year] for year in range(11)]
    lead = durable.leads(100 * np.array([shares]), np.array([0]))
    assert lead[0, :5] == pytest.approx([0.8, 0.7, 0.6, 0.5, 0.4])
    steady = np.full((1, 11), 0.3)
    assert durable.half_lives_months(np.array([[0.8, 0.7, 0.5, 0.4, 0.1]])).tolist() == [36]
    assert durable.half_lives_months(steady).tolist() == [np.inf]
    no_sales = durable.leads(np.array([[[5.0, 1.0], [0.0, 0.0]]]), np.array([0]))
    assert no_sales[0, 1] == 0, "who leads a market of nothing leads by nothing"


def test_persistence_asks_the_year_ten_years_before_the_horizon() -> None:
    """Three races: the leader stays, is overtaken after three years, and there is none to begin with."""
    stays = [[0, 9]] + [[3, 1]] * 11
    overtaken = [[9, 0]] + [[1, 3]] * 3 + [[3, 1]] * 8
    tie = [[9, 0]] + [[2, 2]] + [[3, 1]] * 10
    kept, half_life = durable.persistence(sold(stays, overtaken, tie).yearly("revenue", "origin"), 144)
    assert (kept["races"], kept["estimate"]) == (2, 0.5)
    assert 0 < kept["low"] < 0.5 < kept["high"] < 1
    assert half_life == {"races": 2, "estimate": 36, "low": None, "high": None}
    _, never = durable.persistence(sold(*[stays] * 8).yearly("revenue", "origin"), 144)
    assert never == {"races": 8, "estimate": None, "low": None, "high": None}


def test_a_span_of_ten_years_cannot_say_what_lasts_ten_years() -> None:
    """A lead seen at birth, or half a year of sales taken for a year, would pass for history."""
    for view in durable.persistence(sold([[1, 0]] * 11).yearly("revenue", "origin"), 131):
        assert view == {"races": None, "estimate": None, "low": None, "high": None}
    assert durable.persistence(sold([[1, 0]] * 11).yearly("revenue", "origin"), 132)[0]["estimate"] == 1


def test_a_single_bloc_leads_whenever_it_sells() -> None:
    """A world of one bloc is odd, but not an error."""
    assert durable.leaders(np.array([[3.0], [0.0]])).tolist() == [0, durable.NOBODY]
    assert durable.leads(np.array([[[3.0], [0.0]]]), np.array([0])).tolist() == [[1, 0]]


# Intervals


def test_one_race_that_sells_does_not_settle_who_holds_the_market() -> None:
    """In 300 races one sold, and it was China's: that is one observation, not certainty."""
    parts = np.zeros(300)
    parts[7] = 5.0
    alone = share_of_sums(parts, parts)
    assert (alone.estimate, alone.high) == (1.0, 1.0)
    assert (alone.low or 0.0) < 0.25
    assert share_of_sums(np.zeros(300), np.zeros(300)) == Estimate(None, None, None)


def test_shares_alike_in_all_races_are_known_better_than_coins() -> None:
    """Races that all give China about a third must not be read as 40 tosses of a coin."""
    rng = np.random.default_rng(4)
    wholes = rng.lognormal(0.0, 0.5, 40)
    share = share_of_sums(rng.uniform(0.3, 0.36, 40) * wholes, wholes)
    assert 0.3 < (share.low or 0.0) < (share.estimate or 0.0) < (share.high or 0.0) < 0.36
    tossed = share_of_sums(np.where(rng.random(40) < 0.33, wholes, 0.0), wholes)
    assert (tossed.high or 0.0) - (tossed.low or 0.0) > 0.2


@pytest.mark.parametrize(("sells", "spread", "a", "b"), [(1.0, 0.3, 20, 40), (0.5, 1.0, 2, 8), (0.05, 1.0, 0.3, 0.3)])
def test_nineteen_of_twenty_intervals_hold_the_share(sells: float, spread: float, a: float, b: float) -> None:
    """An interval that misses more often calls luck a market share; 800 repeats can tell 95% from 92%."""
    rng, held = np.random.default_rng(2), []
    for _ in range(800):
        wholes = np.where(rng.random(200) < sells, rng.lognormal(0.0, spread, 200), 0.0)
        found = share_of_sums(rng.beta(a, b, 200) * wholes, wholes)
        held.append(found.low is not None and found.high is not None and found.low <= a / (a + b) <= found.high)
    assert np.mean(held) > 0.92


def test_a_ratio_of_means_is_paired_and_stays_above_nothing() -> None:
    """Money and approvals of one race go together: read apart, their ratio would look less certain than it is."""
    approvals = np.random.default_rng(3).poisson(4.0, 200).astype(np.float64)
    exact = ratio_of_means(90.0 * approvals, approvals)
    assert exact == pytest.approx((90.0, 90.0, 90.0))
    rare = np.zeros(200)
    rare[:2] = 1.0
    found = ratio_of_means(np.full(200, 5.0), rare)
    assert found.estimate == 500
    assert 0 < (found.low or 0.0) < 500 / 2
    assert (found.high or 0.0) > 500 * 2
    assert ratio_of_means(np.ones(3), np.zeros(3)) == Estimate(None, None, None)
    assert ratio_of_means(np.zeros(3), np.ones(3)) == Estimate(0.0, 0.0, 0.0)
    assert ratio_of_means(np.array([3.0]), np.array([2.0])) == Estimate(1.5, None, None)


def test_a_mean_of_harms_is_never_below_none() -> None:
    """Minus two patients harmed would be nonsense in print."""
    harmed = mean_amount(np.array([0.0, 0.0, 0.0, 6.0]))
    assert harmed.estimate == 1.5
    assert harmed.low == 0
    assert mean_amount(np.array([4.0])) == Estimate(4.0, None, None)


def test_an_advantage_that_is_kept_was_there_before_and_is_there_still() -> None:
    """A bloc that has only just come to the front would be told to have stayed there."""
    ahead, behind = [[2, 1]] * 11, [[1, 2]] * 11
    one, other = np.moveaxis(np.array([ahead, behind, [*ahead[:-1], [1, 2]], [[0, 0]] * 11], np.float64), 2, 0)
    assert durable.p_keeps(one, other).estimate == (1 + 0 + 0.5 + 0.5) / 4
    assert durable.p_keeps(one[:, 1:], other[:, 1:]) == Estimate(None, None, None)


# What is told


def test_a_world_that_sells_nothing_says_so_in_a_sentence() -> None:
    """A market switched off is not a market shared by nobody in equal parts."""
    resolved = fake_resolved(months=180)
    summary = summary_of(resolved, *(race(run, resolved) for run in range(3)))
    numbers = summary["questions"]["durable_advantage"]
    assert set(estimates(numbers["shares"]["revenue"]["origin"]).values()) == {None}
    assert numbers["p_largest"]["capture"]["none"]["estimate"] == 1
    assert numbers["p_leads"]["origin"]["china>west"]["estimate"] == 0.5
    assert numbers["lead_persists"]["origin"]["races"] == 0
    told = printed.text(summary, full=True).split("Durable advantage\n")[1].split("\n\n")[0].splitlines()
    assert told == ["  Nothing is sold in the last twelve months of any race: there is no market to hold."]


def selling_race(run: int, resolved: Any, origin_usd_m: tuple[float, ...], capture_usd_m: tuple[float, ...]) -> Any:
    """A race in which each jurisdiction sells so much a month."""
    result = race(run, resolved)
    months = np.arange(1, resolved.months + 1)[:, None]
    for column in ("revenue_origin_usd_m", "treated_origin"):
        result.monthly[column] = months * np.array(origin_usd_m)
    for column in ("revenue_capture_usd_m", "treated_capture"):
        result.monthly[column] = months * np.array(capture_usd_m)
    result.monthly["patients_enrolled"], result.monthly["redundant_patients"] = 200, 50
    return replace(result, outcomes=summed_up(resolved, result.events, result.monthly))


def test_the_printed_answer_tells_origin_from_capture() -> None:
    """The whole point of the question: who makes it, and who gets the money."""
    resolved = fake_resolved(months=180)
    races = (selling_race(run, resolved, (6, 1, 1, 2), (1, 4, 3, 2)) for run in range(20))
    told = printed.text(summary_of(resolved, *races), full=True).split("Durable advantage")[1]
    assert "Share of revenue, by origin (% of revenue)             60.0% (in every race)" in told
    assert "Share of revenue, by capture (% of revenue)            10.0% (in every race)" in told
    assert "P(china leads west by origin) = 100.0% (83.9 to 100.0): china" in told
    assert "P(china leads west by capture) = 0.0% (0.0 to 16.1): west" in told
    assert "insufficient evidence" not in told
    assert (
        "still leads in 100.0% (83.9 to 100.0) of 20 races\n    Its lead halves within, in the median race: not" in told
    )
    assert "100 (in every race)" in told, "patients in redundant trials in the two jurisdictions of the West"


def test_an_answer_that_cannot_be_told_apart_is_called_so() -> None:
    """Half of the races each way is not a lead, however many digits it has."""
    resolved = fake_resolved(months=24)
    sales = [(6, 1, 1, 2), (1, 3, 3, 2)]
    races = (selling_race(run, resolved, sales[run % 2], sales[run % 2]) for run in range(20))
    told = printed.text(summary_of(resolved, *races), full=True)
    for view in durable.VIEWS:
        assert f"P(china leads west by {view}) = 50.0% (29.9 to 70.1): insufficient evidence" in told
    assert "cannot be seen: the span is shorter than eleven" in told


def test_a_summary_of_before_this_question_can_still_be_read() -> None:
    """The committed headline, or a reader's older folder, would otherwise end in a traceback."""
    resolved = fake_resolved(months=24)
    summary = summary_of(resolved, race(0, resolved))
    del summary["questions"]["durable_advantage"]
    del summary["evidence"]
    told = printed.text(summary, full=True)
    assert "Durable advantage" not in told
    assert "Revenue" not in told
    assert "assumptions" not in told


# The figure


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_the_figure_starts_with_the_first_sale_and_ends_in_the_shares_of_the_summary() -> None:
    """Ten years of empty axes hide the market, and an end that is not the table's share contradicts it."""
    years = [[0, 0]] * 4 + [[3, 1]] * 8
    holdings = sold(years, years, captured=[[[0, 0]] * 4 + [[1, 3]] * 8] * 2)
    with style.look():
        figure = durable_figure(holdings, ("Here", "There"), "Two races.")
    assert {axes.get_xlim()[0] for axes in figure.axes} == {2015}
    assert "Here 75.0%" in texts(figure)
    assert "Here 25.0%" in texts(figure)
    assert np.isnan(yearly_shares(holdings.yearly("revenue", "origin"))[:, :4]).all()


def test_a_year_without_sales_leaves_a_gap_and_no_sales_at_all_a_sentence() -> None:
    """A line through a year in which nothing was sold would draw a market that was not there."""
    gap = sold([[0, 0], [2, 2], [0, 0], [2, 2]])
    assert np.isnan(yearly_shares(gap.yearly("revenue", "origin"))[0, :, 0]).tolist() == [True, False, True, False]
    with style.look():
        lines = durable_figure(gap, ("Here", "There"), "One race.").axes[0].lines
        empty = durable_figure(sold([[0, 0]] * 3), ("Here", "There"), "One race.")
    assert [0, 2] in [line.get_markevery() for line in lines], "a year alone is a dot: no line leads to it"
    assert texts(empty).count("Nothing is sold in any race") == 2
