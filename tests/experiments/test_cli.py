"""The command line: help at once, clear sentences for bad input, and never a traceback for it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest

from ipsc_race_lab import cli
from ipsc_race_lab.errors import LabError

HEAVY = {"numpy", "numba", "mesa", "pandas", "matplotlib", "pyarrow", "rich", "pydantic", "ruamel", "scipy"}


def script(*words: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    start = code or "import sys; from ipsc_race_lab.cli import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", start, *words], capture_output=True, text=True, check=False)


def command(monkeypatch: pytest.MonkeyPatch, execute: Any) -> None:
    """A command `probe` that does as told."""
    module = ModuleType("probe_command")
    module.__dict__.update(configure=lambda parser: parser.add_argument("--known"), execute=execute)
    monkeypatch.setitem(sys.modules, "probe_command", module)
    monkeypatch.setitem(cli.COMMANDS, "probe", ("probe_command", "a probe"))


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["compare", "--help"], ["experiment", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """Help that takes seconds is not asked for twice."""
    code = (
        "import sys; from ipsc_race_lab.cli import main\n"
        "try: main()\n"
        "except SystemExit: print('MODULES', *{name.split('.')[0] for name in sys.modules})"
    )
    told = script(*words, code=code).stdout
    assert "usage: ipsc-race" in told
    assert not HEAVY & set(told.split("MODULES")[1].split())


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert all(f"  {name}" in told and title in told for name, (_, title) in cli.COMMANDS.items())


def test_every_command_in_the_table_exists() -> None:
    assert [module for module, _ in cli.COMMANDS.values() if find_spec(module) is None] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("ipsc-race ")


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "commands:" in capsys.readouterr().err


def test_an_unknown_command_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rnu", "baseline"]) == 2
    assert capsys.readouterr().err == "ipsc-race: unknown command 'rnu'; did you mean 'run'?\n"
    assert cli.main(["zzz"]) == 2
    assert "expected one of run, list, check" in capsys.readouterr().err


def test_an_unknown_option_gets_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch, lambda _: 0)
    assert cli.main(["probe", "--knwon", "3"]) == 2
    assert capsys.readouterr().err == "ipsc-race: unknown option '--knwon'; did you mean '--known'?\n"
    assert cli.main(["probe", "more"]) == 2
    assert capsys.readouterr().err == "ipsc-race: unexpected argument 'more'\n"


def test_the_exit_code_is_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, lambda _: 1)
    assert cli.main(["probe"]) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (LabError("one is wrong", "two as well"), "ipsc-race: one is wrong\nipsc-race: two as well\n"),
        (PermissionError(errno.EACCES, "Permission denied", "x/y"), "ipsc-race: x/y: Permission denied\n"),
    ],
)
def test_bad_input_is_told_in_sentences(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, expected: str
) -> None:
    def execute(_: object) -> int:
        raise error

    command(monkeypatch, execute)
    assert cli.main(["probe"]) == 2
    assert capsys.readouterr().err == expected


def test_a_scenario_that_is_not_there_is_told_in_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "no-such-world"]) == 2
    told = capsys.readouterr().err
    assert "no-such-world" in told
    assert all(line.startswith("ipsc-race: ") for line in told.splitlines())


def test_an_error_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(_: object) -> int:
        raise ZeroDivisionError

    command(monkeypatch, execute)
    with pytest.raises(ZeroDivisionError):
        cli.main(["probe"])


def test_another_numba_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever upgrades Numba by hand would see a traceback of ours and none of what to do."""

    def execute(_: object) -> int:
        raise ImportError("Numba 0.70 has no such part", name="numba")

    command(monkeypatch, execute)
    assert cli.main(["probe"]) == 2
    assert capsys.readouterr().err == "ipsc-race: Numba 0.70 has no such part\n"


def test_an_interrupt_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def execute(_: object) -> int:
        raise KeyboardInterrupt

    command(monkeypatch, execute)
    assert cli.main(["probe"]) == 130
    assert capsys.readouterr().err == "ipsc-race: interrupted\n"


def test_a_reader_who_leaves_early_is_no_error() -> None:
    """`ipsc-race show baseline | head` must end quietly."""
    code = (
        "import sys, types; from ipsc_race_lab import cli\n"
        "probe = types.ModuleType('probe'); probe.configure = lambda parser: None\n"
        "probe.execute = lambda arguments: print('line\\n' * 100_000) or 0\n"
        "sys.modules['probe'] = probe; cli.COMMANDS['probe'] = ('probe', '')\n"
        "sys.exit(cli.main(['probe']))"
    )
    reader, writer = os.pipe()
    process = subprocess.Popen([sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    os.read(reader, 5)
    os.close(reader)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")


def test_a_word_where_a_number_belongs_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A page of usage hides what is wrong."""
    with pytest.raises(SystemExit) as left:
        cli.main(["run", "baseline", "--runs", "abc"])
    assert left.value.code == 2
    assert capsys.readouterr().err == "ipsc-race: --runs: expected a whole number, not 'abc'\n"


def test_an_option_that_is_given_no_value_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """`--` in the place of a value reached the commands as an empty list."""
    assert cli.main(["run", "baseline", "--runs=--"]) == 2
    assert capsys.readouterr().err == "ipsc-race: --runs=--: expected a value\n"


def test_what_is_wrong_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A name from elsewhere would clear the screen, or print a line that looks like ours."""
    assert cli.main(["run", "\x1b[2J\nipsc-race: all is well"]) == 2
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert told.count("\n") == 1
