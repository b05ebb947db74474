"""The printed answer: the first screen of `summary.json`, and on demand the rest.

What an older summary does not hold is left out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from ipsc_race.plain_text import plain_text
from ipsc_race_lab.metrics.beside import is_outside
from ipsc_race_lab.metrics.registry import Kind, in_summary
from ipsc_race_lab.metrics.verdicts import CLEAR_SHARE, verdict
from ipsc_race_lab.wording import doubts
from ipsc_race_lab.wording.full_answer import blocs_of, fact_words, rest
from ipsc_race_lab.wording.numbers import failed_lines, format_estimate, written
from ipsc_race_lab.wording.tables import table_lines
from ipsc_race_lab.wording.telling import bloc, leader, started

SCREEN_WIDTH = 80  # columns at most
MAX_FACTS = 2  # on record, of the first screen

ROWS: dict[str, tuple[str, str, str]] = {  # as asked: metrics of who is ahead, by how much, and first of all
    "First patient": ("p_leads.first_in_human", "lead_months.first_in_human", "p_first.first_in_human"),
    "Approval at home": (
        "p_leads.first_home_approval", "lead_months.first_home_approval", "p_first.first_home_approval"),
    "Approval anywhere": (
        "p_leads.first_approval_anywhere", "lead_months.first_approval_anywhere", "p_first.first_approval_anywhere"),
    "Revenue by origin": ("p_leads.revenue_origin", "", "p_largest.origin"),
    "Revenue by capture": ("p_leads.revenue_capture", "", "p_largest.capture"),
    "Kept for ten years": ("p_keeps.capture", "", ""),
}  # fmt: skip

Numbers = Mapping[str, Any]


def text(summary: Numbers, full: bool = False, width: int | None = None) -> str:
    """The answer for people, within `width` columns: the first screen, and if `full` every number after it."""
    blocks = first_screen(summary, min(width or SCREEN_WIDTH, SCREEN_WIDTH))
    if full:
        blocks += rest(summary, width)
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def first_screen(summary: Numbers, width: int = SCREEN_WIDTH) -> list[list[str]]:
    """What was raced, who leads, who is first of all, what is on record and what intervals hold: lines by block."""
    blocs = blocs_of(summary)
    parts = [_heading(summary), _leading(summary, blocs, width), _firsts(summary, blocs, width)]
    parts.append(_doubts(summary.get("doubts"), width))
    parts.append(_on_record(summary.get("history")) + _meaning(summary, len(blocs) > 1))
    return [[folded for line in part for folded in _folded(line, width)] for part in parts if part]


def _heading(summary: Numbers) -> list[str]:
    """The world, its races, and how many of its numbers are assumptions."""
    lines = [plain_text(summary["title"]), f"{_races(summary)}, {summary['start_month']} to {summary['end_month']}, "
             f"seed {summary['seed']}; 95% intervals in brackets"]  # fmt: skip
    if evidence := summary.get("evidence"):
        of = f"{evidence['assumptions']:,} of its {evidence['numbers']:,} numbers"
        lines.append(f"{of} are assumptions: grade D, or without a source")
    return lines + failed_lines(summary)


def _leading(summary: Numbers, blocs: Sequence[str], width: int) -> list[str]:
    """A row a question: the chance that the first bloc is ahead of the second, its lead, and who leads all."""
    if len(blocs) < 2:
        return []
    one, other, *_ = blocs
    rows = []
    for question, (ahead, lead, _) in ROWS.items():
        chances = {f"{a}>{b}": in_summary(ahead, summary, a, b) for a, b in permutations(blocs, 2)}
        chance = chances[f"{one}>{other}"]
        if chance and chance["estimate"] is not None:
            who, months = verdict(blocs, chances), in_summary(lead, summary, one, other) if lead else None
            size = format_estimate(months, Kind.LEAD, unit=False) if months else ""
            rows.append([question, format_estimate(chance, Kind.CHANCE), size, leader(who, blocs)])
    heads = [f"{started(bloc(one))} and {bloc(other)}", f"{started(bloc(one))} ahead", "lead, months", "verdict"]
    return table_lines(heads, rows, width)


def _firsts(summary: Numbers, blocs: Sequence[str], width: int) -> list[str]:
    """Who is first, or sells most, of all: shares of races, and how far the longest of their intervals reaches."""
    rows, reaches = [], [0.0]
    for question, (*_, first) in ROWS.items():
        chances: list[Any] = [in_summary(first, summary, name) if first else None for name in (*blocs, "none")]
        if all(chances):
            rows.append([question, *(f"{written(chance, Kind.CHANCE)[0]}%" for chance in chances)])
            reaches += [abs(chance[end] - chance["estimate"]) for chance in chances for end in ("low", "high")]
    heads = [f"First of all (±{100 * max(reaches):.1f})", *(started(bloc(name)) for name in blocs), "nobody"]
    return table_lines(heads, rows, width)


def _doubts(told: Any, width: int) -> list[str]:
    """The same chances over all worlds that could have made the record, and which part of a race is the numbers'."""
    asked = {question: ahead for question, (ahead, *_) in ROWS.items()}
    return table_lines(doubts.heads(told), doubts.rows(told, asked), width) if told else []


def _on_record(facts: Any) -> list[str]:
    """A few facts on record beside what the races say, those outside the central 80% before the first dates."""
    if not isinstance(facts, list) or not facts:
        return []
    outside = [fact for fact in facts if is_outside(fact)]
    shown = outside[:MAX_FACTS]
    for fact in facts:
        is_new = not any(fact["title"].startswith(other["title"]) for other in shown)
        if fact["unit"] == "month" and is_new and len(shown) < MAX_FACTS:
            shown.append(fact)
    within = f"{len(facts) - len(outside)} of {len(facts)} facts within"
    rows = (f"  {plain_text(fact['title'])}: {fact_words(fact)}{', outside' * is_outside(fact)}" for fact in shown)
    return [f"On record; median and central 80% of races: {within}", *rows]


def _meaning(summary: Numbers, is_race: bool) -> list[str]:
    """What the intervals cover, and by which rule a verdict is given."""
    lines = [f"Intervals: stochastic variation of {_races(summary)}, not uncertainty of the numbers."]
    if told := summary.get("doubts"):
        lines.append(f"Numbers' part: of the variance of races over {told['points']:,} worlds; the rest is luck.")
    if is_race:
        lines.append(f"Verdict: ahead of every rival in over {CLEAR_SHARE:.0%} of races, by the whole interval.")
    return lines


def _races(summary: Numbers) -> str:
    return f"{summary['runs']:,} race{'' if summary['runs'] == 1 else 's'}"


def _folded(line: str, width: int) -> list[str]:
    """A line within the width, what does not fit a step to the right."""
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line.strip(), width, initial_indent=indent, subsequent_indent=indent + "  ")
