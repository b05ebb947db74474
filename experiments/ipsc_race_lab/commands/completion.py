"""`ipsc-race completion`: a script with which a shell completes commands, options and the names of what ships."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from importlib import import_module

SHELLS = ("bash", "zsh", "fish")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)}")


def execute(arguments: argparse.Namespace) -> int:
    """Print the script."""
    from argcomplete.shell_integration import shellcode

    print(shellcode(["ipsc-race"], shell=arguments.shell))
    return 0


def complete(commands: Mapping[str, tuple[str, str]]) -> None:
    """Answer a shell that asks what may come next, and leave; `commands`: module and title by name."""
    import argcomplete

    parser = argparse.ArgumentParser("ipsc-race")
    parser.add_argument("--version", action="store_true")
    choices = parser.add_subparsers()
    for name, (module, title) in commands.items():
        command = choices.add_parser(name, help=title)
        import_module(module).configure(command)
        for action in command._actions:  # noqa: SLF001 - argparse has no other way to them
            if names := _NAMES.get(str(action.metavar)):
                action.completer = _names_or_files(names)  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def _names_or_files(names: Callable[[], list[str]]) -> Callable[..., list[str]]:
    from argcomplete.completers import FilesCompleter

    files = FilesCompleter(("yaml", "yml"))
    return lambda prefix, **_: [*names(), *files(prefix)]


def _scenarios() -> list[str]:
    from ipsc_race.loading import scenario_names

    return scenario_names()


def _experiments() -> list[str]:
    from ipsc_race_lab.design.finding import experiment_names

    return experiment_names()


def _registers() -> list[str]:
    from ipsc_race_lab.metrics.register_reading import register_names

    return register_names()


def _calibrations() -> list[str]:
    from ipsc_race_lab.design.finding import calibration_names

    return calibration_names()


def _posteriors() -> list[str]:
    from ipsc_race_lab.design.reading.posterior import posterior_names

    return posterior_names()


_NAMES: Mapping[str, Callable[[], list[str]]] = {  # by what the help calls an argument
    "SCENARIO": _scenarios,
    "OTHER": _scenarios,
    "EXPERIMENT": _experiments,
    "REGISTER": _registers,
    "CALIBRATION": _calibrations,
    "POSTERIOR": _posteriors,
    "SOURCE": lambda: _scenarios() + _experiments() + _registers(),
}
