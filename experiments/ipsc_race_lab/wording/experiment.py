"""The answer of an experiment in words: one line that says what was found, then a table for each question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipsc_race.plain_text import plain_text
from ipsc_race_lab.metrics.registry import METRICS, Kind, kind_of
from ipsc_race_lab.metrics.verdicts import INSUFFICIENT
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import failed_lines, format_estimate, is_known, ratio_words
from ipsc_race_lab.wording.prim import box_lines
from ipsc_race_lab.wording.tables import table_lines
from ipsc_race_lab.wording.telling import bloc, differs, listed

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment


MAX_SHOWN = 12  # factors of a question in the printed answer
NOISE = "mu_star_noise"  # what stochastic variation alone would give
SIGNED = ("effect", "difference")  # indices that say which way
LEADING: dict[str, str] = {  # the index that orders factors, the first that there is, and what it is called
    "total": "share of the variance, with interactions",
    "mu_star": "mean size of the effect",
    "effect": "effect",
    "pawn": "distance of distributions (PAWN)",
    "delta": "Borgonovo's delta",
}

Row = Mapping[str, Any]


def races(experiment: Experiment) -> str:
    """How many races there are of each world, in words."""
    count = experiment.replications
    return f"{count:,} race{'' if count == 1 else 's'} of each world"


def text(experiment: Experiment, analysis: Mapping[str, Any], width: int | None = None) -> str:
    """The answer in words: what was found, how scenarios differ, and the factors that move each answer most."""
    from ipsc_race_lab.design.experiment import DOSE_RESPONSE
    from ipsc_race_lab.wording.comparison import comparison_lines, turned_line

    one, other = analysis["pair"]
    raced = "" if experiment.factors else f"{races(experiment)}, seed {experiment.seed}; "
    lines = [plain_text(experiment.title), f"{bloc(one)} against {bloc(other)}; {raced}95% intervals in brackets"]
    lines += failed_lines(analysis)
    if "comparison" in analysis:
        lines += [turned_line(analysis), *comparison_lines(analysis, width)]
    compared = "comparison" in analysis and experiment.analysis is None  # all that there is to say
    for scenario, result in analysis["scenarios"].items() if experiment.factors and not compared else ():
        lines += ["", _heading(experiment, scenario, result)]
        if experiment.analysis is not None and experiment.analysis.kind == DOSE_RESPONSE:
            lines += _doses(scenario, result)
            continue
        for question, mean in result["means"].items():
            lines += ["", f"{_title(question)}: {format_estimate(mean, kind_of(question))} over the design"]
            lines += _doubts(result, question)
            lines += _factors(result, question, width)
            boxes = (box["chosen"] for box in result["boxes"] if box["question"] == question)
            lines += [f"  {line}" for box in boxes for line in box_lines(box, result["factors"], one)]
    return "\n".join(lines)


def _heading(experiment: Experiment, scenario: str, result: Mapping[str, Any]) -> str:
    """The scenario, and what moves its answers if that was asked."""
    from ipsc_race_lab.design.designs import POSTERIOR

    if experiment.analysis is not None:
        return f"In {scenario}: {moving_line(result)}"
    return f"In {scenario}, over its posterior" if experiment.design.kind == POSTERIOR else f"In {scenario}"


def moving_line(result: Mapping[str, Any]) -> str:
    """How many factors are known to move an answer, and which is most often the largest; of a discovery its boxes."""
    if result["boxes"]:
        return f"a box for {listed(METRICS[box['question']].phrase for box in result['boxes'])}"
    floors = {(row["question"], row["index"]): row["high"] for row in result["floors"]}
    noise = {(row["question"], row["factor"]): row["estimate"] for row in result["rows"] if row["index"] == NOISE}

    def moves(row: Row) -> bool:
        """Whether a number is significant: by its sign, or by lying above what moves nothing."""
        if row["index"] in SIGNED:
            return differs(row)
        least = (floors.get((row["question"], row["index"])), noise.get((row["question"], row["factor"])))
        return bool(row["low"] > max(0.0, *(of or 0.0 for of in least)))

    known = [row for row in result["rows"] if row["index"] in (*LEADING, "difference") and is_known(row["low"])]
    known = [row for row in known if moves(row)]
    total = len({row["factor"] for row in result["rows"]})
    if not known:
        return f"{INSUFFICIENT} that any of the {total} factors moves an answer"
    largest = {row["question"]: row for row in sorted(known, key=lambda row: abs(row["estimate"]))}
    first, times = Counter(row["factor"] for row in largest.values()).most_common(1)[0]
    moving = len({row["factor"] for row in known})
    return (
        f"{moving} of {total} factors are known to move an answer; most often the largest: {readable(first)}, "
        f"of {times} of {len(result['means'])} answers"
    )


def _title(question: str) -> str:
    return METRICS[question].title.removesuffix(" (months)")


def _doubts(result: Mapping[str, Any], question: str) -> list[str]:
    """Of points of a posterior: which part of the variance of single races is their numbers', and which is chance."""
    if result["rows"]:
        return []
    parts = [of["share"] for of in result["variance"] if of["question"] == question]
    return [
        f"  of the variance of single races {format_estimate(of, Kind.SHARE)} is the numbers'; the rest is chance"
        for of in parts
        if is_known(of["estimate"])
    ]


def _factors(result: Mapping[str, Any], question: str, width: int | None) -> list[str]:
    """The factors that move an answer most, with what it is worth that their worlds share stochastic variation."""
    rows = [row for row in result["rows"] if row["question"] == question and is_known(row["estimate"])]
    index = next((name for name in LEADING if any(row["index"] == name for row in rows)), None)
    if index is None:
        return []
    ratios = {row["factor"]: ratio_words(row["estimate"]) for row in rows if row["index"] == "variance_ratio"}
    shown = sorted((row for row in rows if row["index"] == index), key=lambda row: -abs(row["estimate"]))[:MAX_SHOWN]
    cells = [[readable(row["factor"]), index_words(question, row), ratios.get(row["factor"], "")] for row in shown]
    return table_lines(["", LEADING[index], "variance ratio" if ratios else ""], cells, width, "  ")


def index_words(question: str, row: Row) -> str:
    """An index with its interval: in the unit of the answer where it moves it, a part of the variance otherwise."""
    if row["index"] in ("effect", "mu_star", "sigma"):
        words = format_estimate(row, kind_of(question), signed=True)
        return words if row["index"] in SIGNED else words.replace("+", "")  # a size has no sign
    return format_estimate(row, Kind.AMOUNT)


def _doses(scenario: str, result: Mapping[str, Any]) -> list[str]:
    """A dose response in words: for each question a table of its factors."""
    from ipsc_race_lab.wording import dose_response

    lines = ["* where 0 lies outside the interval; that of a largest step does not know that it was chosen among many."]
    for question, mean in result["means"].items():
        rows = [row for row in result["rows"] if row["question"] == question]
        of = {"question": question, "mean": mean, "rows": rows, "factors": result["factors"]}
        lines += ["", *dose_response.lines(of, f"{_title(question)} in {scenario}"), *dose_response.shape_lines(of)]
    return lines
