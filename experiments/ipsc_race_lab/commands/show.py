"""`ipsc-race show`: a scenario as resolved, each value with its evidence and where it was set; or two compared."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.commands.options import tell_overrides
from ipsc_race_lab.wording.show import _difference_text, _summary, _text

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved


WORDS = ("title", "description")  # about a scenario, not of it: shown above the table


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a shipped scenario, or a YAML file")
    parser.add_argument(
        "path", metavar="PATH", nargs="?", default="", help="show only what begins so, such as jurisdictions.china"
    )
    parser.add_argument("--diff", metavar="OTHER", help="show only the values that differ from this scenario's")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", help="change one value of SCENARIO; repeatable"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Print the values, or the differences."""
    from ipsc_race.loading import load

    resolved = load(arguments.scenario, arguments.set)
    tell_overrides([arguments.scenario], arguments.set)
    paths = _paths([resolved.origins], arguments.path)
    if arguments.diff is None:
        rows = [_row(path, resolved.origins[path]) for path in paths]
        summary = {**_summary(resolved), "values": rows}
        text = _text(resolved, rows)
    else:
        other = load(arguments.diff)
        paths = _paths([resolved.origins, other.origins], arguments.path)
        rows = [row for path in paths if (row := _difference(path, resolved, other))]
        summary = {"scenario": _summary(resolved), "other": _summary(other), "differences": rows}
        text = _difference_text(resolved, other, rows)
    print(json.dumps(summary, indent=1, ensure_ascii=False) if arguments.json else "\n".join(text))
    return 0


def _paths(worlds: Sequence[Iterable[str]], beginning: str) -> list[str]:
    """Paths of the worlds in the order of their files, the dated ones after the one they change."""
    from ipsc_race.tree import did_you_mean
    from ipsc_race_lab.errors import LabError

    known = dict.fromkeys(path for world in worlds for path in world)
    dated: dict[str, list[str]] = {}
    for path in known:
        dated.setdefault(path.partition("@")[0], []).append(path)
    paths = [path for versions in dated.values() for path in sorted(versions)]
    matches = [path for path in paths if path.startswith(beginning) and path not in WORDS]
    if not matches:
        parts = dict.fromkeys(".".join(path.split(".")[:depth]) for path in dated for depth in range(1, 7))
        message = f"no path begins with {beginning!r}{did_you_mean(beginning, parts)}"
        raise LabError(message)
    return matches


def _row(path: str, origin: Origin) -> dict[str, Any]:
    return {"path": path, **asdict(origin)}


def _difference(path: str, resolved: Resolved, other: Resolved) -> dict[str, Any] | None:
    """Both values at a path, None where they are equal."""
    one, two = resolved.origins.get(path), other.origins.get(path)
    if one is not None and two is not None and one.value == two.value:
        return None
    there = one or two
    assert there is not None
    return {
        "path": path,
        "unit": there.unit,
        "scenario": asdict(one) if one else None,
        "other": asdict(two) if two else None,
    }
