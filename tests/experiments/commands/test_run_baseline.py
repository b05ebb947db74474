"""`ipsc-race run` with the real model, from the command to the files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ipsc_race.loading import load
from ipsc_race_lab import cli
from ipsc_race_lab.results import folder as store

COMMAND = [sys.executable, "-m", "ipsc_race_lab.cli", "run", "baseline"]


def content(folder: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / name).read_text())
    return read


def test_baseline_from_command_to_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `make demo` promises, in small; and the same values for one worker and for two."""
    alone, together = tmp_path / "alone", tmp_path / "together"
    words = ["run", "baseline", "--runs", "12", "--out"]
    assert cli.main([*words, str(alone), "--workers", "1", "--no-figures"]) == 0
    assert cli.main([*words, str(together), "--workers", "2", "--full"]) == 0
    told = capsys.readouterr().out
    assert all(f"P(china leads {bloc})" in told for bloc in ("west", "japan"))
    first, second = content(alone, store.SUMMARY), content(together, store.SUMMARY)
    assert first == second
    assert first["scenario_hash"] == load("baseline").hash
    assert {fact["history"] for fact in first["history"]} == {"ipsc", "pluripotent"}
    assert "Simulated beside recorded" in told
    drawn = {path.name: path.read_bytes() for path in (together / store.FIGURES).glob("*.png")}
    assert len(drawn) >= 4
    assert cli.main(["figures", str(alone)]) == 0, "--no-figures can be undone"
    assert {path.name: path.read_bytes() for path in (alone / store.FIGURES).glob("*.png")} == drawn
    monthly = pq.read_table(together / store.MONTHLY_FILE, columns=["run"])
    assert monthly.num_rows == 12 * load("baseline").months * 4


def test_ctrl_c_saves_what_is_finished(tmp_path: Path) -> None:
    """As a reader would do it: a long run, Ctrl-C in the middle, and the result is there."""
    folder = tmp_path / "out"
    words = ["--runs", "2000", "--no-figures", "--out", str(folder)]
    process = subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:  # the compiler may be announced first
        if "200 of 2,000 races" in line:
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    done = content(folder, store.MANIFEST)["runs_done"]
    assert 200 <= done < 2000
    assert content(folder, store.SUMMARY)["runs"] == done
    assert f"{done:,} races" in out
    assert pq.read_table(folder / store.MONTHLY_FILE, columns=["run"])["run"].to_pylist()[-1] == done - 1
