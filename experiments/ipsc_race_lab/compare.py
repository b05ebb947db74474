"""`ipsc-race compare`: the same races in several worlds, paired, so that the worlds differ and not the luck."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.ablate import number_words
from ipsc_race_lab.experiment_command import conducted, configure_conduct
from ipsc_race_lab.run import BOUNDS, check_bounds

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved
    from ipsc_race_lab.experiment import Experiment

MOST_NAMED = 3  # worlds in a title and in the name of a folder
Row = Mapping[str, Any]


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("scenarios", metavar="SCENARIO", nargs="*", help="two or more names or YAML files; the first is compared with")
    add("--runs", type=int, default=400, metavar="N", help="races of each world (default: %(default)s)")
    add("--seed", type=int, default=1, metavar="S", help="seed of all luck (default: %(default)s)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="change one value in all worlds; repeatable")
    configure_conduct(parser, "compare-<scenarios>")
    parser.set_defaults(chunk=None)


def execute(arguments: argparse.Namespace) -> int:
    """Race what is missing in the folder, compare, print."""
    return conducted(compared(arguments), arguments)


def compared(arguments: argparse.Namespace) -> Experiment:
    """The experiment that has the scenarios and varies nothing else. Raises LabError with all that is wrong."""
    from ipsc_race_lab.designs import Design
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.experiment import Experiment

    worlds, problems = _worlds(arguments)
    if problems:
        raise LabError(*dict.fromkeys(problems))  # what is wrong with --set is so in every world
    names = list(worlds)
    blocs = list(next(iter(worlds.values())).blocs)
    sources = dict(zip(names, arguments.scenarios, strict=True))
    hashes = tuple(world.hash for world in worlds.values())
    return Experiment(
        "-".join(["compare", *_few(names, "and-{}-more")]),
        f"The same races in {_listed(_few(names, '{} more'))}",
        "", sources, hashes, _fixed(arguments.set), (), Design("factorial"),
        arguments.runs, arguments.seed, (blocs[0], blocs[1]), None,
    )  # fmt: skip


def _worlds(arguments: argparse.Namespace) -> tuple[dict[str, Resolved], list[str]]:
    """The worlds by name, and all that is wrong with them and with the numbers given."""
    from ipsc_race.loading import ScenarioError, load
    from ipsc_race_lab.experiment_reading import MOST_REPLICATIONS, unlike

    problems = check_bounds(arguments, {**BOUNDS, "runs": (1, MOST_REPLICATIONS)})
    if len(arguments.scenarios) < 2:
        problems.append("expected two or more scenarios, such as: ipsc-race compare baseline decoupling")
    worlds: dict[str, Resolved] = {}
    for source in arguments.scenarios:
        try:
            world = load(source, tuple(arguments.set))
        except ScenarioError as error:
            problems += [str(problem) for problem in error.problems]
            continue
        if world.name in worlds:
            problems.append(
                f"{source}: there are two worlds of the name {world.name}; leave one out or rename its file"
            )
        worlds.setdefault(world.name, world)
    problems += unlike(list(worlds.values()))
    problems += [f"{world.name}: has one bloc only; nobody races" for world in worlds.values() if len(world.blocs) < 2]
    return worlds, problems


def _fixed(texts: Iterable[str]) -> dict[str, Any]:
    """What `--set` says, by path; it has been read once and was right."""
    from ipsc_race.yaml_reading import read_text
    from ipsc_race_lab.experiment_file import plain_value

    pairs = (text.partition("=") for text in texts)
    return {path.strip(): plain_value(read_text(value, "--set")) for path, _, value in pairs}


def _few(names: Sequence[str], others: str) -> list[str]:
    """The names, or the first and how many others there are."""
    if len(names) <= MOST_NAMED:
        return list(names)
    return [*names[: MOST_NAMED - 1], others.format(len(names) - MOST_NAMED + 1)]


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


# In words


def comparison_lines(told: Mapping[str, Any]) -> list[str]:
    """The comparison of an `analysis.json` for people: a table for each question."""
    base, rows = told["comparison"]["base"], told["comparison"]["rows"]
    leads = [row for row in rows if row["question"].startswith("lead_months") and row["index"] == "variance_ratio"]
    lines = [
        worth_of_pairing([row["estimate"] for row in leads]),
        "* where 0 lies outside the interval of the difference.",
    ]
    for question in told["scenarios"][base]["means"]:
        lines += ["", *_table(told, question)]
    return lines


def worth_of_pairing(ratios: Iterable[float | None]) -> str:
    """What it is worth for leads that the races of the worlds share their luck, in a sentence."""
    known = [ratio for ratio in ratios if ratio is not None]
    if not known:
        return "The same luck in every world; these races do not tell what that is worth."
    least, middle, most = (number_words(of(known)) for of in (min, median, max))
    times = (
        f"{least} to {most} times as many races, median {middle}" if least != most else f"{least} times as many races"
    )
    return f"The same luck in every world: as good as {times}, for differences of the lead."


def _table(told: Mapping[str, Any], question: str) -> list[str]:
    """Each world's mean answer, its paired difference from the first and the variance ratio of that."""
    from ipsc_race_lab.responses import TITLES

    base = told["comparison"]["base"]
    found = {(row["factor"], row["index"]): row for row in told["comparison"]["rows"] if row["question"] == question}
    is_lead = question.startswith("lead_months")
    scale, sign = (1.0, "+") if is_lead else (100.0, "")
    cells = [["", "mean", f"less {base}", "variance ratio"]]
    for world, answers in told["scenarios"].items():
        cells.append([world, _interval(answers["means"][question], scale, sign)])
        if world != base:
            difference = found[world, "difference"]
            cells[-1] += [_starred(difference, scale), _ratio(difference, found[world, "variance_ratio"])]
    widths = [max(len(row[i]) for row in cells if i < len(row)) for i in range(4)]
    lines = ["  " + "  ".join(f"{cell:{widths[i]}}" for i, cell in enumerate(row)).rstrip() for row in cells]
    return [TITLES[question] + ("" if is_lead else " (%)"), *lines]


def _interval(numbers: Row, scale: float, sign: str) -> str:
    """A number with its interval, -0.0 as 0.0."""
    estimate, *ends = (None if numbers[key] is None else scale * numbers[key] for key in ("estimate", "low", "high"))
    if None in ends:
        return f"{estimate:{sign}z.1f}"
    return f"{estimate:{sign}z.1f} ({ends[0]:{sign}z.1f} to {ends[1]:{sign}z.1f})"


def _starred(difference: Row, scale: float) -> str:
    known = difference["low"] is not None and not difference["low"] <= 0 <= difference["high"]
    return _interval(difference, scale, "+") + (" *" if known else "")


def _ratio(difference: Row, ratio: Row) -> str:
    """The variance ratio, or why there is none."""
    if ratio["estimate"] is None:
        if difference["low"] is None:
            return "unknown"
        return "no difference in any race" if difference["estimate"] == 0 else "the same difference in every race"
    ends = "" if ratio["low"] is None else f" ({number_words(ratio['low'])} to {number_words(ratio['high'])})"
    return f"{number_words(ratio['estimate'])}{ends}"
