"""The documentation site is built without a warning: no dead link, no page that nothing leads to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """A reader would meet a dead link, or a page without its numbers."""
    pytest.importorskip("sphinx", reason="the site is built with the extra `docs`")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", ".", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "docs/index.html").is_file()
    assert "ipsc-race story" in (tmp_path / "docs/reference/commands.html").read_text(encoding="utf-8")
