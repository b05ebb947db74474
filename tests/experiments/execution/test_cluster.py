"""A dask cluster gives the rows that threads give, loses none to workers that die, and says what is wrong with it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import dask
import numpy as np
import pytest
from distributed import Client
from distributed.security import Security

from ipsc_race.ensemble import Racer
from ipsc_race.loading import load
from ipsc_race_lab.cli import main
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.execution import cluster
from ipsc_race_lab.execution.cluster import Cluster
from ipsc_race_lab.execution.runner import Chunk, race_chunk

ROOT = Path(__file__).parents[3]
MODEL, EXPERIMENTS = ROOT / "model", ROOT / "experiments"
TEXT = """
title: Money and the lane
scenario: baseline
set: {span.end_month: "2020-12"}
factors:
  capital: {path: jurisdictions.china.funding.capital_multiplier}
  lane: {worlds: {as_is: baseline, closed: no-hospital-lane}}
design: {kind: monte_carlo, points: 4}
replications: 30
seed: 7
"""
CHUNKS = 30  # of four rows
WORLD = ("baseline",)


class Local:
    """A scheduler and workers on this machine, each a process of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.settings, self.address = folder, settings, ""
        self._running = ExitStack()

    def __enter__(self) -> Self:
        file = self.folder / "scheduler.json"
        words = ("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        self.scheduler = self._start(*words)
        self.address = _awaited(lambda: json.loads(file.read_text(encoding="utf-8"))["address"])
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def worker(self, name: str, *sources: Path) -> tuple[subprocess.Popen[bytes], str]:
        """A worker of one thread, and its address."""
        words = ("dask_worker", self.address, "--no-nanny", "--nthreads", "1", "--name", name)
        process = self._start(*words, "--host", "127.0.0.1", sources=sources or (MODEL, EXPERIMENTS))
        return process, self._joined(name)

    def _joined(self, name: str) -> str:
        def address() -> str:
            workers = client.scheduler_info()["workers"]
            return next(at for at, told in workers.items() if told["name"] == name)

        with Client(self.address, set_as_default=False) as client:
            return _awaited(address)

    def _start(self, module: str, *words: str, sources: tuple[Path, ...] = (MODEL, EXPERIMENTS)) -> Any:
        paths = {"PYTHONPATH": os.pathsep.join(map(str, sources)), "DASK_TEMPORARY_DIRECTORY": str(self.folder)}
        command = [sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *words]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, env=os.environ | paths | self.settings, stdout=log, stderr=log)
        self._running.callback(_end, process)
        return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _awaited(value: Any) -> Any:
    """A value, once it is there."""
    for _ in range(600):
        try:
            return value()
        except (OSError, ValueError, StopIteration):
            time.sleep(0.05)
    raise AssertionError


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    with Local(tmp_path_factory.mktemp("cluster")) as started:
        with ThreadPoolExecutor() as pool:
            list(pool.map(started.worker, ("one", "two")))
        yield started


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Local]:
    """A scheduler without workers."""
    with Local(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("experiment") / "small.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def race(file: Path, folder: Path, *more: str) -> int:
    return main(["experiment", str(file), "--out", str(folder), "--chunk", "4", *more])


def value_hash(folder: Path) -> str:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "complete"
    return str(manifest["value_hash"])


@pytest.fixture(scope="module")
def expected(file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The value hash that threads give."""
    folder = tmp_path_factory.mktemp("threads")
    assert race(file, folder) == 0
    return value_hash(folder)


def shards(folder: Path) -> int:
    return len(list((folder / "rows").glob("*.parquet")))


@contextmanager
def meanwhile(act: Any) -> Iterator[None]:
    """Do something beside the block, which must then have been done."""
    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_a_cluster_gives_what_threads_give(file: Path, tmp_path: Path, local: Local, expected: str) -> None:
    """V29: whoever moves an experiment to a larger machine must not get another answer."""
    assert race(file, tmp_path / "out", "--scheduler", local.address) == 0
    assert value_hash(tmp_path / "out") == expected


def test_a_worker_killed_changes_nothing(
    file: Path, tmp_path: Path, local: Local, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """V29: rows lost with a machine, or raced twice, would bend the answer; and its death is no news to the reader."""
    third, _ = local.worker("third")
    folder = tmp_path / "out"
    seen = []

    def kill() -> None:
        """Stop it first: what it has under way keeps the experiment from ending, and dies with it."""
        while shards(folder) < 3:
            time.sleep(0.01)
        third.send_signal(signal.SIGSTOP)
        while not seen or seen[-1] != shards(folder):
            seen.append(shards(folder))
            time.sleep(1.5)
        third.kill()

    with meanwhile(kill):
        assert race(file, folder, "--scheduler", local.address) == 0
    assert 3 <= seen[-1] < CHUNKS
    assert value_hash(folder) == expected
    said = capsys.readouterr().err.splitlines()
    assert all(line.startswith(("small:", "Results in")) for line in said), said


def test_no_worker_and_then_no_scheduler_left(
    file: Path, tmp_path: Path, alone: Local, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cluster that ends half way must cost what was under way, and not leave the reader waiting for ever."""
    folder = tmp_path / "out"
    ending = (("--scheduler", alone.address), ("no worker is left", "the scheduler went away"))
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        assert race(file, folder, *ending[0]) == 2
        assert "has no workers; start some with: dask worker tcp://" in capsys.readouterr().err
        for number, said in enumerate(ending[1]):
            worker, _ = alone.worker(f"worker {number}")
            before = shards(folder)

            def kill(at: int = before + 2, process: Any = (worker, alone.scheduler)[number]) -> None:
                while shards(folder) < at:
                    time.sleep(0.01)
                process.kill()

            with meanwhile(kill):
                assert race(file, folder, *ending[0]) == 2
            assert f"{said}; what was raced is kept: the same command goes on" in capsys.readouterr().err
            assert before + 2 <= shards(folder) < CHUNKS
    assert race(file, folder) == 0
    assert value_hash(folder) == expected


def test_other_rules_and_no_rules_are_refused(
    file: Path, tmp_path: Path, local: Local, capsys: pytest.CaptureFixture[str]
) -> None:
    """One worker of an older model would put its rows among ours, and look like noise."""
    shutil.copytree(MODEL, tmp_path / "edited", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "edited" / "ipsc_race" / "rules" / "month.py").open("a", encoding="utf-8") as rules:
        rules.write("# edited\n")
    (tmp_path / "bare" / "ipsc_race").mkdir(parents=True)
    missing = "raise ModuleNotFoundError(\"No module named 'ipsc_race'\")\n"
    (tmp_path / "bare" / "ipsc_race" / "__init__.py").write_text(missing, encoding="utf-8")
    edited, edited_address = local.worker("edited", tmp_path / "edited", EXPERIMENTS)
    bare, bare_address = local.worker("bare", tmp_path / "bare", EXPERIMENTS)
    try:
        assert race(file, tmp_path / "out", "--scheduler", local.address) == 2
        one, other = sorted(capsys.readouterr().err.splitlines(), key=lambda line: edited_address not in line)
        assert one.startswith(f"ipsc-race: the worker {edited_address}: has rules ")
        assert f"; expected rules {cluster.LOADED['rules']}; install the ipsc-race of this machine" in one
        assert other.startswith(f"ipsc-race: the worker {bare_address}: has no ipsc-race like this one (Module")
        assert shards(tmp_path / "out") == 0
    finally:
        for process in (edited, bare):
            _end(process)


def test_a_worker_that_joins_with_other_rules_is_refused(
    file: Path, tmp_path: Path, local: Local, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check at the start cannot see it."""
    monkeypatch.setattr(Cluster, "_check", lambda _: None)
    monkeypatch.setattr(cluster, "LOADED", cluster.LOADED | {"numba": "9.9"})
    assert race(file, tmp_path / "out", "--scheduler", local.address) == 2
    said = capsys.readouterr().err
    assert "the worker tcp://127.0.0.1:" in said
    assert "expected numba 9.9; install" in said
    assert shards(tmp_path / "out") == 0


def chunks(count: int) -> Iterator[Chunk]:
    for i in range(count):
        yield Chunk(WORLD, np.array([i]), np.zeros((1, 0)), np.array([i]))


@pytest.fixture(scope="module")
def racers() -> dict[tuple[str, ...], Racer]:
    return {WORLD: Racer(load("null", ["span.end_month=2012-12"]), 7)}


def test_closed_early_the_rest_is_forgotten(local: Local, racers: dict[tuple[str, ...], Racer]) -> None:
    """After Ctrl-C a shared cluster must not go on with what nobody waits for."""
    asked = []

    def counted() -> Iterator[Chunk]:
        for chunk in chunks(1000):
            asked.append(chunk)
            yield chunk

    with Cluster(local.address, racers) as executor:
        rows = executor.race(counted())
        first = next(rows)
        assert first.digest() == race_chunk(racers[WORLD], next(c for c in asked if c.runs == first.runs)).digest()
        rows.close()
        assert len(asked) <= 10  # two threads, two chunks each, and those that ended meanwhile
        with Client(local.address, set_as_default=False) as client:

            def held() -> int:
                keys = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks))
                if any(key.startswith("_race-") for key in keys):
                    raise ValueError(keys)
                return 0

            assert _awaited(held) == 0


def test_an_error_of_ours_is_not_taken_for_the_clusters(local: Local, racers: dict[tuple[str, ...], Racer]) -> None:
    """A bug told as trouble of the network would be looked for in the wrong place for days."""
    broken = Chunk(WORLD, np.array([0]), None, np.array([0]))  # type: ignore[arg-type]
    with Cluster(local.address, racers) as executor, pytest.raises(TypeError):
        list(executor.race(iter([broken])))


HOSTILE = """
import os
from pathlib import Path

from distributed.worker import Worker

from ipsc_race_lab.execution import cluster

get_data = Worker.get_data


class Planted:
    def __reduce__(self):
        return (Path.touch, (Path(os.environ["TRACE"]),))


def as_pickle(self, comm, keys, who=None, serializers=None):
    return get_data(self, comm, keys, who, serializers=["pickle"])


if ANSWER is None:
    Worker.get_data = as_pickle
cluster._race = lambda *_: Planted() if ANSWER is None else ANSWER
"""


@pytest.mark.parametrize("answer", ["None", "b'[]'", "b'x'", "b'{}' + bytes(9)", "'rows'", "7", "['']"])
def test_a_hostile_answer_is_refused_and_not_run(
    answer: str, racers: dict[tuple[str, ...], Racer], tmp_path: Path
) -> None:
    """Rows are numbers: an answer that is code must not run here, and one of another shape must not be stored."""
    (tmp_path / "hostile.py").write_text(HOSTILE.replace("ANSWER", answer), encoding="utf-8")
    settings = {"DASK_DISTRIBUTED__WORKER__PRELOAD": str(tmp_path / "hostile.py"), "TRACE": str(tmp_path / "executed")}
    with Local(tmp_path, **settings) as local:
        local.worker("hostile")
        with Cluster(local.address, racers) as executor, pytest.raises(LabError, match="something else than the rows"):
            list(executor.race(chunks(1)))
    assert not (tmp_path / "executed").exists()


def test_nobody_at_the_address(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped address must end in one sentence that says so."""
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        assert race(file, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:1") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ipsc-race: --scheduler tcp://127.0.0.1:1: cannot talk to a dask scheduler there: Timed out")
    assert line.endswith("start one with 'dask scheduler', or leave --scheduler out to race on this machine")


def test_the_rules_are_compiled_once_for_each_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """Sixty workers of a node that all compile at once would take its memory, and the half minute sixty times."""
    asked = []

    class Fake:
        def run(self, function: Any, *, workers: Any = None, on_error: str) -> dict[str, Any]:
            asked.append((function, workers))
            return {"one": ("node", "~"), "two": ("node", "~"), "three": ("other", "~"), "four": None}

    cluster._compile(Fake())  # type: ignore[arg-type]
    assert asked == [(cluster._uncompiled, None), (cluster._warm, ["two", "three"])]
    assert "compiling the rules on 2 machines of the cluster" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tls://127.0.0.1:1", "perhaps check your TLS configuration"),
        ("head-node", "expected the address of a dask scheduler, such as tcp://host:8786"),
        ("http://head-node:8786", "expected the address of a dask scheduler, such as tcp://host:8786"),
        ("tcp://192.0.2.1:8786", "beyond this machine a cluster must speak TLS"),
        ("tcp://no-such-host.invalid:8786", "beyond this machine a cluster must speak TLS"),
    ],
)
def test_an_address_that_cannot_be_is_refused(address: str, said: str) -> None:
    with pytest.raises(LabError, match=said), Cluster(address, {}):
        pass


def test_who_runs_a_network_of_their_own_may_do_without_tls() -> None:
    """Many a cluster is closed to all but its owner, who says so."""
    settings = {"distributed.comm.require-encryption": False, "distributed.comm.timeouts.connect": "1s"}
    with dask.config.set(settings), pytest.raises(LabError, match="cannot talk"), Cluster("tcp://192.0.2.1:1", {}):
        pass


def test_without_dask_the_way_forward_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an optional part."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(LabError, match=r"pip install 'ipsc-race\[cluster\]'"), Cluster("tcp://head-node:8786", {}):
        pass


def test_the_tls_settings_of_dask_are_honoured(file: Path, tmp_path: Path, expected: str) -> None:
    """A cluster that is open to the world runs whatever the world sends it."""
    made = Security.temporary()
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_text(made.tls_ca_file, encoding="utf-8")
    key.write_text(made.tls_client_key, encoding="utf-8")
    settings = {"ca-file": certificate} | {
        f"{role}.{what}": path
        for role in ("scheduler", "worker", "client")
        for what, path in (("cert", certificate), ("key", key))
    }
    words = {f"distributed.comm.tls.{name}": str(path) for name, path in settings.items()}
    words |= {"distributed.comm.require-encryption": "true", "distributed.comm.default-scheme": "tls"}
    variables = {f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": path for name, path in words.items()}
    with dask.config.set(words), Local(tmp_path, **variables) as local:
        assert local.address.startswith("tls://")
        local.worker("safe")
        assert race(file, tmp_path / "out", "--scheduler", local.address) == 0
    assert value_hash(tmp_path / "out") == expected
