"""Golden hashes: the same scenario, seed and runs give the same values, from one commit to the next.

A change of the rules or of a shipped scenario that moves results is allowed, but never unseen: renew the file with
`python tests/test_golden.py` and say why under **Regression** in CHANGELOG.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipsc_race.ensemble import run_races, value_hash
from ipsc_race.loading import load, scenario_names

GOLDEN = Path(__file__).with_name("golden.json")
RUNS, SEED = 4, 20260101


def hash_of(scenario: str) -> str:
    return value_hash(result.digest for result in run_races(load(scenario), RUNS, SEED))


@pytest.mark.parametrize("scenario", scenario_names())
def test_results_are_those_of_the_last_commit(scenario: str) -> None:
    """Published numbers must come out of the code that is said to have made them."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert hash_of(scenario) == golden[scenario], "results moved: see the docstring of this file"


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({name: hash_of(name) for name in scenario_names()}, indent=1) + "\n", encoding="utf-8")
