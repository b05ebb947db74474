"""The measures of a world's trials and gates that are held against targets: waits, harms, holds, success by phase.

`Record` takes races one at a time and keeps the first month of each milestone of each programme in each jurisdiction;
`measures` says what they come to. `analysis.targets` sets them beside the record, `docs/figures/record.json` keeps them
for `docs/evidence.md`. A measure of programmes pools the races; one of races has their median and central 80%.
"""

from __future__ import annotations

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
SUM, NUMBER = ":sum", ":number"  # of a rate race by race: names of its two columns


class Measure(NamedTuple):
    """A measure of races: its value, or median with the central 80%; `total` of what it rests on."""

    value: float
    low: float | None
    high: float | None
    total: int


MEASURES: dict[str, str] = {  # by name, with unit
    "skips.us": "share",
    "skips.china": "share",
    "first_patient_to_phase_3.us": "months",
    "first_patient_to_phase_3.china": "months",
    "first_patient_to_home_approval.us": "months",
    "first_patient_to_home_approval.japan": "months",
    "bridging": "share",
    "joined.us": "share",
    "ind_to_first_patient.china": "months",
    "ind_to_first_patient.us": "months",
    "ind_to_first_patient.japan": "months",
    "western_approvals_without_local_patients.japan": "share",
    "western_conditional_by_2026.japan": "a race",
    "fda_inds_of_chinese": "a race",
    "serious_harms": "share",
    "accrual_failures": "share",
    "success.phase_1": "share",
    "success.phase_2": "share",
    "success.phase_3": "share",
    "success.filing": "share",
    "likelihood_of_approval": "share",
    "conditional.us": "share",
    "duration.phase_1": "mean months",
    "duration.phase_2": "mean months",
    "duration.phase_3": "mean months",
    "duration.review": "mean months",
    "holds.of_inds.us": "share",
    "holds.of_inds.china": "share",
    "holds.lifted": "share",
    "holds.months": "mean months",
    "conversions.us": "share",
    "withdrawals.us": "share",
    "months_to_conversion.us": "months",
    "months_to_withdrawal.us": "months",
}


class Record:
    """What races did with trials and gates; the blocs' names are those of the baseline."""

    def __init__(self, resolved: Resolved, resolved_by: str = RESOLVED_BY) -> None:
        """`resolved_by`: the month from which on what began may be cut off by the end of the races."""
        self._resolved_by = calendar_month(resolved_by)
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
        self._add_durations(firsts[homes == us, us])
        for name in ("us", "china"):
            self._add_ind_holds(name, firsts[:, self._places[name]])
        self._add_holds(firsts[:, us])
        self._add_conditions(firsts[:, us])

    def measures(self) -> dict[str, Measure]:
        """Every measure by name."""
        spreads = {name: _spread(np.concatenate(parts)) for name, parts in self._pools.items()}
        spreads |= {name: _spread(np.array(values)) for name, values in self._races.items()}
        for name, pairs in self._shares.items():
            top, bottom = np.array(pairs).sum(axis=0)
            spreads[name] = Measure(float(top / bottom) if bottom else float("nan"), None, None, int(bottom))
        return spreads

    def race_by_race(self) -> dict[str, Floats]:
        """What each race adds to the measures that are ratios of sums or counts of a race.

        Shape (races, 2) each: a sum, and the number that it is a sum over; of a count of a race, that and 1.
        """
        counts = {name: [(value, 1.0) for value in values] for name, values in self._races.items()}
        return {name: np.array(pairs, np.float64) for name, pairs in {**self._shares, **counts}.items()}

    def _pool(self, name: str, values: Floats) -> None:
        self._pools.setdefault(name, []).append(values[np.isfinite(values)])

    def _share(self, name: str, hits: npt.NDArray[Any]) -> None:
        self._shares.setdefault(name, []).append((float(hits.sum()), float(hits.size)))

    def _mean(self, name: str, values: Floats) -> None:
        known = values[np.isfinite(values)]
        self._shares.setdefault(name, []).append((float(known.sum()), float(known.size)))

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
        limit = self._resolved_by
        started = [at_home[:, phase] < limit for phase in PHASES]
        on = [np.isfinite(at_home[:, phase]) for phase in (*PHASES, m.FILED)]
        granted = np.isfinite(_approval(at_home))
        self._share("success.phase_1", (on[1] | on[2] | on[3])[started[0]])
        self._share("success.phase_2", (on[2] | on[3])[started[1]])
        self._share("success.phase_3", on[3][started[2]])
        self._share("success.filing", granted[at_home[:, m.FILED] < limit + 60])
        self._share("likelihood_of_approval", granted[started[0]])
        self._share("conditional.us", np.isfinite(at_home[:, m.CONDITIONALLY_APPROVED])[granted])

    def _add_durations(self, at_home: Floats) -> None:
        first, second, third = (at_home[:, phase] for phase in PHASES)
        after_first = np.fmin(np.fmin(second, third), at_home[:, m.FILED])
        self._mean("duration.phase_1", after_first - first)
        self._mean("duration.phase_2", np.fmin(third, at_home[:, m.FILED]) - second)
        self._mean("duration.phase_3", at_home[:, m.FILED] - third)
        self._mean("duration.review", _approval(at_home) - at_home[:, m.FILED])

    def _add_ind_holds(self, name: str, there: Floats) -> None:
        filed = np.isfinite(there[:, m.IND_FILED])
        held, cleared = (there[filed, kind] for kind in (m.HOLD_PLACED, m.IND_CLEARED))
        self._share(f"holds.of_inds.{name}", np.isfinite(held) & ~(cleared < held))

    def _add_holds(self, there: Floats) -> None:
        placed = there[:, m.HOLD_PLACED]
        lifted = there[:, m.HOLD_LIFTED] - placed
        self._share("holds.lifted", np.isfinite(lifted)[placed < self._resolved_by])
        self._mean("holds.months", lifted)

    def _add_conditions(self, there: Floats) -> None:
        granted = there[:, m.CONDITIONALLY_APPROVED]
        in_time = granted < self._resolved_by
        met, gone = (there[:, kind] - granted for kind in (m.CONFIRMATION_MET, m.WITHDRAWN))
        decided = np.isfinite(met) | np.isfinite(gone)
        self._share("conversions.us", np.isfinite(met)[in_time & decided])
        self._share("withdrawals.us", np.isfinite(gone)[in_time])
        self._pool("months_to_conversion.us", met)
        self._pool("months_to_withdrawal.us", gone)


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
