"""Kinds of parameter: units by suffix, bounds, blocks and tables. What the typed scenario is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Longest suffix first: `_usd_m_per_month` must not be read as `_per_month`.
UNITS: dict[str, str] = {
    "_usd_m_per_patient": "USD million per patient",
    "_usd_m_per_month": "USD million per month",
    "_usd_m_per_year": "USD million per year",
    "_share_per_year": "share (0 to 1) per year",
    "_patients_per_site_month": "patients per site-month",
    "_per_hospital_year": "per hospital-year",
    "_per_month": "per month",
    "_per_usd_m": "per USD million",
    "_usd_m": "USD million",
    "_months": "months",
    "_share": "share (0 to 1)",
    "_probability": "probability (0 to 1)",
    "_multiplier": "multiplier",
    "_patients": "patients",
    "_doses": "doses",
    "_count": "count",
    "_effect": "standardised effect (standard deviations of the outcome)",
    "_effect_sd": "standard deviation, in units of effect",
    "_log_sd": "standard deviation of the logarithm",
    "_probit_sd": "standard deviation, in probits",
    "_news_log": "change of the logarithm",
    "_log_share": "change of the logarithm of a market share per unit of effect",
    "_weight": "relative weight",
    "_elasticity": "elasticity",
    "_month": "calendar month (YYYY-MM)",
    "_key": "integer key of random numbers",
    "_shape": "shape parameter",
    "_switch": "on or off",
    "stringency": "tightening (0: none)",
}


def unit_of(name: str) -> str | None:
    """Unit that a parameter's name declares by its suffix; None for words and names."""
    for suffix in sorted(UNITS, key=len, reverse=True):
        if name.endswith(suffix):
            return UNITS[suffix]
    return None


Share = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[float, Field(ge=0, le=100_000)]
Rate = Annotated[float, Field(ge=0, le=1e9)]
Amount = Annotated[float, Field(ge=0, le=1e12)]
Effect = Annotated[float, Field(ge=-10, le=10)]
Positive = Annotated[float, Field(gt=0, le=1e12)]
Spread = Annotated[float, Field(ge=0, le=10)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Switch = bool
Month = Annotated[str, Field(pattern=r"^(19|20|21|22)\d\d-(0[1-9]|1[0-2])$")]


@dataclass(frozen=True)
class Table:
    """Marks a mapping whose keys are names: which names, and how many rows its record holds."""

    of: str  # "jurisdictions", "indications", "methods", "modalities", "release_tests", or "own" for names of its own
    rows: int


@dataclass(frozen=True)
class RowOf:
    """Marks a text that names a row of a table, or with one of some words that there is none."""

    table: str  # path of the table
    words: tuple[str, ...] = ()  # the record holds -1 for the first, -2 for the second


JURISDICTIONS, INDICATIONS, METHODS, MODALITIES, RELEASE_TESTS = 8, 16, 10, 4, 8
PUBLIC_PROGRAMMES, INSTITUTES = 8, 6
NAMED_DEVELOPERS, NAMED_PROGRAMMES, NAMED_CAMPAIGNS, NAMED_READOUTS = 48, 64, 6, 6


class Block(BaseModel):
    """A part of a scenario: frozen, and closed to unknown keys."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=False, use_attribute_docstrings=True, allow_inf_nan=False
    )
