"""Text of a file on its way to the terminal: what would steer it, or forge a line, is written out instead."""

from __future__ import annotations

import re

# C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of writing.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain_text(text: str) -> str:
    r"""One line of text with every control character escaped, as `\n` or `\x1b`."""
    return _STEERING.sub(lambda found: found.group().encode("unicode_escape").decode(), text)
