"""Another version of Numba is refused in a sentence; else it would end in a traceback, or in rules compiled wrongly."""

from __future__ import annotations

from importlib import import_module

import pytest

from ipsc_race.numba_parts import refuse_other_numba


def test_this_numba_has_all_that_the_rules_rest_on() -> None:
    refuse_other_numba()


@pytest.mark.parametrize(
    ("module", "owner", "part"),
    [("compiler", "CompileResult", "_rebuild"), ("codegen", "", "JITCodeLibrary"), ("serialize", "", "dumps")],
)
def test_a_part_that_is_missing_is_named(module: str, owner: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later version may rename any of them; what to install is said."""
    home = import_module(f"numba.core.{module}")
    monkeypatch.delattr(getattr(home, owner) if owner else home, part)
    with pytest.raises(ImportError, match=rf"has no numba\.core\.{module}\..*{part}.*; install Numba 0\.68") as refused:
        refuse_other_numba()
    assert refused.value.name == "numba"
