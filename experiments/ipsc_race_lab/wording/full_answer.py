"""Every number of `summary.json` as a person reads it: what `run --full` prints after the first screen.

What an older summary does not hold is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ipsc_race.plain_text import plain_text
from ipsc_race_lab.metrics import chokes
from ipsc_race_lab.metrics.registry import ALL_METRICS, MARKET, MILESTONES, VIEWS, Kind, in_summary, kind_of
from ipsc_race_lab.metrics.verdicts import verdict_of_two
from ipsc_race_lab.wording.numbers import NEVER, UNKNOWN, format_estimate
from ipsc_race_lab.wording.tables import table_lines

Numbers = Mapping[str, Any]


def rest(summary: Numbers, width: int | None = None) -> list[list[str]]:
    """Lines by block: each milestone, the market and what it cost, what is on record, and what chokes."""
    answers = (summary["questions"][name] for name in MILESTONES)
    blocks = [[answer["title"], *milestone_lines(answer, width)] for answer in answers]
    blocks += _market(summary, width)
    if isinstance(facts := summary.get("history"), list) and facts:
        blocks.append(_history(facts, width))
    return [*blocks, chokes.lines(summary.get("chokes", []))]


def number(summary: Numbers, metric: str, one: str = "", other: str = "") -> str:
    """A metric of the registry in words, as a run has it."""
    return format_estimate(in_summary(metric, summary, one, other), kind_of(metric))


def blocs_of(summary: Numbers) -> list[str]:
    """The blocs of a summary, in their order."""
    return list(summary["questions"]["first_in_human"]["median_month"])


def fact_words(fact: Numbers) -> str:
    """A fact on record beside what the races say of it."""
    return f"{_recorded(fact)}; {_simulated(fact['simulated'])}"


def milestone_lines(answer: Numbers, width: int | None = None) -> list[str]:
    """Who is first, when each bloc is there and how often at all, and the first bloc against each other."""
    one, *others = blocs = list(answer["median_month"])
    columns = {"p_first": Kind.CHANCE, "median_month": Kind.MONTH, "p_reached": Kind.CHANCE}
    rows = [[bloc, *(format_estimate(answer[of][bloc], kind) for of, kind in columns.items())] for bloc in blocs]
    rows.append(["none", format_estimate(answer["p_first"]["none"], Kind.CHANCE)])
    lines = table_lines(["", "first of all", "median month", "reached"], rows, width, "  ")
    for other in others:
        chance, lead = (answer[of][f"{one}>{other}"] for of in ("p_leads", "lead_months"))
        who = verdict_of_two(one, other, chance)
        words = f"{format_estimate(chance, Kind.CHANCE)}; lead {format_estimate(lead, Kind.LEAD)}: {who}"
        lines.append(f"  P({one} leads {other}) = {words}")
    return lines


def _verdict(summary: Numbers, metric: str, one: str, other: str) -> str:
    """Which of two leads, if either."""
    return verdict_of_two(one, other, in_summary(metric, summary, one, other))


def _market(summary: Numbers, width: int | None) -> list[list[str]]:
    """Who holds the market in the last twelve months, by origin and by capture, and what it cost."""
    if MARKET not in summary["questions"]:
        return []
    title, (one, *others) = summary["questions"][MARKET]["title"], blocs_of(summary)
    held = [f"{basis}.{view}" for basis in ("revenue_share", "treated_share") for view in VIEWS]
    shares = _by_bloc(summary, held, width)
    if all(number(summary, metric, bloc) == UNKNOWN for metric in held for bloc in (one, *others)):
        return [[title, "  Nothing is sold in the last twelve months of any race: there is no market to hold."]]
    costs = ["public_usd_m_per_global_approval", "patients_harmed", "redundant_patients", "redundant_share"]
    pairs = [
        f"  P({one} leads {other} by {view}) = {number(summary, f'p_leads.revenue_{view}', one, other)}: "
        f"{_verdict(summary, f'p_leads.revenue_{view}', one, other)}"
        for other in others
        for view in VIEWS
    ]
    lasting = [line for view in VIEWS for line in _persistence(summary, view)]
    return [
        [f"{title}: shares of the last twelve months", *shares, *pairs, *lasting],
        ["Largest revenue of all, and what is captured of it", *_by_bloc(
            summary, [*(f"p_largest.{view}" for view in VIEWS), "captured_share", "global_approvals"], width)],
        ["What it cost: whole span, mean of races", *_by_bloc(summary, costs, width)],
    ]  # fmt: skip


def _by_bloc(summary: Numbers, metrics: Sequence[str], width: int | None) -> list[str]:
    """A row a metric, a column a bloc."""
    blocs = blocs_of(summary)
    rows = [
        [
            f"{ALL_METRICS[metric].title} ({ALL_METRICS[metric].unit})",
            *(number(summary, metric, bloc) for bloc in blocs),
        ]
        for metric in metrics
    ]
    return table_lines(["", *blocs], rows, width, "  ")


def _persistence(summary: Numbers, view: str) -> list[str]:
    """What became of the lead of ten years before the horizon."""
    races = in_summary(f"lead_persists.{view}", summary)["races"]
    if races is None:
        return [f"  Whether a lead by {view} lasts ten years cannot be seen: the span is shorter than eleven."]
    if races == 0:
        return [f"  No race has a leader by {view} ten years before the horizon."]
    kept, half_life = (number(summary, f"{metric}.{view}") for metric in ("lead_persists", "lead_half_life_months"))
    of = f"{races:,} race{'' if races == 1 else 's'}"
    return [
        f"  The leader by {view} ten years before the horizon still leads in {kept} of {of}",
        f"    Its lead halves within, in the median race: {half_life}",
    ]


def _history(facts: Sequence[Numbers], width: int | None) -> list[str]:
    """What is on record of this world, and what its races say of it."""
    head = "Simulated beside recorded: median race, with the central 80% of races; share of races as early or as few"
    rows = [
        [
            plain_text(fact["title"]),
            _recorded(fact),
            _simulated(fact["simulated"]),
            format_estimate(fact["p_at_or_before"], Kind.CHANCE),
        ]
        for fact in facts
    ]
    return [head, *table_lines(["", "recorded", "simulated", "as early or as few"], rows, width, "  ")]


def _recorded(fact: Numbers) -> str:
    """A month or a count on record, with the spread of the record where it has one."""
    spread = f" ({_figure(fact['spread'][0])} to {_figure(fact['spread'][1])})" if fact["spread"] else ""
    return f"{_figure(fact['recorded'])}{spread}"


def _simulated(numbers: Numbers) -> str:
    """A month or a count with the ends of its central 80%."""
    ends = [_figure(numbers[name]) for name in ("estimate", "low", "high")]
    return NEVER if set(ends) == {NEVER} else f"{ends[0]} ({ends[1]} to {ends[2]})"


def _figure(value: float | str | None) -> str:
    """A month as it is, a count without decimals, and what never came."""
    if value is None:
        return NEVER
    return value if isinstance(value, str) else f"{value:,.0f}"
