"""Racing an experiment on an existing dask.distributed cluster: chunks travel there, rows travel back.

The client keeps the rows, so workers need no scenario files and no shared folder. The scheduler and all workers must
have loaded the rules and versions of this process: they are asked at the start, and every task looks again, for a
worker that joins later. TLS and timeouts are those of dask's own configuration.

A worker's answer is plain bytes, asked for as such and looked at before it is believed. That keeps mistakes out, and
code in what should be rows; but dask itself unpickles what scheduler and workers say of themselves, so whoever can
speak to the cluster can run code on all of it, this process included: SECURITY.md says whom one trusts.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from ipsc_race import ensemble
from ipsc_race.host import CODE_KEY, PLAIN
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.execution.plain_rows import packed, unpacked
from ipsc_race_lab.execution.runner import AHEAD, Chunk, race_chunk
from ipsc_race_lab.progress import say
from ipsc_race_lab.results.provenance import environment, versions

if TYPE_CHECKING:
    from distributed import Client, Future

    from ipsc_race.loading import Resolved
    from ipsc_race.varying import Places
    from ipsc_race_lab.results.shards import Rows

LOOK_SECONDS = 1.0  # between two looks at a cluster from which no rows come
NOISY = ("distributed", "distributed.client", "tornado.application", "asyncio")  # they tell of workers that die
NO_ROWS = "a worker answered with something else than the rows asked for; look who is on this cluster"
GO_ON = "what was raced is kept: the same command goes on from there"
SAME = "install the ipsc-race of this machine there and start it again"


# Taken with the rules themselves: a worker that outlives an edit still races the old ones.
LOADED = {**environment(), "ipsc-race": versions()["ipsc-race"]}


class Cluster:
    """Races chunks on the workers of a dask scheduler, as `conduct.Executor`; use as a context.

    Raises LabError where there is no such cluster, where it has other rules, and where it goes away.
    """

    def __init__(self, address: str, racers_of: Mapping[tuple[str, ...], ensemble.Racer]) -> None:
        self._address, self._racers = address, racers_of
        self._made: dict[tuple[str, ...], Future] = {}  # the racers of the workers
        self._threads, self._seen = 1, 0.0  # of the cluster, and when it last had any

    def __enter__(self) -> Self:
        self._client, self._patience_seconds = _connect(self._address)
        try:
            with self._reached():
                self._check()
                _compile(self._client)
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def race(self, chunks: Iterator[Chunk]) -> Iterator[Rows]:
        """As `Executor.race`; workers may come and go while it runs."""
        under_way: dict[Future, Chunk] = {}
        self._seen = time.monotonic()
        try:
            for chunk in chunks:
                under_way[self._submit(chunk)] = chunk
                while len(under_way) >= AHEAD * self._threads:
                    yield from self._ended(under_way)
            while under_way:
                yield from self._ended(under_way)
        finally:
            for future in under_way:
                future.release()  # what nobody waits for the scheduler forgets

    def _submit(self, chunk: Chunk) -> Future:
        """Hand a chunk to the scheduler; the racer of its world is made there, again if the worker that has it dies."""
        with self._reached():
            if chunk.world not in self._made:
                racer = self._racers[chunk.world]
                parts = (racer.resolved, racer.seed, racer.places)
                self._made[chunk.world] = self._client.submit(_make_racer, LOADED, *parts, pure=False)
            return self._client.submit(_race, LOADED, self._made[chunk.world], chunk, pure=False)

    def _ended(self, under_way: dict[Future, Chunk]) -> list[Rows]:
        """Rows of chunks that ended, which are taken out of those under way; after a second without any, none."""
        ended = self._wait(under_way)
        for future in ended:
            if future.status == "error":
                raise _failure(future.exception())
        answers = self._answers([future.key for future in ended])
        rows = []
        for future in ended:
            if future.key in answers:
                chunk = under_way.pop(future)
                rows.append(_believed(answers[future.key], chunk, self._racers[chunk.world].resolved))
        return rows

    def _answers(self, keys: list[Any]) -> Mapping[Any, Any]:
        """What the workers answered, by key; of a worker that died with its rows nothing: they are under way again."""
        if not keys:
            return {}
        gather = self._client.scheduler.gather
        with self._reached(), suppress(TimeoutError):
            try:
                gathered = self._client.sync(
                    gather, keys=keys, deserializers=["msgpack"], callback_timeout=self._patience_seconds
                )
            except TypeError as error:  # sent in another form than was asked for, such as one that runs code
                raise LabError(f"{NO_ROWS}; {error}") from None
            answers: Mapping[Any, Any] = gathered["data"] if gathered["status"] == "OK" else {}
            return answers
        return {}

    def _wait(self, under_way: Mapping[Future, Chunk]) -> set[Future]:
        """The futures that are done, once one is or a second has passed."""
        from distributed import wait

        with self._reached(), suppress(TimeoutError):
            self._look()
            done: set[Future] = wait(list(under_way), LOOK_SECONDS, "FIRST_COMPLETED").done
            return done
        return set()

    def _look(self) -> None:
        """Count the threads of the cluster; without any it is given a while to get some."""
        threads = sum(self._client.nthreads().values())
        if threads:
            self._threads, self._seen = threads, time.monotonic()
        elif time.monotonic() - self._seen > self._patience_seconds:
            raise LabError(f"--scheduler {self._address}: no worker is left; {GO_ON}")

    def _check(self) -> None:
        """Refuse a cluster that would race by other rules; all that differ at once."""
        try:
            answers = {f"the scheduler {self._address}": self._client.run_on_scheduler(_told)}
        except (ImportError, AttributeError) as error:
            answers = {f"the scheduler {self._address}": error}
        answers |= {f"the worker {at}": facts for at, facts in self._client.run(_told, on_error="return").items()}
        problems = [_difference(place, facts, LOADED) for place, facts in answers.items()]
        if any(problems):
            raise LabError(*filter(None, problems))

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Say in one sentence that the scheduler went away."""
        from concurrent.futures import CancelledError

        from distributed.client import ClosedClientError

        try:
            yield
        except (OSError, CancelledError, ClosedClientError) as error:
            raise LabError(f"--scheduler {self._address}: the scheduler went away; {GO_ON}") from error


