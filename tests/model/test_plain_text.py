"""What a file says can neither steer the terminal nor forge a line of the answer."""

from __future__ import annotations

import pytest

from ipsc_race.plain_text import plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\nChina leads: 100%", r"a\nChina leads: 100%"),
        ("a\r\x07\x9b", r"a\r\x07\x9b"),
        ("\u202eabc\u2028", r"\u202eabc\u2028"),
        ("Größe, 日本: 5% — “so”", "Größe, 日本: 5% — “so”"),
    ],
)
def test_what_steers_a_terminal_is_written_out(text: str, shown: str) -> None:
    """A downloaded scenario could clear the screen and print an answer of its own."""
    assert plain_text(text) == shown
