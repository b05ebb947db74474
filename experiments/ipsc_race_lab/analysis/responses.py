"""What an experiment answers: a number for each question, point and replication, and what is made of them.

Of the points of one scenario the indices of its factors; of several scenarios what each differs by from the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.quantities import unit_of
from ipsc_race_lab.analysis import dose_response, moment_independent, sensitivity
from ipsc_race_lab.analysis import prim as discovery
from ipsc_race_lab.analysis.dose_response import written_value
from ipsc_race_lab.analysis.failures import kept_runs
from ipsc_race_lab.analysis.sensitivity import Index
from ipsc_race_lab.design import designs
from ipsc_race_lab.design.experiment import DOSE_RESPONSE, points, quantiles
from ipsc_race_lab.design.levers import plain
from ipsc_race_lab.estimators.intervals import variance_ratio
from ipsc_race_lab.estimators.weighing import CENTRAL_90
from ipsc_race_lab.metrics.answers import responses
from ipsc_race_lab.metrics.registry import OF_WHOLE, difference, estimate, per_race
from ipsc_race_lab.results.shards import Array, Rows

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.analysis.sensitivity import Step
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.design.factors import Factor
    from ipsc_race_lab.results.shards import Shards


RESAMPLING_SEED = 20_070_628  # of the bootstrap, which has nothing to do with the random numbers of races
MAX_WHOLE = 2048  # up to here a number of two bytes holds every whole one
HALVINGS = 3  # beginnings of the design that show convergence: an eighth, a quarter, a half, all
CONVERGING = {  # the index whose convergence is told, by kind of analysis; curves of `fast` have no beginnings
    "sobol": "total",
    "morris": "mu_star",
    "pawn": "pawn",
    "delta": "delta",
}


def findings(experiment: Experiment, shards: Shards, worlds: Mapping[tuple[str, ...], Resolved]) -> dict[str, Any]:
    """The content of `analysis.json`: the analysis of every scenario, and how the others differ from the first."""
    answers, failed = gathered(experiment, shards, worlds)
    scenarios = {scenario: analyse(experiment, answers[scenario], scenario) for scenario in experiment.scenarios}
    result: dict[str, Any] = {"experiment": experiment.name, "pair": experiment.pair, "scenarios": scenarios, **failed}
    if len(scenarios) > 1:
        result["comparison"] = comparison(standing_for(experiment, answers), over_worlds=experiment.has_own_luck)
    return result


def gathered(
    experiment: Experiment, shards: Shards, worlds: Mapping[tuple[str, ...], Resolved]
) -> tuple[dict[str, dict[str, Array]], dict[str, Any]]:
    """The answers of each scenario by question, shape (points, replications), within its shortest span.

    Replications in which a race failed are left out; what is said of them, see `failures.kept_runs`, stands beside.
    """
    points = experiment.points
    horizons = {
        scenario: min(float(world.months) for key, world in worlds.items() if key[0] == scenario)
        for scenario in experiment.scenarios
    }

    def respond(outcomes: Array, horizons_months: Array) -> dict[str, Array]:
        return responses(outcomes, shards.blocs, experiment.pair, horizons_months)

    months = [horizons[points.worlds[number][0]] for number in points.world_of]
    answers, failures = gather(shards.read(), points.ids, months, experiment.replications, respond, points.first_runs)
    kept, failed = kept_runs(failures, experiment.replications)
    whole = {question: table[:, kept] if failed else table for question, table in answers.items()}
    parts = {question: np.split(table, len(horizons)) for question, table in whole.items()}  # scenario by scenario
    by_scenario = {scenario: {question: of[i] for question, of in parts.items()} for i, scenario in enumerate(horizons)}
    return by_scenario, failed


def gather(
    parts: Iterable[Rows],
    ids: Sequence[int] | Array,
    horizons_months: Sequence[float],
    replications: int,
    respond: Callable[[Array, Array], dict[str, Array]],
    first_runs: Array,
) -> tuple[dict[str, Array], list[tuple[int, str]]]:
    """Answers by question, shape (points, replications), shard by shard, and replications that failed, each with why.

    `ids` are the numbers of the points, `horizons_months` the ends of their spans, `first_runs` the numbers of their
    first races; `respond` makes answers of outcomes and horizons. Whole outcomes are never held, and answers in few
    bytes: who leads is 0, a half or 1, leads are whole months, and a share is a part and a whole of seven digits each.
    """
    order = np.argsort(ids)
    known, horizons, first = np.asarray(ids)[order], np.asarray(horizons_months)[order], first_runs[order]
    answers: dict[str, Array] = {}
    failures: list[tuple[int, str]] = []
    for part in parts:
        at = np.minimum(np.searchsorted(known, part.points), len(known) - 1)
        nth = part.runs - first[at]
        mine = (known[at] == part.points) & (nth >= 0) & (nth < replications)
        failures += [(int(nth[i]), why) for i, why in enumerate(part.reasons) if why and mine[i]]
        for question, values in respond(part.outcomes[:, None], horizons[at][:, None]).items():
            if question not in answers:
                whole = np.float16 if max(horizons_months) <= MAX_WHOLE else np.float32
                kind = OF_WHOLE if values.dtype == OF_WHOLE else whole
                answers[question] = np.full((len(ids), replications), np.nan, kind)
            answers[question][order[at[mine]], nth[mine]] = values[mine, 0]
    return answers, failures


def analyse(experiment: Experiment, answers: dict[str, Array], scenario: str = "") -> dict[str, Any]:
    """What the experiment's analysis says of every question in a scenario (the first): the content of `analysis.json`.

    `rows`: `{question, factor, index, estimate, low, high}`; `variance`: how much of the variance of single races is
    due to the factors and how much to stochastic variation; `floors`: upper ends of the dummy's intervals;
    `convergence`: rows with `size`, one index from growing beginnings of the design; `boxes` of a discovery, with
    `factors`, what their limits are limits of. What a dose response tells stands in its module.
    """
    kind = experiment.analysis.kind if experiment.analysis else None
    result: dict[str, Any] = {"rows": [], "variance": [], "floors": [], "convergence": [], "boxes": []}
    if kind == DOSE_RESPONSE:
        return result | dose_response.analyse(experiment, answers, scenario or next(iter(experiment.scenarios)))
    unit = quantiles(experiment)
    rows: list[Index] = []
    means = {name: estimate(name, table.T if experiment.has_own_luck else table) for name, table in answers.items()}
    result = {"means": {question: mean._asdict() for question, mean in means.items()}} | result
    for question, of in answers.items():
        table = per_race(of)
        if kind == "prim":
            result["boxes"] += _box(experiment, question, table)
        elif kind is not None:
            steps = _steps(experiment, question, unit, table)
            rows += steps[-1].rows
            result["convergence"] += _convergence(steps, CONVERGING.get(kind))
        if kind not in (None, "prim") or experiment.design.kind == designs.POSTERIOR:
            parts = sensitivity.variance_parts(table, seed=RESAMPLING_SEED, block=_block(experiment))
            result["variance"].append({"question": question, **parts._asdict(), "share": parts.share._asdict()})
    if result["boxes"]:
        result["factors"] = [_varied(factor) for factor in experiment.factors]
    result["rows"] = [asdict(row) for row in rows]
    result["floors"] = _floors(experiment, rows)
    return result


def indices(experiment: Experiment, question: str, unit: Array, table: Array) -> list[Index]:
    """Indices of every factor for one question."""
    assert experiment.analysis is not None
    names = [factor.name for factor in experiment.factors]
    kind = experiment.analysis.kind
    if kind == "effects":
        return sensitivity.effects(question, unit, table, names)
    if kind == "sobol":
        second = experiment.design.second_order
        return sensitivity.sobol(question, unit, table, names, seed=RESAMPLING_SEED, second_order=second)
    if kind in ("pawn", "delta"):
        of: Callable[..., list[Index]] = {"pawn": moment_independent.pawn, "delta": moment_independent.delta}[kind]
        return of(question, unit, table, names, seed=RESAMPLING_SEED, block=_block(experiment))
    of = {"morris": sensitivity.morris, "fast": sensitivity.fast}[kind]
    return of(question, unit, table, names, seed=RESAMPLING_SEED)


def _steps(experiment: Experiment, question: str, unit: Array, table: Array) -> list[Step]:
    """The indices from the whole of a design, in the end; of analyses that converge first from its beginnings."""
    assert experiment.analysis is not None
    block = _block(experiment)
    units = len(table) // block
    halvings = range(HALVINGS, 0, -1) if experiment.analysis.kind in CONVERGING else ()
    sizes = [*(units >> halving for halving in halvings if units >> halving > 1), units]

    def again(points: Array, answers: Array) -> list[Index]:
        return indices(experiment, question, points, answers)

    return sensitivity.convergence(again, unit, table, sizes, block)


def _convergence(steps: Iterable[Step], index: str | None) -> list[dict[str, Any]]:
    """Rows of one index at each size; none of no index."""
    return [{**asdict(row), "size": step.size} for step in steps for row in step.rows if row.index == index]


def standing_for(
    experiment: Experiment, answers: Mapping[str, Mapping[str, Array]]
) -> Mapping[str, Mapping[str, Array]]:
    """The points whose mean is the answer of a scenario: of one_at_a_time the world as it is, otherwise all."""
    if experiment.design.kind != designs.ONE_AT_A_TIME:
        return answers
    return {scenario: {question: table[:1] for question, table in of.items()} for scenario, of in answers.items()}


def comparison(answers: Mapping[str, Mapping[str, Array]], over_worlds: bool = False) -> dict[str, Any]:
    """What each scenario differs by from the first, race by race: `comparison` in `analysis.json`.

    `answers`: by scenario and question, shape (points, replications), a replication with the same random numbers in
    all. Rows as of an analysis, the scenario as the factor: `difference`, see `registry`, and `variance_ratio`, see
    `intervals`; `over_worlds`, where points are worlds of a posterior with luck of their own, means are over points,
    and `worlds` and `numbers_share` are told too.
    """
    base, *others = answers
    rows = []
    for other in others:
        for question in answers[base]:
            there, here = (answers[name][question] for name in (other, base))
            single = [per_race(table).astype(np.float64) for table in (there, here)]
            lucks = [_lucks(of) if over_worlds else of.mean(axis=0) for of in single]
            ratio = variance_ratio(np.stack(lucks), np.array([1.0, -1.0]))
            more = difference(question, there.T, here.T) if over_worlds else difference(question, there, here)
            rows.append(Index(question, other, "difference", *more))
            rows.append(Index(question, other, "variance_ratio", *ratio))
            if over_worlds:
                rows += _of_worlds(question, other, more.estimate, single[0] - single[1])
    return {"base": base, "rows": [asdict(row) for row in rows]}


def _lucks(answers: Array) -> Array:
    """How each race of a point lies off the point's mean: what luck did, whatever the world."""
    return np.asarray(answers - answers.mean(axis=1, keepdims=True)).reshape(-1)


