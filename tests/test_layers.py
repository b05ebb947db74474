"""The house: layers point one way, and the light commands stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODEL = sorted((ROOT / "model").rglob("*.py"))


def imported(source: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("source", MODEL, ids=lambda path: path.name)
def test_the_model_knows_nothing_of_the_lab(source: Path) -> None:
    """A world that imported its questions could be bent by them."""
    lab = {"ipsc_race_lab", "matplotlib", "pyarrow", "pandas", "rich", "SALib"}
    assert not {name.split(".")[0] for name in imported(source)} & lab


@pytest.mark.parametrize("source", sorted((ROOT / "model/ipsc_race/rules").glob("*.py")), ids=lambda path: path.name)
def test_no_rule_names_a_country(source: Path) -> None:
    """Every difference between jurisdictions is a parameter; a name in a rule would be a verdict."""
    words = {"china", "japan", "west", "usa", "europe", "fda", "nmpa", "pmda", "ema"}
    constants = {
        node.value.lower()
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    names = {
        node.id.lower()
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name)
    }
    assert not words & (names | constants)


@pytest.mark.parametrize("module", ["ipsc_race", "ipsc_race.loading", "ipsc_race_lab.cli"])
def test_light_modules_import_nothing_heavy(module: str) -> None:
    """`--help`, `check` and `show` must answer at once."""
    heavy = "{'numba', 'mesa', 'pandas', 'matplotlib', 'pyarrow', 'scipy', 'rich'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
