"""How the documentation site is built of the Markdown of this repository: `make docs`.

The source folder is that of the repository, so that a link leads to the same page here and where the code is read.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "model"), str(ROOT / "experiments")]
os.environ["COLUMNS"] = "100"  # what argparse fills

import ipsc_race  # noqa: E402 - it may not be installed
from ipsc_race_lab.cli import COMMANDS  # noqa: E402

project = "ipsc-race"
author = "the ipsc-race authors"
version = release = ipsc_race.__version__
language = "en"
root_doc = "docs/index"
include_patterns = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/**.md", "notebooks/*.ipynb"]
extensions = ["myst_nb", "sphinx.ext.autodoc"]
html_theme = "furo"
html_extra_path = ["site"]  # a first page at the root that leads to ours

nb_execution_mode = "off"  # they were, with the numbers that are committed
myst_heading_anchors = 6
default_role = "literal"  # what our docstrings put between backticks
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
nitpick_ignore_regex = [("myst", r"[\w./-]+/")]  # a folder has no page here; tests/docs knows that it is there
suppress_warnings = ["myst.header"]  # a page may leave out a level of headings


class Commands(Directive):
    """Every command of `ipsc-race` with its help, as argparse prints it."""

    def run(self) -> list[nodes.Node]:
        """A section for each command."""
        return [self._section(name, *home) for name, home in COMMANDS.items()]

    def _section(self, name: str, home: str, title: str) -> nodes.section:
        parser = argparse.ArgumentParser(prog=f"ipsc-race {name}", description=title, allow_abbrev=False)
        import_module(home).configure(parser)
        text = parser.format_help()
        words = nodes.literal_block(text, text, language="text")
        return nodes.section("", nodes.title(text=f"ipsc-race {name}"), words, ids=[f"ipsc-race-{name}"])


def setup(app: Any) -> None:
    """Give the pages the `commands` of the command line."""
    app.add_directive("commands", Commands)
