"""A register of forecasts: probabilities of what will be publicly visible, written down before, and what came of it.

Both are files that anybody may read and write, so their types are what a file may hold. A register is never changed
after it was made, which its digest shows; what came stands in a file of its own.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from ipsc_race.milestones import MILESTONES
from ipsc_race.tree import did_you_mean
from ipsc_race_lab.metrics.history import KINDS
from ipsc_race_lab.typed_file import Block, Expected, Month, Number, Text, Whole, wrong

ASKED = ("approval", *MILESTONES.values())  # as in `asking.NAMED`, which brings the compiler along
LEVELS = (0.1, 0.5, 0.9)  # of the quantiles of a count: low, median, high
INSIDE = LEVELS[-1] - LEVELS[0]  # what low to high is to hold

Cells = Literal["reprogrammed", "embryonic", "any"]
Chance = Annotated[float, Field(ge=0, le=1), Expected("a probability from 0 to 1")]


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise wrong(f"is {text!r}; expected a day such as 2026-11-27") from None
    return text


Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), Expected("a day such as 2026-11-27"), AfterValidator(_day)]


def _milestone(name: str) -> str:
    if name not in ASKED:
        raise wrong(
            f"is {name!r}, which is no milestone{did_you_mean(name, ASKED) or f'; expected {", ".join(ASKED)}'}"
        )
    return name


class Question(Block):
    """An event as races can be asked for it: the k-th product that reaches a milestone after the as-of month.

    A product that was there before does not count again.
    """

    milestone: Annotated[Text, AfterValidator(_milestone)]
    bloc: Text = "any"
    """Where the developer is at home: a bloc of the world."""
    place: Text = "any"
    """Where it happens: a jurisdiction, `home` or `abroad` of the developer."""
    cells: Cells = "reprogrammed"
    kth: Annotated[int, Whole(1, 1000)] = 1
    indication: Text | None = None
    programme: Text | None = None
    """A product by its name in the roster of the world."""
    before: Text | None = None
    """A bloc, of which none may have done the same by then."""


def _lane(lane: str | None, info: ValidationInfo[Any]) -> str | None:
    kind = KINDS.get(info.data.get("what", ""))
    if kind and lane is not None and not kind.by_lane:
        raise wrong("is not possible: races do not tell this by lane")
    return lane


Lane = Annotated[Literal["hospital", "registration"] | None, AfterValidator(_lane)]


class CountQuestion(Block):
    """A count as races can be asked for it, as a history has it: up to the month, or after another one.

    A date is counted in years, months as twelfths; one that has not come by the month is taken as the end of it.
    """

    what: Literal["trials_posted", "patients_treated", "approvals", "first_patient", "first_approval"]
    region: Text = "all"
    cells: Cells = "reprogrammed"
    lane: Lane = None
    """Whose studies and patients: by hospitals, or under a regulator; both where nothing is said."""
    after: Month | None = None


class _Forecast(Block):
    """What everything forecast says of itself."""

    statement: Text
    """What a reader would read, and can hold against the source."""
    by: Month
    """Last month in which it may come, or up to which it is counted."""
    settled_by: Text
    """The public source that will settle it."""
    base_rate_reason: Text
    """How the base rate was come to, in a line."""


class Event(_Forecast):
    """Something that comes or does not."""

    probability: Chance | None = None
    base_rate: Chance
    no_change: Chance
    """What the state of the last years carried forward says."""
    question: Question | None = None


class Quantiles(Block):
    """A number with its doubts: one in ten below `low`, half below `median`, one in ten above `high`."""

    low: Number
    median: Number
    high: Number

    @property
    def values(self) -> tuple[float, float, float]:
        """In the order of `LEVELS`."""
        return self.low, self.median, self.high


def _rising(of: Quantiles) -> Quantiles:
    if not of.low <= of.median <= of.high:
        raise wrong("does not rise from low through median to high")
    return of


class Count(_Forecast):
    """Something that is counted."""

    unit: Text
    quantiles: Annotated[Quantiles, AfterValidator(_rising)] | None = None
    base_rate: Annotated[Quantiles, AfterValidator(_rising)]
    no_change: Number
    question: CountQuestion | None = None


class How(Block):
    """How the probabilities were made, as far as races made them."""

    scenario: Text | None = None
    scenario_hash: Text | None = None
    seed: Annotated[int, Whole(0, 2**63 - 1)] | None = None
    races: Annotated[int, Whole(1, 10**9)] | None = None
    effective_number: Number | None = None
    method: Text | None = None


class Register(Block):
    """Forecasts of one day. Those of a draft may lack probabilities, and promise nothing."""

    title: Text
    description: str = ""
    made: Day
    as_of: Month
    """Last month of what was known."""
    draft: bool = False
    backtest: bool = False
    """Whether what came was known when this was made, though none of it was used."""
    how: How = How()
    events: dict[str, Event] = Field(default_factory=dict)
    counts: dict[str, Count] = Field(default_factory=dict)
    digest: str | None = None

    @property
    def forecasts(self) -> dict[str, Event | Count]:
        """Events and counts together."""
        return {**self.events, **self.counts}


class Outcome(Block):
    """What came of an event (`came`) or a count (`value`), on which day, and who says so."""

    came: bool | None = None
    value: Number | None = None
    date: Day
    source: Text
    note: Text | None = None


class Outcomes(Block):
    """What came, by the name of the event or count: for every register that holds it."""

    outcomes: dict[str, Outcome]


def digest_of(given: dict[str, Any]) -> str:
    """SHA-256 of all that a register says but its digest, whatever the layout of the file. `given`: as plain values."""
    said = {key: value for key, value in given.items() if key != "digest"}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
