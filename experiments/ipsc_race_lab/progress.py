"""What is said on the way: to stderr, with rate and time left, a bar on a terminal and plain lines elsewhere."""

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
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft
    from rich.text import Text

    class Rate(ProgressColumn):
        """Races a second, lately."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else rate_words(speed))

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeLeft())
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
        seconds = time.monotonic() - started
        left = timedelta(seconds=round(seconds / done * (total - done)))
        say(f"{title}: {done:,} of {total:,} races, {rate_words(done / max(seconds, 1e-9))}, {left} left")

    yield advance


def rate_words(races_per_second: float) -> str:
    """Races a second for people: slow ones keep a digit."""
    digits = 0 if races_per_second >= 10 else 1
    return f"{races_per_second:,.{digits}f} a second"
