"""The answer of an experiment in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.metrics.registry import METRICS, Kind, kind_of
from ipsc_race_lab.wording.numbers import failed_lines, format_estimate, ratio_words
from ipsc_race_lab.wording.plain_text import plain_text
from ipsc_race_lab.wording.prim import box_lines

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment


MOST_SHOWN = 12  # factors of a question in the printed answer


def races(experiment: Experiment) -> str:
    """How many races there are of each world, in words."""
    count = experiment.replications
    return f"{count:,} race{'' if count == 1 else 's'} of each world"


def text(experiment: Experiment, told: Mapping[str, Any]) -> str:
    """The answer in words: how scenarios differ, the mean of each answer, and the factors that move it most."""
    from ipsc_race_lab.design.experiment import DOSE_RESPONSE
    from ipsc_race_lab.wording.comparison import comparison_lines

    one, other = told["pair"]
    raced = "" if experiment.factors else f"{races(experiment)}, seed {experiment.seed}; "
    lines = [plain_text(experiment.title), f"{one} against {other}; {raced}95% intervals in brackets"]
    lines += failed_lines(told)
    if "comparison" in told:
        lines += comparison_lines(told)
    if experiment.analysis is not None and experiment.analysis.kind == DOSE_RESPONSE:
        return "\n".join([*lines, *_doses(told)])
    for scenario, found in told["scenarios"].items() if experiment.factors else ():
        for question, mean in found["means"].items():
            title = METRICS[question].title.removesuffix(" (months)")
            lines += ["", f"{title} in {scenario}: {format_estimate(mean, kind_of(question))} over the design"]
            rows = [row for row in found["rows"] if row["question"] == question and row["estimate"] is not None]
            kinds = list(dict.fromkeys(row["index"] for row in rows))
            shown = [row for row in rows if row["index"] == _leading(kinds)]
            ratios = {row["factor"]: row["estimate"] for row in rows if row["index"] == "variance_ratio"}
            for row in sorted(shown, key=lambda row: -abs(row["estimate"]))[:MOST_SHOWN]:
                ratio = f"  variance ratio {ratio_words(ratios[row['factor']])}" if row["factor"] in ratios else ""
                lines.append(f"  {row['factor']:28} {row['index']:10} {_index_words(question, row)}{ratio}")
            boxes = [box["chosen"] for box in found["boxes"] if box["question"] == question]
            lines += [f"  {line}" for box in boxes for line in box_lines(box, found["factors"], one)]
    return "\n".join(lines)


def _doses(told: Mapping[str, Any]) -> list[str]:
    """A dose response in words: for each scenario and question a table of its factors."""
    from ipsc_race_lab.wording import dose_response

    said = ["* where 0 lies outside the interval; that of a largest step does not know that it was chosen among many."]
    for scenario, found in told["scenarios"].items():
        for question, mean in found["means"].items():
            rows = [row for row in found["rows"] if row["question"] == question]
            of = {"question": question, "mean": mean, "rows": rows, "factors": found["factors"]}
            said += ["", *dose_response.lines(of, f"{METRICS[question].title.removesuffix(' (months)')} in {scenario}")]
            said += dose_response.shape_lines(of)
    return said


def _leading(kinds: list[str]) -> str | None:
    """The index that orders factors: the total where there is one."""
    for kind in ("total", "mu_star"):
        if kind in kinds:
            return kind
    return kinds[0] if kinds else None


def _index_words(question: str, row: Mapping[str, Any]) -> str:
    """An index with its interval: in the unit of the answer where it moves it, a part of the variance otherwise."""
    is_move = row["index"] in ("effect", "mu_star", "sigma") or row["index"].startswith("interaction")
    return format_estimate(row, kind_of(question) if is_move else Kind.AMOUNT, signed=row["index"] == "effect")
