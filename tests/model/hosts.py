"""Python snippets in either host, each in a process of its own: Numba reads its switch once, when imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMPILED, PLAIN = "0", "1"
HOSTS = (COMPILED, PLAIN)


def python(*arguments: str, host: str = COMPILED, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the model in this source tree; warnings are errors there too."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "PYTEST_"))}
    settings |= {"NUMBA_DISABLE_JIT": host, "PYTHONPATH": f"{ROOT / 'model'}{os.pathsep}{ROOT / 'experiments'}"}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env=settings | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def answer(code: str, host: str, **environment: str) -> str:
    """What a snippet prints in a host; its error, should it fail, is the test's."""
    done = python("-c", code, host=host, **environment)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
