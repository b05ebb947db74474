"""`ipsc-race ablate`: what each mechanism does to the answer, by taking each out of the same races in turn."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from ipsc_race_lab.commands.options import BOUNDS, all_cores, check_bounds, tell_overrides


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
    from ipsc_race_lab.analysis.ablation import ablated
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.progress import say, track
    from ipsc_race_lab.wording.ablation import text

    problems = check_bounds(arguments, {**BOUNDS, "runs": (2, 2**31 - 1)})
    if problems:
        raise LabError(*problems)
    world = load(arguments.scenario, tuple(arguments.set))
    tell_overrides([arguments.scenario], arguments.set)
    switches = world.scenario.mechanisms.model_dump()
    ensemble.warm(say)
    with track("mechanisms", arguments.runs * (1 + len(switches))) as advance:

        def raced(override: str | None) -> Iterator[ensemble.RaceResult]:
            turned = world if override is None else load(arguments.scenario, (*arguments.set, override))
            for result in ensemble.run_races(turned, arguments.runs, arguments.seed, workers=arguments.workers):
                yield result
                advance()

        told = ablated(world, raced) | {"runs": arguments.runs, "seed": arguments.seed}
    print(json.dumps(told, indent=1) if arguments.json else text(told))
    return 0
