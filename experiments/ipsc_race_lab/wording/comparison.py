"""A comparison of worlds in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from ipsc_race_lab.metrics.registry import METRICS, Kind, is_lead, kind_of
from ipsc_race_lab.metrics.verdicts import INSUFFICIENT, turns, verdict_of_two
from ipsc_race_lab.wording.numbers import Row, ends_words, format_estimate, format_ratio, part_words, ratio_words
from ipsc_race_lab.wording.tables import table_lines
from ipsc_race_lab.wording.telling import leader, listed


def turned_line(analysis: Mapping[str, Any]) -> str:
    """In which worlds a verdict between the two is the contrary of that in the first, and how many cannot be told."""
    pair = one, other = analysis["pair"]
    base, *others = analysis["scenarios"]
    chances = [question for question in analysis["scenarios"][base]["means"] if question.startswith("p_leads.")]
    verdicts = {
        world: [verdict_of_two(one, other, result["means"][question]) for question in chances]
        for world, result in analysis["scenarios"].items()
    }
    turned = []
    for world in others:
        parts = [
            f"{METRICS[question].phrase.removeprefix('the probability of ')}: {leader(there, pair)}, not "
            f"{leader(here, pair)}"
            for question, here, there in zip(chances, verdicts[base], verdicts[world], strict=True)
            if turns(here, there)
        ]
        turned += [f"{world} ({'; '.join(parts)})"] if parts else []
    unsure = sum(who == INSUFFICIENT for of in verdicts.values() for who in of)
    rest = f"of {len(chances) * len(verdicts)} verdicts {unsure} are {INSUFFICIENT}"
    if not turned:
        return f"No verdict turns in any other world; {rest}."
    return f"Verdicts turn in {len(turned)} of {len(others)} worlds: {listed(turned)}; {rest}."


def comparison_lines(analysis: Mapping[str, Any], width: int | None = None) -> list[str]:
    """The comparison of an `analysis.json` for people: a table for each question."""
    base, rows = analysis["comparison"]["base"], analysis["comparison"]["rows"]
    leads = [row for row in rows if is_lead(row["question"]) and row["index"] == "variance_ratio"]
    lines = [
        worth_of_pairing([row["estimate"] for row in leads]),
        "* where 0 lies outside the interval of the difference.",
    ]
    for question in analysis["scenarios"][base]["means"]:
        lines += ["", *_table(analysis, question, width)]
    return lines


def worth_of_pairing(ratios: Iterable[float | None]) -> str:
    """What it is worth for leads that the races of the worlds share their random numbers, in a sentence."""
    known = [ratio for ratio in ratios if ratio is not None]
    if not known:
        return "The same random numbers in every world; these races do not tell what that is worth."
    least, middle, most = (ratio_words(of(known)) for of in (min, median, max))
    times = (
        f"{least} to {most} times as many races, median {middle}" if least != most else f"{least} times as many races"
    )
    return f"The same random numbers in every world: as good as {times}, for leads."


def _table(analysis: Mapping[str, Any], question: str, width: int | None) -> list[str]:
    """Each world's mean answer, its paired difference from the first and the variance ratio of that."""
    base, kind = analysis["comparison"]["base"], kind_of(question)
    rows = {(row["factor"], row["index"]): row for row in analysis["comparison"]["rows"] if row["question"] == question}
    cells = []
    for world, answers in analysis["scenarios"].items():
        cells.append([world, format_estimate(answers["means"][question], kind, unit=False)])
        if world != base:
            difference = rows[world, "difference"]
            cells[-1] += [starred(difference, kind), *_of_worlds(rows, world, kind)]
            cells[-1] += [_ratio(difference, rows[world, "variance_ratio"])]
    unit, points = ("", "") if kind is Kind.LEAD else (" (%)", ", points")
    of_worlds = ["90% of worlds", "numbers' part"] if any(index == "worlds" for _, index in rows) else []
    heads = ["", "mean", f"less {base}{points}", *of_worlds, "variance ratio"]
    return [METRICS[question].title + unit, *table_lines(heads, cells, width, "  ")]


def _of_worlds(rows: Mapping[tuple[str, str], Row], world: str, kind: Kind) -> list[str]:
    """Between which the difference lies in most worlds of a posterior, and the numbers' part; nothing of one world."""
    if (world, "worlds") not in rows:
        return []
    return [ends_words(rows[world, "worlds"], kind), part_words(rows[world, "numbers_share"])]


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
