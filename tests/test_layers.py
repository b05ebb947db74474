"""The house: layers point one way, and the light commands stay light."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODEL = sorted((ROOT / "model").rglob("*.py"))
LAB = {
    ".".join(path.relative_to(ROOT / "experiments").with_suffix("").parts): path
    for path in sorted((ROOT / "experiments/ipsc_race_lab").rglob("*.py"))
}
ROOMS = (  # an arrow points to a room before its own, or stays in it
    "estimators", "metrics", "design", "results", "execution", "analysis", "validation", "wording", "figures",
    "commands",
)  # fmt: skip
DOORS = ("ipsc_race_lab.cli", "ipsc_race_lab.api")  # of the house: every room lies behind them
LONGEST = 400  # lines that are read in one sitting


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


def arrows(module: str) -> set[str]:
    """The modules of the lab that one imports, early, late or for its types."""
    found = set()
    for node in ast.walk(ast.parse(LAB[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & LAB.keys()
            found |= inside or {node.module} & LAB.keys()
    return found - {module}


def room(module: str) -> str:
    return module.split(".")[1] if module.count(".") > 1 else ""


@pytest.mark.parametrize("module", sorted(LAB))
def test_arrows_between_rooms_point_one_way(module: str) -> None:
    """A number that depends on how it is printed is no number."""
    if module in DOORS:
        return
    before = ROOMS[: ROOMS.index(room(module)) + 1] if room(module) else ()
    assert {room(other) for other in arrows(module)} <= {"", *before}


def test_no_module_needs_itself() -> None:
    """What goes round in a circle can be read only as a whole, and changed only as a whole."""
    TopologicalSorter({module: arrows(module) for module in LAB}).prepare()


@pytest.mark.parametrize("module", sorted(LAB))
def test_a_module_is_read_in_one_sitting(module: str) -> None:
    """A newcomer loses the thread in a file of a thousand lines."""
    assert len(LAB[module].read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("module", ["ipsc_race", "ipsc_race.loading", "ipsc_race_lab", "ipsc_race_lab.cli"])
def test_light_modules_import_nothing_heavy(module: str) -> None:
    """`--help`, `check` and `show` must answer at once."""
    heavy = "{'numba', 'mesa', 'pandas', 'matplotlib', 'pyarrow', 'scipy', 'rich'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
