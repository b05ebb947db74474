"""One baseline race: our compiled rules beside Mesa's own tools over the very same rules, all in turn.

The plain host is the same rules over ordinary Mesa agents, without a compiler; with its `DataCollector` it keeps what
our races keep of every month. `mesa.batch_run` runs that host too, since it is what a Mesa user would run.
"""

from __future__ import annotations

from collections.abc import Iterator

from timing import Helper, interleaved, ratio, told

SEED, TURNS, MANY = 7, 3, 40
OURS = f"""
import sys, time
from ipsc_race.ensemble import Racer
from ipsc_race.loading import load
racer = Racer(load("baseline"), {SEED})
racer.race(0)
for line in sys.stdin:
    start = time.process_time()
    result = racer.race(int(line))
    print(time.process_time() - start, result.digest.hex(), flush=True)
"""
COLLECTED = f"""
import hashlib, sys, time
from ipsc_race import Race
for line in sys.stdin:
    start = time.process_time()
    race = Race(collect=True, rng={SEED}, run=int(line))
    while race.running:
        race.step()
    took = time.process_time() - start
    print(took, hashlib.sha256(race.events.tobytes() + race.monthly.tobytes()).hexdigest(), flush=True)
"""
BATCHED = """
import sys, time
import mesa
from ipsc_race import Race
for line in sys.stdin:
    start = time.process_time()
    mesa.batch_run(Race, {"collect": True}, rng=[int(line)], number_processes=1, data_collection_period=1,
                   display_progress=False)
    print(time.process_time() - start, flush=True)
"""


def lines() -> Iterator[str]:
    """The rows of the table."""
    plain = {"NUMBA_DISABLE_JIT": "1"}
    helpers = {"ours": Helper(OURS), "collected": Helper(COLLECTED, **plain), "batched": Helper(BATCHED, **plain)}
    hashes: dict[str, list[str]] = {name: [] for name in helpers}

    def race(name: str, turn: int) -> float:
        seconds, *digest = helpers[name].ask(turn + 1)
        hashes[name] += digest
        return float(seconds)

    more = [race("ours", turn) for turn in range(MANY)]
    hashes["ours"].clear()
    found = interleaved({name: lambda turn, name=name: race(name, turn) for name in helpers}, TURNS)  # type: ignore[misc]
    for helper in helpers.values():
        helper.end()
    same = "the same values" if hashes["ours"] == hashes["collected"] else "OTHER VALUES"
    yield "| one baseline race | CPU ms, median (quartiles) | times ours, turn by turn |"
    yield "|---|---|---|"
    yield f"| ours, compiled, events and monthly series kept ({MANY} races) | {told(more)} | 1 |"
    for name, what in (
        ("collected", f"the plain Mesa host with a `DataCollector` of the same columns ({same})"),
        ("batched", "`mesa.batch_run` of it, in one process"),
    ):
        yield f"| {what} | {told(found[name], 0)} | {ratio(found[name], found['ours']):,.0f} |"
