"""Make and execute the notebooks: `python tools/notebooks.py` writes `notebooks/NAME.ipynb` for each `NAME.py`.

They are executed in an empty folder, so that their numbers are those that are committed and never the results that
happen to lie in `results/`.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LONGEST_CELL_SECONDS = 300


def main() -> None:
    """Write every notebook anew."""
    for script in sorted(NOTEBOOKS.glob("*.py")):
        nbformat.write(executed(converted(script)), script.with_suffix(".ipynb"))
        print(script.with_suffix(".ipynb").name)


def converted(script: Path) -> nbformat.NotebookNode:
    """A script as a notebook without outputs; what is in it depends on the script alone."""
    notebook = jupytext.read(script)
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number}"
    notebook["metadata"] = nbformat.from_dict(METADATA)
    notebook["nbformat_minor"] = 5  # the first with names of cells
    return notebook


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its outputs, without times of execution, progress, and versions of the kernel.

    The kernel talks through files of this user's and not through ports, where others could listen.
    """
    with tempfile.TemporaryDirectory() as empty:
        folder = Path(empty, "notebooks")
        folder.mkdir()
        client = NotebookClient(
            notebook,
            timeout=LONGEST_CELL_SECONDS,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            config=Config({"KernelManager": {"transport": "ipc", "connection_file": f"{empty}/kernel.json"}}),
        )
        client.execute(env={**os.environ, "IPYTHONDIR": empty})  # no start-up files and no history of the user's
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    notebook["metadata"] = nbformat.from_dict(METADATA)
    return notebook


if __name__ == "__main__":
    main()
