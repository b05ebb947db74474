"""Numbers and verdicts as the notebooks tell them, made from the data, so that no text can disagree with a figure.

A row is anything with `estimate`, `low` and `high`; a number that the races do not give is None or NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ipsc_race_lab.metrics.registry import METRICS, Kind, kind_of
from ipsc_race_lab.metrics.verdicts import verdict_of_two
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import Row, format_estimate, is_known, written

SECTIONS: dict[str, tuple[str, str]] = {  # what is asked: its probability of leading, and by how much
    "A first patient": ("p_leads.first_in_human", "lead_months.first_in_human"),
    "A first approval at home": ("p_leads.first_home_approval", "lead_months.first_home_approval"),
    "A first approval anywhere": ("p_leads.first_approval_anywhere", "lead_months.first_approval_anywhere"),
    "The market by origin": ("p_leads.revenue_origin", "revenue_share.origin"),
    "The market by capture": ("p_leads.revenue_capture", "revenue_share.capture"),
}
SHORT: dict[str, str] = {name: metric.phrase for name, metric in METRICS.items()}


def bloc(name: str) -> str:
    """A bloc within a sentence: `west` as the West."""
    return f"the {readable(name)}" if name == "west" else readable(name)


def leader(who: str, blocs: Iterable[str]) -> str:
    """A verdict within a sentence: the bloc, or why there is none."""
    return bloc(who) if who in blocs else who


def amount(question: str, row: Row, signed: bool = False) -> str:
    """An answer with its interval and unit: months for a lead, percent for a probability or a share.

    `signed`: of a difference, which is in percentage points and shows its plus.
    """
    return format_estimate(row, kind_of(question), signed)


def share(row: Row) -> str:
    """A part of a whole in percent, with its interval."""
    return format_estimate(row, Kind.SHARE)


def index(row: Row) -> str:
    """An index with its interval."""
    return format_estimate(row, Kind.AMOUNT)


def months_apart(row: Row) -> str:
    """A lead in words: `33.3 months behind (32.3 to 34.4)`."""
    estimate, low, high = row["estimate"], row["low"], row["high"]
    if not differs(row):
        return f"neither ahead nor behind as far as can be told ({format_estimate(row, Kind.LEAD)})"
    ends = dict(zip(("low", "high"), sorted((abs(low), abs(high))), strict=True))
    words = [number.lstrip("+") for number in written({"estimate": abs(estimate), **ends}, Kind.LEAD)]
    return f"{words[0]} months {'ahead' if estimate > 0 else 'behind'} ({words[1]} to {words[2]})"


def verdict(chance: Row, one: str, other: str) -> str:
    """Which of two leads, or that none does clearly, or that it cannot be said; see `metrics.verdicts`."""
    who = verdict_of_two(one, other, chance)
    return f"{bloc(who)} leads" if who in (one, other) else who


def differs(row: Row) -> bool:
    """Whether nothing lies outside the interval of a difference."""
    return is_known(row["low"]) and not row["low"] <= 0 <= row["high"]


def listed(items: Iterable[str], none: str = "none") -> str:
    """`a, b and c`."""
    words = list(items)
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words) or none


def started(text: str) -> str:
    """A sentence from its words."""
    return text[:1].upper() + text[1:]


def by_question(frame: Any, **where: str) -> dict[str, Mapping[str, Any]]:
    """Rows of a pandas table by question, those with the given values in other columns."""
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return {row["question"]: row for row in records(frame)}


def records(frame: Any) -> list[dict[str, Any]]:
    """Rows of a pandas table, in order."""
    rows: list[dict[str, Any]] = frame.to_dict("records")
    return rows
