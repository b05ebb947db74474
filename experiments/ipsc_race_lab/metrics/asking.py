"""Any milestone asked of finished races: when each bloc has its first, second or k-th product there.

A product counts once, at its earliest, for the bloc where its developer is at home; what happens to a company and to no
product, such as its founding, counts by company. What comes out are `FirstTimes`, so that a milestone has the same
numbers as the questions that every run answers, and by year:

- `p_reached_by`: chance that a bloc is there by the end of the year;
- `p_first_by`: chance that it is there by then and was first of all, with the others as competing causes (Aalen and
  Johansen), so that the curves end at the chances of being first;
- `number_in`: how often it happens in the year, mean of races; every time counts, in every place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ipsc_race.milestones import APPROVED, CONDITIONALLY_APPROVED, MILESTONES
from ipsc_race_lab.estimators import intervals
from ipsc_race_lab.estimators.incidence import first_of
from ipsc_race_lab.estimators.intervals import Estimate
from ipsc_race_lab.metrics.questions import FirstTimes, answer

Integers = npt.NDArray[np.int64]
YEAR_MONTHS = 12

NAMED: dict[str, tuple[int, ...]] = {
    "approval": (CONDITIONALLY_APPROVED, APPROVED),  # whichever comes first; each also has a name of its own
    **{name: (number,) for number, name in MILESTONES.items()},
}


@dataclass(frozen=True)
class Happened:
    """Milestones of races, one a row: arrays of the same length.

    `run`; `month` from the start of the span; `milestone`: its number; `product`: equal for the same product of a race,
    or for the same company; `bloc` and `indication`: columns of the names, -1 for none; `at_home`: whether it happened
    where the developer is at home. `races`: how many there are, those without any row too.
    """

    run: Integers
    month: Integers
    milestone: Integers
    product: Integers
    bloc: Integers
    indication: Integers
    at_home: npt.NDArray[np.bool_]
    races: int
    blocs: tuple[str, ...]
    indications: tuple[str, ...]
    start_month: int
    horizon_months: int

    def where(self, chosen: npt.NDArray[np.bool_]) -> Happened:
        """The chosen rows."""
        columns = ("run", "month", "milestone", "product", "bloc", "indication", "at_home")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    def of(self, name: str) -> Happened:
        """The rows of a milestone by its name in `NAMED`."""
        return self.where(np.isin(self.milestone, NAMED[name]) & (self.bloc >= 0))

    def by_indication(self) -> Iterator[tuple[str, Happened]]:
        """The rows of each indication."""
        for number, name in enumerate(self.indications):
            yield name, self.where(self.indication == number)


def kth_times(happened: Happened, kth: int = 1, name: str = "") -> FirstTimes:
    """When each bloc has its k-th product among these rows, by race."""
    group = happened.run * len(happened.blocs) + happened.bloc
    order = np.lexsort((happened.month, happened.product, group))
    group, product, month = group[order], happened.product[order], happened.month[order]
    earliest = np.ones(len(group), np.bool_)
    earliest[1:] = (group[1:] != group[:-1]) | (product[1:] != product[:-1])
    group, month = group[earliest], month[earliest]
    order = np.lexsort((month, group))
    group, month = group[order], month[order]
    rank = np.arange(len(group)) - np.searchsorted(group, group)  # among the products of its bloc and race
    months = np.full(happened.races * len(happened.blocs), np.inf)
    months[group[rank == kth - 1]] = month[rank == kth - 1]
    shape = (happened.races, len(happened.blocs))
    return FirstTimes(name, happened.blocs, months.reshape(shape), float(happened.horizon_months), happened.start_month)


def year_ends(start_month: int, horizon_months: float) -> dict[int, float]:
    """Months from the start of the span to the end of each calendar year in it; of the last to the end of the span."""
    years = range(start_month // YEAR_MONTHS, (start_month + int(horizon_months) - 1) // YEAR_MONTHS + 1)
    return {year: min((year + 1) * YEAR_MONTHS - start_month, horizon_months) for year in years}


def p_reached_by(times: FirstTimes) -> dict[int, dict[str, Estimate]]:
    """By year and bloc: the chance of being there by the end of the year."""
    return {
        year: {
            bloc: intervals.wilson(float(np.sum(times.months[:, i] < end)), len(times.months))
            for i, bloc in enumerate(times.blocs)
        }
        for year, end in year_ends(times.start_month, times.horizon_months).items()
    }


def p_first_by(times: FirstTimes) -> dict[int, dict[str, Estimate]]:
    """By year and bloc: the chance of being there by the end of the year, before all others."""
    curve = first_of(times.months, times.horizon_months)
    return {
        year: {
            bloc: Estimate(*(float(of[i, int(end) - 1]) for of in (curve.share, curve.low, curve.high)))
            for i, bloc in enumerate(times.blocs)
        }
        for year, end in year_ends(times.start_month, times.horizon_months).items()
    }


def number_in(happened: Happened) -> dict[int, dict[str, Estimate]]:
    """By year and bloc: how often it happens in the year, mean of races."""
    years = list(year_ends(happened.start_month, happened.horizon_months))
    shape = (happened.races, len(years), len(happened.blocs))
    year = (happened.start_month + happened.month) // YEAR_MONTHS - years[0]
    place = np.ravel_multi_index((happened.run, year, happened.bloc), shape)
    counts = np.bincount(place, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
    return {
        name: {bloc: intervals.mean_amount(counts[:, i, j]) for j, bloc in enumerate(happened.blocs)}
        for i, name in enumerate(years)
    }


def by_year(happened: Happened, kth: int = 1) -> dict[str, dict[int, dict[str, Estimate]]]:
    """All that is said of a milestone by year: estimates by number, year and bloc."""
    times = kth_times(happened, kth)
    return {"p_reached_by": p_reached_by(times), "p_first_by": p_first_by(times), "number_in": number_in(happened)}


def rows(happened: Happened, milestone: str, kth: int = 1, indication: str = "") -> list[dict[str, Any]]:
    """Every number of a milestone for tables of any kind: milestone, indication, metric, of, year and the numbers.

    `of` is a bloc, `one>other` or none; `year` is None of a number of the whole span.
    """
    whole = answer(kth_times(happened, kth, milestone))
    answers: list[tuple[str, str, int | None, Any]] = [
        (metric, of, None, numbers)
        for metric, by_bloc in whole.items()
        if metric != "title"
        for of, numbers in by_bloc.items()
    ]
    answers += [
        (metric, of, year, numbers._asdict())
        for metric, years in by_year(happened, kth).items()
        for year, by_bloc in years.items()
        for of, numbers in by_bloc.items()
    ]
    head = {"milestone": milestone, "kth": kth, "indication": indication}
    return [{**head, "metric": metric, "of": of, "year": year, **numbers} for metric, of, year, numbers in answers]
