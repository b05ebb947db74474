"""An experiment gives one value hash whatever raced it, is resumed, expanded, and never mixed with another."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipsc_race.ensemble import Racer
from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.analysis import reproduction
from ipsc_race_lab.analysis.reproduction import differing
from ipsc_race_lab.analysis.responses import gathered
from ipsc_race_lab.cli import main
from ipsc_race_lab.design.designs import MAX_POINTS
from ipsc_race_lab.design.finding import load_experiment
from ipsc_race_lab.execution import runner as conduct
from ipsc_race_lab.results.provenance import environment
from ipsc_race_lab.results.shards import Shards

ROOT = Path(__file__).parents[3]
TEXT = """
title: Money and review
scenario: baseline
set: {span.end_month: "2024-12"}
factors:
  capital: {path: jurisdictions.china.funding.capital_multiplier}
  lane: {worlds: {as_is: baseline, closed: no-hospital-lane}}
  noise: {dummy: true}
design: {kind: monte_carlo, points: 6}
replications: 3
seed: 7
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def raced(file: Path, folder: Path, *more: str) -> str:
    """Value hash of a finished experiment."""
    assert main(["experiment", str(file), "--out", str(folder), *more]) == 0
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete"
    return str(manifest["value_hash"])


def test_workers_and_chunks_change_nothing(file: Path, tmp_path: Path) -> None:
    """V29: a laptop and a larger machine must give the same numbers."""
    ways = (("--workers", "1"), ("--workers", "2"), ("--workers", "2", "--chunk", "1"), ("--chunk", "1000"))
    hashes = {raced(file, tmp_path / f"way{i}", *way) for i, way in enumerate(ways)}
    assert len(hashes) == 1


def shards(folder: Path) -> list[Path]:
    return sorted((folder / "rows").glob("*.parquet"))


def test_what_is_missing_is_raced_and_nothing_else(file: Path, tmp_path: Path) -> None:
    """Resuming must not start anew, and must end where a run in one go ends."""
    whole = raced(file, tmp_path / "whole", "--chunk", "2")
    kept = shards(tmp_path / "whole")
    kept[0].unlink()
    (tmp_path / "whole" / "manifest.json").unlink()
    before = {path: path.stat().st_mtime_ns for path in kept[1:]}
    assert raced(file, tmp_path / "whole", "--chunk", "2") == whole
    assert {path: path.stat().st_mtime_ns for path in kept[1:]} == before


