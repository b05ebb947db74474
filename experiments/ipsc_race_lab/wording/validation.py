"""The validation ladder as a table on the terminal and as a page of the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ipsc_race_lab.validation.rung import Verdict
from ipsc_race_lab.wording.markdown import table

WIDTH = 100
STYLES = {Verdict.MET: "green", Verdict.MISSED: "bold red"}

Result = Mapping[str, Any]  # as `ipsc-race validate --json` prints it
Row = Mapping[str, Any]


def print_ladder(result: Result) -> None:
    """The ladder on the terminal, at most a hundred columns wide: a rung, then the numbers that it stands on."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal or console.width > WIDTH:
        console = Console(width=WIDTH)
    grid = Table(box=None, padding=(0, 1, 0, 0), expand=False)
    for head, width in (("rung", 8), ("claim", 43), ("expected", 10), ("observed", 10), ("verdict", 18), ("s", 5)):
        right = head in ("expected", "observed", "s")
        grid.add_column(head, width=width, justify="right" if right else "left", overflow="fold")
    for row in result["rungs"]:
        verdict = Text(row["verdict"], style=STYLES.get(row["verdict"], "yellow"))
        grid.add_row(Text(row["id"], style="bold"), row["claim"], "", "", verdict, f"{row['seconds']:.1f}")
        grid.add_row("", Text(f"{row['source']}; in {row['world']}", style="dim"), "", "", "", "")
        for check in row["checks"]:
            missed = "" if check["holds"] else "red"
            cells = (check["what"], _number(check["expected"]), _number(check["observed"]), check["tolerance"])
            grid.add_row("", *(Text(cell, style=missed) for cell in cells), "")
        if row["account"]:
            grid.add_row("", Text(row["account"], style="italic"), "", "", "", "")
    console.print(grid)
    print(f"\n{totals(result)}")


def totals(result: Result) -> str:
    """How many rungs are met and missed, what stands apart, and what was left out."""
    count = Counter(row["verdict"] for row in result["rungs"])
    words = ", ".join(f"{count[verdict]} {verdict}" for verdict in Verdict if count[verdict])
    left = result["left_out"]
    return f"{words}." + (f" Left out as long: {', '.join(left)}; --full climbs them." if left else "")


def page(result: Result) -> str:
    """The ladder as Markdown: a table of all rungs, then each with its numbers."""
    rows = result["rungs"]
    heads = ["rung", "claim", "expected", "verdict", "world", "seconds"]
    overview = [
        [f"[{row['id']}](#{row['id'].lower()})", row["claim"], row["expected"], row["verdict"], row["world"],
         f"{row['seconds']:.1f}"]
        for row in rows
    ]  # fmt: skip
    parts = [
        f"{totals(result)} Baseline `{result['scenario_hash'][:8]}`.",
        table(heads, overview),
        *map(_section, rows),
    ]
    return "\n\n".join(part.strip() for part in parts)


def _section(row: Row) -> str:
    """One rung with its numbers."""
    parts = [
        f"### {row['id']}",
        f"**{row['verdict'].capitalize()}**: {row['claim']}. Expected: {row['expected']}. "
        f"Tolerance: {row['tolerance']}. Source: {row['source']}. World: {row['world']}.",
    ]
    if row["account"]:
        parts.append(f"*{row['account']}*")
    if row["checks"]:
        cells = [
            [check["what"], _number(check["expected"]), _number(check["observed"]), check["tolerance"],
             "yes" if check["holds"] else "**no**"]
            for check in row["checks"]
        ]  # fmt: skip
        parts.append(table(["", "expected", "observed", "tolerance", "holds"], cells))
    return "\n\n".join(parts)


def _number(value: float | None) -> str:
    """A number to four digits."""
    return "-" if value is None else f"{value:.4g}"
