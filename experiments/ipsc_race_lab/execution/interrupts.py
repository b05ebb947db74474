"""Ctrl-C, and what ends a job on a cluster or a terminal: taken where it leaves nothing half done."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Any of `SIGNALS` ends the block with KeyboardInterrupt; where it is `held`, only a second one does.

    A signal that is ignored from the start, as SIGHUP is under nohup, stays so.
    """

    def __init__(self) -> None:
        self.asked = False
        self._held = False

    def __enter__(self) -> Self:
        heeded = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._take) for number in heeded}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, *_: object) -> None:
        from ipsc_race_lab.progress import say

        again, self.asked = self.asked, True
        if again or not self._held:
            raise KeyboardInterrupt
        say("finishing what is under way; Ctrl-C once more stops at once")

    @contextmanager
    def held(self) -> Iterator[None]:
        """In this block a first interrupt is noted in `asked`, and no more."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
