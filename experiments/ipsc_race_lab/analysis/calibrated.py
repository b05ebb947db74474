"""All races of a calibration, and the weight that each has under a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race_lab.analysis import calibration as mathematics
from ipsc_race_lab.design.posterior import on_unit

if TYPE_CHECKING:
    from ipsc_race_lab.analysis.calibration import Levels
    from ipsc_race_lab.analysis.on_record import OnRecord
    from ipsc_race_lab.estimators.weighing import Amounts
    from ipsc_race_lab.results.shards import Array


@dataclass(frozen=True)
class Calibrated:
    """All races of a calibration: their points, what they came to, and how often such points were taken.

    `levels`: (races, factors), see `calibration.on_unit`; `rows`: (races,), records of `histories.HistoryRacer`;
    `proposed_times`: (races,), how many times as often as by the prior the waves together took each point.
    """

    levels: Levels
    rows: Array
    proposed_times: Amounts
    record: OnRecord
    rates: mathematics.Rates | None
    waves: tuple[mathematics.Proposal, ...]
    first_wave: int  # races of it: drawn from the prior


def weights(of: Calibrated, record: OnRecord | None = None) -> Amounts:
    """The weight of each race in the posterior, adding to one; `record`: another than that of the calibration."""
    simulated, joint = compared(of, record or of.record)
    return mathematics.posterior(simulated, joint, of.proposed_times)


def compared(of: Calibrated, record: OnRecord) -> tuple[Amounts, mathematics.Record]:
    """The numbers of the races, facts and expected rates side by side, and the record that they are held against."""
    simulated: Any = record.simulated(of.rows)
    if of.rates is None:
        return simulated, record.facts
    return np.hstack([simulated, of.rates.expected(on_unit(of.levels))]), record.facts + of.rates.published
