"""What is on record of a race: dated facts, and the registry through which its trials were seen. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

ALL, ANY, DEFAULT = "all", "any", "default"  # every place; cells of every kind; places without rules of their own


@dataclass(frozen=True)
class Kind:
    """What a fact counts or dates: the unit, and by which of lane and cells races can tell it apart."""

    unit: str
    by_lane: bool = False
    by_cells: bool = True
    is_month: bool = False
    compares: bool = False  # two places


KINDS: dict[str, Kind] = {
    "trials_posted": Kind("trials", by_lane=True),
    "patients_treated": Kind("patients", by_cells=False),
    "approvals": Kind("products and places"),
    "first_patient": Kind("month", by_lane=True, is_month=True),
    "first_approval": Kind("month", is_month=True),
    "approval_lag": Kind("months", compares=True),
}


class Discrepancy(NamedTuple):
    """By how much the model may miss what is on record beyond the spread of that, in its unit, and why."""

    value: float
    reason: str


@dataclass(frozen=True)
class Fact:
    """One thing on record. `by`: the month up to which it was counted, for a date that date."""

    key: str
    title: str
    what: str  # a key of KINDS
    by: str
    recorded: float | str
    region: str  # where it happened: a jurisdiction, a bloc, or all
    cells: str
    grade: str
    sources: tuple[str, ...]
    lane: str | None = None  # None: either
    after: str | None = None  # the place against which a lag is measured
    spread: tuple[float | str, float | str] | None = None  # of the record
    note: str | None = None
    definition: str | None = None  # what was counted, of what
    discrepancy: Discrepancy | None = None
    not_for: str | None = None  # what it says nothing of

    @property
    def kind(self) -> Kind:
        """What it counts or dates."""
        return KINDS[self.what]


class Posting(NamedTuple):
    """How a registry comes to show a trial: whether at all, and how long after it opened, on average."""

    probability: float
    delay_months: float


@dataclass(frozen=True)
class Registry:
    """What a registry shows of the trials of each place and lane."""

    postings: Mapping[str, Mapping[str, Posting]]  # by place, then by lane; `default` holds every lane

    def posting(self, place: str, lane: str) -> Posting:
        """The rule for a trial: that of its place, or else of all."""
        return self.postings.get(place, {}).get(lane) or self.postings[DEFAULT][lane]


@dataclass(frozen=True)
class History:
    """Facts and the registry that most of them were read from."""

    name: str
    title: str
    facts: tuple[Fact, ...]
    registry: Registry

    @property
    def as_of(self) -> str:
        """The last month that its facts speak of."""
        return max(fact.by for fact in self.facts)
