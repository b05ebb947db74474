"""The table of an ablation for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.analysis.ablation import MEASURES
from ipsc_race_lab.wording.numbers import failed_lines, number_words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]  # shape (runs, measures)


CELL = 13  # width of a column


def text(result: Mapping[str, Any]) -> str:
    """The table for people."""
    from ipsc_race_lab.wording.comparison import worth_of_pairing

    one, other = result["blocs"]
    leads = [name for name, (_, _, unit) in MEASURES.items() if unit == "months"]
    ratios = [effect[name]["variance_ratio"] for effect in result["mechanisms"].values() for name in leads]
    width = max(map(len, result["mechanisms"]))
    head = [f"{heading:>{CELL}}" for _, heading, _ in MEASURES.values()]
    units = [f"{f'({unit})':>{CELL}}" for _, _, unit in MEASURES.values()]
    level = [f"{number_words(result['as_is'][name]['estimate']):>{CELL}}" for name in MEASURES]
    rows = [
        f"{name:{width}}" + "".join(f"{effect_words(effect[measure]):>{CELL}}" for measure in MEASURES)
        for name, effect in result["mechanisms"].items()
    ]
    return "\n".join(
        [
            f"What each mechanism does in {result['scenario']}: {result['runs']:,} races with it less the same races "
            f"without it, seed {result['seed']}",
            f"Months: lead of {one} over {other}. Points: share of {one} in the revenue of the last twelve months.",
            "After ±: half width of the 95% interval; * where 0 lies outside it.",
            worth_of_pairing(ratios),
            *failed_lines(result),
            "",
            " " * width + "".join(head),
            " " * width + "".join(units),
            f"{'as it is':{width}}" + "".join(level),
            *rows,
        ]
    )


def effect_words(numbers: Mapping[str, float | None]) -> str:
    """An effect with the half width of its interval; a star where that leaves 0 out."""
    low, high = numbers["low"], numbers["high"]
    if low is None or high is None:
        return f"{number_words(numbers['estimate'], sign='+')} "
    half, star = (high - low) / 2, " " if low <= 0 <= high else "*"
    return f"{number_words(numbers['estimate'], sign='+')} ±{number_words(half)}{star}"