def _of_worlds(question: str, other: str, mean: float | None, differences: Array) -> list[Index]:
    """How differences (points, replications) vary with the world: the central 90%, and their share of the variance.

    The variance is freed of luck (`sensitivity.variance_parts`), and the differences of worlds are taken as normal.
    """
    parts = sensitivity.variance_parts(differences, seed=RESAMPLING_SEED)
    half = NormalDist().inv_cdf(CENTRAL_90[-1]) * math.sqrt(max(parts.between, 0.0))
    ends = (None, None) if mean is None else (mean - half, mean + half)
    return [
        Index(question, other, "worlds", mean, *ends),
        Index(question, other, "numbers_share", *parts.share),
    ]


def _block(experiment: Experiment) -> int:
    """Rows of the design that were drawn together: they are resampled together."""
    factors = len(experiment.factors)
    if experiment.design.kind == "saltelli":
        return sensitivity.block_rows(factors, experiment.design.second_order)
    return factors + 1 if experiment.design.kind == "morris" else 1


def _floors(experiment: Experiment, rows: Iterable[Index]) -> list[dict[str, Any]]:
    """For each question and index the upper end of the dummy's interval."""
    rows = list(rows)
    dummy = next((factor.name for factor in experiment.factors if factor.is_dummy), None)
    if dummy is None:
        return []
    pairs = dict.fromkeys((row.question, row.index) for row in rows if row.factor == dummy)
    return [
        {"question": question, "index": index, "high": sensitivity.noise_floor(rows, question, index, dummy)}
        for question, index in pairs
    ]


def _box(experiment: Experiment, question: str, table: Array) -> list[dict[str, Any]]:
    """The box in which the first of the pair leads in most replications; of questions of leading only."""
    hits = discovery.majority(table == 1.0)
    if not question.startswith("p_leads.") or hits.all() or not hits.any():
        return []
    names = [factor.name for factor in experiment.factors]
    unordered = [factor.name for factor in experiment.factors if factor.distribution.kind == "values"]
    box = discovery.discover(points(experiment), hits, names, unordered=unordered)
    return [{"question": question, "chosen": asdict(box.chosen), "trajectory": [asdict(b) for b in box.trajectory]}]


def _varied(factor: Factor) -> dict[str, Any]:
    """Unit and range of a factor as it was varied, its levels by name where they have no order; a dummy has no unit."""
    of, unit = factor.distribution, unit_of(plain(factor.path)) if factor.path else None
    result = {"factor": factor.name, "unit": unit, "low": of.low, "high": of.high, "log": of.kind == "log_uniform"}
    if of.kind != "values":
        return result
    return result | {"values": of.values, "levels": [written_value(factor, value) for value in of.values]}
