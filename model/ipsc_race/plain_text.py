"""Text of a file on its way to a terminal: what would steer it, or forge a line, is written out instead."""

from __future__ import annotations

import re

# What moves a terminal's cursor, colours or order of letters instead of being shown.
STEERING = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
_UNSHOWN = re.compile(f"[\x00-\x1f{STEERING}]")


def plain_text(text: str) -> str:
    r"""One line of text with every character that a terminal would obey escaped, as `\n` or `\x1b`."""
    return _UNSHOWN.sub(lambda found: found.group().encode("unicode_escape").decode(), text)
