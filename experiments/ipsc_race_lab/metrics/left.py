"""What is left of a race after a month: when the next product of a bloc reaches a milestone, and the pace of each.

A question asks for the k-th product that reaches a milestone after the as-of month; a product that was there before
does not count again (`register.Question`). Races are asked one at a time and keep only the months. Pace is of
programmes and not of races: of those that begin after the month the share that comes so far in so many months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race import milestones as m
from ipsc_race.policy import calendar_month
from ipsc_race.tree import did_you_mean
from ipsc_race_lab.metrics.asking import NAMED
from ipsc_race_lab.metrics.beside import MEASURES, Asked, Block, asked, told
from ipsc_race_lab.metrics.course import STAGES_APPROVED, Named, courses, named
from ipsc_race_lab.metrics.durable import SALES, YEAR_MONTHS, yearly_sales
from ipsc_race_lab.metrics.history import Fact, History
from ipsc_race_lab.metrics.register import CountQuestion, Question

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved

Events = npt.NDArray[Any]
Amounts = npt.NDArray[np.float64]
ANY, HOME, ABROAD, APPROVAL = "any", "home", "abroad", "approval"

ASKED: dict[str, tuple[str, dict[str, Any]]] = {  # by key: what is asked, and the question of each bloc
    "approval": ("Next product approved, in full or on condition", {"milestone": "approval"}),
    "home_approval": ("Next product approved at home", {"milestone": "approval", "place": HOME}),
    "full_approval": ("Next product with a full approval", {"milestone": "approved"}),
    "phase_3": ("Next Phase 3 started", {"milestone": "phase_3_started"}),
    "phase_3_read_out": ("Next Phase 3 read out", {"milestone": "phase_3_read_out"}),
    "filed": ("Next product filed for approval", {"milestone": "filed"}),
    "approval_abroad": ("Next product approved outside its bloc", {"milestone": "approval", "place": ABROAD}),
    "third_product": ("Third further product approved", {"milestone": "approval", "kth": 3}),
    "tenth_product": ("Tenth further product approved", {"milestone": "approval", "kth": 10}),
}
BY_INDICATION = "home_approval"
PACES: dict[str, tuple[str, str, int]] = {  # by key: what is asked, the milestone, within how many months of the start
    "patient_5_years": ("First patient within 5 years of its start", "first_in_human", 60),
    "ind_5_years": ("IND cleared within 5 years of its start", "ind_cleared", 60),
    "phase_3_10_years": ("Phase 3 started within 10 years of its start", "phase_3_started", 120),
    "approval_15_years": ("Approved somewhere within 15 years of its start", "approval", 180),
}


@dataclass(frozen=True)
class Setting:
    """The world that questions are asked in: rows of its places, and the months of its span."""

    places: tuple[str, ...]
    blocs: Mapping[str, tuple[int, ...]]
    indications: tuple[str, ...]
    as_of: int
    start_month: int
    months: int
    ticks_per_month: int
    approved: tuple[int, ...] = ()  # programmes of a roster that are approved already, on condition or in full
    named: tuple[Named, ...] = ()  # products of a roster

    @classmethod
    def of(cls, resolved: Resolved, as_of: str) -> Setting:
        """The setting of a world."""
        blocs = {bloc: tuple(int(row) for row in rows) for bloc, rows in resolved.blocs.items()}
        return cls(
            tuple(resolved.jurisdictions), blocs, tuple(resolved.scenario.indications), calendar_month(as_of),
            resolved.epochs[0].month, resolved.months, resolved.ticks // resolved.months, _approved(resolved),
            named(resolved),
        )  # fmt: skip

    @property
    def last_month(self) -> int:
        """The last month of the span."""
        return self.start_month + self.months - 1


def new_months(events: Events, question: Question, of: Setting) -> Amounts:
    """Calendar months in which products reach the milestone after the as-of month, each product once, in order."""
    chosen = np.isin(events["milestone"], NAMED[question.milestone]) & (events["programme"] >= 0)
    if question.cells != ANY:
        number = next(number for number, name in m.CELL_SOURCES.items() if name == question.cells)
        chosen &= events["cell_source"] == number
    if question.bloc != ANY:
        chosen &= np.isin(events["home"], of.blocs[question.bloc])
    if question.programme is not None:
        chosen &= events["programme"] == next(product.row for product in of.named if product.name == question.programme)
    if question.indication is not None:
        chosen &= events["indication"] == of.indications.index(question.indication)
    if question.milestone == APPROVAL:
        chosen &= ~np.isin(events["programme"], of.approved)
    if question.place == HOME:
        chosen &= events["jurisdiction"] == events["home"]
    elif question.place == ABROAD:
        bloc_of = bloc_rows(of)
        chosen &= bloc_of[events["jurisdiction"]] != bloc_of[events["home"]]
    elif question.place != ANY:
        chosen &= events["jurisdiction"] == of.places.index(question.place)
    there = events[chosen]
    _, first = np.unique(there["programme"], return_index=True)  # events stand in order of time
    months = there["month"][first].astype(np.float64)
    return np.sort(months[months > of.as_of])


def _approved(resolved: Resolved) -> tuple[int, ...]:
    """The programmes of the roster, by their number, that somebody has approved."""
    stages = resolved.scenario.roster.programme_stages
    return tuple(number for number, of in enumerate(stages) if not STAGES_APPROVED.isdisjoint(of.values()))


def unknown(question: Question | CountQuestion, of: Setting) -> str:
    """What a question names that the world has not, in words; empty where there is no such thing."""
    if isinstance(question, CountQuestion):
        asked = {"region": (question.region, ("all", *of.places, *of.blocs))}
    else:
        asked = {
            "bloc": (question.bloc, (ANY, *of.blocs)),
            "before": (question.before or ANY, (ANY, *of.blocs)),
            "place": (question.place, (ANY, HOME, ABROAD, *of.places)),
            "indication": (question.indication or ANY, (ANY, *of.indications)),
            "programme": (question.programme or ANY, (ANY, *(product.name for product in of.named))),
        }
    for name, (said, known) in asked.items():
        if said not in known:
            return f"names {name} {said}, which this world has not{did_you_mean(said, known) or ''}"
    return ""


def month_of(events: Events, question: Question, of: Setting) -> float:
    """The calendar month in which what is asked comes; infinite if never within the span."""
    months = new_months(events, question, of)
    month = float(months[question.kth - 1]) if len(months) >= question.kth else np.inf
    if question.before is None:
        return month
    other = new_months(events, question.model_copy(update={"bloc": question.before, "before": None}), of)
    rival = float(other[0]) if len(other) else np.inf
    return month if month < rival else np.inf


def bloc_rows(of: Setting) -> npt.NDArray[np.int64]:
    """The place of its bloc for each jurisdiction."""
    rows = np.zeros(len(of.places), np.int64)
    for number, there in enumerate(of.blocs.values()):
        rows[list(there)] = number
    return rows


class Left:
    """What is kept of races for the questions of what is left; `questions`: further ones, by name."""

    def __init__(
        self, of: Setting, questions: Mapping[str, Question], counted: Mapping[str, Sequence[Asked]] | None = None
    ) -> None:
        """`counted`: by name a count of each race, less another where there are two."""
        self.setting, self.counted = of, dict(counted or {})
        self._counted: list[list[float]] = []
        self.asked: dict[str, Question] = dict(questions)
        for key, (_, spec) in ASKED.items():
            for bloc in of.blocs:
                self.asked[f"{key}>{bloc}"] = Question(**spec, bloc=bloc)
        for indication in of.indications:
            for bloc in of.blocs:
                spec = {**ASKED[BY_INDICATION][1], "indication": indication, "bloc": bloc}
                self.asked[f"{BY_INDICATION}.{indication}>{bloc}"] = Question(**spec)
        self.counts: list[float] = []  # how often each race stands in the sample
        self._months: list[list[float]] = []
        self._products: list[Amounts] = []
        self._paces: list[Amounts] = []
        self._sales: list[Amounts] = []
        self._courses: list[Amounts] = []

    def add(self, race: RaceResult, count: float) -> None:
        """Take the next race."""
        of = self.setting
        self.counts.append(count)
        self._months.append([month_of(race.events, question, of) for question in self.asked.values()])
        block = Block([told(race)])
        numbers = [[_number(fact, block) for fact in facts] for facts in self.counted.values()]
        self._counted.append([whole - sum(before) for whole, *before in numbers])
        self._products.append(products_by_year(race.events, of))
        self._paces.append(paces(race.events, of))
        self._courses.append(courses(race.events, of.named, len(of.places)))
        rows = of.ticks_per_month * np.arange(1, of.months + 1) - 1
        ends = rows[::-1][::YEAR_MONTHS][::-1]
        self._sales.append(yearly_sales(race.monthly, ends, of.blocs).astype(np.float64))

    def months(self) -> dict[str, Amounts]:
        """By question, the calendar month of each race."""
        table = np.array(self._months, np.float64).reshape(len(self._months), len(self.asked))
        return {name: table[:, i] for i, name in enumerate(self.asked)}

    def counts_of(self) -> dict[str, Amounts]:
        """By name, the count of each race."""
        table = np.array(self._counted, np.float64).reshape(len(self._counted), len(self.counted))
        return {name: table[:, i] for i, name in enumerate(self.counted)}

    def products(self) -> Amounts:
        """Products approved somewhere by the end of each year of `years`: shape (races, years, blocs)."""
        return np.array(self._products)

    def paces(self) -> Amounts:
        """Programmes that came so far, and that could have: shape (races, 2, paces, blocs)."""
        return np.array(self._paces)

    def courses(self) -> Amounts:
        """Months in the course of named products: shape (races, `Setting.named`, `course.WAYS`)."""
        return np.array(self._courses)

    def sales(self) -> Amounts:
        """Sales in each year, the last ending with the span: shape (races, `durable.SALES`, years, blocs)."""
        return np.array(self._sales)


def counted(resolved: Resolved, history: History, by: str, of: CountQuestion, seed: int) -> list[Asked]:
    """What to count of a race, seen through the registry of a history: up to a month, and what to take off it."""
    facts = [
        Fact(month, "", of.what, month, 0.0, of.region, of.cells, "D", (), of.lane)
        for month in (by, of.after) if month is not None
    ]  # fmt: skip
    found = [asked(resolved, history, fact, seed) for fact in facts]
    return [fact for fact in found if fact is not None]


def _number(of: Asked, race: Block) -> float:
    """What a race says of something that is counted, or of a date: in years, at the latest the end of its month."""
    number = float(MEASURES[of.fact.what](of, race)[0])
    return min(number, calendar_month(of.fact.by) + 1) / YEAR_MONTHS if of.fact.kind.is_month else number


def years(of: Setting) -> range:
    """The calendar years of the span."""
    return range(of.start_month // YEAR_MONTHS, of.last_month // YEAR_MONTHS + 1)


def products_by_year(events: Events, of: Setting) -> Amounts:
    """Reprogrammed products approved somewhere by the end of each year, by bloc of their developer."""
    everywhere = Setting(of.places, of.blocs, of.indications, 0, of.start_month, of.months, of.ticks_per_month)
    ends = np.array([12 * year + 11 for year in years(of)], np.float64)
    counts = []
    for bloc in of.blocs:
        months = new_months(events, Question(milestone="approval", bloc=bloc), everywhere)
        counts.append(np.searchsorted(months, ends, side="right"))
    return np.array(counts, np.float64).T


def paces(events: Events, of: Setting) -> Amounts:
    """Of the reprogrammed programmes that begin after the as-of month and soon enough to be seen: how many come so far.

    Shape (2, `PACES`, blocs): those that do, and all.
    """
    ours = events[(events["programme"] >= 0) & (events["cell_source"] == m.REPROGRAMMED)]
    bloc_of = bloc_rows(of)
    size = int(ours["programme"].max(initial=-1)) + 1
    started = _firsts(ours, (m.PROGRAMME_STARTED,), size)
    home = np.zeros(size, np.int64)
    home[ours["programme"]] = bloc_of[ours["home"]]
    found = np.zeros((2, len(PACES), len(of.blocs)))
    for i, (_, milestone, within) in enumerate(PACES.values()):
        in_time = _firsts(ours, NAMED[milestone], size) <= started + within
        seen = (started > of.as_of) & (started + within <= of.last_month)
        for b in range(len(of.blocs)):
            mine = seen & (home == b)
            found[:, i, b] = np.sum(mine & in_time), np.sum(mine)
    return found


def _firsts(events: Events, kinds: Sequence[int], size: int) -> Amounts:
    """First month of some milestones of each programme, infinite if never."""
    firsts = np.full(size, np.inf)
    there = events[np.isin(events["milestone"], kinds)]
    np.minimum.at(firsts, there["programme"], there["month"].astype(np.float64))
    return firsts


__all__ = ["ASKED", "PACES", "SALES", "Left", "Setting", "counted", "month_of", "new_months", "years"]
