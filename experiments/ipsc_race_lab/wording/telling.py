"""Numbers and verdicts as the notebooks tell them, made from the data, so that no text can disagree with a figure.

A row is anything with `estimate`, `low` and `high`; a number that the races do not give is None or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ipsc_race_lab.wording.names import readable

UNTOLD = "insufficient evidence"

Row = Any  # a mapping or a row of a pandas table

SECTIONS: dict[str, tuple[str, str]] = {  # what is asked: its probability of leading, and by how much
    "A first patient": ("p_leads.first_in_human", "lead_months.first_in_human"),
    "A first approval at home": ("p_leads.first_home_approval", "lead_months.first_home_approval"),
    "A first approval anywhere": ("p_leads.first_approval_anywhere", "lead_months.first_approval_anywhere"),
    "The market by origin": ("p_leads.revenue_origin", "revenue_share.origin"),
    "The market by capture": ("p_leads.revenue_capture", "revenue_share.capture"),
}
SHORT: dict[str, str] = {  # an answer within a sentence
    "p_leads.first_in_human": "the probability of leading to a first patient",
    "lead_months.first_in_human": "the lead to a first patient",
    "p_leads.first_home_approval": "the probability of leading to a first approval at home",
    "lead_months.first_home_approval": "the lead to a first approval at home",
    "p_leads.first_approval_anywhere": "the probability of leading to a first approval anywhere",
    "lead_months.first_approval_anywhere": "the lead to a first approval anywhere",
    "p_reached.first_home_approval": "the probability of an approval at home",
    "p_reached.first_approval_anywhere": "the probability of an approval anywhere",
    "p_leads.revenue_origin": "the probability of the larger revenue by origin",
    "revenue_share.origin": "the share of revenue by origin",
    "p_leads.revenue_capture": "the probability of the larger revenue by capture",
    "revenue_share.capture": "the share of revenue by capture",
}


def bloc(name: str) -> str:
    """A bloc within a sentence: `west` as the West."""
    return f"the {readable(name)}" if name == "west" else readable(name)


def is_known(number: float | None) -> bool:
    """Whether the races give this number."""
    return number is not None and not math.isnan(number)


def amount(question: str, row: Row, signed: bool = False) -> str:
    """An answer with its interval and unit: months for a lead, percent for a probability or a share.

    `signed`: of a difference, which is in percentage points and shows its plus.
    """
    if not is_known(row["estimate"]):
        return "unknown"
    is_lead = question.startswith("lead_months")
    scale, unit = (1.0, " months") if is_lead else (100.0, " points" if signed else "%")
    sign = "+" if is_lead or signed else ""
    numbers = [scale * row[key] if is_known(row[key]) else None for key in ("estimate", "low", "high")]
    digits = 2 if any(number and abs(number) < 0.05 for number in numbers) else 1  # what is not 0 should not look it
    estimate, low, high = ("" if number is None else f"{number:{sign}z.{digits}f}" for number in numbers)
    return f"{estimate}{unit} ({low} to {high})" if low and high else f"{estimate}{unit} (no interval)"


def share(row: Row) -> str:
    """A part of a whole in percent, with its interval."""
    return amount("share", row)


def index(row: Row) -> str:
    """An index with its interval."""
    numbers = [row[key] for key in ("estimate", "low", "high")]
    estimate, low, high = (f"{number:z.2f}" if is_known(number) else "" for number in numbers)
    return f"{estimate} ({low} to {high})" if low and high else f"{estimate or 'unknown'} (no interval)"


def months_apart(row: Row) -> str:
    """A lead in words: `33.3 months behind (32.3 to 34.4)`."""
    estimate, low, high = row["estimate"], row["low"], row["high"]
    if not differs(row):
        return f"neither ahead nor behind as far as can be told ({amount('lead_months', row)})"
    ends = sorted((abs(low), abs(high)))
    return f"{abs(estimate):.1f} months {'ahead' if estimate > 0 else 'behind'} ({ends[0]:.1f} to {ends[1]:.1f})"


def verdict(chance: Row, one: str, other: str) -> str:
    """Who is more likely than not to lead, or that it cannot be said: the interval holds one half."""
    if not is_known(chance["low"]) or chance["low"] <= 0.5 <= chance["high"]:
        return UNTOLD
    return f"{bloc(one if chance['estimate'] > 0.5 else other)} leads"


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
