"""`ipsc-race run`: one answer for a scenario and a seed, saved as told, or a sentence on why not."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fake_races
import pyarrow.parquet as pq
import pytest

from ipsc_race import milestones
from ipsc_race.ensemble import RaceResult
from ipsc_race_lab import cli
from ipsc_race_lab.results import run_folder as store

JAPAN = 3


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A made-up world in place of the model, in an empty folder."""
    world = fake_races.fake_resolved()
    fake_races.install(monkeypatch, world)
    monkeypatch.chdir(tmp_path)
    return world


def run(*words: str) -> int:
    return cli.main(["run", "made-up", "--no-figures", *words])


def manifest(folder: str = "results/made-up") -> dict[str, Any]:
    content: dict[str, Any] = json.loads((Path(folder) / store.MANIFEST).read_text())
    return content


@pytest.mark.usefixtures("resolved")
def test_a_run_leaves_a_complete_folder_and_prints_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "50", "--seed", "3", "--workers", "2", "--full") == 0
    told = capsys.readouterr()
    assert "A made-up world\n50 races, 2010-01 to 2024-12, seed 3" in told.out
    for text in ("First patient dosed", "P(china leads west) = ", "P(china leads japan) = ", "; lead "):
        assert text in told.out
    assert "50 of 50 races" in told.err
    assert {path.name for path in Path("results/made-up").iterdir()} == set(store.FILES)
    facts = manifest()
    expected = {"status": "complete", "runs": 50, "runs_done": 50, "seed": 3, "workers": 2}
    assert expected.items() <= facts.items()
    assert facts["value_hash"] == json.loads(Path("results/made-up/summary.json").read_text())["value_hash"]


@pytest.mark.usefixtures("resolved")
def test_a_result_names_no_person_machine_or_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Results are shared; who ran them, and where, is nobody's business."""
    monkeypatch.setenv("USER", "somebody-here")
    assert run("--runs", "3") == 0
    text = "".join(path.read_text() for path in Path("results/made-up").glob("*.json"))
    for private in ("somebody-here", os.uname().nodename, str(tmp_path), str(Path.home()), "/some/where"):
        assert private not in text


@pytest.mark.usefixtures("resolved")
def test_the_value_hash_hangs_on_seed_and_runs_alone(capsys: pytest.CaptureFixture[str]) -> None:
    hashes = []
    for words in (("--workers", "1"), ("--workers", "3"), ("--seed", "2"), ("--runs", "11")):
        assert run("--runs", "10", *words, "--force") == 0
        hashes.append(manifest()["value_hash"])
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    capsys.readouterr()


@pytest.mark.usefixtures("resolved")
def test_json_is_all_that_stdout_gets(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "4", "--json") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(Path("results/made-up/summary.json").read_text())


@pytest.mark.usefixtures("resolved")
def test_one_race_is_told_without_false_certainty(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "1", "--full") == 0
    told = capsys.readouterr().out
    assert "1 race," in told
    assert "insufficient evidence" in told
    assert "no interval" in told
    assert "nan" not in told.lower()


