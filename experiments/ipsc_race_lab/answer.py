"""The printed answer: `summary.json` as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

Numbers = Mapping[str, Any]  # estimate, low, high


def text(summary: Mapping[str, Any]) -> str:
    """The answer to every question, for people."""
    span = f"{summary['start_month']} to {summary['end_month']}"
    races = f"{summary['runs']:,} race{'' if summary['runs'] == 1 else 's'}"
    head = [summary["title"], f"{races}, {span}, seed {summary['seed']}; 95% intervals in brackets"]
    blocks = ["\n".join(_question(answer)) for answer in summary["questions"].values()]
    return "\n\n".join(["\n".join(head), *blocks])


def _question(answer: Mapping[str, Any]) -> list[str]:
    blocs = list(answer["median_month"])
    width = max(map(len, [*blocs, "none"]))
    rows = [f"  {'':{width}}  {'first of all':22}  {'median month':30}  reached"]
    for bloc in blocs:
        month, first = _month(answer["median_month"][bloc]), _share(answer["p_first"][bloc])
        reached = _percent(answer["p_reached"][bloc]["estimate"])
        rows.append(f"  {bloc:{width}}  {first:22}  {month:30}  {reached}")
    rows.append(f"  {'none':{width}}  {_share(answer['p_first']['none'])}")
    verdicts = [line for other in islice(blocs, 1, None) for line in _pair(answer, blocs[0], other)]
    return [answer["title"], *rows, *verdicts]


def _pair(answer: Mapping[str, Any], one: str, other: str) -> list[str]:
    """Who leads of two, by how much, and whether that can be said at all."""
    chance, lead = answer["p_leads"][f"{one}>{other}"], answer["lead_months"][f"{one}>{other}"]
    fact = f"  P({one} leads {other}) = {_share(chance)}; lead {_lead(lead)}"
    if chance["low"] <= 0.5 <= chance["high"]:
        return [fact, f"    Insufficient evidence that {one} or {other} leads: the interval holds 0.5."]
    return [fact]


def _share(numbers: Numbers) -> str:
    if numbers["estimate"] is None:
        return "unknown"
    return f"{numbers['estimate']:.3f} ({numbers['low']:.3f} to {numbers['high']:.3f})"


def _lead(numbers: Numbers) -> str:
    if numbers["estimate"] is None:
        return "unknown"
    ends = "no interval" if numbers["low"] is None else f"{numbers['low']:+.1f} to {numbers['high']:+.1f}"
    return f"{numbers['estimate']:+.1f} months ({ends})"


def _month(numbers: Numbers) -> str:
    if numbers["estimate"] is None:
        return "not in half of the races"
    ends = "no interval" if numbers["low"] is None else f"{numbers['low']} to {numbers['high'] or 'never'}"
    return f"{numbers['estimate']} ({ends})"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"
