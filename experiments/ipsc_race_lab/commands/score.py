"""`ipsc-race score`: dated forecasts against what came, beside base rates and no change."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("register", metavar="REGISTER", help="register of forecasts: a name, or a YAML file")
    add(
        "--outcomes",
        metavar="FILE",
        help="what came (default: outcomes.yaml beside the register, nothing where there is none)",
    )
    add("--as-of", metavar="MONTH", help="score as of this month, such as 2028-06 (default: this month)")
    add("--json", action="store_true", help="print every number as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Read both, score, print. Raises LabError or ScenarioError on bad input."""
    from ipsc_race_lab.analysis.scorecard import scorecard
    from ipsc_race_lab.metrics.register_reading import OUTCOMES, find_register, read_outcomes, read_register
    from ipsc_race_lab.wording.scorecard import lines
    from ipsc_race_lab.wording.tables import screen_width

    as_of = _month(arguments.as_of)
    path, shown = find_register(arguments.register)
    register = read_register(path, shown)
    beside = path.parent / OUTCOMES
    came = Path(arguments.outcomes) if arguments.outcomes else beside
    is_there = bool(arguments.outcomes) or beside.is_file()
    outcomes = read_outcomes(came, str(came), {shown: register}) if is_there else {}
    card = scorecard(register, outcomes, as_of, shown)
    if arguments.json:
        print(json.dumps(card.as_dict(), indent=1, ensure_ascii=False))
    else:
        print("\n".join(lines(card, register, screen_width())))
    return 0


def _month(given: str | None) -> str:
    """The month as of which is scored."""
    from datetime import UTC, datetime

    from ipsc_race.values import MONTH
    from ipsc_race_lab.errors import LabError

    if given is not None and not MONTH.fullmatch(given):
        raise LabError(f"--as-of {given}: expected a month such as 2028-06")
    return given or f"{datetime.now(UTC):%Y-%m}"
