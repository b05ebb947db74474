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
    """The races of the last wave of a calibration: their points, what they came to, and how they were drawn.

    `first`: the number of the first of them; `levels`: (races, factors), see `posterior.on_unit`; `rows`: (races,),
    records of `histories.HistoryRacer`; `drawn_with`: (races,), the log density of each point relative to the prior.
    `told`: the races of the waves before.
    """

    first: int
    levels: Levels
    rows: Array
    drawn_with: Amounts
    record: OnRecord
    rates: mathematics.Rates | None
    told: Array


def weights(of: Calibrated) -> Amounts:
    """The weight of each race in the posterior, adding to one."""
    simulated, joint = compared(of)
    return mathematics.posterior(simulated, joint, of.drawn_with)


def compared(of: Calibrated) -> tuple[Amounts, mathematics.Record]:
    """The numbers of the races, facts and expected rates side by side, and the record that they are held against."""
    record = of.record
    simulated: Any = record.simulated(of.rows)
    if of.rates is None:
        return simulated, record.facts
    return np.hstack([simulated, of.rates.expected(on_unit(of.levels))]), record.facts + of.rates.published
