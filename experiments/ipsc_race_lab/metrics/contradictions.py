"""Facts on record that cannot both be: the same thing twice, a count that falls, a part above its whole.

Each fact is taken as wide as its spread and the discrepancy that a race may have from it; only what no reading within
both makes true is a contradiction, so that two reviews may differ as they say they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ipsc_race.policy import calendar_month
from ipsc_race_lab.metrics.history import ALL, ANY, Fact

DATES_OF = {"first_approval": "approvals"}  # of what a date is the first, where that is counted too


def contradictions(facts: Sequence[Fact]) -> list[tuple[Fact, str]]:
    """The later of each two facts that cannot both be, and why not."""
    said = ((other, _why_not(one, other) or _why_not(other, one)) for one, other in combinations(facts, 2))
    return [(fact, words) for fact, words in said if words]


def _why_not(one: Fact, other: Fact) -> str:
    """Why the second cannot be where the first is; empty where it can, or where it is for the other order to say."""
    if DATES_OF.get(one.what) == other.what and _is_part(one, other) and _is_part(other, one):
        return _uncounted(one, other)
    if one.what != other.what or one.after != other.after or not _is_part(one, other):
        return ""
    return _dates(one, other) if one.kind.is_month or one.kind.compares else _counts(one, other)


def _dates(one: Fact, other: Fact) -> str:
    """Dates, or lags between them: the same once, and the whole no later than a part."""
    told = f"is {other.recorded}, but {one.key} says {one.recorded} of"
    if _is_part(other, one):
        return f"{told} the same" if _low(one) > _high(other) or _low(other) > _high(one) else ""
    late = one.kind.is_month and _low(other) > _high(one)
    return f"{told} a part of it: no later than that" if late else ""


def _counts(one: Fact, other: Fact) -> str:
    """Counts so far: the same once a month, and never fewer later or of more."""
    same = _is_part(other, one)
    told = f"is {other.recorded}, but {one.key} says {one.recorded} of {'the same' if same else 'a part of it'}"
    if one.by <= other.by and _low(one) > _high(other):
        return f"{told} by {one.by}: no count falls"
    return f"{told} by {one.by}" if same and one.by == other.by and _low(other) > _high(one) else ""


def _uncounted(date: Fact, count: Fact) -> str:
    """Why a count cannot be with the date of the first of what it counts."""
    month = calendar_month(count.by)
    came_uncounted, counted_before = _high(count) < 1 and _high(date) <= month, _low(count) > 0 and _low(date) > month
    said = f"is {count.recorded} by {count.by}, but {date.key} says that the first came in {date.recorded}"
    return said if came_uncounted or counted_before else ""


def _is_part(one: Fact, whole: Fact) -> bool:
    """Whether all that a fact is about is what another is about, too."""
    return (
        whole.region in (one.region, ALL) and whole.cells in (one.cells, ANY) and whole.lane in (one.lane, None)
    )  # fmt: skip


def _low(fact: Fact) -> float:
    return min(_ends(fact)) - (fact.discrepancy.value if fact.discrepancy else 0.0)


def _high(fact: Fact) -> float:
    return max(_ends(fact)) + (fact.discrepancy.value if fact.discrepancy else 0.0)


def _ends(fact: Fact) -> list[float]:
    """What is recorded, and the ends of its spread."""
    told = (fact.recorded, *(fact.spread or ()))
    return [float(calendar_month(str(of)) if fact.kind.is_month else of) for of in told]