def _connect(address: str) -> tuple[Client, float]:
    """A client of a scheduler that has workers, and for how many seconds dask waits for a connection."""
    place = f"--scheduler {address}"
    try:
        import dask
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ModuleNotFoundError as error:
        raise LabError(f"{place}: needs dask; install it with: pip install 'ipsc-race[cluster]'") from error
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        host, _ = get_address_host_port(address)
    except ValueError as error:
        raise LabError(f"{place}: expected the address of a dask scheduler, such as tcp://host:8786") from error
    required = dask.config.get("distributed.comm.require-encryption", None)
    if not address.startswith("tls://") and required is not False and not _is_this_machine(host):
        raise LabError(
            f"{place}: beyond this machine a cluster must speak TLS (tls://host:8786), since whoever reaches it can "
            "run code on all of it; in a network of yours alone set DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=false"
        )
    try:
        client = Client(address)
    except (OSError, ImportError, TypeError, RuntimeError) as error:  # the last two: TLS that is not configured
        start = "start one with 'dask scheduler', or leave --scheduler out to race on this machine"
        raise LabError(f"{place}: cannot talk to a dask scheduler there: {error}; {start}") from error
    seconds = dask.utils.parse_timedelta(dask.config.get("distributed.comm.timeouts.connect"))
    try:
        client.wait_for_workers(1, seconds)
    except OSError as error:  # a timeout is one
        client.close()
        raise LabError(f"{place}: has no workers; start some with: dask worker {address}") from error
    return client, seconds


def _is_this_machine(host: str) -> bool:
    """Whether nobody outside can listen or answer."""
    try:
        addresses = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in addresses)


def _believed(answer: Any, chunk: Chunk, world: Resolved) -> Rows:
    """The rows of a chunk from a worker's answer. Raises LabError where it can be none."""
    try:
        return unpacked(answer, chunk, world)
    except (ValueError, RecursionError) as error:  # the second: JSON nested to hurt
        raise LabError(f"{NO_ROWS}; {GO_ON}") from error


def _compile(client: Client) -> None:
    """Compile the rules once for each machine that lacks them; one that joins later compiles with its first race."""
    places = client.run(_uncompiled, on_error="ignore")
    lacking = {place: worker for worker, place in places.items() if place}
    if lacking:
        machines = "1 machine" if len(lacking) == 1 else f"{len(lacking)} machines"
        say(f"compiling the rules on {machines} of the cluster, once for this version (about half a minute) ...")
        client.run(_warm, workers=list(lacking.values()), on_error="ignore")
        say("the rules are compiled on the cluster")


def _failure(error: BaseException) -> BaseException:
    """Why a task failed: in a sentence where the cluster is at fault, as it is where we are."""
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        why = "they have too little memory, or no ipsc-race like this one"
        return LabError(f"workers died again and again over the same rows: {why}; {GO_ON}")
    return error


def _difference(place: str, answer: Any, expected: Mapping[str, str]) -> str:
    """What is wrong with the ipsc-race of a place, in a sentence; nothing if it has just gone."""
    if isinstance(answer, OSError):
        return ""
    if isinstance(answer, Exception):  # of a kind that dask may have lost
        return f"{place}: has no ipsc-race like this one ({answer}); {SAME}"
    others = [name for name in expected if answer.get(name) != expected[name]]
    has, wanted = (", ".join(f"{name} {facts.get(name)}" for name in others) for facts in (answer, expected))
    return f"{place}: has {has}; expected {wanted}; {SAME}" if others else ""


# What runs on the workers


def _told() -> dict[str, str]:
    """What this worker would race by."""
    return LOADED


def _uncompiled() -> tuple[str, str] | None:
    """Machine and code that it lacks; None where nothing is to be done."""
    return None if PLAIN or ensemble.is_compiled() else (socket.gethostname(), CODE_KEY)


async def _warm() -> None:
    """Compile the rules beside the worker's own business, its heartbeat above all."""
    await asyncio.to_thread(ensemble.warm, lambda _: None)


def _make_racer(expected: Mapping[str, str], resolved: Resolved, seed: int, places: Places) -> ensemble.Racer:
    """The racer of a world."""
    _refuse_others(expected)
    return ensemble.Racer(resolved, seed, places)


def _race(expected: Mapping[str, str], racer: ensemble.Racer, chunk: Chunk) -> bytes:
    """The rows of a chunk, without what the client knows of it."""
    _refuse_others(expected)
    return packed(race_chunk(racer, chunk))


def _refuse_others(expected: Mapping[str, str]) -> None:
    """Stop a worker of other rules, which can only have joined since the check."""
    from distributed import get_worker

    problem = _difference(f"the worker {get_worker().address}", LOADED, expected)
    if problem:
        raise LabError(f"{problem}; {GO_ON}")
