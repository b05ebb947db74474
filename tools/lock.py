"""Lock what `make` installs: `python tools/lock.py` writes `requirements/*.txt`, each file with its SHA-256.

Needs uv (`pip install uv`), which knows the files of every platform. Versions are those of `constraints.txt`; what
stands there and in `pyproject.toml` is changed by hand, and then locked with this. pip and the build tool are locked
with the rest.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = "hatchling\npip\n"
LOCKS = {  # with which extras
    "install": (),
    "dev": ("cluster", "dev", "notebooks"),
    "docs": ("docs",),
    "viewer": ("viewer",),
}


def main() -> None:
    """Write each lock anew."""
    for name, extras in LOCKS.items():
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "pyproject.toml", "-"]
        command += ["--constraint", "constraints.txt", "--python-version", "3.12", "--universal"]
        command += ["--generate-hashes", "--no-annotate", "--no-header", "--no-emit-index-url"]
        command += [f"--extra={extra}" for extra in extras]
        done = subprocess.run(command, input=BUILD, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            sys.exit(f"requirements/{name}.txt is not written: {done.stderr.strip()}")
        head = "# Written by tools/lock.py from pyproject.toml and constraints.txt: change those, and run it again.\n"
        (ROOT / f"requirements/{name}.txt").write_text(head + done.stdout, encoding="utf-8")


if __name__ == "__main__":
    main()
