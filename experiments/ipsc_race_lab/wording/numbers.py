"""Numbers as every output writes them: one way for an estimate with its interval, digits by the interval's width."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ipsc_race_lab.metrics.registry import Kind

LARGE = 100  # from here on a digit after the point says nothing
MAX_RATIO = 1000  # a variance ratio beyond it says no more than that
UNKNOWN, NEVER, NOT_REACHED = "unknown", "never", "not in half of the races"
UNITS = {Kind.LEAD: " months", Kind.DURATION: " months", Kind.AMOUNT: "", Kind.MONTH: ""}  # of others percent or points

Row = Mapping[str, Any]  # estimate, low and high


def format_estimate(numbers: Row | None, kind: Kind, signed: bool = False, unit: bool = True) -> str:
    """A number with its interval: percent for a chance or a share, months with their sign for a lead.

    `signed`: of a difference, which shows its plus and is in percentage points; `unit`: whether to write it.
    """
    if not numbers:
        return UNKNOWN
    estimate, low, high = written(numbers, kind, signed)
    if not estimate:
        return NOT_REACHED if kind in (Kind.MONTH, Kind.DURATION) else UNKNOWN
    words = UNITS.get(kind, " points" if signed else "%") if unit else ""
    if not low:
        return f"{estimate}{words} (no interval)"
    if low == high and numbers["low"] == numbers["high"] and kind not in (Kind.MONTH, Kind.DURATION):
        return f"{estimate}{words} (in every race)"  # an interval without width would say more
    return f"{estimate}{words} ({low} to {high or NEVER})"


def written(numbers: Row, kind: Kind, signed: bool = False) -> tuple[str, str, str]:
    """Estimate and ends of the interval in the unit of their kind, with the digits that its width bears."""
    if kind is Kind.MONTH:
        return numbers["estimate"] or "", numbers["low"] or "", numbers["high"] or ""
    scale = scale_of(kind)
    sign = "+" if signed or kind is Kind.LEAD else ""
    values = [scale * numbers[key] if is_known(numbers[key]) else None for key in ("estimate", "low", "high")]
    digits = 0 if kind is Kind.DURATION else _digits(values)
    estimate, low, high = ("" if value is None else f"{value:{sign}z,.{digits}f}" for value in values)
    return estimate, low, high


def ends_words(numbers: Row, kind: Kind) -> str:
    """The ends of a range of differences, with their signs; a range without width says that luck explains it all."""
    if numbers["low"] is None:
        return UNKNOWN
    if numbers["low"] == numbers["high"]:
        return "alike in all"
    low, high = (f"{scale_of(kind) * numbers[end]:+z.0f}" for end in ("low", "high"))
    return f"{low} to {high}"


def part_words(numbers: Row) -> str:
    """A part of a variance, which noise may put below nothing; empty where it is not known."""
    return "" if numbers["estimate"] is None else f"{max(numbers['estimate'], 0.0):.0%}"


def scale_of(kind: Kind) -> float:
    """What a number is multiplied by to be shown: chances and shares are in percent."""
    return 100.0 if kind in (Kind.CHANCE, Kind.SHARE) else 1.0


def estimate_words(numbers: Row, kind: Kind) -> str:
    """The estimate of `format_estimate` alone, in the same digits, where a figure shows the interval as a line."""
    estimate = written(numbers, kind)[0] or UNKNOWN
    return f"{estimate}%" if scale_of(kind) != 1.0 and estimate != UNKNOWN else estimate


def _digits(values: list[float | None]) -> int:
    """Digits after the point that the width of the interval bears: none of a wide one, three at most."""
    estimate, low, high = values
    width = high - low if low is not None and high is not None else 0.0
    if width > 0:
        digits = sum(width < least for least in (LARGE, 1.0, 0.1))
        small = any(value and abs(value) < 0.5 * 10**-digits for value in values)  # what is not 0 should not look it
        return digits + 1 if small and digits else digits
    return 0 if estimate is not None and abs(estimate) >= LARGE else 1


def format_ratio(numbers: Row) -> str:
    """A variance ratio with its interval; what is beyond telling in words."""
    if not is_known(numbers["estimate"]):
        return UNKNOWN
    if not is_known(numbers["low"]) or numbers["estimate"] > MAX_RATIO:
        return ratio_words(numbers["estimate"])
    return f"{ratio_words(numbers['estimate'])} ({ratio_words(numbers['low'])} to {ratio_words(numbers['high'])})"


def ratio_words(value: float) -> str:
    """A variance ratio, capped in words."""
    return f"more than {MAX_RATIO:,}" if value > MAX_RATIO else number_words(value)


def is_known(number: float | None) -> bool:
    """Whether the races give this number."""
    return number is not None and not math.isnan(number)


def number_words(value: float | None, sign: str = "") -> str:
    """A number with one decimal, without where it is large."""
    if value is None:
        return UNKNOWN
    digits = 0 if abs(value) >= LARGE else 1
    return f"{value:{sign}.{digits}f}"


def failed_lines(result: Mapping[str, Any]) -> list[str]:
    """What is said of races that failed, in words; nothing where none did."""
    if "failed" not in result:
        return []
    failed = result["failed"]
    races = "1 race failed and is" if failed["races"] == 1 else f"{failed['races']:,} races failed and are"
    with_others = ", with the other races of the same random numbers" if "replications" in failed else ""
    return [f"{races} left out{with_others}: {failed['first']}"]


def duration_words(seconds: float) -> str:
    """A time in its largest fitting unit."""
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def bytes_words(count: float) -> str:
    """A size on disk."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 0.1):.1f} MB"
