"""`ipsc-race ablate`: what each mechanism does to the answer, by taking each out of the same races in turn."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.run import BOUNDS, all_cores, check_bounds

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ipsc_race.loading import Resolved

    Numbers = npt.NDArray[np.float64]  # shape (runs, measures)

SUFFIX = "_switch"
CELL = 13  # width of a column
LARGE = 100  # from here on a digit after the point says nothing
MEASURES: dict[str, tuple[str, str]] = {  # what is measured of a race: heading and unit
    "first_in_human": ("1st patient", "months"),
    "first_home_approval": ("home approval", "months"),
    "first_approval_anywhere": ("any approval", "months"),
    "origin": ("origin", "points"),
    "capture": ("capture", "points"),
    "approvals": ("approvals", "count"),
    "patients_harmed": ("harmed", "patients"),
    "redundant_patients": ("redundant", "patients"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", nargs="?", default="baseline", help="scenario (default: %(default)s)")
    add("--runs", type=int, default=400, metavar="N", help="races with and without each (default: %(default)s)")
    add("--seed", type=int, default=1, metavar="S", help="seed of all luck (default: %(default)s)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="change one value; repeatable")
    add("--workers", type=int, default=all_cores(), metavar="W", help="races at a time (default: all cores)")
    add("--json", action="store_true", help="print the table as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Race the scenario as it is, then with each mechanism turned round, and print the differences."""
    from ipsc_race import ensemble
    from ipsc_race.loading import load
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.progress import say, track

    problems = check_bounds(arguments, {**BOUNDS, "runs": (2, 2**31 - 1)})
    if problems:
        raise LabError(*problems)
    world = load(arguments.scenario, tuple(arguments.set))
    switches = world.scenario.mechanisms.model_dump()
    ensemble.warm(say)
    with track("mechanisms", arguments.runs * (1 + len(switches))) as advance:
        told = table(world, arguments, advance)
    print(json.dumps(told, indent=1) if arguments.json else text(told))
    return 0


def table(world: Resolved, arguments: argparse.Namespace, advance: Callable[[], None]) -> dict[str, Any]:
    """The ablation table: for each switch the mean difference that the mechanism makes, with its interval.

    Beside each the variance ratio, see `intervals`: what it is worth that the races share their luck.
    """
    from ipsc_race.loading import load
    from ipsc_race_lab import intervals

    switches: Mapping[str, bool] = world.scenario.mechanisms.model_dump()
    as_is = measured(world, arguments, advance)
    effects = {}
    for switch, on in switches.items():
        turned = measured(load(arguments.scenario, (*arguments.set, _turn(switch, on))), arguments, advance)
        with_it, without = (as_is, turned) if on else (turned, as_is)
        effects[switch.removesuffix(SUFFIX)] = {
            "on": on,
            **{name: _difference(with_it[:, i], without[:, i]) for i, name in enumerate(MEASURES)},
        }
    one, other = list(world.blocs)[:2]
    return {
        "scenario": world.name,
        "scenario_hash": world.hash,
        "runs": arguments.runs,
        "seed": arguments.seed,
        "blocs": [one, other],
        "as_is": {name: intervals.paired_t(as_is[:, i])._asdict() for i, name in enumerate(MEASURES)},
        "mechanisms": effects,
    }


def _difference(with_it: Numbers, without: Numbers) -> dict[str, float | None]:
    """What a mechanism does to one measure of the same races."""
    import numpy as np

    from ipsc_race_lab.intervals import paired_t, variance_ratio

    ratio = variance_ratio(np.stack([with_it, without]), np.array([1.0, -1.0])).estimate
    return {**paired_t(with_it - without)._asdict(), "variance_ratio": ratio}


def _turn(switch: str, on: bool) -> str:
    return f"mechanisms.{switch}={'false' if on else 'true'}"


def measured(world: Resolved, arguments: argparse.Namespace, advance: Callable[[], None]) -> Numbers:
    """All measures of all races of a world.

    Leads of the first bloc over the second are positive where the first is earlier; revenue is its share in points;
    the rest are totals of all jurisdictions.
    """
    import numpy as np

    from ipsc_race.ensemble import run_races
    from ipsc_race_lab.durable import VIEWS
    from ipsc_race_lab.questions import QUESTIONS
    from ipsc_race_lab.responses import responses

    rows = []
    for result in run_races(world, arguments.runs, arguments.seed, workers=arguments.workers):
        rows.append(result.outcomes)
        advance()
    outcomes, blocs = np.stack(rows), list(world.blocs)
    answers = responses(outcomes, blocs, (blocs[0], blocs[1]), float(world.months))
    leads = [answers[f"lead_months.{question}"] for question in QUESTIONS]
    points = [100.0 * answers[f"revenue_share.{view}"] for view in VIEWS]
    totals = [outcomes[name].sum(axis=1) for name in ("approvals", "patients_harmed", "redundant_patients")]
    return np.column_stack([*leads, *points, *totals])


def text(told: Mapping[str, Any]) -> str:
    """The table for people."""
    from ipsc_race_lab.compare import worth_of_pairing

    one, other = told["blocs"]
    leads = [name for name, (_, unit) in MEASURES.items() if unit == "months"]
    ratios = [effect[name]["variance_ratio"] for effect in told["mechanisms"].values() for name in leads]
    width = max(map(len, told["mechanisms"]))
    head = [f"{heading:>{CELL}}" for heading, _ in MEASURES.values()]
    units = [f"{f'({unit})':>{CELL}}" for _, unit in MEASURES.values()]
    level = [f"{number_words(told['as_is'][name]['estimate']):>{CELL}}" for name in MEASURES]
    rows = [
        f"{name:{width}}" + "".join(f"{effect_words(effect[measure]):>{CELL}}" for measure in MEASURES)
        for name, effect in told["mechanisms"].items()
    ]
    return "\n".join(
        [
            f"What each mechanism does in {told['scenario']}: {told['runs']:,} races with it less the same races "
            f"without it, seed {told['seed']}",
            f"Months: lead of {one} over {other}. Points: share of {one} in the revenue of the last twelve months.",
            "After ±: half width of the 95% interval; * where 0 lies outside it.",
            worth_of_pairing(ratios),
            "",
            " " * width + "".join(head),
            " " * width + "".join(units),
            f"{'as it is':{width}}" + "".join(level),
            *rows,
        ]
    )


def effect_words(numbers: Mapping[str, float]) -> str:
    """An effect with the half width of its interval; a star where that leaves 0 out."""
    half = (numbers["high"] - numbers["low"]) / 2
    star = " " if numbers["low"] <= 0 <= numbers["high"] else "*"
    return f"{number_words(numbers['estimate'], sign='+')} ±{number_words(half)}{star}"


def number_words(value: float, sign: str = "") -> str:
    """A number with one decimal, without where it is large."""
    digits = 0 if abs(value) >= LARGE else 1
    return f"{value:{sign}.{digits}f}"
