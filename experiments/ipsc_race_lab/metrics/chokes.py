"""What chokes a race: desks, plants and supplies before which more stands than they can take, by name.

A capacity is set for a trade of some size. In a larger one it decides the race unseen, so a run says where that is so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ipsc_race.ensemble import RaceResult

PACES: dict[str, str] = {  # column of the monthly series: who works at that share of full speed
    "lane_pace": "review of hospital studies",
    "ind_pace": "review of INDs",
    "approval_pace": "review of filings",
    "plant_pace": "making of doses",
}
SLOW_PACE = 0.5  # half of full speed or less is slow
TOLD_MONTHS_SHARE = 0.05  # of all months of all races; less is a bad year, not a choke


class Chokes:
    """Months in which each desk of each jurisdiction was slow, over the races seen so far."""

    def __init__(self, jurisdictions: Sequence[str]) -> None:
        self._jurisdictions = tuple(jurisdictions)
        self._slow = np.zeros((len(PACES), len(self._jurisdictions)))
        self._months = 0

    def add(self, result: RaceResult) -> None:
        """Take the next race."""
        self._slow += np.array([(result.monthly[pace] <= SLOW_PACE).sum(axis=0) for pace in PACES])
        self._months += len(result.monthly)

    def block(self) -> list[dict[str, Any]]:
        """The slow ones, the slowest first, each with the share of months in which it was."""
        shares = self._slow / max(self._months, 1)
        chokes = [
            {"jurisdiction": place, "desk": pace, "slow_months_share": float(shares[row, column])}
            for row, pace in enumerate(PACES)
            for column, place in enumerate(self._jurisdictions)
            if shares[row, column] > TOLD_MONTHS_SHARE
        ]
        return sorted(chokes, key=lambda choke: -choke["slow_months_share"])


def lines(chokes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is slow, in words; nothing where nothing is."""
    if not chokes:
        return []
    head = "Choked: more stands here than can be taken, so its capacity decides; widen it, or read results with care"
    return [
        head,
        *(
            f"  {choke['jurisdiction']}: {PACES[choke['desk']]} at half its pace or less"
            f" in {choke['slow_months_share']:.0%} of months"
            for choke in chokes
        ),
    ]
