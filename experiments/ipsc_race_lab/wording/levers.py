"""What each lever of China is worth to it, over worlds that could have made the record, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipsc_race_lab.metrics.registry import METRICS, is_lead, kind_of
from ipsc_race_lab.wording.comparison import starred
from ipsc_race_lab.wording.markdown import table
from ipsc_race_lab.wording.numbers import Row, ends_words

EXPERIMENT = "levers-in-doubt"
QUESTIONS = (
    "lead_months.first_in_human",
    "lead_months.first_home_approval",
    "p_leads.first_home_approval",
    "p_leads.revenue_origin",
)


def levers(committed: Mapping[str, Any]) -> str:
    """The committed numbers of the experiment: China as it is less China without the lever, by question."""
    analysis = committed["analysis"]
    rows = {(row["factor"], row["question"], row["index"]): row for row in analysis["comparison"]["rows"]}
    worlds = [name for name in analysis["scenarios"] if name != analysis["comparison"]["base"]]
    lines = [[lever_words(world), *(_cell(rows, world, question) for question in QUESTIONS)] for world in worlds]
    titles = [METRICS[of].title + ("" if is_lead(of) else " (points)") for of in QUESTIONS]
    note = (
        f"{committed['points']:,} worlds of the posterior, {committed['replications']:,} races of each; what China's "
        "own is worth, beside the same of the United States (of the lane: beside none), with the 95% interval of the "
        "mean (* where 0 lies outside it), and between what it lies in nine worlds of ten."
    )
    return f"{note}\n\n{table(["China's own", *titles], lines)}"


def lever_words(world: str) -> str:
    """The lever that a world takes away."""
    return world.removeprefix("level-").removeprefix("no-").replace("-", " ")


def _cell(rows: Mapping[tuple[str, str, str], Row], world: str, question: str) -> str:
    kind = kind_of(question)
    mean, worlds = (worth(rows[world, question, index]) for index in ("difference", "worlds"))
    return f"{starred(mean, kind)}; {ends_words(worlds, kind)}"


def worth(less: Row) -> Row:
    """What is lost without a lever, as what it is worth."""
    known = less["estimate"] is not None and less["low"] is not None
    return {"estimate": -less["estimate"], "low": -less["high"], "high": -less["low"]} if known else less
