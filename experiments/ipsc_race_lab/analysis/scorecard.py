"""A register of forecasts held against what came, as of a month.

An event is scored when its month is over. One that comes early is settled and waits: of the events still running only
those that came can be settled, so that a score of them would favour who said high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ipsc_race_lab.errors import LabError
from ipsc_race_lab.estimators import scoring
from ipsc_race_lab.estimators.intervals import Estimate, paired_t
from ipsc_race_lab.metrics.register import INSIDE, LEVELS, Count, Event, Outcome, Register

OURS, BASE_RATE, NO_CHANGE = "probability", "base_rate", "no_change"
REFERENCES = (BASE_RATE, NO_CHANGE)
FEWEST = 10  # scored events from which on anything is said beyond these events

Amounts = npt.NDArray[np.float64]


class Score(NamedTuple):
    """Mean scores of one forecaster: less is better."""

    brier: float
    log: float
    held_count: int  # probabilities that the logarithmic score took for the nearest it knows


class Against(NamedTuple):
    """What ours does better than a reference: its part of the score, and the mean difference with a 95% interval."""

    brier_skill: float | None
    log_skill: float | None
    brier_gain: Estimate


class Counted(NamedTuple):
    """A count that was scored, in its unit: quantile scores, and whether low to high held what came."""

    name: str
    value: float
    scores: dict[str, float]
    is_inside: bool


@dataclass(frozen=True)
class Scorecard:
    """What came of a register as of a month; names of its events and counts by their state."""

    register: str
    title: str
    made: str
    as_of: str
    is_backtest: bool
    scored: tuple[str, ...]  # settled, and their month over
    early: tuple[str, ...]  # settled before their month is over
    open: tuple[str, ...]
    overdue: tuple[str, ...]  # their month over, and nobody has said what came
    scores: dict[str, Score]  # by forecaster; empty where no event is scored
    against: dict[str, Against]
    reliability: tuple[scoring.Class, ...]
    counts: tuple[Counted, ...]
    coverage: Estimate  # of counts; of the part INSIDE

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return {
            **asdict(self),
            "scores": {name: score._asdict() for name, score in self.scores.items()},
            "against": {
                name: {**of._asdict(), "brier_gain": of.brier_gain._asdict()} for name, of in self.against.items()
            },
            "reliability": [{**of._asdict(), "came": of.came._asdict()} for of in self.reliability],
            "counts": [of._asdict() for of in self.counts],
            "coverage": {**self.coverage._asdict(), "expected": INSIDE},
        }


def scorecard(register: Register, outcomes: Mapping[str, Outcome], as_of: str, shown: str) -> Scorecard:
    """The scores of a register reported as `shown`. Raises LabError for a draft, and a month before the forecast."""
    if register.draft:
        raise LabError(f"{shown}: is a draft and promises nothing yet; expected probabilities, a digest and no `draft`")
    if as_of < register.made[:7]:
        raise LabError(f"--as-of {as_of}: {shown} was made on {register.made}; expected that month or a later one")
    came = {name: of for name, of in outcomes.items() if name in register.forecasts and of.date[:7] <= as_of}
    is_over = {name: of.by < as_of for name, of in register.forecasts.items()}
    scored = tuple(name for name in register.forecasts if is_over[name] and name in came)
    events = {name: register.events[name] for name in scored if name in register.events}
    truths = np.array([came[name].came for name in events], np.bool_)
    said = {who: _said(events, who) for who in (OURS, *REFERENCES)}
    counts = tuple(_counted(name, register.counts[name], came[name]) for name in scored if name in register.counts)
    return Scorecard(
        shown, register.title, register.made, as_of, register.backtest, scored,
        early=tuple(name for name in register.forecasts if not is_over[name] and name in came),
        open=tuple(name for name in register.forecasts if not is_over[name] and name not in came),
        overdue=tuple(name for name in register.forecasts if is_over[name] and name not in came),
        scores={who: _score(p, truths) for who, p in said.items()} if events else {},
        against={who: _against(said[OURS], said[who], truths) for who in REFERENCES} if events else {},
        reliability=tuple(scoring.reliability(said[OURS], truths)) if events else (),
        counts=counts,
        coverage=_coverage(register, counts),
    )  # fmt: skip


def _said(events: Mapping[str, Event], who: str) -> Amounts:
    return np.array([getattr(event, who) for event in events.values()], np.float64)


def _score(probabilities: Amounts, came: npt.NDArray[np.bool_]) -> Score:
    held = int(np.count_nonzero((probabilities < scoring.FLOOR) | (probabilities > 1 - scoring.FLOOR)))
    brier, log = scoring.brier(probabilities, came), scoring.log_scores(probabilities, came)
    return Score(float(brier.mean()), float(log.mean()), held)


def _against(ours: Amounts, reference: Amounts, came: npt.NDArray[np.bool_]) -> Against:
    """Event by event, so that what is hard for both does not blur the difference."""
    briers, logs = (
        [score(p, came) for p in (ours, reference)] for score in (scoring.brier, scoring.log_scores)
    )  # fmt: skip
    skills = [scoring.skill(float(mine.mean()), float(theirs.mean())) for mine, theirs in (briers, logs)]
    return Against(skills[0], skills[1], paired_t(briers[1] - briers[0]))


def _counted(name: str, count: Count, outcome: Outcome) -> Counted:
    assert count.quantiles is not None
    assert outcome.value is not None
    quantiles = {
        OURS: count.quantiles.values,
        BASE_RATE: count.base_rate.values,
        NO_CHANGE: (count.no_change,) * len(LEVELS),
    }
    scores = {who: scoring.quantile_score(LEVELS, of, outcome.value) for who, of in quantiles.items()}
    return Counted(name, outcome.value, scores, count.quantiles.low <= outcome.value <= count.quantiles.high)


def _coverage(register: Register, counts: tuple[Counted, ...]) -> Estimate:
    of = [(register.counts[count.name].quantiles, count.value) for count in counts]
    lows, highs = (np.array([getattr(quantiles, end) for quantiles, _ in of], np.float64) for end in ("low", "high"))
    return scoring.coverage(lows, highs, np.array([value for _, value in of], np.float64))
