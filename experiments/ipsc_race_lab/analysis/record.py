"""The baseline's trials and gates beside what is on record: phases skipped, waits, harms, success by phase.

`Record` takes races one at a time and keeps the first month of each milestone of each programme in each jurisdiction;
`measures` says what they come to. `facts` sets them beside the record, `docs/figures/record.json` keeps them for
`docs/evidence.md`. A measure of programmes pools the races; one of races has their median and central 80%.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race import milestones as m
from ipsc_race.policy import calendar_month

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult
    from ipsc_race.loading import Resolved

Floats = npt.NDArray[np.float64]
PHASES = (m.PHASE_1_STARTED, m.PHASE_2_STARTED, m.PHASE_3_STARTED)
TRIALS = (m.HOSPITAL_STUDY_OPENED, *PHASES, m.CONFIRMATION_STARTED)
RESOLVED_BY = "2032-01"  # trials started later may be cut off by the horizon
FORECAST_FROM = "2026-06"  # the last month on record
HARMS_TO = "2024-12"  # the last month of the count of harms


class Measure(NamedTuple):
    """A measure of races: its value, or median with the central 80%; `total` of what it rests on."""

    value: float
    low: float | None
    high: float | None
    total: int


@dataclass(frozen=True)
class Fact:
    """What is on record for a measure. `least` and `most` bound what a model may say; None where nothing binds."""

    measure: str
    title: str
    unit: str
    recorded: str
    least: float | None
    most: float | None
    source: str


FACTS: tuple[Fact, ...] = (
    Fact("skips.us", "US products in a Phase 3 at home that ran no Phase 2 there", "share",
         "3 of 3 Western products in a Phase 3 by mid-2026", 0.1, 1.0, "programmes-2026"),
    Fact("skips.china", "Chinese products in a Phase 3 at home that ran no Phase 2 there", "share",
         "no Chinese iPSC product in a Phase 3 by mid-2026", None, None, "programmes-2026"),
    Fact("first_patient_to_phase_3.us", "First patient to Phase 3 of those US products", "months",
         "51 (bemdaneprocel)", 40, 65, "programmes-2026"),
    Fact("first_patient_to_home_approval.us", "First patient to a home approval, US products", "months",
         "126 from Phase 1 (all drugs, 2011-20)", None, None, "bio-2021"),
    Fact("first_patient_to_home_approval.japan", "First patient to a home approval, Japanese products", "months",
         "73 and 89", None, None, "jp-reviews-2026"),
    Fact("bridging", "Chinese products in American trials whose first there was a Phase 2 or 3", "share",
         "1 of 2 seen by mid-2026", 0.02, 1.0, "hopstem-2026"),
    Fact("joined.us", "US Phase 2 and 3 trials joined to the phase before", "share",
         "about 10 of 36 programmes run a Phase 1/2 or 1/2/3", 0.1, 0.6, "programmes-2026"),
    Fact("ind_to_first_patient.china", "IND to first patient, China", "months", "2.3, 2.5, 4.5, 5", 2.3, 5,
         "programmes-2026"),
    Fact("ind_to_first_patient.us", "IND to first patient, United States", "months", "8, 20", 5, 10, "programmes-2026"),
    Fact("ind_to_first_patient.japan", "IND to first patient, Japan", "months", "2 to 3", 2, 4, "programmes-2026"),
    Fact("western_approvals_without_local_patients.japan", "Western approvals in Japan without a trial there", "share",
         "none", 0.0, 0.05, "jp-reviews-2026"),
    Fact("western_conditional_by_2026.japan", "Western approvals in Japan by mid-2026", "a race", "0", None, None,
         "jp-reviews-2026"),
    Fact("fda_inds_of_chinese", "INDs of Chinese sponsors at the FDA by mid-2026", "a race", "at least 5", 5, 5,
         "programmes-2026"),
    Fact("serious_harms", "Serious product-related harms by end-2024, of trial patients", "share",
         "0 of over 1,200; at most 0.0025 (rule of three)", 0.0, 0.0025, "kirkeby-2025"),
    Fact("accrual_failures", "Trials that stopped looking for patients before they were full", "share",
         "481 of 2,579 (0.19)", 0.10, 0.30, "carlisle-2015"),
    Fact("success.phase_1", "Success of Phase 1, US products", "share",
         "0.52 (0.433 to 0.716 by disease)", 0.433, 0.716, "bio-2021"),
    Fact("success.phase_2", "Success of Phase 2, US products", "share", "0.29 (0.21 to 0.481 by disease)", 0.21, 0.481,
         "bio-2021"),
    Fact("success.phase_3", "Success of Phase 3 to filing, US products", "share", "0.58 (0.477 to 0.768 by disease)",
         0.477, 0.768, "bio-2021"),
    Fact("success.filing", "Success of filing, in the end, US products", "share", "0.91 (0.825 to 0.941 by disease)",
         0.825, 0.941, "bio-2021"),
    Fact("likelihood_of_approval", "Likelihood of approval from Phase 1, US products", "share",
         "0.080 (0.057 to 0.111), cell and gene therapy outside oncology", 0.057, 0.111, "elsallab-2025"),
    Fact("conditional.us", "US approvals that come on condition", "share", "accelerated approval: some 10 to 30%", None,
         None, "accelerated-2024"),
)  # fmt: skip


class Record:
    """What races did with trials and gates; the blocs' names are those of the baseline."""

    def __init__(self, resolved: Resolved) -> None:
        self._places = {name: row for row, name in enumerate(resolved.jurisdictions)}
        steps = resolved.ticks // resolved.months
        self._last_known = (calendar_month(HARMS_TO) - resolved.epochs[0].month + 1) * steps - 1
        self._pools: dict[str, list[Floats]] = {}
        self._races: dict[str, list[float]] = {}
        self._shares: dict[str, list[tuple[float, float]]] = {}

    def add(self, result: RaceResult) -> None:
        """Take the next race."""
        firsts, homes = first_months(result)
        china, us, japan = (self._places[name] for name in ("china", "us", "japan"))
        for name in ("us", "china"):
            self._add_skips(name, firsts, homes)
        for name in ("us", "japan"):
            own = firsts[homes == self._places[name], self._places[name]]
            first = _first_patient(firsts)[homes == self._places[name]]
            self._pool(f"first_patient_to_home_approval.{name}", _approval(own) - first)
        for name in ("china", "us", "japan"):
            self._add_waits(name, firsts, homes)
        self._add_bridging(firsts[homes == china, us])
        self._add_japan(firsts[(homes != china) & (homes != japan), japan])
        inds = firsts[homes == china, us, m.IND_FILED] <= calendar_month(FORECAST_FROM)
        self._races.setdefault("fda_inds_of_chinese", []).append(float(inds.sum()))
        self._add_counts(result)
        self._add_success(firsts[homes == us, us])

    def measures(self) -> dict[str, Measure]:
        """Every measure by name."""
        found = {name: _spread(np.concatenate(parts)) for name, parts in self._pools.items()}
        found |= {name: _spread(np.array(values)) for name, values in self._races.items()}
        for name, pairs in self._shares.items():
            top, bottom = np.array(pairs).sum(axis=0)
            found[name] = Measure(float(top / bottom) if bottom else float("nan"), None, None, int(bottom))
        return found

    def _pool(self, name: str, values: Floats) -> None:
        self._pools.setdefault(name, []).append(values[np.isfinite(values)])

    def _share(self, name: str, hits: npt.NDArray[Any]) -> None:
        self._shares.setdefault(name, []).append((float(hits.sum()), float(hits.size)))

    def _add_skips(self, name: str, firsts: Floats, homes: npt.NDArray[Any]) -> None:
        at_home = firsts[homes == self._places[name], self._places[name]]
        in_third = np.isfinite(at_home[:, m.PHASE_3_STARTED])
        skipped = in_third & ~np.isfinite(at_home[:, m.PHASE_2_STARTED])
        self._share(f"skips.{name}", skipped[in_third])
        first = _first_patient(firsts)[homes == self._places[name]]
        self._pool(f"first_patient_to_phase_3.{name}", (at_home[:, m.PHASE_3_STARTED] - first)[skipped])

    def _add_waits(self, name: str, firsts: Floats, homes: npt.NDArray[Any]) -> None:
        at_home = firsts[homes == self._places[name], self._places[name]]
        wait = at_home[:, m.FIRST_IN_HUMAN] - at_home[:, m.IND_CLEARED]
        self._pool(f"ind_to_first_patient.{name}", wait[wait >= 0])  # whom hospitals dosed first waited for no IND

    def _add_bridging(self, abroad: Floats) -> None:
        tried = np.isfinite(abroad[:, PHASES]).any(axis=1)
        later = tried & ~np.isfinite(abroad[:, m.PHASE_1_STARTED])
        self._share("bridging", later[tried])

    def _add_japan(self, abroad: Floats) -> None:
        granted = np.isfinite(_approval(abroad))
        local = np.isfinite(abroad[:, PHASES]).any(axis=1)
        self._share("western_approvals_without_local_patients.japan", ~local[granted])
        by_now = float((_approval(abroad) <= calendar_month(FORECAST_FROM)).sum())
        self._shares.setdefault("western_conditional_by_2026.japan", []).append((by_now, 1.0))

    def _add_counts(self, result: RaceResult) -> None:
        ending = result.monthly[self._last_known]
        harms, patients = float(ending["patients_harmed"].sum()), float(ending["patients_enrolled"].sum())
        self._shares.setdefault("serious_harms", []).append((harms, patients))
        kinds = result.events["milestone"]
        failed = float((kinds == m.ACCRUAL_FAILED).sum())
        self._shares.setdefault("accrual_failures", []).append((failed, float(np.isin(kinds, TRIALS).sum())))
        us = (result.events["home"] == self._places["us"]) & (result.events["jurisdiction"] == self._places["us"])
        later = us & np.isin(kinds, (m.PHASE_2_STARTED, m.PHASE_3_STARTED))
        self._shares.setdefault("joined.us", []).append(
            (float((us & (kinds == m.PHASES_JOINED)).sum()), float(later.sum()))
        )

    def _add_success(self, at_home: Floats) -> None:
        limit = calendar_month(RESOLVED_BY)
        started = [at_home[:, phase] < limit for phase in PHASES]
        on = [np.isfinite(at_home[:, phase]) for phase in (*PHASES, m.FILED)]
        granted = np.isfinite(_approval(at_home))
        self._share("success.phase_1", (on[1] | on[2] | on[3])[started[0]])
        self._share("success.phase_2", (on[2] | on[3])[started[1]])
        self._share("success.phase_3", on[3][started[2]])
        self._share("success.filing", granted[at_home[:, m.FILED] < limit + 60])
        self._share("likelihood_of_approval", granted[started[0]])
        self._share("conditional.us", np.isfinite(at_home[:, m.CONDITIONALLY_APPROVED])[granted])


