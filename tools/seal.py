"""Fill a draft of forecasts and seal it: `python tools/seal.py DRAFT NUMBERS`.

The numbers are the folder of a finished `ipsc-race forecast --register`, or a file of JSON:
`{"how": {...}, "events": {NAME: probability}, "counts": {NAME: {"low": 1, "median": 2, "high": 4}}}`.
All that the draft says stays as it is, comments too. Nothing is written unless the result is a whole register.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ipsc_race.yaml_reading import ScenarioError, read_text
from ipsc_race_lab.metrics.register import digest_of
from ipsc_race_lab.metrics.register_reading import read_register
from ipsc_race_lab.results.files import read_json
from ipsc_race_lab.results.folder import ANALYSIS, FORECAST, finished
from ipsc_race_lab.typed_file import plain_value


def main() -> None:
    """Seal the register that the command line names."""
    parser = argparse.ArgumentParser(description="Fill a draft of forecasts, and seal it.")
    parser.add_argument("draft", type=Path)
    parser.add_argument("numbers", type=Path)
    arguments = parser.parse_args()
    given = arguments.numbers
    try:
        numbers = numbers_of(given) if given.is_dir() else json.loads(given.read_text("utf-8"))
        sealed = filled(arguments.draft.read_text("utf-8"), numbers)
        check(sealed, str(arguments.draft))
    except KeyError as error:
        sys.exit(f"{error.args[0]}: the draft has no such event or count")
    except ScenarioError as error:
        sys.exit(str(error))
    arguments.draft.write_text(sealed, encoding="utf-8")


def numbers_of(folder: Path) -> dict[str, Any]:
    """What the races of a forecast say of a register, to three digits after the point."""
    manifest, told = finished(folder, FORECAST), read_json(folder / ANALYSIS)
    weighed = f"{told['weighed']:,} weighed" if told["weighed"] else "from the programmes on record, numbers as stated"
    method = f"ipsc-race forecast {told['posterior']} --register: {told['races']:,} races, {weighed}"
    return {
        "how": {
            "scenario": told["scenario"], "scenario_hash": manifest["scenario_hash"], "seed": told["seed"],
            "races": told["weighed"] or told["races"], "effective_number": round(told["effective"]),
            "method": f"{method}; as good as {told['effective']:.0f} equal ones",
        },
        "events": {name: round(of["estimate"], 3) for name, of in told["register"]["events"].items()},
        "counts": {
            name: {key: round(value, 2) for key, value in of.items()}
            for name, of in told["register"]["counts"].items()
        },
    }  # fmt: skip


def filled(draft: str, numbers: Mapping[str, Any]) -> str:
    """The draft with its numbers, as a register with its digest. Raises KeyError for a name that the draft lacks."""
    text = re.sub(r"^draft: true\n", _block("how", numbers.get("how", {})), draft, flags=re.MULTILINE)
    for name, probability in numbers.get("events", {}).items():
        text = _said(text, name, f"probability: {json.dumps(probability)}")
    for name, of in numbers.get("counts", {}).items():
        quantiles = ", ".join(f"{key}: {json.dumps(value)}" for key, value in of.items())
        text = _said(text, name, f"quantiles: {{{quantiles}}}")
    return f"{text.rstrip()}\n\ndigest: {digest_of(plain_value(read_text(text, 'the register')))}\n"


def check(text: str, shown: str) -> None:
    """Raises ScenarioError with all that keeps a text from being a whole register."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "register.yaml")
        path.write_text(text, encoding="utf-8")
        read_register(path, shown)


def _block(key: str, given: Mapping[str, Any]) -> str:
    lines = [f"  {name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in given.items()]
    return "".join([f"{key}:\n", *lines]) if lines else ""


def _said(text: str, name: str, line: str) -> str:
    """A line more in front of the base rate of an event or a count."""
    before = rf"(?m)(^  {re.escape(name)}:\n(?:    .*\n)*?)(?=    base_rate:)"
    changed, count = re.subn(before, rf"\g<1>    {line}\n", text)
    if count != 1:
        raise KeyError(name)
    return changed


if __name__ == "__main__":
    main()
