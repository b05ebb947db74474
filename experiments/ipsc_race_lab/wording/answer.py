"""The printed answer: `summary.json` as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any

from ipsc_race_lab.metrics import chokes, durable
from ipsc_race_lab.metrics.questions import QUESTIONS
from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.wording.numbers import failed_lines, format_estimate

Numbers = Mapping[str, Any]  # estimate, low, high


def text(summary: Mapping[str, Any]) -> str:
    """The answer to every question, for people; one that an older summary does not hold is left out."""
    span = f"{summary['start_month']} to {summary['end_month']}"
    races = f"{summary['runs']:,} race{'' if summary['runs'] == 1 else 's'}"
    head = [summary["title"], f"{races}, {span}, seed {summary['seed']}; 95% intervals in brackets"]
    head += failed_lines(summary)
    answers = summary["questions"]
    blocks = [_question(answers[question]) for question in QUESTIONS]
    if durable.QUESTION in answers:
        blocks.append(_durable(answers[durable.QUESTION]))
    if isinstance(told := summary.get("history"), list) and told:
        blocks.append(_history(told))
    if choked := chokes.lines(summary.get("chokes", [])):
        blocks.append(choked)
    return "\n\n".join("\n".join(lines) for lines in (head, *blocks))


def _history(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is on record of this world, and what its races say of it."""
    columns = {
        "recorded": [_recorded(fact) for fact in told],
        "simulated": [_simulated(fact["simulated"]) for fact in told],
        "as early or as few": [_percent(fact["p_at_or_before"]["estimate"]) for fact in told],
    }
    head = "Simulated beside recorded: median race, with the central 80% of races; share of races as early or as few"
    return [head, *_table([fact["title"] for fact in told], columns)]


def _recorded(fact: Mapping[str, Any]) -> str:
    """A month or a count on record, with the spread of the record where it has one."""
    spread = f" ({_figure(fact['spread'][0])} to {_figure(fact['spread'][1])})" if fact["spread"] else ""
    return f"{_figure(fact['recorded'])}{spread}"


def _simulated(numbers: Numbers) -> str:
    """A month or a count with the ends of its central 80%."""
    ends = [_figure(numbers[name]) for name in ("estimate", "low", "high")]
    return "never" if set(ends) == {"never"} else f"{ends[0]} ({ends[1]} to {ends[2]})"


def _figure(value: float | str | None) -> str:
    """A month as it is, a count without decimals, and what never came."""
    if value is None:
        return "never"
    return value if isinstance(value, str) else f"{value:,.0f}"


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
    return [fact, *_doubt(chance, f"{one} or {other} leads")]


def _doubt(chance: Numbers, what: str) -> list[str]:
    if chance["low"] <= 0.5 <= chance["high"]:
        return [f"    Insufficient evidence that {what}: the interval holds 0.5."]
    return []


def _durable(answer: Mapping[str, Any]) -> list[str]:
    """Who holds the market in the last twelve months, by origin and by capture, and what it cost."""
    blocs = list(answer["captured_share"])
    held, costs = _held(answer, blocs), _costs(answer, blocs)
    if all(cell == "unknown" for cells in held.values() for cell in cells):
        return [answer["title"], "  Nothing is sold in the last twelve months of any race: there is no market to hold."]
    pairs = [(other, view) for other in islice(blocs, 1, None) for view in durable.VIEWS]
    return [
        f"{answer['title']}: shares of the last twelve months; costs of the whole span, mean of races",
        *_table(blocs, held),
        *_table([*blocs, "none"], costs),
        *(line for other, view in pairs for line in _market_pair(answer["p_leads"][view], blocs[0], other, view)),
        *(line for view in durable.VIEWS for line in _persistence(answer, view)),
    ]


def _held(answer: Mapping[str, Any], blocs: Sequence[str]) -> dict[str, list[str]]:
    """Columns of the shares of the market."""
    return {
        f"{basis} by {view}": [_share(answer["shares"][basis][view][bloc]) for bloc in blocs]
        for basis in ("revenue", "treated")
        for view in durable.VIEWS
    }


def _costs(answer: Mapping[str, Any], blocs: Sequence[str]) -> dict[str, list[str]]:
    """Columns of who captures most, and of what it took."""
    return {
        "largest by capture": [_share(chance) for chance in answer["p_largest"]["capture"].values()],
        "public USD m per approval abroad": [
            _amount(answer["public_usd_m_per_global_approval"][bloc]) for bloc in blocs
        ],
        "patients harmed": [_amount(answer["patients_harmed"][bloc]) for bloc in blocs],
        "in redundant trials": [_amount(answer["redundant_patients"][bloc]) for bloc in blocs],
    }


def _table(names: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Columns of text under their headings, one row a name; a shorter column ends in blanks."""
    filled = [*zip_longest(*([heading, *cells] for heading, cells in columns.items()), fillvalue="")]
    widths = [max(map(len, column)) for column in zip(*filled, strict=True)]
    first = max(map(len, [*names, "none"]))
    lines = []
    for name, row in zip(["", *names], filled, strict=True):
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([f"  {name:{first}}", *cells]).rstrip())
    return lines


def _market_pair(chances: Mapping[str, Numbers], one: str, other: str, view: str) -> list[str]:
    """Which of two has more revenue, and whether that can be said."""
    chance = chances[f"{one}>{other}"]
    fact = f"  P({one} leads {other} by {view}) = {_share(chance)}"
    return [fact, *_doubt(chance, f"{one} or {other} leads by {view}")]


def _persistence(answer: Mapping[str, Any], view: str) -> list[str]:
    """What became of the lead of ten years before the horizon."""
    kept, half_life = answer["lead_persists"][view], answer["lead_half_life_months"][view]
    if kept["races"] is None:
        return [f"  Whether a lead by {view} lasts ten years cannot be seen: the span is shorter than eleven."]
    if kept["races"] == 0:
        return [f"  No race has a leader by {view} ten years before the horizon."]
    races = f"{kept['races']:,} race{'' if kept['races'] == 1 else 's'}"
    held = f"  The leader by {view} ten years before the horizon still leads in {_share(kept)} of {races}"
    if half_life["estimate"] is None:
        return [held, "    Its lead halves in fewer than half of them."]
    return [held, f"    Its lead halves within {_months(half_life)} in the median race."]


def _share(numbers: Numbers) -> str:
    return format_estimate(numbers, Kind.CHANCE)


def _lead(numbers: Numbers) -> str:
    return format_estimate(numbers, Kind.LEAD)


def _months(numbers: Numbers) -> str:
    """A duration whose upper end may lie past what was seen."""
    if numbers["low"] is None:
        return f"{numbers['estimate']:.0f} months (no interval)"
    high = "never" if numbers["high"] is None else f"{numbers['high']:.0f}"
    return f"{numbers['estimate']:.0f} months ({numbers['low']:.0f} to {high})"


def _amount(numbers: Numbers) -> str:
    return format_estimate(numbers, Kind.AMOUNT)


def _month(numbers: Numbers) -> str:
    if numbers["estimate"] is None:
        return "not in half of the races"
    ends = "no interval" if numbers["low"] is None else f"{numbers['low']} to {numbers['high'] or 'never'}"
    return f"{numbers['estimate']} ({ends})"


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.1%}"
