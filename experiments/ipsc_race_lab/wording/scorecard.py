"""A scorecard in words: what came of forecasts, and what cannot be concluded of it."""

from __future__ import annotations

from collections.abc import Sequence

from ipsc_race.plain_text import plain_text
from ipsc_race_lab.analysis.scorecard import BASE_RATE, FEWEST, NO_CHANGE, OURS, Scorecard
from ipsc_race_lab.estimators.scoring import FLOOR
from ipsc_race_lab.metrics.register import INSIDE, Register
from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.wording.numbers import format_estimate, number_words
from ipsc_race_lab.wording.tables import table_lines

NAMES = {OURS: "these forecasts", BASE_RATE: "base rates", NO_CHANGE: "no change"}


def lines(card: Scorecard, register: Register, width: int | None = None) -> list[str]:
    """The scorecard for people."""
    told = [plain_text(card.title), f"made on {card.made}, scored as of {card.as_of}{_backtest(card)}", _states(card)]
    if card.scores:
        told += ["", *_scores(card, width), "", *_classes(card, width)]
    if card.counts:
        told += ["", *_counts(card, register, width)]
    told += ["", *_conclusions(card)]
    if card.overdue:
        told += [
            "",
            "Overdue: their month is over, and the file of outcomes does not say what came.",
            *_overdue(card, register),
        ]
    return told


def _backtest(card: Scorecard) -> str:
    return "; a backtest, made when what came was known" if card.is_backtest else ""


def _states(card: Scorecard) -> str:
    total = sum(map(len, (card.scored, card.early, card.open, card.overdue)))
    early = f"{len(card.early)} settled before their month is over and scored then"
    return f"{total} forecasts: {len(card.scored)} scored, {early}, {len(card.open)} open, {len(card.overdue)} overdue"


def _scores(card: Scorecard, width: int | None) -> list[str]:
    """A row a forecaster: its scores, and what ours does better."""
    rows = []
    for who, score in card.scores.items():
        row = [NAMES[who], f"{score.brier:.3f}", f"{score.log:.3f}"]
        if who in card.against:
            of = card.against[who]
            row += [*map(_skill, (of.brier_skill, of.log_skill)), format_estimate(of.brier_gain._asdict(), Kind.AMOUNT)]
        rows.append(row)
    head = ["", "Brier", "log", "Brier skill over it", "log skill", "Brier score saved"]
    note = ["Less is better of scores, more of skill; one half for everything has Brier 0.250, log 0.693."]
    if held := sum(score.held_count for score in card.scores.values()):
        note.append(
            f"Of the log scores {held} are of chances held to {FLOOR:g} or {1 - FLOOR:g}, beyond which none is told."
        )
    return [*table_lines(head, rows, width), *note]


def _skill(skill: float | None) -> str:
    return "not defined" if skill is None else f"{100 * skill:.0f}%"


def _classes(card: Scorecard, width: int | None) -> list[str]:
    """The table of reliability, classes without events left out."""
    rows = [
        [f"{100 * of.low:.0f} to {100 * of.high:.0f}%", f"{of.number}", f"{100 * (of.forecast or 0):.0f}%",
         format_estimate(of.came._asdict(), Kind.CHANCE)]
        for of in card.reliability if of.number
    ]  # fmt: skip
    return table_lines(["said", "events", "said, mean", "came (95%)"], rows, width)


def _counts(card: Scorecard, register: Register, width: int | None) -> list[str]:
    """A row a count: what came beside what was said, and its scores in its unit."""
    rows = []
    for counted in card.counts:
        count = register.counts[counted.name]
        assert count.quantiles is not None
        low, median, high = count.quantiles.values
        said = f"{number_words(median)} ({number_words(low)} to {number_words(high)})"
        scores = [number_words(counted.scores[who]) for who in NAMES]
        rows.append([counted.name, plain_text(count.unit), number_words(counted.value), said, *scores])
    head = ["count", "unit", "came", "said, and central 80%", *(f"score of {name}" for name in NAMES.values())]
    held = format_estimate(card.coverage._asdict(), Kind.CHANCE)
    return [*table_lines(head, rows, width), f"Within the central {100 * INSIDE:.0f}%: {held} of {len(card.counts)}."]


def _conclusions(card: Scorecard) -> list[str]:
    """What the scores say, and what they do not."""
    number = sum(of.number for of in card.reliability)
    if number == 0:
        return ["No event is scored yet: nothing can be said of these probabilities."]
    one = "1 event is" if number == 1 else f"{number} events are"
    if number < FEWEST:
        few = "too few to conclude whether these probabilities hold, or are better than others"
        told = [f"{one} scored: {few}. The scores tell of these alone."]
    else:
        told = [_comparison(card, who) for who in card.against]
    told.append("Events of one field hang together: more is unknown than these intervals say.")
    if card.overdue:
        told.append(f"The {len(card.overdue)} overdue could change every number here.")
    return told


def _comparison(card: Scorecard, who: str) -> str:
    gain = card.against[who].brier_gain
    if gain.low is not None and gain.low > 0:
        return f"Better than {NAMES[who]}, by an interval above 0."
    if gain.high is not None and gain.high < 0:
        return f"Worse than {NAMES[who]}, by an interval below 0."
    return f"Whether they are better than {NAMES[who]} cannot be told: the interval of the difference holds 0."


def _overdue(card: Scorecard, register: Register) -> Sequence[str]:
    return [
        plain_text(f"  {name}, by {of.by}: {of.statement} Settled by: {of.settled_by}")
        for name in card.overdue
        for of in [register.forecasts[name]]
    ]
