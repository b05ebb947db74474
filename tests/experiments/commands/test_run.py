"""`ipsc-race run`: one answer for a scenario and a seed, saved as told, resumed, or a sentence on why not."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import fake_races
import pyarrow.parquet as pq
import pytest

from ipsc_race import milestones
from ipsc_race.ensemble import Racer, run_races, value_hash
from ipsc_race.loading import load
from ipsc_race_lab import cli
from ipsc_race_lab.commands import run as run_command
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.execution import runner
from ipsc_race_lab.figures import stored as stored_figures
from ipsc_race_lab.metrics.questions import Answers, summarise
from ipsc_race_lab.results import folder as place
from ipsc_race_lab.results.run_folder import read_run
from ipsc_race_lab.wording import answer

JAPAN = 3
WORLD = """
extends: baseline
title: A made-up world
span: {end_month: 2013-12}
"""
FOLDER = Path("results/made-up")
WHOLE = {place.MANIFEST, place.SCENARIO, place.SUMMARY, place.MILESTONES_FILE, place.MONTHLY_FILE, place.ROWS}


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A short world in an empty folder; a few of its races make a chunk."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runner, "chunk_rows", lambda *_: 4)
    file = tmp_path / "made-up.yaml"
    file.write_text(WORLD, encoding="utf-8")
    return file


def run(*words: str) -> int:
    return cli.main(["run", "made-up.yaml", "--no-figures", *words])


def manifest(folder: Path = FOLDER) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / place.MANIFEST).read_text())
    return content


def shards(folder: Path = FOLDER) -> dict[Path, int]:
    """Shards and when they were written."""
    return {path: path.stat().st_mtime_ns for path in (folder / place.ROWS).iterdir()}


def content(folder: Path = FOLDER) -> tuple[str, Any, Any]:
    """All that readers read."""
    tables = [pq.read_table(folder / name) for name in (place.MILESTONES_FILE, place.MONTHLY_FILE)]
    return (folder / place.SUMMARY).read_text(), *tables


def test_a_run_leaves_a_complete_folder_and_prints_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "50", "--seed", "3", "--workers", "2", "--full") == 0
    out = capsys.readouterr()
    assert "A made-up world\n50 races, 2010-01 to 2013-12, seed 3" in out.out
    for text in ("First patient dosed", "P(china leads west) = ", "P(china leads japan) = ", "; lead "):
        assert text in out.out
    assert "50 of 50 races" in out.err
    assert {path.name for path in FOLDER.iterdir()} == WHOLE
    facts = manifest()
    expected = {"status": "complete", "runs": 50, "runs_done": 50, "seed": 3, "workers": 2}
    assert expected.items() <= facts.items()
    assert facts["value_hash"] == json.loads((FOLDER / place.SUMMARY).read_text())["value_hash"]


def test_the_value_hash_is_that_of_the_races_in_order(world: Path) -> None:
    """Two ways to race with two hashes would leave nothing to compare."""
    assert run("--runs", "20", "--seed", "3", "--workers", "2") == 0
    assert manifest()["value_hash"] == value_hash(race.digest for race in run_races(load(world), 20, 3))


def test_a_result_names_no_person_machine_or_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Results are shared; who ran them, and where, is nobody's business."""
    monkeypatch.setenv("USER", "somebody-here")
    assert run("--runs", "3") == 0
    text = "".join(path.read_text() for path in FOLDER.glob("*.json"))
    for private in ("somebody-here", os.uname().nodename, str(tmp_path), str(Path.home())):
        assert private not in text


def test_the_value_hash_hangs_on_seed_and_runs_alone() -> None:
    hashes = []
    for words in (("--workers", "1"), ("--workers", "3"), ("--seed", "2"), ("--runs", "11")):
        assert run("--runs", "10", *words, "--force") == 0
        hashes.append(manifest()["value_hash"])
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_json_is_all_that_stdout_gets(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "4", "--json") == 0
    assert json.loads(capsys.readouterr().out) == json.loads((FOLDER / place.SUMMARY).read_text())


