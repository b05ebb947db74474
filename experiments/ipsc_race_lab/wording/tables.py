"""Tables of text: columns under their headings, folded where the screen is narrow."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Sequence

BROAD = 1000  # columns; nothing is folded


def screen_width() -> int | None:
    """Columns of the terminal that is written to; None of a file or a pipe, for which nothing is folded."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table_lines(
    head: Sequence[str], rows: Iterable[Sequence[str]], width: int | None = None, indent: str = ""
) -> list[str]:
    """Lines of a table; cells are folded at blanks where it would be wider than `width` columns."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in head:
        table.add_column(Text(heading))
    for row in rows:
        table.add_row(*map(Text, row))
    text = io.StringIO()
    Console(file=text, width=(width or BROAD) - len(indent), color_system=None, force_terminal=False).print(table)
    return [(indent + line).rstrip() for line in text.getvalue().splitlines()]
