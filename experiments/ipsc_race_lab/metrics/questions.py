"""The questions asked of every race: who is first to a milestone, by how much, and is it like what is on record.

`Answers` takes races one at a time and keeps the few months that matter; all numbers come from `FirstTimes`
by pure functions. A milestone belongs to the bloc where the company is at home, wherever it was reached. Who holds the
market at the horizon is asked by `durable`, in terms of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race.policy import iso_month
from ipsc_race_lab.estimators import intervals
from ipsc_race_lab.estimators.intervals import Estimate
from ipsc_race_lab.metrics import durable
from ipsc_race_lab.metrics.beside import Beside
from ipsc_race_lab.metrics.chokes import Chokes
from ipsc_race_lab.metrics.history_reading import histories_of

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved


# The questions about first times; `durable.QUESTION` stands beside them in the summary, with numbers of other kinds.
QUESTIONS: dict[str, str] = {
    "first_in_human": "First patient dosed",
    "first_home_approval": "First approval at home",
    "first_approval_anywhere": "First approval anywhere",
}

Months = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FirstTimes:
    """When each bloc first reached a milestone, in every race.

    `months`: shape (runs, blocs), calendar months since the start of the span, `np.inf` where never;
    `start_month`: months since year 0; `horizon_months`: length of the span.
    """

    question: str
    blocs: tuple[str, ...]
    months: Months
    horizon_months: float
    start_month: int


def month_ends(resolved: Resolved) -> npt.NDArray[np.int64]:
    """Row of the last step of each calendar month of the span in a race's monthly series."""
    steps = resolved.ticks // resolved.months
    return np.arange(1, resolved.months + 1) * steps - 1


class Answers:
    """What is kept of the races seen so far: first months by bloc, yearly sales, and what is on record.

    Raises ScenarioError where the world names a history that cannot be read.
    """

    def __init__(self, resolved: Resolved, seed: int) -> None:
        self.resolved, self.seed = resolved, seed
        self.digests: list[bytes] = []
        self._blocs = resolved.blocs
        self._start = resolved.epochs[0].month
        self._months: dict[str, list[Months]] = {question: [] for question in QUESTIONS}
        self._year_rows = durable.year_rows(month_ends(resolved))
        self._sales: list[durable.Sales] = []
        self._totals: list[durable.Amounts] = []
        self._beside = Beside(resolved, histories_of(resolved), seed)
        self._chokes = Chokes(resolved.jurisdictions)

    def add(self, result: RaceResult) -> None:
        """Take the next race."""
        for question, rows in self._months.items():
            rows.append(result.outcomes[f"{question}_months"])
        self._sales.append(durable.yearly_sales(result.monthly, self._year_rows, self._blocs))
        self._totals.append(durable.race_totals(result.outcomes))
        self._beside.add(result)
        self._chokes.add(result)
        self.digests.append(result.digest)

    def times(self) -> dict[str, FirstTimes]:
        """First times by question."""
        blocs, horizon = tuple(self._blocs), float(self.resolved.months)
        shape = (len(self.digests), len(blocs))
        return {
            question: FirstTimes(question, blocs, np.array(rows).reshape(shape), horizon, self._start)
            for question, rows in self._months.items()
        }

    def holdings(self) -> durable.Holdings:
        """What each bloc sold, year by year, and what it cost."""
        runs, years, blocs = len(self.digests), len(self._year_rows), tuple(self._blocs)
        sales = np.array(self._sales, np.float32).reshape(runs, len(durable.SALES), years, len(blocs))
        totals = np.array(self._totals).reshape(runs, len(durable.TOTALS), len(blocs))
        return durable.Holdings(blocs, sales, totals, self._start, self.resolved.months)

    def history(self) -> list[dict[str, Any]]:
        """The races beside what is on record of their world; nothing where it names no history."""
        return self._beside.block()

    def chokes(self) -> list[dict[str, Any]]:
        """The desks and plants that were too slow for the trade of this world."""
        return self._chokes.block()


