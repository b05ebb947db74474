"""The notebooks are what their scripts say, were executed, and would come out the same today."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
FIGURES = {"from-today": 3, "race-at-a-glance": 5, "tutorial": 4, "what-drives-it": 12}  # at least
ABOUT_CODE = {"tutorial"}  # the others can be read without it
SCRIPTS = sorted((ROOT / "notebooks").glob("*.py"))
PLACE = re.compile(r"(?:^|[\s'\"(=])(?:/[A-Za-z][\w.-]*){2,}|[A-Z]:\\|/(?:home|Users|root|tmp)\b")

Notebook = nbformat.NotebookNode


@pytest.fixture(scope="module")
def tool() -> dict[str, Callable[..., Any]]:
    """What is in tools/notebooks.py."""
    return runpy.run_path(str(ROOT / "tools/notebooks.py"))


def committed(script: Path) -> Notebook:
    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


def outputs(notebook: Notebook) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def texts(notebook: Notebook) -> list[str]:
    """All that a reader reads in the outputs."""
    told = []
    for output in outputs(notebook):
        data = output.get("data", {"text/plain": output.get("text", "")})
        told.append(data.get("text/markdown", "a figure" if "image/png" in data else data["text/plain"]))
    return told


def test_every_notebook_has_its_script_and_the_other_way_round() -> None:
    """A notebook without its script cannot be reviewed, and a script without its notebook was never executed."""
    assert {path.stem for path in SCRIPTS} == set(FIGURES)
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == set(FIGURES)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_holds_the_cells_of_its_script(script: Path, tool: dict[str, Callable[..., Any]]) -> None:
    """What is reviewed in the script would not be what was executed: `make notebooks` makes it anew."""
    made, kept = tool["converted"](script), committed(script)
    assert kept.metadata == made.metadata
    assert [(cell.cell_type, cell.id, cell.source, cell.metadata) for cell in kept.cells] == [
        (cell.cell_type, cell.id, cell.source, cell.metadata) for cell in made.cells
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_committed_notebook_was_executed_whole_and_in_order(script: Path) -> None:
    """A cell executed twice, or not at all, shows what the script does not do."""
    notebook = committed(script)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in codes] == list(range(1, len(codes) + 1))
    assert {output.output_type for output in outputs(notebook)} <= {"display_data", "execute_result"}  # no error
    figures = [output for output in outputs(notebook) if "image/png" in output.data]
    assert len(figures) >= FIGURES[script.stem]
    hidden = ["hide-input" in cell.metadata.get("tags", ()) and cell.metadata.jupyter.source_hidden for cell in codes]
    assert hidden == [script.stem not in ABOUT_CODE] * len(codes)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_committed_notebook_names_no_place_of_a_machine_and_stays_small(script: Path) -> None:
    """A path of somebody's machine is of no use to a reader, and a repository keeps every large file for ever."""
    notebook = committed(script)
    told = "\n".join([*texts(notebook), *(cell.source for cell in notebook.cells)])
    assert PLACE.search(told) is None
    assert script.with_suffix(".ipynb").stat().st_size < 1_500_000


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_executed_today_says_the_same(script: Path, tool: dict[str, Callable[..., Any]]) -> None:
    """The numbers or the words have moved since: `make notebooks`, and read what has changed."""
    today, kept = texts(tool["executed"](tool["converted"](script))), texts(committed(script))
    assert today == kept
