"""What an experiment varies: factors, and the levels of those whose values are worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipsc_race_lab.design.distributions import Distribution


@dataclass(frozen=True)
class Level:
    """A level of a lever: what it changes in the experiment's scenario, as overrides by path."""

    name: str
    scenario: str | None
    overrides: Mapping[str, Any]


@dataclass(frozen=True)
class Factor:
    """Something that an experiment varies: a number or switch at a path, a lever with levels, or a dummy."""

    name: str
    distribution: Distribution  # of a lever: the places of its levels
    path: str | None = None
    levels: tuple[Level, ...] = ()

    @property
    def is_dummy(self) -> bool:
        """Whether it moves nothing: what an analysis says of it is noise."""
        return self.path is None and not self.levels

    @property
    def level_as_it_is(self) -> int | None:
        """Place of the level of a lever that changes nothing; None where there is none."""
        return next((place for place, level in enumerate(self.levels) if not level.overrides), None)
