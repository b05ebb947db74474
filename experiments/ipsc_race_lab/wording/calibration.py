"""What a calibration says, on the terminal: the record beside the posterior, what was learned, what was not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ipsc_race.policy import iso_month
from ipsc_race_lab.analysis.posterior import MAX_MISS_SD, misses, taught
from ipsc_race_lab.wording import markdown
from ipsc_race_lab.wording.tables import table_lines

FEW = 400  # races in effect below which answers say so
SHOWN = 25
MONTHS_FROM = 20_000  # months since year 0 that are dates

RECORD_HEAD = ("on record", "recorded", "error", "posterior (90%)", "off, in errors")
LEARNED_HEAD = ("number", "prior (90%)", "posterior (90%)", "variance lost", "moved, in sd")

Analysis = Mapping[str, Any]  # `analysis.json` of a calibration


def text(analysis: Analysis, width: int | None = None) -> str:
    """The whole answer."""
    return "\n".join(line for part in _parts(analysis, width) for line in [*part, ""]).rstrip()


def _parts(analysis: Analysis, width: int | None) -> Iterator[Sequence[str]]:
    yield [analysis["title"], reach(analysis)]
    head = ["wave", "races", "not against the record", "races in effect"]
    rows = [
        [str(number), f"{of['races']:,}", f"{of['possible']:,}",
         "to learn where to look" if of["effective"] is None else f"{of['effective']:.0f}"]
        for number, of in enumerate(analysis["waves"], 1)
    ]  # fmt: skip
    yield table_lines(head, rows, width)
    yield table_lines(RECORD_HEAD, record_rows(analysis), width)
    missed = [of["key"] for of in misses(analysis)]
    yield [f"Missed by more than {MAX_MISS_SD:g} errors: {', '.join(missed) or 'none'}."]
    yield learned_lines(analysis, width)
    if analysis["came_later"]:
        yield later_lines(analysis, width)


def page(analysis: Analysis) -> str:
    """The answer as Markdown, with how the ranks of truths lie."""
    parts = [
        reach(analysis),
        markdown.table(RECORD_HEAD, record_rows(analysis)),
        f"Missed by more than {MAX_MISS_SD:g} errors: {', '.join(of['key'] for of in misses(analysis)) or 'none'}.",
        opening(analysis),
    ]
    if taught(analysis):
        parts.append(markdown.table(LEARNED_HEAD, learned_rows(analysis)))
    if recovered := recovery_words(analysis):
        parts.append(recovered)
    if ranks := analysis["recovery"]["learned"]:
        rows = [
            [of["path"], f"{of['coverage']:.0%}", f"{of['rank_p']:.2g}", " ".join(map(str, of["ranks"]))]
            for of in ranks[:SHOWN]
        ]
        parts.append(markdown.table(["number", "inside the 90%", "p of even ranks", "ranks in tenths"], rows))
    if analysis["came_later"]:
        parts.append(later_page(analysis))
    return "\n\n".join(part.strip() for part in parts)


def later_page(analysis: Analysis) -> str:
    """What came later beside what was expected, as Markdown."""
    first, last = later_words(analysis)
    return "\n\n".join([first, markdown.table(later_head(analysis), later_rows(analysis)).strip(), last])


def reach(analysis: Analysis) -> str:
    """On how many races it rests."""
    few = "; too few to rest an answer on" if analysis["effective"] < FEW else ""
    effective = f"{analysis['races']:,} races raced, {analysis['effective']:.0f} in effect{few}."
    wide = f" Errors of facts are taken {analysis['widened']:g} times as wide as stated."
    return f"As of {analysis['as_of']}: {effective}{wide if analysis['widened'] > 1 else ''}"


def record_rows(analysis: Analysis) -> list[list[str]]:
    """Each fact and rate beside the posterior."""
    return [
        [of["key"], shown(of["recorded"]), _error(of), f"{shown(of['median'])} ({shown(of['low'])} to "
         f"{shown(of['high'])})", f"{of['off_sd']:+.1f}" if of["error_sd"] else "met"]
        for of in analysis["record"]
    ]  # fmt: skip


def _error(of: Mapping[str, Any]) -> str:
    if not of["error_sd"]:
        return "none"
    return f"{of['error_sd']:.0f} months" if is_date(of["recorded"]) else f"{of['error_sd']:.3g}"


def learned_lines(analysis: Analysis, width: int | None = None) -> list[str]:
    """The numbers that the record teaches, how many it does not, and how well true values came back."""
    words = recovery_words(analysis)
    table = table_lines(LEARNED_HEAD, learned_rows(analysis), width) if taught(analysis) else []
    return [opening(analysis), *table, *([words] if words else [])]


def opening(analysis: Analysis) -> str:
    """How many numbers the record teaches."""
    few = f"{len(taught(analysis))} of {len(analysis['parameters'])} numbers in doubt"
    return (
        f"What the record teaches: {few} surely lose a fifth of their variance or move; of the others it says next to "
        "nothing."
    )


def learned_rows(analysis: Analysis) -> list[list[str]]:
    """The numbers that lose most, with prior and posterior."""
    return [
        [of["path"], interval(*of["prior"]), interval(of["low"], of["median"], of["high"]),
         f"{of['lost_share']:.0%}", f"{of['moved_sd']:+.1f}"]
        for of in taught(analysis)[:SHOWN]
    ]  # fmt: skip


def recovery_words(analysis: Analysis) -> str:
    """How well true values came back; empty where no truth could be recovered."""
    of = analysis["recovery"]
    if of["coverage"] is None:
        return ""
    lost = f"; {of['lost']} more left too few races to say anything" if of["lost"] else ""
    return (
        f"Of {of['truths']} synthetic histories ({of['effective']:.0f} races in effect, median) 90% intervals hold the "
        f"true value in {of['coverage']:.1%} of all numbers{lost}."
    )


def later_lines(analysis: Analysis, width: int | None = None) -> list[str]:
    """What was expected after the as-of month, and what came; scores beside two naive forecasts."""
    first, last = later_words(analysis)
    return [first, *table_lines(later_head(analysis), later_rows(analysis), width), last]


def later_head(analysis: Analysis) -> list[str]:
    """The heads of what came later."""
    return [f"after {analysis['as_of']}", "expected (80%)", "came", "CRPS", "base rate", "constant growth"]


def later_rows(analysis: Analysis) -> list[list[str]]:
    """What came later, beside what was expected."""
    return [
        [of["key"], f"{shown(of['median'])} ({shown(of['low'])} to {shown(of['high'])})", shown(of["came"]),
         *(f"{of[name]:.3g}" for name in ("crps", "crps_base_rate", "crps_growth"))]
        for of in analysis["came_later"]["rows"]
    ]  # fmt: skip


def later_words(analysis: Analysis) -> tuple[str, str]:
    """What was known, and how the forecasts did."""
    later = analysis["came_later"]
    count = len(later["rows"])
    return (
        f"Known at the end of {analysis['as_of']}: {', '.join(later['known']) or 'nothing'}.",
        f"Inside the 80%: {later['covered']} of {count}; better than both naive forecasts by CRPS: "
        f"{later['beats_both']} of {count}.",
    )


def interval(low: float, median: float, high: float) -> str:
    """A median with its interval."""
    return f"{median:.3g} ({low:.3g} to {high:.3g})"


def is_date(value: float) -> bool:
    """Whether a number on record is a month since year 0."""
    return MONTHS_FROM < value < math.inf


def shown(value: float | None) -> str:
    """A number on record: a month, or a number; of committed numbers what never came is none."""
    if value is None or value == math.inf:
        return "not by then"
    return iso_month(round(value)) if is_date(value) else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
