"""What tests share: small worlds as fixtures, and processes that hear signals."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from small_world import small_world

# Nothing is asserted of time. Continuous integration repeats its examples; at a desk each run looks somewhere new.
settings.register_profile("races", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("races")

# A shell or nohup starts what is deaf to these, and tests that interrupt a command would wait for nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def world() -> dict[str, Any]:
    """A complete valid scenario as plain Python."""
    made: dict[str, Any] = small_world()
    return made


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a scenario (a mapping, or the text of a file) into the temporary folder and gives its path."""

    def _write(content: dict[str, Any] | str | bytes, name: str = "world.yaml") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content, indent=1)
            path.write_text(text, encoding="utf-8")
        return path

    return _write


@pytest.fixture
def child(world: dict[str, Any], write: Callable[..., Path]) -> Callable[..., Path]:
    """Writes a scenario that extends the small world."""
    write(world)

    def _child(text: str, name: str = "child.yaml") -> Path:
        return write(f"extends: ./world.yaml\n{text}", name)

    return _child
