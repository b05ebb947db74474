"""An interrupt is taken where it leaves nothing half done."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self


class Interrupts:
    """Ctrl-C, held back except where it leaves nothing half done; with `twice_stops` a second one is not."""

    def __init__(self, *, twice_stops: bool = False) -> None:
        self.asked = False
        self._held, self._twice_stops = True, twice_stops

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _take(self, *_: object) -> None:
        from ipsc_race_lab.progress import say

        again, self.asked = self.asked, True
        if (again and self._twice_stops) or not self._held:
            raise KeyboardInterrupt
        if self._twice_stops:
            say("finishing what is under way; Ctrl-C once more stops at once")

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """An interrupt in this block ends the block, and no more."""
        self._held = False
        try:
            yield
        except KeyboardInterrupt:
            self.asked = True
        finally:
            self._held = True
