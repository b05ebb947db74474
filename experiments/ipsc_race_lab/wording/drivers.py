"""What `notebooks/what-drives-it` says: which uncertain numbers matter (Morris), and how much is theirs (Sobol).

A factor is significant where the lower end of its interval lies above what stochastic variation alone would give: by
Morris the floor of its own noise, by Sobol the upper end of the dummy's interval. Whether a design was large enough
follows Sarrazin, Pianosi & Wagener (2016): of screening, ranking and values each can be settled while the next is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.metrics.registry import METRICS
from ipsc_race_lab.wording.markdown import table
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import is_known
from ipsc_race_lab.wording.telling import (
    SECTIONS,
    SHORT,
    amount,
    by_question,
    index,
    listed,
    records,
    share,
    started,
)

if TYPE_CHECKING:
    import pandas as pd

    from ipsc_race.loading import Origin
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.results.stored import Stored


DUMMY = "dummy"
PINNED = 0.05  # width of an interval below which an index counts as known (Sarrazin et al. 2016)
MAX_NAMED = 4  # factors in a sentence
LABELS: dict[str, str] = {  # of the factors of the shipped experiments, for readers
    "capital": "size of China's private rounds",
    "rounds": "how often China's developers close a round",
    "foundings": "foundings in China from 2016",
    "sites": "trial sites in China",
    "accrual": "patients per trial site in China",
    "review": "review before a trial in China",
    "preparation": "preparation for a trial in China",
    "approval": "review of approvals in China",
    "conditional_bar": "bar of China's conditional approval",
    "lane_use": "use of China's hospital lane",
    "lane_studies": "studies per Chinese hospital",
    "lane_optimism": "optimism of hospital studies",
    "hospital_credit": "credit of hospital evidence in China",
    "foreign_credit": "US credit of foreign early trials",
    "portability": "portability of Chinese evidence",
    "spillover": "knowledge that spills over",
    "imitation": "adoption by example",
    "coverage": "patients paid for in China",
    "reach_abroad": "reach abroad of China's developers",
    "licence_offers": "offers of licences",
    DUMMY: "dummy: moves nothing",
}
FIGURE_LABELS = {name: started(label) for name, label in LABELS.items()}

Row = Mapping[str, Any]


def label(factor: str) -> str:
    """A factor within a sentence."""
    return LABELS.get(factor) or readable(factor).lower()


def factors_table(name: str) -> str:
    """The factors of a shipped experiment: label, path, value, range, grade and source as its scenario has them."""
    from ipsc_race_lab.design.finding import load_experiment

    experiment = load_experiment(name)
    origins = _origins(experiment)
    rows = []
    for factor in experiment.factors:
        origin = origins.get(factor.path or "")
        if origin is None:
            rows.append([started(label(factor.name)), "", "", "", "", "", ""])
            continue
        spread = factor.distribution
        tried = f"{spread.low:g} to {spread.high:g}" + (", in logarithms" if spread.kind == "log_uniform" else "")
        value = f"{origin.value:g}"
        facts = [value, origin.unit or "", tried, origin.grade or "", origin.source or ""]
        rows.append([started(label(factor.name)), f"`{factor.path}`", *facts])
    return table(["number", "path", "baseline", "unit", "range tried", "grade", "source"], rows)


def _origins(experiment: Experiment) -> Mapping[str, Origin]:
    """Where each value of the first world of an experiment comes from, by path."""
    from ipsc_race.loading import load

    return load(next(iter(experiment.scenarios.values())), experiment.fixed).origins


def sources(morris: Stored, sobol: Stored) -> str:
    """What the numbers of the notebook are."""
    return "\n".join(f"- {one.described}" for one in (morris, sobol))


# Which numbers matter: Morris


def significant_effects(morris: Stored, question: str) -> list[Row]:
    """Mean sizes of effect that are beyond stochastic variation, the largest first."""
    from ipsc_race_lab.analysis.sensitivity import exceeds_noise

    noise = {row["factor"]: row["estimate"] for row in _of(morris.indices, question, "mu_star_noise")}
    rows = _of(morris.indices, question, "mu_star")
    return [row for row in rows if exceeds_noise(row["low"], noise.get(row["factor"]))]


def morris_words(morris: Stored, question: str) -> str:
    """Which numbers move this answer, in two or three sentences."""
    rows, significant = _of(morris.indices, question, "mu_star"), significant_effects(morris, question)
    number = sum(row["factor"] != DUMMY for row in rows)
    mean = by_question(morris.means)[question]
    head = f"**{started(SHORT[question])}**, {amount(question, mean)} on average over the points of the design."
    if not significant:
        likeliest = next((row for row in rows if row["estimate"] and row["estimate"] > 0), None)
        if likeliest is None:
            return f"{head} No effect of any of the {number} numbers is seen."
        seen = f"{label(likeliest['factor'])}, {_effect(question, likeliest)}"
        return (
            f"{head} None of the {number} numbers has a significant effect in these races; "
            f"the largest effect seen is that of {seen}."
        )
    named = [f"{label(row['factor'])}, {_effect(question, row)}" for row in significant[:MAX_NAMED]]
    more = f"; and {len(significant) - MAX_NAMED} more" if len(significant) > MAX_NAMED else ""
    quiet = sum(not row["estimate"] for row in rows if row["factor"] != DUMMY)
    still = f" {quiet} show no effect at all." if quiet else ""
    return (
        f"{head} {len(significant)} of the {number} numbers have a significant effect: {'; '.join(named)}{more}."
        f"{still} {_settled(morris, question)}"
    )


def _settled(morris: Stored, question: str) -> str:
    """Whether half of the trajectories name the same first factor."""
    sizes = sorted(set(morris.convergence["size"]))
    if len(sizes) < 2:
        return ""
    half, whole = (_at(morris, question, size) for size in sizes[-2:])
    same = half[0]["factor"] == whole[0]["factor"]
    first = "the same number" if same else label(half[0]["factor"])
    return f"The first {sizes[-2]} of the {sizes[-1]} trajectories put {first} first."


def _effect(question: str, row: Row) -> str:
    """A size of an effect, which has no sign."""
    return amount(question, row, signed=True).replace("+", "")


def has_spread(morris: Stored, question: str) -> bool:
    """Whether any effect varies beyond stochastic variation; otherwise a figure of effects has nothing to show."""
    return any(row["estimate"] > 0 for row in _of(morris.indices, question, "sigma"))


# How much is theirs: Sobol


def significant_shares(sobol: Stored, question: str) -> list[Row]:
    """Total indices that are significant, the largest first."""
    rows = _of(sobol.indices, question, "total")
    floor = max(0.0, _floor(rows))
    return [row for row in rows if is_known(row["low"]) and row["low"] > floor]


def has_variance(sobol: Stored, question: str) -> bool:
    """Whether the numbers move the mean answer at all."""
    return any(is_known(row["estimate"]) for row in _of(sobol.indices, question, "total"))


def has_intervals(sobol: Stored, question: str) -> bool:
    """Whether any index of this answer has an interval; an estimate alone says nothing."""
    return any(is_known(row["low"]) for row in _of(sobol.indices, question, "total"))


def explained_words(sobol: Stored, question: str) -> str:
    """How much of the variance of a single race is not due to the factors; nothing where it is not known."""
    explained = by_question(sobol.explained).get(question)
    if explained is None or not is_known(explained["low"]):
        return ""
    return (
        f"Over their whole ranges the numbers account for {share(_within(explained))} of the variance of a single "
        "race; the rest is stochastic variation."
    )


def sobol_words(sobol: Stored, question: str) -> str:
    """Which numbers drive this answer and how much of its variance is theirs, in a few sentences."""
    rows, significant = _of(sobol.indices, question, "total"), significant_shares(sobol, question)
    mean = by_question(sobol.means)[question]
    lines = [f"**{started(SHORT[question])}**, {amount(question, mean)} on average over the design."]
    if not has_variance(sobol, question):
        lines.append("It hardly varies with these numbers, so there is no variance to share out.")
        return " ".join(lines)
    lines.append(explained_words(sobol, question))
    if not has_intervals(sobol, question):
        lines.append(
            "What the numbers do is too small beside stochastic variation for any interval, so no index is told and "
            "none drawn."
        )
        return " ".join(line for line in lines if line)
    if significant:
        alone = {row["factor"]: row for row in _of(sobol.indices, question, "first")}
        named = [
            f"{label(row['factor'])}, total {index(row)} and alone {index(alone[row['factor']])}"
            for row in significant[:MAX_NAMED]
        ]
        more = f"; and {len(significant) - MAX_NAMED} more" if len(significant) > MAX_NAMED else ""
        lines.append(f"Significant parts of the variance of the mean answer: {'; '.join(named)}{more}.")
    names = [row["factor"] for row in significant]
    left = [row["factor"] for row in rows if row["factor"] not in (*names, DUMMY)]
    still = [factor for factor in left if _is_still(sobol, question, factor)]
    unsure = [label(factor) for factor in left if factor not in still]
    if unsure:
        lines.append(f"Not significant: {listed(unsure)}.")
    if still:
        lines.append(f"Without any part in it: {listed(map(label, still))}.")
    return " ".join(line for line in lines if line)


def convergence_words(sobol: Stored, question: str) -> str:
    """Whether the base points were enough: what doubling them last changed, and what is settled."""
    sizes = sorted(set(sobol.convergence["size"]))
    rows = _numbers(sobol, question)
    if len(sizes) < 2 or not has_intervals(sobol, question):
        return "Whether there were enough points cannot be told: the indices have no intervals."
    half = {row["factor"]: row for row in _at(sobol, question, sizes[-2])}
    moved = max(rows, key=lambda row: abs(row["estimate"] - half[row["factor"]]["estimate"]))
    step = abs(moved["estimate"] - half[moved["factor"]]["estimate"])
    wide = max(rows, key=lambda row: row["high"] - row["low"])
    width = wide["high"] - wide["low"]
    values = "the values are pinned" if width <= PINNED else "the values are not pinned"
    return (
        f"From {sizes[-2]} to {sizes[-1]} base points no total index moved by more than {step:.2f} "
        f"({label(moved['factor'])}); the widest interval is {width:.2f} wide ({label(wide['factor'])}), so {values}. "
        f"{_ranking(rows)}"
    )


def _numbers(sobol: Stored, question: str) -> list[Row]:
    """Total indices of all but the dummy, the largest first."""
    return [row for row in _of(sobol.indices, question, "total") if row["factor"] != DUMMY]


def _places(rows: Sequence[Row]) -> int:
    """How many of the first places are settled: their intervals lie apart from that of the next."""
    apart = (one["low"] > following["high"] for one, following in pairwise(rows))
    return sum(1 for _ in takewhile(bool, apart))


def _ranking(rows: Sequence[Row]) -> str:
    apart = _places(rows)
    if not apart:
        return "The intervals of the two largest overlap: even the first place is not settled."
    return f"The first {'place is' if apart == 1 else f'{apart} places are'} settled: the intervals do not overlap."


def drivers_table(sobol: Stored) -> str:
    """By answer: the number that drives it most, the other significant ones, and what the numbers explain at all."""
    rows = []
    for questions in SECTIONS.values():
        for question in questions:
            significant = significant_shares(sobol, question)
            first = (
                f"{label(significant[0]['factor'])}, {index(significant[0])}" if significant else "none is significant"
            )
            others = listed((label(row["factor"]) for row in significant[1:]), "")
            explained = by_question(sobol.explained).get(question)
            known = share(_within(explained)) if explained is not None and is_known(explained["low"]) else "not told"
            rows.append([METRICS[question].title, first, others, known])
    heads = ["answer", "largest total index", "other significant ones", "explained of the variance of single races"]
    if sobol.explained.empty:
        return table(heads[:3], [row[:3] for row in rows])
    return table(heads, rows)


def paragraph(morris: Stored, sobol: Stored) -> str:
    """The whole notebook in one paragraph."""
    grades = _grades(sobol.name)
    number = sum(factor != DUMMY for factor in morris.indices["factor"].unique())
    sizes = [size for _, size in SECTIONS.values()]
    chances = [chance for chance, _ in SECTIONS.values()]
    leaders: dict[str, list[str]] = {}
    for size in sizes:
        significant = significant_shares(sobol, size)
        leaders.setdefault(significant[0]["factor"] if significant else "", []).append(SHORT[size])
    named = [
        f"{label(factor)}{_graded(grades, factor)} for {listed(asked)}" if factor else f"none for {listed(asked)}"
        for factor, asked in leaders.items()
    ]
    settled = [SHORT[size] for size in sizes if _places(_numbers(sobol, size))]
    significant_chances = [SHORT[chance] for chance in chances if significant_shares(sobol, chance)]
    moved = {row["factor"] for size in sizes for row in significant_effects(morris, size)}
    others = " and for no other probability of leading" if significant_chances else ""
    sentences = [
        f"Of {number} uncertain numbers, {len(moved)} have a significant effect on at least one lead or share.",
        f"Of the numbers taken further, the largest share of the variance is that of {'; '.join(named)}.",
        _explained_in_one(sobol),
        f"Which number comes first is settled for {listed(settled, 'none of them')}.",
        f"A driver is significant for {listed(significant_chances, 'no probability of leading')}{others}: "
        "who is first, yes or no, says less than by how many months.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _explained_in_one(sobol: Stored) -> str:
    rows = by_question(sobol.explained)
    known = [rows[size]["estimate"] for _, size in SECTIONS.values() if size in rows and is_known(rows[size]["low"])]
    if not known:
        return ""
    least, most = 100 * min(known), 100 * max(known)
    head = "But most of it is stochastic variation: over" if most < 50 else "Over"
    return (
        f"{head} their whole ranges these numbers together account for {least:.0f} to {most:.0f}% of the variance of a "
        "single lead or share."
    )


def _grades(name: str) -> dict[str, str]:
    """Grade of evidence of each factor of a shipped experiment; none of another."""
    from ipsc_race_lab.design.finding import experiment_names, load_experiment

    if name not in experiment_names():
        return {}
    experiment = load_experiment(name)
    origins = _origins(experiment)
    origin_of = {factor.name: origins.get(factor.path or "") for factor in experiment.factors}
    return {name: origin.grade or "" for name, origin in origin_of.items() if origin is not None}


def _graded(grades: Mapping[str, str], factor: str) -> str:
    return f" (grade {grades[factor]})" if grades.get(factor) else ""


# Rows


def _of(frame: pd.DataFrame, question: str, kind: str) -> list[Row]:
    """Rows of one index, the largest first; those without an estimate last."""
    rows = records(frame[(frame["question"] == question) & (frame["index"] == kind)])
    return sorted(rows, key=lambda row: -row["estimate"] if is_known(row["estimate"]) else 1e300)


def _at(experiment: Stored, question: str, size: int) -> list[Row]:
    """Rows of the converging index at one size, the largest first."""
    frame = experiment.convergence
    return _of(frame[frame["size"] == size], question, frame["index"].iloc[0])


def _floor(rows: Sequence[Row]) -> float:
    """Upper end of the dummy's interval, nothing without one."""
    return next((row["high"] for row in rows if row["factor"] == DUMMY and is_known(row["high"])), 0.0)


def _is_still(sobol: Stored, question: str, factor: str) -> bool:
    """Whether a factor changes nothing at all: every index is exactly nothing, as the dummy's is."""
    frame = sobol.indices
    mine = frame[(frame["question"] == question) & (frame["factor"] == factor)]
    return bool((mine[["estimate", "low", "high"]] == 0).all(axis=None))


def _within(row: Row) -> Row:
    """A share that is not below nothing."""
    return {key: max(0.0, row[key]) if is_known(row[key]) else None for key in ("estimate", "low", "high")}