def test_killed_half_way_and_resumed_it_is_the_same(file: Path, tmp_path: Path) -> None:
    """A power cut loses at most the chunks under way."""
    whole = raced(file, tmp_path / "whole")
    folder = tmp_path / "killed"
    command = [sys.executable, "-m", "ipsc_race_lab.cli", "experiment", str(file), "--out", str(folder)]
    paths = {"PYTHONPATH": f"{ROOT / 'model'}{os.pathsep}{ROOT / 'experiments'}"}
    process = subprocess.Popen([*command, "--chunk", "1", "--workers", "1"], env=os.environ | paths)
    while process.poll() is None and len(shards(folder)) < 4:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 4 <= len(shards(folder)) <= 18
    assert raced(file, folder) == whole


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_saves_and_a_second_one_does_not_wait(
    times: int, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once finishes the chunks under way; whoever cannot wait for them loses these and no others."""
    whole = raced(file, tmp_path / "whole")
    race_chunk, under_way = conduct.race_chunk, []

    def interrupted(racer: Any, chunk: conduct.Chunk) -> Any:
        under_way.append(chunk)
        if len(under_way) == 3:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.2)
        return race_chunk(racer, chunk)

    monkeypatch.setattr(conduct, "race_chunk", interrupted)
    folder = tmp_path / "out"
    assert main(["experiment", str(file), "--out", str(folder), "--chunk", "1", "--workers", "1"]) == 3
    said = capsys.readouterr().err
    assert "finishing what is under way; Ctrl-C once more stops at once" in said
    assert "the same command goes on from there" in said
    kept = len(shards(folder))
    assert kept <= 2 if times == 2 else 3 <= kept < 18
    assert kept <= len(under_way) <= 3 + conduct.AHEAD
    monkeypatch.undo()
    assert raced(file, folder) == whole


def test_more_replications_and_points_keep_all_that_was_raced(file: Path, tmp_path: Path) -> None:
    """Expanding must give what the larger experiment gives, without racing the smaller one again."""
    folder = tmp_path / "grown"
    raced(file, folder)
    before = {path: path.stat().st_mtime_ns for path in shards(folder)}
    grown = raced(file, folder, "--replications", "4", "--points", "8")
    assert before.items() <= {path: path.stat().st_mtime_ns for path in shards(folder)}.items()
    assert raced(file, tmp_path / "new", "--replications", "4", "--points", "8") == grown


DOSES = """
title: Money and the hospital lane, one at a time
scenarios: [baseline, no-hospital-lane]
set: {span.end_month: "2024-12"}
factors:
  capital: {path: jurisdictions.china.funding.capital_multiplier, distribution: log_uniform, low: 0.1, high: 10}
  hype: {path: mechanisms.herding_switch}
design: {kind: one_at_a_time, levels: 3}
replications: 2
seed: 7
analysis: {kind: dose_response}
"""


def test_a_dose_response_starts_as_it_is_is_expanded_and_reproduced(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its differences would be from a world that no scenario is, or its committed numbers differ from themselves."""
    file.write_text(DOSES, encoding="utf-8")
    folder = tmp_path / "doses"
    raced(file, folder)
    grown = raced(file, folder, "--replications", "4", "--workers", "1")
    said = capsys.readouterr().out
    assert grown == raced(file, tmp_path / "new", "--replications", "4", "--chunk", "3")
    told = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
    assert list(differing(rounded(told), told)) == []
    assert len(dict(reproduction.numbers(told))) == len(list(reproduction.numbers(told)))
    figure = folder / "figures" / "baseline-dose-response-p-reached-first-home-approval.png"
    assert figure.is_file()
    assert "Probability of an approval at home within the span in no-hospital-lane (%): as it is" in said
    experiment = replace(load_experiment(file), replications=4)
    worlds = experiment.worlds().values()
    store = Shards.of(folder)
    rows = {
        (point, run): of
        for part in store.read()
        for point, run, of in zip(part.points, part.runs, part.outcomes, strict=True)
    }
    for i, world in enumerate(worlds):
        as_it_is = Racer(world, experiment.seed).outcomes(np.zeros((4, 0)), np.arange(4))
        for run in range(4):
            assert rows[i * MAX_POINTS, run].tobytes() == as_it_is[run].tobytes()


def rounded(told: Any) -> Any:
    """As `tools/expected.py` commits it."""
    tool = importlib.util.spec_from_file_location("expected", ROOT / "tools" / "expected.py")
    assert tool is not None
    assert tool.loader is not None
    module = importlib.util.module_from_spec(tool)
    tool.loader.exec_module(module)
    return module.rounded(told)


def test_another_experiment_is_refused(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows of two designs in one table would be an answer to no question."""
    raced(file, tmp_path / "out")
    file.write_text(TEXT.replace("seed: 7", "seed: 8"), encoding="utf-8")
    assert main(["experiment", str(file), "--out", str(tmp_path / "out")]) == 2
    assert "is of another experiment; give another folder" in capsys.readouterr().err


def test_other_rules_are_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of an older model beside new ones would look like an effect."""
    raced(file, tmp_path / "out")
    there = environment()
    monkeypatch.setattr("ipsc_race_lab.results.shards.environment", lambda: there | {"rules": "edited"})
    assert main(["experiment", str(file), "--out", str(tmp_path / "out")]) == 2
    assert "was made by other rules" in capsys.readouterr().err
    monkeypatch.setattr("ipsc_race_lab.results.shards.environment", lambda: there | {"numpy": "9.9"})
    assert main(["experiment", str(file), "--out", str(tmp_path / "out")]) == 2
    assert f"was raced with numpy {there['numpy']}, and here is numpy 9.9" in capsys.readouterr().err


@pytest.mark.parametrize("size", [0, 100, 2000])
def test_a_damaged_shard_is_set_aside_and_its_rows_raced_again(
    size: int, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A half-written file must cost its own rows, and not the experiment."""
    whole = raced(file, tmp_path / "out", "--chunk", "6")
    broken, *others = shards(tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in others}
    broken.write_bytes(broken.read_bytes()[:size])
    assert raced(file, tmp_path / "out", "--chunk", "6") == whole
    assert f"{broken}: is damaged" in capsys.readouterr().err
    assert before == {path: path.stat().st_mtime_ns for path in others}
    assert broken.with_suffix(".bad").stat().st_size == size


def test_a_truncated_manifest_is_named_and_the_rows_kept(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = raced(file, tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert main(["experiment", str(file), "--out", str(tmp_path / "out")]) == 2
    assert "delete it and run the same command again" in capsys.readouterr().err
    manifest.unlink()
    assert raced(file, tmp_path / "out") == whole


def test_a_full_disk_keeps_what_is_there(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    sync = os.fsync

    def full(file: int) -> None:
        nonlocal written
        written += 1
        if written > 6:  # manifest and two shards, each with its folder
            raise OSError(28, "No space left on device")
        sync(file)

    monkeypatch.setattr(os, "fsync", full)
    assert main(["experiment", str(file), "--out", str(tmp_path / "out"), "--chunk", "2"]) == 2
    assert "No space left on device; what is there is kept" in capsys.readouterr().err
    monkeypatch.undo()
    assert len(shards(tmp_path / "out")) == 2
    assert raced(file, tmp_path / "out") == raced(file, tmp_path / "other")


def test_a_row_that_fails_is_kept_with_its_reason(file: Path, tmp_path: Path) -> None:
    """A race that outgrows every record must be seen, not dropped, and must not take its neighbours with it."""

    class Small:
        form, records = OUTCOME, 3

        def outcomes(self, values: Any, runs: Any) -> Any:
            if 1 in runs:
                msg = "race 1 outgrew 4096 companies"
                raise OverflowError(msg)
            return np.zeros((len(runs), 3), OUTCOME)

    chunk = conduct.Chunk(("baseline",), np.array([5, 5, 5]), np.zeros((3, 1)), np.array([0, 1, 2]))
    rows = conduct.race_chunk(Small(), chunk)  # type: ignore[arg-type]
    assert [bool(why) for why in rows.reasons] == [False, True, False]
    assert np.isnan(rows.outcomes["approvals"][1]).all()
    assert not np.isnan(rows.outcomes["approvals"][[0, 2]]).any()
    store = Shards(tmp_path / "out", "kin", ["china", "west", "japan"])
    store.open({"kind": "experiment"})
    store.write(rows)
    assert next(store.read()).reasons == ("", "race 1 outgrew 4096 companies", "")


def test_failed_rows_are_told_and_the_rest_is_analysed(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One race that outgrows its records would block the answer of a million for good, or bend it unseen."""
    outcomes = Racer.outcomes

    def small(racer: Racer, values: Any, runs: Any) -> Any:
        if 1 in runs and (values[runs == 1] < 1.0).any():
            msg = "a race outgrew 4096 companies"
            raise OverflowError(msg)
        return outcomes(racer, values, runs)

    with monkeypatch.context() as patch:
        patch.setattr(Racer, "outcomes", small)
        raced(file, tmp_path / "out")
    assert "left out, with the other races of the same random numbers: a race outgrew 4096" in capsys.readouterr().out
    told = json.loads((tmp_path / "out" / "analysis.json").read_text(encoding="utf-8"))
    assert told["failed"]["replications"] == 1
    raced(file, tmp_path / "whole")
    experiment = load_experiment(file)
    answers, _ = gathered(experiment, Shards.of(tmp_path / "whole"), experiment.worlds())
    mean = told["scenarios"]["baseline"]["means"]["lead_months.first_in_human"]["estimate"]
    assert mean == answers["baseline"]["lead_months.first_in_human"][:, [0, 2]].mean(dtype=np.float64)

    def never(racer: Racer, values: Any, runs: Any) -> Any:
        if not len(runs):
            return outcomes(racer, values, runs)
        msg = "a race outgrew 4096 companies"
        raise OverflowError(msg)

    monkeypatch.setattr(Racer, "outcomes", never)
    assert main(["experiment", str(file), "--out", str(tmp_path / "none")]) == 2
    assert "18 races failed, some in every replication, the first because a race outgrew" in capsys.readouterr().err


@pytest.mark.parametrize(
    "design", ["{kind: monte_carlo, points: 2}", "{kind: one_at_a_time, levels: 2}\nanalysis: {kind: dose_response}"]
)
def test_the_plain_host_gives_the_same_rows(design: str, tmp_path: Path) -> None:
    """V29: the oracle of the compiled rules is the oracle of experiments too."""
    file = tmp_path / "tiny.yaml"
    tiny = TEXT.replace("2024-12", "2017-12").replace("{kind: monte_carlo, points: 6}", design)
    tiny = tiny.replace("replications: 3", "replications: 1")
    file.write_text(tiny, encoding="utf-8")
    command = [sys.executable, "-m", "ipsc_race_lab.cli", "experiment", str(file), "--out", str(tmp_path / "plain")]
    paths = {"PYTHONPATH": f"{ROOT / 'model'}{os.pathsep}{ROOT / 'experiments'}", "NUMBA_DISABLE_JIT": "1"}
    subprocess.run(command, env=os.environ | paths, check=True, capture_output=True)
    manifest = json.loads((tmp_path / "plain" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["value_hash"] == raced(file, tmp_path / "compiled")


@pytest.mark.parametrize(
    ("experiment", "points", "said"),
    [("sobol", "100", "expected a power of two"), ("levers", "8", "as many points as its levels give")],
)
def test_points_that_a_design_cannot_have_are_refused(
    experiment: str, points: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Sobol sequence cut off in the middle is no balanced sample, and would be analysed as one."""
    assert main(["experiment", experiment, "--points", points]) == 2
    assert said in capsys.readouterr().err
