"""A comparison of worlds in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from ipsc_race_lab.wording.numbers import number_words

Row = Mapping[str, Any]


def comparison_lines(told: Mapping[str, Any]) -> list[str]:
    """The comparison of an `analysis.json` for people: a table for each question."""
    base, rows = told["comparison"]["base"], told["comparison"]["rows"]
    leads = [row for row in rows if row["question"].startswith("lead_months") and row["index"] == "variance_ratio"]
    lines = [
        worth_of_pairing([row["estimate"] for row in leads]),
        "* where 0 lies outside the interval of the difference.",
    ]
    for question in told["scenarios"][base]["means"]:
        lines += ["", *_table(told, question)]
    return lines


def worth_of_pairing(ratios: Iterable[float | None]) -> str:
    """What it is worth for leads that the races of the worlds share their luck, in a sentence."""
    known = [ratio for ratio in ratios if ratio is not None]
    if not known:
        return "The same luck in every world; these races do not tell what that is worth."
    least, middle, most = (number_words(of(known)) for of in (min, median, max))
    times = (
        f"{least} to {most} times as many races, median {middle}" if least != most else f"{least} times as many races"
    )
    return f"The same luck in every world: as good as {times}, for differences of the lead."


def _table(told: Mapping[str, Any], question: str) -> list[str]:
    """Each world's mean answer, its paired difference from the first and the variance ratio of that."""
    from ipsc_race_lab.metrics.answers import TITLES

    base = told["comparison"]["base"]
    found = {(row["factor"], row["index"]): row for row in told["comparison"]["rows"] if row["question"] == question}
    is_lead = question.startswith("lead_months")
    scale, sign = (1.0, "+") if is_lead else (100.0, "")
    cells = [["", "mean", f"less {base}", "variance ratio"]]
    for world, answers in told["scenarios"].items():
        cells.append([world, _interval(answers["means"][question], scale, sign)])
        if world != base:
            difference = found[world, "difference"]
            cells[-1] += [_starred(difference, scale), _ratio(difference, found[world, "variance_ratio"])]
    widths = [max(len(row[i]) for row in cells if i < len(row)) for i in range(4)]
    lines = ["  " + "  ".join(f"{cell:{widths[i]}}" for i, cell in enumerate(row)).rstrip() for row in cells]
    return [TITLES[question] + ("" if is_lead else " (%)"), *lines]


def _interval(numbers: Row, scale: float, sign: str) -> str:
    """A number with its interval, -0.0 as 0.0."""
    estimate, *ends = (None if numbers[key] is None else scale * numbers[key] for key in ("estimate", "low", "high"))
    if None in ends:
        return f"{estimate:{sign}z.1f}"
    return f"{estimate:{sign}z.1f} ({ends[0]:{sign}z.1f} to {ends[1]:{sign}z.1f})"


def _starred(difference: Row, scale: float) -> str:
    known = difference["low"] is not None and not difference["low"] <= 0 <= difference["high"]
    return _interval(difference, scale, "+") + (" *" if known else "")


def _ratio(difference: Row, ratio: Row) -> str:
    """The variance ratio, or why there is none."""
    if ratio["estimate"] is None:
        if difference["low"] is None:
            return "unknown"
        return "no difference in any race" if difference["estimate"] == 0 else "the same difference in every race"
    ends = "" if ratio["low"] is None else f" ({number_words(ratio['low'])} to {number_words(ratio['high'])})"
    return f"{number_words(ratio['estimate'])}{ends}"