def p_leads(times: FirstTimes, one: str, other: str) -> Estimate:
    """Probability that `one` is earlier than `other`; a tie, two that never came included, is half a win."""
    first, second = _columns(times, one, other)
    return intervals.wilson(float(np.sum(first < second) + 0.5 * np.sum(first == second)), len(first))


def lead_months(times: FirstTimes, one: str, other: str) -> Estimate:
    """Difference of restricted mean times, positive where `one` is earlier (Royston & Parmar 2013)."""
    first, second = (np.minimum(months, times.horizon_months) for months in _columns(times, one, other))
    return intervals.paired_t(second - first)


def p_first(times: FirstTimes) -> dict[str, Estimate]:
    """Probability that a bloc is first of all, ties sharing the credit, and of `none`; they sum to 1."""
    best = times.months.min(axis=1, keepdims=True, initial=np.inf)
    reached = np.isfinite(best)
    leading = (times.months == best) & reached
    credit = leading / np.maximum(leading.sum(axis=1, keepdims=True), 1)
    shares = {bloc: float(credit[:, column].sum()) for column, bloc in enumerate(times.blocs)}
    shares["none"] = float(np.sum(~reached))
    return {name: intervals.wilson(share, len(times.months)) for name, share in shares.items()}


def p_reached(times: FirstTimes, bloc: str) -> Estimate:
    """Probability that a bloc reaches the milestone within the span."""
    return intervals.wilson(float(np.isfinite(_columns(times, bloc)[0]).sum()), len(times.months))


def median_month(times: FirstTimes, bloc: str) -> dict[str, str | None]:
    """Calendar month by which half of the races have a bloc there; None where fewer than half ever do."""
    return _iso(intervals.median(_columns(times, bloc)[0]), times.start_month)


def answer(times: FirstTimes) -> dict[str, Any]:
    """All numbers for one question, as they stand in `summary.json`."""
    pairs = [(f"{one}>{other}", one, other) for one, other in permutations(times.blocs, 2)]
    return {
        "title": QUESTIONS.get(times.question, times.question),
        "p_leads": _as_numbers({pair: p_leads(times, one, other) for pair, one, other in pairs}),
        "lead_months": _as_numbers({pair: lead_months(times, one, other) for pair, one, other in pairs}),
        "p_first": _as_numbers(p_first(times)),
        "median_month": {bloc: median_month(times, bloc) for bloc in times.blocs},
        "p_reached": _as_numbers({bloc: p_reached(times, bloc) for bloc in times.blocs}),
    }


def summarise(answers: Answers, value_hash: Callable[[list[bytes]], str]) -> dict[str, Any]:
    """The content of `summary.json`; every number is `{estimate, low, high}`, at 95%."""
    first = {question: answer(times) for question, times in answers.times().items()}
    return {
        "scenario": answers.resolved.name,
        "title": answers.resolved.scenario.title,
        "start_month": answers.resolved.scenario.span.start_month,
        "end_month": answers.resolved.scenario.span.end_month,
        "runs": len(answers.digests),
        "seed": answers.seed,
        "scenario_hash": answers.resolved.hash,
        "value_hash": value_hash(answers.digests),
        "evidence": evidence(answers.resolved),
        "questions": first | {durable.QUESTION: durable.answer(answers.holdings())},
        "history": answers.history(),
        "chokes": answers.chokes(),
    }


def evidence(resolved: Resolved) -> dict[str, int]:
    """How many numbers a world has, dated changes included, and how many are assumptions: grade D, or no source."""
    numbers = [of for of in resolved.origins.values() if isinstance(of.value, int | float) and of.value is not True
               and of.value is not False]  # fmt: skip
    assumptions = sum(of.grade == "D" or of.source in (None, "assumption") for of in numbers)
    return {"numbers": len(numbers), "assumptions": assumptions}


def _columns(times: FirstTimes, *blocs: str) -> list[Months]:
    return [times.months[:, times.blocs.index(bloc)] for bloc in blocs]


def _iso(months: Estimate, start_month: int) -> dict[str, str | None]:
    values = months._asdict().items()
    return {name: None if value is None else iso_month(start_month + int(value)) for name, value in values}


def _as_numbers(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, float | None]]:
    return {name: estimate._asdict() for name, estimate in estimates.items()}
