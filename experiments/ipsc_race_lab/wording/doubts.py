"""The chances of leading over worlds that could have made the record, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.wording.numbers import format_estimate, part_words
from ipsc_race_lab.wording.telling import bloc, started


def heads(doubts: Mapping[str, Any]) -> list[str]:
    """The head of the table."""
    one, other = doubts["pair"]
    return ["Numbers in doubt", f"{started(bloc(one))} ahead of {bloc(other)}", "90% of worlds", "numbers' part"]


def rows(doubts: Mapping[str, Any], asked: Mapping[str, str]) -> list[list[str]]:
    """A row for each heading of `asked`, which names the metric that it is of; those without a chance are left out."""
    told = {heading: doubts["questions"][metric] for heading, metric in asked.items() if metric in doubts["questions"]}
    return [[heading, *_cells(of)] for heading, of in told.items()]


def _cells(of: Mapping[str, Any]) -> list[str]:
    low, high = (f"{100 * of['worlds'][end]:.0f}" for end in ("low", "high"))
    return [
        format_estimate(of["chance"], Kind.CHANCE),
        f"{low} to {high}%",
        part_words(of["numbers_share"]),
    ]
