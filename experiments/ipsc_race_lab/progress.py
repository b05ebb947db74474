"""What is said on the way: to stderr, a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

LINES = 10  # plain lines for a whole run


def say(text: str) -> None:
    """One line to the reader, apart from the result."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def track(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Follow `total` races; the function given is called after each."""
    with _bar(title, total) if sys.stderr.isatty() else _lines(title, total) as advance:
        yield advance


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def _lines(title: str, total: int) -> Iterator[Callable[[], None]]:
    started = time.monotonic()
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * LINES // total == (done - 1) * LINES // total:
            return
        left = (time.monotonic() - started) / done * (total - done)
        say(f"{title}: {done:,} of {total:,} races, {timedelta(seconds=round(left))} left")

    yield advance
