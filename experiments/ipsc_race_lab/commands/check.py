"""`ipsc-race check`: every error in scenario files at once, or how well each scenario's values are evidenced."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

GOOD, BAD_INPUT = 0, 2  # exit codes
GRADES = "ABCD"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("scenarios", metavar="SCENARIO", nargs="+", help="name of a shipped scenario, or a YAML file")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Load every scenario and print what was found; 2 where one of them is wrong."""
    findings = [_finding(source) for source in arguments.scenarios]
    if arguments.json:
        print(json.dumps(findings, indent=1, ensure_ascii=False))
    else:
        lines = [line for finding in findings for line in _lines(finding)]
        print("\n".join(dict.fromkeys(lines)))  # an error in a file that several extend is said once
    return GOOD if all(finding["ok"] for finding in findings) else BAD_INPUT


def _finding(source: str) -> dict[str, Any]:
    from ipsc_race.loading import ScenarioError, load
    from ipsc_race_lab.metrics.history_reading import histories_of

    try:
        resolved = load(source)
        histories_of(resolved)
    except ScenarioError as error:
        problems = [
            {
                "file": it.file,
                "line": it.line,
                "column": it.column,
                "path": it.path,
                "message": it.message,
                "text": str(it),
            }
            for it in error.problems
        ]
        return {"scenario": source, "ok": False, "problems": problems}
    return {"scenario": source, "ok": True, **_evidence(resolved)}


def _evidence(resolved: Resolved) -> dict[str, Any]:
    """How many parameters there are, how many say where they come from, and how good that is."""
    parameters = [origin for path, origin in resolved.origins.items() if origin.unit and "@" not in path]
    grades = Counter(origin.grade for origin in parameters)
    return {
        "parameters": len(parameters),
        "with_evidence": sum(bool(origin.grade or origin.source) for origin in parameters),
        "grades": {grade: grades[grade] for grade in GRADES},
    }


def _lines(finding: dict[str, Any]) -> list[str]:
    if not finding["ok"]:
        return [problem["text"] for problem in finding["problems"]]
    grades = ", ".join(f"{grade} {count}" for grade, count in finding["grades"].items())
    counts = f"{finding['parameters']} parameters, {finding['with_evidence']} with evidence, grades {grades}"
    return [f"{finding['scenario']}: ok ({counts})"]