def test_one_race_is_told_without_false_certainty(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "1", "--full") == 0
    out = capsys.readouterr().out
    assert "1 race," in out
    assert "insufficient evidence" in out
    assert "no interval" in out
    assert "nan" not in out.lower()


def test_a_clear_lead_is_not_called_insufficient() -> None:
    made_up = fake_races.fake_resolved()
    answers = Answers(made_up, 1)
    first = fake_races.event(milestones.FIRST_IN_HUMAN, "2014-09", JAPAN)
    for i in range(20):
        answers.add(fake_races.race(i, made_up, [first]))
    out = answer.text(summarise(answers, value_hash), full=True).split("First approval at home")[0]
    assert "P(china leads japan) = 0.0% (0.0 to 16.1); lead -124 months (in every race): japan" in out
    assert "2014-09 (2014-09 to 2014-09)" in out
    assert "P(china leads west) = 50.0% (29.9 to 70.1); lead +0.0 months (in every race): insufficient evidence" in out
    assert next(line for line in out.splitlines() if line.startswith("First patient ")).endswith("Japan")


def test_all_that_is_wrong_is_said_at_once_before_any_race(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    words = "run made-down --runs 0 --seed -1 --workers 0 --out taken --set a.b=1"
    assert cli.main(words.split()) == 2
    out = capsys.readouterr()
    assert out.out == ""
    *numbers, scenario, folder = out.err.splitlines()
    assert numbers == [
        "ipsc-race: --runs 0: expected a whole number from 1 to 1000000",
        "ipsc-race: --seed -1: expected a whole number from 0 to 9223372036854775807",
        "ipsc-race: --workers 0: expected a whole number from 1 to 1024",
    ]
    assert "no scenario is named 'made-down'" in scenario
    assert folder == "ipsc-race: --out taken: it is a file; expected a folder"


# Going on


def test_more_races_are_added_to_those_that_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand races would be thrown away for the next thousand."""
    assert run("--runs", "30", "--out", "whole") == 0
    assert run("--runs", "10") == 0
    before = shards()
    assert run("--runs", "30") == 0
    assert before.items() <= shards().items()
    assert content() == content(Path("whole"))
    assert "10 of 30 races are in results/made-up already" in capsys.readouterr().err


@pytest.mark.parametrize("runs", [12, 5])
def test_what_is_there_is_answered_without_racing(runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures forgotten, or fewer races asked for, would cost the races once more."""
    assert run("--runs", str(runs), "--out", "whole") == 0
    assert run("--runs", "12") == 0
    monkeypatch.setattr(runner, "race_chunk", None)
    before = shards()
    assert run("--runs", str(runs)) == 0
    assert shards() == before
    assert content() == content(Path("whole"))


@pytest.mark.parametrize(
    "words", [("--seed", "2"), ("--set", "jurisdictions.china.funding.capital_multiplier=2", "--out", str(FOLDER))]
)
def test_another_run_is_refused_and_replaced_only_on_request(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Races of two seeds or worlds in one table would be an answer to no question."""
    assert run("--runs", "4") == 0
    before = manifest()
    assert run("--runs", "4", *words) == 2
    assert "is of another experiment; give another folder" in capsys.readouterr().err
    assert {**manifest(), "seconds": 0} == {**before, "seconds": 0}
    assert run("--runs", "4", *words, "--force") == 0
    assert manifest()["value_hash"] != before["value_hash"]


def signalled(monkeypatch: pytest.MonkeyPatch, number: int, at: int, times: int = 1) -> None:
    """Races in which a signal comes while a chunk is under way."""
    race_chunk, seen = runner.race_chunk, []

    def race(racer: Any, chunk: runner.Chunk) -> Any:
        seen.append(chunk)
        if len(seen) == at:
            for _ in range(times):
                os.kill(os.getpid(), number)
                time.sleep(0.1)
        return race_chunk(racer, chunk)

    monkeypatch.setattr(runner, "race_chunk", race)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_saves_the_races_done_and_the_same_command_goes_on(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hours of races must not be lost to Ctrl-C or a queue, and the result must not pass for a complete one."""
    assert run("--runs", "60", "--out", "whole") == 0
    with monkeypatch.context() as patch:
        signalled(patch, number, at=5)
        assert run("--runs", "60", "--workers", "1") == 3
    out = capsys.readouterr()
    facts = manifest()
    done = facts["runs_done"]
    assert f"Interrupted; {done} of 60 races are saved in results/made-up: the same command goes on" in out.err
    assert 16 < done < 60
    assert facts["status"] == "interrupted"
    assert f"\n{done} races, " in out.out
    assert set(pq.read_table(FOLDER / place.MONTHLY_FILE)["run"].to_pylist()) == set(range(done))
    before = shards()
    assert run("--runs", "60") == 0
    assert before.items() <= shards().items()
    assert content() == content(Path("whole"))
    assert manifest()["value_hash"] == manifest(Path("whole"))["value_hash"]


def test_a_second_interrupt_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever cannot wait loses what is under way, and nothing else."""
    with monkeypatch.context() as patch:
        signalled(patch, signal.SIGINT, at=5, times=2)
        assert run("--runs", "60", "--workers", "1") == 3
    assert manifest()["status"] == "interrupted"
    assert run("--runs", "60") == 0
    assert run("--runs", "60", "--out", "whole") == 0
    assert content() == content(Path("whole"))


# Races that fail


class Small:
    """A racer whose records some races outgrow."""

    def __init__(self, lost: set[int]) -> None:
        self.lost, self._race = lost, Racer.race

    def race(self, racer: Racer, run: int, values: Any = ()) -> Any:
        if run in self.lost:
            msg = f"race {run} outgrew 4096 companies; found fewer companies"
            raise OverflowError(msg)
        return self._race(racer, run, values)


def outgrown(monkeypatch: pytest.MonkeyPatch, *lost: int) -> None:
    small = Small(set(lost))
    monkeypatch.setattr(Racer, "race", lambda racer, run, values=(): small.race(racer, run, values))


def test_a_race_that_fails_is_told_and_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], world: Path
) -> None:
    """One race in a million would throw the others away."""
    outgrown(monkeypatch, 5)
    assert run("--runs", "10") == 0
    assert "1 race failed and is left out: race 5 outgrew 4096 companies" in capsys.readouterr().out
    assert manifest()["failed"]["races"] == 1
    assert set(pq.read_table(FOLDER / place.MONTHLY_FILE)["run"].to_pylist()) == {*range(10)} - {5}
    monkeypatch.undo()
    others = [race.digest for race in run_races(load(world), 10, 1) if race.run != 5]
    monkeypatch.chdir(world.parent)
    assert manifest()["value_hash"] == value_hash(others)


def test_a_world_too_large_to_hold_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outgrown(monkeypatch, *range(5))
    assert run("--runs", "5") == 2
    said = "ipsc-race: all 5 races failed, the first because race 0 outgrew 4096 companies; found fewer companies"
    assert said in capsys.readouterr().err


# Figures


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What figures are drawn from, in place of figures; `trouble` may be put first."""
    from ipsc_race_lab.figures import run as figures

    calls: list[Any] = []

    def draw(folder: Path, resolved: Any, times: Any, holdings: Any, histories: Any, caption: str) -> list[Path]:
        trouble = calls.pop(0) if calls and callable(calls[0]) else None
        calls.append((folder, resolved, times, holdings, histories, caption))
        if trouble:
            trouble(folder)
        return []

    monkeypatch.setattr(figures, "draw_run", draw)
    return calls


def test_figures_drawn_later_are_those_of_the_run(drawn: list[Any]) -> None:
    """A folder drawn again must not show other races, or a world that was changed since."""
    assert cli.main(["run", "made-up.yaml", "--runs", "6", "--seed", "9"]) == 0
    Path("made-up.yaml").unlink()
    assert stored_figures.draw(FOLDER) == []
    (_, world, times, holdings, record, caption), (
        _, world_again, times_again, holdings_again, record_again, caption_again
    ) = drawn  # fmt: skip
    assert record == record_again
    assert caption == caption_again == f"A made-up world. 6 races, seed 9, scenario {world.hash[:8]}, ipsc-race 0.1.0."
    assert world.hash == world_again.hash
    assert world.blocs == world_again.blocs
    for question, first in times.items():
        assert first.months.shape == (6, 3)
        assert (first.months == times_again[question].months).all()
    assert (holdings.sales == holdings_again.sales).all()
    assert (holdings.totals == holdings_again.totals).all()


def test_the_answer_comes_back_from_what_is_stored() -> None:
    """The summary is no more than what the stored races say."""
    assert run("--runs", "9") == 0
    stored = read_run(FOLDER)
    summary = json.loads((FOLDER / place.SUMMARY).read_text())
    assert summarise(stored.answers, value_hash) | {"title": "A made-up world"} == summary


def test_numbers_outlive_figures_that_cannot_be_written(drawn: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    def full(folder: Path) -> None:
        (folder / place.FIGURES).mkdir()
        (folder / place.FIGURES / "half.png").touch()
        raise OSError(28, "No space left on device")

    drawn.append(full)
    assert cli.main(["run", "made-up.yaml", "--runs", "6"]) == 2
    out = capsys.readouterr().err
    assert "the numbers are saved, but the figures cannot be written: No space left" in out
    assert manifest()["status"] == "complete"
    assert list((FOLDER / place.FIGURES).iterdir()) == []


def test_an_interrupt_while_drawing_keeps_the_numbers(drawn: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    drawn.append(lambda _: os.kill(os.getpid(), signal.SIGINT))
    assert cli.main(["run", "made-up.yaml", "--runs", "6"]) == 3
    assert manifest()["status"] == "complete"
    assert "6 of 6 races are saved" in capsys.readouterr().err


def test_a_changed_world_is_named_by_what_was_changed() -> None:
    """What was raced with a borrowed number would be quoted as the baseline's answer."""
    from ipsc_race_lab.commands.options import folder_name

    change = ["span.end_month=2030-12"]
    resolved = load("baseline", change)
    assert folder_name(resolved, change) == f"baseline-{resolved.hash[:8]}"
    assert folder_name(load("baseline"), []) == "baseline"
    assert run_command._title(resolved, change).endswith(", with span.end_month=2030-12")


def test_a_folder_that_cannot_be_made_is_told_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "2", "--out", "/proc/nowhere/out") == 2
    assert "/proc/nowhere/out" in capsys.readouterr().err


def test_a_folder_that_is_not_finished_is_not_drawn() -> None:
    with pytest.raises(LabError, match="holds no result"):
        stored_figures.draw(Path("nowhere"))


def test_names_that_are_no_text_name_files_all_the_same(world: Path) -> None:
    """On Linux a name is bytes: a scenario and a folder from an old disk are raced, read, told and drawn as others."""
    odd = Path(os.fsdecode(b"w\xff.yaml"))
    world.rename(odd)
    folder = Path(os.fsdecode(b"races\xff\xfe"))
    assert cli.main(["run", str(odd), "--runs", "3", "--out", str(folder)]) == 0
    assert manifest(folder)["scenario"] == odd.stem
    assert (folder / "figures" / "programmes.png").exists()
    assert cli.main(["verify", str(folder)]) == 0
    assert cli.main(["ask", str(folder)]) == 0
    assert cli.main(["story", str(folder), "--run", "0"]) == 0
    assert cli.main(["figures", str(folder)]) == 0
