"""What each rule of the month costs, and two source trees side by side: `python benchmarks/rules.py [OTHER_TREE]`.

Alone it times every rule of the baseline's months in cycles of the processor; a month in which the machine did
something else (LONG cycles in one rule) counts as USUAL. With another checkout it races the same numbers in both, turn
by turn in processes of their own, and says whether the values are the same and the median ratio of CPU times.
"""

from __future__ import annotations

import ast
import inspect
import os
import statistics
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

from ipsc_race.engine import Calendar, begin_race
from ipsc_race.host import njit
from ipsc_race.loading import load
from ipsc_race.rules import month as module
from ipsc_race.world import MONTHLY, empty_world

RACES, SEED, LONG, USUAL = 20, 7, 120_000, 20_000
WORLDS = ("baseline", "null", "cart")
HERE = Path(__file__).parents[1]

RACER = f"""
import sys, time
from ipsc_race.ensemble import Racer
from ipsc_race.loading import load
racers = {{world: Racer(load(world), {SEED}) for world in {WORLDS}}}
for line in sys.stdin:
    world, run = line.split()
    start = time.process_time()
    race = racers[world].race(int(run))
    print(time.process_time() - start, race.digest.hex(), flush=True)
"""


class Tree:
    """A checkout whose races are run in a process of its own."""

    def __init__(self, root: Path) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", RACER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(root / "model")},
        )

    def race(self, world: str, run: int) -> tuple[float, str]:
        """CPU seconds and value hash of a race."""
        assert self.process.stdin
        assert self.process.stdout
        print(world, run, file=self.process.stdin, flush=True)
        seconds, digest = self.process.stdout.readline().split()
        return float(seconds), digest


def compare(other: Path) -> None:
    """This tree against another one."""
    trees = [Tree(other), Tree(HERE)]
    for world in WORLDS:
        for tree in trees:
            tree.race(world, RACES)  # compile
        rows = [[tree.race(world, run) for tree in trees] for run in range(RACES)]
        before, after = (statistics.median(row[i][0] for row in rows) * 1e3 for i in range(2))
        ratio = statistics.median(row[0][0] / row[1][0] for row in rows)
        same = "same values" if all(row[0][1] == row[1][1] for row in rows) else "OTHER VALUES"
        print(f"{world:<12}{before:>8.2f} ms{after:>8.2f} ms   {ratio:.2f} times as fast   {same}", flush=True)


def timed_month() -> tuple[Any, list[str]]:
    """The month with a look at the clock after each rule, and the names of the rules."""

    @intrinsic  # type: ignore[untyped-decorator]
    def cycles(_typing: Any) -> Any:
        def build(_context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
            kind = ir.FunctionType(ir.IntType(64), [])
            return builder.call(builder.module.declare_intrinsic("llvm.readcyclecounter", (), kind), [])

        return types.int64(), build

    def read(rule: Any) -> ast.FunctionDef:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(rule)))
        function = ast.parse(source.partition("\n")[2]).body[0]  # without its decorator
        assert isinstance(function, ast.FunctionDef)
        return function

    function = read(module.month)
    lines: list[ast.stmt] = []
    for line in function.body:
        part = line.value.func if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call) else None
        lines += read(getattr(module, part.id)).body if isinstance(part, ast.Name) else [line]
    names: list[str] = []
    body = ast.parse("start_ = cycles()").body
    for line in lines:
        body.append(line)
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call):
            took = f"took_ = cycles() - start_\nspent[{len(names)}] += took_ if took_ < {LONG} else {USUAL}"
            body += ast.parse(f"{took}\nstart_ = cycles()").body
            names.append(ast.unparse(line.value.func))
    function.body = body
    function.args.args.append(ast.arg("spent"))
    names_of_rules = vars(module) | {"cycles": cycles}
    exec(compile(ast.fix_missing_locations(ast.Module([function], [])), "month", "exec"), names_of_rules)  # noqa: S102
    return njit(names_of_rules["month"]), names


def profile() -> None:
    """Cycles of each rule in the baseline, most first."""
    timed, names = timed_month()

    @njit
    def race(worlds: Any, policies: Any, epochs: Any, monthly: Any, blank: Any, spent: Any) -> None:
        for tick in range(len(epochs)):
            previous = monthly[tick - 1] if tick > 0 else blank
            timed(worlds[0], policies[epochs[tick]], monthly[tick], previous, spent)

    calendar, spent = Calendar(load("baseline")), np.zeros(len(names), np.int64)
    for run in range(RACES + 1):
        worlds = empty_world()
        monthly = np.zeros((calendar.ticks, calendar.jurisdictions), MONTHLY)
        begin_race(worlds, calendar.policies[:1], SEED, run, calendar.start_month)
        if run == 1:
            spent[:] = 0  # the first race warmed up
        race(worlds, calendar.policies, calendar.epoch_of_tick, monthly, np.zeros_like(monthly[0]), spent)
    print(f"{spent.sum() / RACES / 1e6:.1f} million cycles a race in rules")
    for i in np.argsort(-spent):
        print(f"{spent[i] / spent.sum():>6.1%}  {names[i]}")


if __name__ == "__main__":
    compare(Path(sys.argv[1])) if len(sys.argv) > 1 else profile()
