"""The course of named programmes: when each product of a roster is approved, reads a pivotal trial well, or stops.

Of a product that is approved on condition when the race begins, the approval is that in full. A Phase 3 is read well
where a filing in the same place follows it. Programmes that stand for many are not named, and are not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ipsc_race import milestones as m
from ipsc_race_lab.metrics.asking import NAMED as MILESTONES

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

Events = npt.NDArray[Any]
Amounts = npt.NDArray[np.float64]
STAGES_APPROVED = {"conditional", "approved"}  # of a campaign of the roster
WAYS = ("approval", "at_home", "phase_3", "stopped")


@dataclass(frozen=True)
class Named:
    """A product of the roster: its row among the programmes of a race, and where it stood on the first morning."""

    name: str
    label: str
    developer: str
    home: str
    indication: str
    row: int
    stages: dict[str, str]  # by place, or `hospitals` for the study at home

    @property
    def is_approved(self) -> bool:
        """Whether somebody has approved it already, on condition or in full."""
        return not STAGES_APPROVED.isdisjoint(self.stages.values())


def named(resolved: Resolved) -> tuple[Named, ...]:
    """The products of a roster that have names, in the order of their rows."""
    roster, found, row = resolved.scenario.roster, [], 0
    for name, of in sorted(roster.programmes.items()):
        developer = roster.developers[of.developer]
        if developer.copies_count == 1:
            stages = roster.programme_stages[row]
            found.append(Named(name, of.label, developer.label, developer.home, of.indication, row, stages))
        row += developer.copies_count
    return tuple(found)


def courses(events: Events, products: Sequence[Named], places: int) -> Amounts:
    """Calendar month of each of `WAYS` of each product, infinite if never: shape (products, ways)."""
    months = np.full((len(products), len(WAYS)), np.inf)
    for number, product in enumerate(products):
        own = events[events["programme"] == product.row]
        kinds = (m.APPROVED,) if product.is_approved else MILESTONES["approval"]
        granted = own[np.isin(own["milestone"], kinds)]
        months[number] = (
            _first(granted),
            _first(granted[granted["jurisdiction"] == granted["home"]]),
            min((_read_well(own[own["jurisdiction"] == place]) for place in range(places)), default=np.inf),
            _first(own[own["milestone"] == m.PROGRAMME_STOPPED]),
        )
    return months


def _read_well(there: Events) -> float:
    """Month of the last Phase 3 read in a place before its first filing there."""
    filed = _first(there[there["milestone"] == m.FILED])
    read = there["month"][(there["milestone"] == m.PHASE_3_READ_OUT) & (there["month"] <= filed)]
    return float(read.max()) if len(read) and np.isfinite(filed) else np.inf


def _first(events: Events) -> float:
    return float(events["month"].astype(np.float64).min(initial=np.inf))
