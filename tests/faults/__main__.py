"""The campaign of faults: `python tests/faults flips=2000 kills=200 pairs=50 --seed 1`; without names all, a few each.

Every module beside this one that has `FAULTS` takes part: by name a function of (count, folder, seed) that returns how
many faults it tried and a line for each that failed. Exit code 1 where one did.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

FEW = 10


def main() -> int:
    """Try, print a line for each fault and for each failure."""
    sys.path.append(str(Path(__file__).parents[1]))  # what all tests share
    own = (path.stem for path in sorted(Path(__file__).parent.glob("*.py")))
    modules = [import_module(name) for name in own if not name.startswith(("_", "test_"))]
    faults = {name: fault for module in modules for name, fault in module.FAULTS.items()}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", metavar="FAULT=COUNT", help=f"of {', '.join(faults)}")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    wanted = dict(text.partition("=")[::2] for text in arguments.counts) or dict.fromkeys(faults, str(FEW))
    failed = 0
    for name, count in wanted.items():
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            tried, failures = faults[name](int(count or FEW), Path(folder), arguments.seed)
        seconds = time.monotonic() - started
        print(f"{name}: {tried:,} tried, {len(failures):,} failed, {seconds:.0f} s", flush=True)
        for line in failures:
            print(f"  {line}", flush=True)
        failed += len(failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