def first_months(result: RaceResult) -> tuple[Floats, npt.NDArray[np.int64]]:
    """First month of each milestone, shape (programmes, jurisdictions, milestones), not a number if never; homes."""
    events = result.events[result.events["programme"] >= 0]
    programmes = int(events["programme"].max(initial=-1)) + 1
    firsts = np.full((programmes, result.monthly.shape[1], max(m.MILESTONES) + 1), np.inf)
    where = (events["programme"], events["jurisdiction"], events["milestone"])
    np.minimum.at(firsts, where, events["month"].astype(np.float64))
    homes = np.zeros(programmes, np.int64)
    homes[events["programme"]] = events["home"]
    return np.where(np.isinf(firsts), np.nan, firsts), homes


def facts(measures: dict[str, Measure]) -> Iterable[tuple[Fact, Measure, bool]]:
    """Each fact with its measure, and whether the measure is where it may be."""
    for fact in FACTS:
        measure = measures[fact.measure]
        yield fact, measure, holds(fact, measure)


def holds(fact: Fact, measure: Measure) -> bool:
    """Whether a measure lies within the bounds of a fact; of one number, whether the central 80% of races hold it."""
    if fact.least is None or fact.most is None:
        return True
    if fact.least == fact.most and measure.low is not None and measure.high is not None:
        return bool(measure.low <= fact.least <= measure.high)
    return bool(fact.least <= measure.value <= fact.most)


def _first_patient(firsts: Floats) -> Floats:
    """Month of the first patient of each programme, anywhere."""
    months = np.where(np.isnan(firsts[:, :, m.FIRST_IN_HUMAN]), np.inf, firsts[:, :, m.FIRST_IN_HUMAN]).min(axis=1)
    return np.where(np.isinf(months), np.nan, months)


def _approval(places: Floats) -> Floats:
    """Month of the first approval of either kind."""
    return np.fmin(places[..., m.CONDITIONALLY_APPROVED], places[..., m.APPROVED])


def _spread(values: Floats) -> Measure:
    if len(values) == 0:
        return Measure(float("nan"), None, None, 0)
    low, median, high = np.quantile(values, (0.1, 0.5, 0.9))
    return Measure(float(median), float(low), float(high), len(values))
