"""Shells complete commands, options and the names of what ships."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ipsc_race_lab import cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", shell]) == 0
    told = capsys.readouterr().out
    assert "ipsc-race" in told
    assert "_ARGCOMPLETE" in told


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ipsc-race exp", {"experiment"}),
        ("ipsc-race run no-h", {"no-hospital-lane"}),
        ("ipsc-race experiment sob", {"sobol"}),
        ("ipsc-race check lev", {"levers", "level-patients", "level-public-money"}),
        ("ipsc-race score 2026-1", {"2026-11"}),
        ("ipsc-race run baseline --no-f", {"--no-figures"}),
    ],
)
def test_what_may_come_next_is_offered(tmp_path: Path, line: str, expected: set[str]) -> None:
    """The script asks this very program, on every press of the key."""
    offered = tmp_path / "offered"
    environment = {
        **os.environ, "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_STDOUT_FILENAME": str(offered),
        "COMP_LINE": line, "COMP_POINT": str(len(line)),
    }  # fmt: skip
    subprocess.run([sys.executable, "-m", "ipsc_race_lab.cli"], env=environment, check=True)
    assert expected <= {word.strip() for word in offered.read_text().splitlines()}
