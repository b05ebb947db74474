"""What `ipsc-race ask` prints: any milestone by bloc, by indication or by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ipsc_race_lab.metrics import asking
from ipsc_race_lab.metrics.asking import Happened
from ipsc_race_lab.metrics.questions import answer
from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.metrics.verdicts import verdict
from ipsc_race_lab.wording.full_answer import milestone_lines
from ipsc_race_lab.wording.numbers import format_estimate
from ipsc_race_lab.wording.tables import table_lines
from ipsc_race_lab.wording.telling import bloc, leader, started

Numbers = Mapping[str, Any]
BY_YEAR = {
    "p_reached_by": ("reached by the end of the year", Kind.CHANCE),
    "p_first_by": ("first of all, by the end of the year", Kind.CHANCE),
    "number_in": ("number in the year, mean of races", Kind.AMOUNT),
}


def lines(
    happened: Happened, names: Sequence[str], by: str, kth: int = 1, is_each: bool = True, width: int | None = None
) -> list[str]:
    """The answer for people. `is_each`: whether each milestone is told by itself, and not only its row of a table."""
    races = f"{happened.races:,} race{'' if happened.races == 1 else 's'}"
    product = "" if kth == 1 else f"; product {kth:,} of each bloc"
    head = [f"{races}{product}; 95% intervals in brackets"]
    if by == "indication":
        for name in names:
            parts = happened.of(name).by_indication()
            answers = ((key.replace("_", " "), _answer(of, kth)) for key, of in parts)
            head += ["", name, *_rows("indication", answers, width)]
    elif by == "year":
        for name in names:
            head += _years(happened.of(name), name, kth, width)
    elif is_each:
        for name in names:
            head += ["", name, *milestone_lines(_answer(happened.of(name), kth), width)]
    else:
        named = ((name, _answer(happened.of(name), kth)) for name in names)
        head += ["", *_rows("milestone", named, width)]
    return head


def _answer(happened: Happened, kth: int) -> dict[str, Any]:
    return answer(asking.kth_times(happened, kth))


def _rows(heading: str, answers: Iterable[tuple[str, Numbers]], width: int | None) -> list[str]:
    """A row an answer: whether the first bloc is ahead of the second, by how much, who leads, and who is first."""
    rows: list[list[str]] = []
    blocs: list[str] = []
    for name, result in answers:
        blocs = list(result["median_month"])
        firsts = [format_estimate(result["p_first"][of], Kind.CHANCE) for of in (*blocs, "none")]
        if result["p_first"]["none"]["estimate"] == 1:
            rows.append([name, *[""] * (3 if len(blocs) > 1 else 0), *firsts])
            continue
        rows.append([name, *_leading(result, blocs), *firsts])
    pair = [f"{started(bloc(blocs[0]))} before {bloc(blocs[1])}", "lead, months", "verdict"] if len(blocs) > 1 else []
    firsts = [f"first: {bloc(name)}" for name in blocs]
    return table_lines([heading, *pair, *firsts, "nobody"], rows, width)


def _leading(result: Numbers, blocs: Sequence[str]) -> list[str]:
    """Of the first two blocs who is ahead and by how much, and who leads all; nothing of one bloc."""
    if len(blocs) < 2:
        return []
    pair, who = f"{blocs[0]}>{blocs[1]}", verdict(blocs, result["p_leads"])
    return [
        format_estimate(result["p_leads"][pair], Kind.CHANCE),
        format_estimate(result["lead_months"][pair], Kind.LEAD, unit=False),
        leader(who, blocs),
    ]


def _years(happened: Happened, name: str, kth: int, width: int | None) -> list[str]:
    """Three tables of a milestone by year, from the first year in which it happens."""
    lines: list[str] = []
    first = happened.month.min(initial=happened.horizon_months) + happened.start_month
    for metric, years in asking.by_year(happened, kth).items():
        title, kind = BY_YEAR[metric]
        rows = [
            [str(year), *(format_estimate(of._asdict(), kind) for of in by_bloc.values())]
            for year, by_bloc in years.items()
            if year >= first // asking.YEAR_MONTHS
        ]
        heads = ["", *(started(bloc(of)) for of in happened.blocs)]
        lines += ["", f"{name}: {title}", *(table_lines(heads, rows, width, "  ") if rows else ["  never"])]
    return lines
