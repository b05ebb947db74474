"""What a command says when it cannot do what was asked."""

from __future__ import annotations


class LabError(Exception):
    """Bad input or a place that cannot be written: a clear sentence for each problem, and no traceback.

    A command raises it with all problems at once; `cli.py` prints each on a line and leaves with code 2.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
