"""Who leads: one rule for every question, over any number of blocs.

A bloc leads another clearly if it is ahead in more than 55 of 100 races, a tie counting half; from 45 to 55 nobody
does. Of the 95% interval of the chance that one is ahead of another:

- a bloc *leads* where its interval against each rival lies above 55%;
- there is *no clear leader* where every bloc has a rival against which its interval lies at or below 55%; of two blocs,
  where the interval lies within 45% to 55%;
- the evidence is *insufficient* where the interval holds both: more races would tell.

Just one of the three holds, always. Narrower intervals within the first ones can only turn the last into one of the
others, so that more races take back no verdict; to test a chance against 50% alone would make a leader of any chance if
only there were races enough. A bloc is called leader where it is none in at most 2.5% of cases, as all of its intervals
must err at once; no clear leader where there is one, in at most 2.5% for each rival. Few races cannot show that nobody
leads: of two blocs that takes about 400.
Source: Schuirmann 1987, J Pharmacokinet Biopharm 15:657-680 (equivalence by an interval within bounds); Berger 1982,
Technometrics 24:295-300 (all of several intervals).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

CLEAR_SHARE = 0.55  # of races, a tie counting half
NO_CLEAR_LEADER = "no clear leader"
INSUFFICIENT = "insufficient evidence"
NO_RIVAL = "no rival"

Row = Mapping[str, Any]  # low and high of a chance; neither a number where the races do not give them


def verdict(blocs: Sequence[str], chances: Mapping[str, Row]) -> str:
    """The bloc that leads, or one of the words above; `chances` by `one>other` for every ordered pair of blocs."""
    if len(blocs) < 2:
        return NO_RIVAL
    rivals = {one: [_ends(chances[f"{one}>{other}"]) for other in blocs if other != one] for one in blocs}
    for one, ends in rivals.items():
        if all(low > CLEAR_SHARE for low, _ in ends):
            return one
    if all(any(high <= CLEAR_SHARE for _, high in ends) for ends in rivals.values()):
        return NO_CLEAR_LEADER
    return INSUFFICIENT


def verdict_of_two(one: str, other: str, chance: Row) -> str:
    """The verdict between two blocs alone, from the chance that `one` is ahead."""
    low, high = _ends(chance)
    return verdict((one, other), {f"{one}>{other}": chance, f"{other}>{one}": {"low": 1 - high, "high": 1 - low}})


def turns(here: str, there: str) -> bool:
    """Whether one verdict is the contrary of another: to have evidence for one and none for the other is no turn."""
    return here != there and INSUFFICIENT not in (here, there)


def _ends(chance: Row) -> tuple[float, float]:
    """The interval; all there can be where the races give none."""
    low, high = chance["low"], chance["high"]
    return (0.0, 1.0) if low is None or isnan(low) else (low, high)