def test_a_clear_lead_is_not_called_insufficient(
    resolved: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def races(world: Any, runs: int, seed: int, *, workers: int) -> Iterator[RaceResult]:
        del seed, workers
        first = fake_races.event(milestones.FIRST_IN_HUMAN, "2014-09", JAPAN)
        return (fake_races.race(run, world, [first]) for run in range(runs))

    fake_races.install(monkeypatch, resolved, races)
    assert run("--runs", "20", "--full") == 0
    told = capsys.readouterr().out.split("First approval at home")[0]
    assert "P(china leads japan) = 0.0% (0.0 to 16.1); lead -124 months (in every race): japan" in told
    assert "2014-09 (2014-09 to 2014-09)" in told
    assert "P(china leads west) = 50.0% (29.9 to 70.1); lead +0.0 months (in every race): insufficient evidence" in told
    assert next(line for line in told.splitlines() if line.startswith("First patient ")).endswith("Japan")


@pytest.mark.usefixtures("resolved")
def test_all_that_is_wrong_is_said_at_once_before_any_race(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    words = "run made-down --runs 0 --seed -1 --workers 0 --out taken --set a.b=1 --set c=2"
    assert cli.main(words.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "ipsc-race: --runs 0: expected a whole number from 1 to 2147483647",
        "ipsc-race: --seed -1: expected a whole number from 0 to 9223372036854775807",
        "ipsc-race: --workers 0: expected a whole number from 1 to 1024",
        "ipsc-race: --set a.b=1: unknown path",
        "ipsc-race: --set c=2: unknown path",
        "ipsc-race: made-down:1:1: no such scenario",
        "ipsc-race: --out taken: it is a file; expected a folder",
    ]


@pytest.mark.usefixtures("resolved")
def test_a_result_is_replaced_only_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "2") == 0
    assert run("--runs", "3") == 2
    assert "holds a result already (manifest.json)" in capsys.readouterr().err
    assert manifest()["runs"] == 2
    assert run("--runs", "3", "--force") == 0
    assert manifest()["runs"] == 3


@pytest.mark.usefixtures("resolved")
def test_a_place_that_cannot_be_made_is_told_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--runs", "2", "--out", "/proc/nowhere/out") == 2
    assert "/proc/nowhere/out" in capsys.readouterr().err


def interrupted_at(last: int) -> fake_races.Races:
    """Races in which Ctrl-C comes while the one after `last` is under way."""

    def races(world: Any, runs: int, seed: int, *, workers: int) -> Iterator[RaceResult]:
        del workers
        for run in range(runs):
            if run == last + 1:
                os.kill(os.getpid(), signal.SIGINT)
            yield fake_races.random_race(run, seed, world)

    return races


def test_an_interrupt_saves_the_races_done(
    resolved: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hours of races must not be lost to Ctrl-C, and the result must not pass for a complete one."""
    fake_races.install(monkeypatch, resolved, interrupted_at(39))
    assert run("--runs", "100") == 3
    assert "Interrupted; 40 of 100 races are saved" in capsys.readouterr().err
    facts = manifest()
    assert (facts["status"], facts["runs"], facts["runs_done"]) == ("interrupted", 100, 40)
    assert json.loads(Path("results/made-up/summary.json").read_text())["runs"] == 40
    assert set(pq.read_table("results/made-up/monthly.parquet")["run"].to_pylist()) == set(range(40))
    fake_races.install(monkeypatch, resolved)
    assert run("--runs", "40", "--force") == 0
    assert manifest()["value_hash"] == facts["value_hash"]


@pytest.mark.usefixtures("resolved")
def test_an_interrupt_during_recording_waits_for_the_race_to_be_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add = store.ResultWriter.add

    def add_under_fire(writer: store.ResultWriter, result: Any) -> None:
        if result.run == 4:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
        add(writer, result)

    monkeypatch.setattr(store.ResultWriter, "add", add_under_fire)
    assert run("--runs", "100") == 3
    assert manifest()["runs_done"] == 5
    assert pq.read_table("results/made-up/monthly.parquet").num_rows == 5 * 180 * 4
    capsys.readouterr()


def test_an_interrupt_before_the_first_race_leaves_nothing(
    resolved: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fake_races.install(monkeypatch, resolved, interrupted_at(-1))
    assert run("--runs", "5") == 130
    assert "interrupted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_world_too_large_to_hold_is_told_in_a_sentence(
    resolved: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def races(*_: object, **__: object) -> Iterator[RaceResult]:
        raise OverflowError("race 0 outgrew 4096 companies; found fewer companies")
        yield

    fake_races.install(monkeypatch, resolved, races)
    assert run("--runs", "5") == 2
    assert "ipsc-race: race 0 outgrew 4096 companies; found fewer companies" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def drawn_by(monkeypatch: pytest.MonkeyPatch, draw: Any) -> None:
    from ipsc_race_lab.figures import run as figures

    monkeypatch.setattr(figures, "draw_run", draw)


@pytest.mark.usefixtures("resolved")
def test_figures_are_drawn_from_the_finished_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    captions = []

    def draw(folder: Path, world: Any, times: Any, holdings: Any, caption: str) -> None:
        assert pq.read_table(folder / store.MONTHLY_FILE).num_rows == 6 * world.months * 4
        assert times["first_in_human"].months.shape == (6, 3)
        assert holdings.last_year("revenue", "origin").shape == (6, 3)
        captions.append(caption)

    drawn_by(monkeypatch, draw)
    assert cli.main(["run", "made-up", "--runs", "6", "--seed", "9"]) == 0
    assert captions == ["A made-up world. 6 races, seed 9, scenario 01234567, ipsc-race 0.1.0."]
    capsys.readouterr()


@pytest.mark.usefixtures("resolved")
def test_numbers_outlive_figures_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(folder: Path, *_: object) -> None:
        (folder / store.FIGURES).mkdir()
        raise OSError(28, "No space left on device")

    drawn_by(monkeypatch, draw)
    assert cli.main(["run", "made-up", "--runs", "6"]) == 2
    told = capsys.readouterr().err
    assert "the numbers are saved, but the figures cannot be written: No space left" in told
    assert manifest()["status"] == "complete"
    assert not Path("results/made-up/figures").exists()


@pytest.mark.usefixtures("resolved")
def test_an_interrupt_while_drawing_keeps_the_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    drawn_by(monkeypatch, draw)
    assert cli.main(["run", "made-up", "--runs", "6"]) == 3
    assert manifest()["status"] == "complete"
    assert "6 of 6 races are saved" in capsys.readouterr().err


def test_a_changed_world_is_named_by_what_was_changed() -> None:
    """What was raced with a borrowed number would be quoted as the baseline's answer."""
    from ipsc_race.loading import load
    from ipsc_race_lab.commands import run

    change = ["span.end_month=2030-12"]
    resolved = load("baseline", change)
    assert run._default_folder(resolved, change) == f"baseline-{resolved.hash[:8]}"
    assert run._default_folder(load("baseline"), []) == "baseline"
    assert run._title(resolved, change).endswith(", with span.end_month=2030-12")
