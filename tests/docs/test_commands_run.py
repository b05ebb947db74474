"""Every command that the README shows does what it says, with few races, in the order of the page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ipsc_race_lab import cli
from ipsc_race_lab.design.finding import calibration_names, expected_folder, experiment_names
from ipsc_race_lab.design.reading.posterior import posterior_names
from ipsc_race_lab.figures import experiment, style

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DEMO = re.search(r"ipsc-race (run [^\n]*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
LINES = [
    shlex.split(line) for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()
]
COMMANDS = [words for program, *words in LINES if program == "ipsc-race"]
RACED = "sisters"  # the others have hundreds of points and more; tests of experiments read them all
FEW = {  # what a command is told beside what the page says; a later option counts
    "run": ["--runs", "2", "--no-figures", "--force"],
    "compare": ["--runs", "2"],
    "ablate": ["--runs", "2"],
    "experiment": ["--replications", "1"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `make demo` leaves, of ten races, and the world that the page writes."""
    place = tmp_path_factory.mktemp("reader")
    (world,) = re.findall(r"```yaml\n(# slow-china.yaml\n.*?)```", README, re.DOTALL)
    (place / "slow-china.yaml").write_text(world, encoding="utf-8")
    assert DEMO is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert cli.main([*shlex.split(DEMO[1]), "--runs", "10", "--no-figures"]) == 0
    return place


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_of_the_readme_runs(words: list[str], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer types what stands there, and nothing else."""
    monkeypatch.chdir(place)
    monkeypatch.setattr(style, "save", lambda _, path: path)  # figures have tests of their own
    monkeypatch.setattr(experiment, "draw_all", lambda *_: [])
    command, *rest = words
    if command == "experiment" and rest[0] != RACED:
        assert rest[0] in experiment_names()
    elif command == "calibrate":
        assert rest[0] in calibration_names()
    elif command == "forecast":
        assert "baseline" in posterior_names()
    elif command == "reproduce":
        assert (expected_folder() / f"{rest[0]}.json").is_file()
    else:
        assert cli.main([command, *rest, *FEW.get(command, ())]) == 0


def test_no_line_is_a_program_that_nobody_tests() -> None:
    """What `make` does is done by continuous integration."""
    assert {program for program, *_ in LINES} == {"make", "ipsc-race"}
