"""`ipsc-race`: one table of commands, each a module with `configure` and `execute`.

Exit codes: 0 done, 1 a check failed, 2 bad input, 3 interrupted with work saved, 130 interrupted with nothing
to save. Only the standard library is imported before a command is chosen, so that help answers at once.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import NoReturn

from ipsc_race.plain_text import plain_text

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("ipsc_race_lab.commands.run", "run many races of a scenario, write the results, print who is first"),
    "list": (
        "ipsc_race_lab.commands.list",
        "list scenarios, experiments, histories, forecasts and the results that are here",
    ),
    "check": (
        "ipsc_race_lab.commands.check",
        "find every error in files of scenarios, experiments and forecasts; say what an experiment will cost",
    ),
    "show": ("ipsc_race_lab.commands.show", "show a scenario as resolved, with the evidence for each value"),
    "compare": ("ipsc_race_lab.commands.compare", "run the same races in several worlds, and print how these differ"),
    "ablate": (
        "ipsc_race_lab.commands.ablate",
        "take out each mechanism in turn, and print what it does to the answer",
    ),
    "experiment": ("ipsc_race_lab.commands.experiment", "race a design over many worlds; resumes where it was left"),
    "reproduce": ("ipsc_race_lab.commands.reproduce", "race committed experiments again and compare the numbers"),
    "calibrate": ("ipsc_race_lab.commands.calibrate", "hold a world to what is on record; resumes where it was left"),
    "forecast": ("ipsc_race_lab.commands.forecast", "the race from today: what is left, by bloc, indication and year"),
    "validate": ("ipsc_race_lab.commands.validate", "climb the validation ladder; 1 where a rung is missed"),
    "verify": ("ipsc_race_lab.commands.verify", "say whether result folders still hold what was written"),
    "figures": ("ipsc_race_lab.commands.figures", "draw the figures of a result folder anew, without racing"),
    "story": ("ipsc_race_lab.commands.story", "tell one race of a result folder, as a log and a chart"),
    "ask": ("ipsc_race_lab.commands.ask", "ask a run for any milestone: by indication, by year, for the k-th product"),
    "score": ("ipsc_race_lab.commands.score", "hold dated forecasts against what came, and against base rates"),
    "completion": ("ipsc_race_lab.commands.completion", "print a script that completes commands, options and names"),
    "warm": ("ipsc_race_lab.commands.warm", "compile the rules now, so that no later command waits"),
}
BAD_INPUT, INTERRUPTED = 2, 130
DESCRIPTION = "An agent-based race: who brings iPSC therapies to patients first?"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code."""
    if "_ARGCOMPLETE" in os.environ:
        from ipsc_race_lab.commands.completion import complete

        complete(COMMANDS)
    parser = _parser()
    options, words = _split(sys.argv[1:] if argv is None else argv)
    parser.parse_args(options)  # --help and --version end here
    if not words:
        parser.print_help(sys.stderr)
        return BAD_INPUT
    command, *rest = words
    if command not in COMMANDS:
        return _complain([f"unknown command {command!r}{_nearest(command, COMMANDS)}"])
    try:
        code = _command(command, rest)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _complain(["interrupted"])
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone: nothing more to say, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _command(command: str, words: Sequence[str]) -> int:
    module_name, title = COMMANDS[command]
    module = import_module(module_name)
    parser = _Sentences(prog=f"ipsc-race {command}", description=title, allow_abbrev=False)
    module.configure(parser)
    if lost := [word for word in words if word.startswith("-") and word.partition("=")[2] == "--"]:
        return _complain(f"{word}: expected a value" for word in lost)  # argparse takes it for the end of the options
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        options = [option for action in parser._actions for option in action.option_strings]  # noqa: SLF001
        wrong = [word for word in unknown if word.startswith("--") and word not in options]
        hints = [f"unknown option {word!r}{_nearest(word, options)}" for word in wrong]
        return _complain(hints or [f"unexpected argument {word!r}" for word in unknown])
    try:
        code: int = module.execute(arguments)
    except Exception as error:
        problems = _problems(error)
        if not problems:
            raise
        return _complain(problems)
    return code


def _problems(error: Exception) -> list[str]:
    """What was wrong with the input or the place to write; nothing where the error is ours."""
    from ipsc_race.loading import ScenarioError
    from ipsc_race_lab.errors import LabError

    if isinstance(error, LabError | ScenarioError):
        return [str(problem) for problem in error.problems]
    if isinstance(error, ImportError) and error.name == "numba":  # another version than ours
        return [str(error)]
    if isinstance(error, OSError) and error.filename and not isinstance(error, BrokenPipeError):
        return [f"{error.filename}: {error.strerror}"]
    return []


def _complain(problems: Iterable[str]) -> int:
    for problem in problems:
        print(f"ipsc-race: {plain_text(problem)}", file=sys.stderr)
    return BAD_INPUT


def _nearest(word: str, names: Iterable[str]) -> str:
    """A hint at the nearest valid name, or at all of them."""
    names = list(names)
    near = difflib.get_close_matches(word, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; expected one of {', '.join(names)}"


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Options that stand before the command, and the command with all that follows."""
    first = next((i for i, word in enumerate(argv) if not word.startswith("-")), len(argv))
    return list(argv[:first]), list(argv[first:])


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    table = "\n".join(f"  {name:{width}}  {title}" for name, (_, title) in COMMANDS.items())
    hint = "Start with 'ipsc-race run baseline'; 'ipsc-race COMMAND --help' tells more."
    parser = _Sentences(
        prog="ipsc-race",
        usage="ipsc-race [--help] [--version] COMMAND ...",
        description=DESCRIPTION,
        epilog=f"commands:\n{table}\n\n{hint}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    return parser


class _Sentences(argparse.ArgumentParser):
    """Says what is wrong with a command line in one sentence, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        sentence = message.removeprefix("argument ").replace("invalid int value:", "expected a whole number, not")
        self.exit(BAD_INPUT, f"ipsc-race: {plain_text(sentence)}\n")


class _Version(argparse.Action):
    """Prints the version; imported only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from ipsc_race import __version__

        print(f"ipsc-race {__version__}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
