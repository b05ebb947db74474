"""A comparison of worlds in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from ipsc_race_lab.metrics.registry import METRICS, Kind, is_lead, kind_of
from ipsc_race_lab.wording.numbers import Row, format_estimate, format_ratio, ratio_words


def comparison_lines(told: Mapping[str, Any]) -> list[str]:
    """The comparison of an `analysis.json` for people: a table for each question."""
    base, rows = told["comparison"]["base"], told["comparison"]["rows"]
    leads = [row for row in rows if is_lead(row["question"]) and row["index"] == "variance_ratio"]
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
    least, middle, most = (ratio_words(of(known)) for of in (min, median, max))
    times = (
        f"{least} to {most} times as many races, median {middle}" if least != most else f"{least} times as many races"
    )
    return f"The same luck in every world: as good as {times}, for differences of the lead."


def _table(told: Mapping[str, Any], question: str) -> list[str]:
    """Each world's mean answer, its paired difference from the first and the variance ratio of that."""
    base = told["comparison"]["base"]
    found = {(row["factor"], row["index"]): row for row in told["comparison"]["rows"] if row["question"] == question}
    kind = kind_of(question)
    cells = [["", "mean", f"less {base}", "variance ratio"]]
    for world, answers in told["scenarios"].items():
        cells.append([world, format_estimate(answers["means"][question], kind, unit=False)])
        if world != base:
            difference = found[world, "difference"]
            cells[-1] += [starred(difference, kind), _ratio(difference, found[world, "variance_ratio"])]
    widths = [max(len(row[i]) for row in cells if i < len(row)) for i in range(4)]
    lines = ["  " + "  ".join(f"{cell:{widths[i]}}" for i, cell in enumerate(row)).rstrip() for row in cells]
    return [METRICS[question].title + ("" if is_lead(question) else " (%)"), *lines]


def starred(difference: Row, kind: Kind) -> str:
    """A difference with its interval, and a star where 0 lies outside it."""
    known = difference["low"] is not None and not difference["low"] <= 0 <= difference["high"]
    return format_estimate(difference, kind, signed=True, unit=False) + (" *" if known else "")


def _ratio(difference: Row, ratio: Row) -> str:
    """The variance ratio, or why there is none."""
    if ratio["estimate"] is None:
        if difference["low"] is None:
            return "unknown"
        return "no difference in any race" if difference["estimate"] == 0 else "the same difference in every race"
    return format_ratio(ratio)
