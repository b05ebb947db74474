"""`warm` keeps the compiled rules, or says that it cannot."""

from __future__ import annotations

import pytest

from ipsc_race import ensemble
from ipsc_race_lab.cli import main


def test_rules_that_cannot_be_kept_are_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A job that warms a machine whose disk is full would else send a hundred others to compile."""
    monkeypatch.setattr(ensemble, "warm", lambda say: say("compiling the rules"))
    monkeypatch.setattr(ensemble, "is_compiled", lambda: False)
    assert main(["warm"]) == 2
    assert "later commands will compile the rules anew: nothing can be kept in" in capsys.readouterr().err


def test_rules_that_are_kept_are_not_compiled_again(capsys: pytest.CaptureFixture[str]) -> None:
    """The second time it is done at once."""
    main(["warm"])
    capsys.readouterr()
    assert main(["warm"]) == 0
    assert not capsys.readouterr().err
