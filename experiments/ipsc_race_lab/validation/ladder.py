"""The ladder: every rung by its id, in order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ipsc_race.tree import did_you_mean
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.validation import (
    accrual,
    coupling,
    duels,
    extremes,
    history,
    market,
    phases,
    recovery,
    symmetry,
    three_ways,
)
from ipsc_race_lab.validation.rung import Rung

FAMILIES = (phases, duels, accrual, market, symmetry, extremes, coupling, recovery, three_ways, history)


def _place(rung: Rung) -> tuple[bool, int, str]:
    """Closed forms and properties before history, each by number."""
    match = re.fullmatch(r"([VH])(\d+)(.*)", rung.id)
    assert match is not None, rung.id
    return match[1] == "H", int(match[2]), match[3]


LADDER: dict[str, Rung] = {
    rung.id: rung for rung in sorted((rung for family in FAMILIES for rung in family.RUNGS), key=_place)
}


def rungs(only: Sequence[str], *, full: bool) -> tuple[list[Rung], list[Rung]]:
    """The rungs to climb, and those left out as long; what is named is climbed. Raises LabError for unknown ids."""
    unknown = [name for name in only if name not in LADDER]
    if unknown:
        those = f"; the rungs are {', '.join(LADDER)}"
        raise LabError(*(f"--only {name}: is no rung{did_you_mean(name, LADDER) or those}" for name in unknown))
    chosen = [rung for rung in LADDER.values() if not only or rung.id in only]
    left = [] if full or only else [rung for rung in chosen if rung.is_long]
    return [rung for rung in chosen if rung not in left], left
