"""What is installed is what was looked at: every version pinned, every file with its hash, every licence stated."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("install", "dev", "docs", "viewer")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
GIVEN_BY = {  # by other packages, on other systems
    "appnope", "beniget", "colorama", "gast", "ply", "pythran", "setuptools",
}  # fmt: skip


def name_of(written: str) -> str:
    return re.sub(r"[-_.]+", "-", written).lower()


def pins(file: str) -> dict[str, str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return {name_of(name): version for name, version in PIN.findall(text)}


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"tools/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_a_hash_and_the_version_of_the_constraints(lock: str) -> None:
    """A file swapped on its way, or a version that nobody tried, would be installed in silence."""
    text = (ROOT / f"requirements/{lock}.txt").read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if PIN.match(entry)]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    locked, wanted = pins(f"requirements/{lock}.txt"), pins("constraints.txt")
    assert {name: version for name, version in locked.items() if wanted.get(name) not in (None, version)} == {}
    assert locked.keys() - wanted.keys() <= GIVEN_BY


def test_all_that_is_needed_is_locked() -> None:
    """A new dependency without a line in the locks would not be there after `make install`: run tools/lock.py."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]

    def names(needed: list[str]) -> set[str]:
        return {name_of(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) for line in needed}

    assert names(project["dependencies"]) <= pins("requirements/install.txt").keys()
    everything = names([line for lines in extras.values() for line in lines])
    assert everything <= {name for lock in LOCKS for name in pins(f"requirements/{lock}.txt")}
    assert {"pip", "hatchling"} <= pins("requirements/install.txt").keys()


def test_a_lock_is_made_for_every_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locks = tool("lock").LOCKS
    assert tuple(locks) == LOCKS
    assert {extra for extras in locks.values() for extra in extras} == set(project["optional-dependencies"])


def test_the_bill_of_materials_names_every_package_with_its_licence() -> None:
    """Whoever passes the model on must know under which licences; a scanner for known flaws reads the same list."""
    bill_of_materials = tool("bill_of_materials")
    bill = bill_of_materials.bill(bill_of_materials.installed())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {part["name"]: part for part in bill["components"]}
    assert {"numba", "numpy", "mesa", "pydantic"} <= by_name.keys()
    assert re.fullmatch(r"pkg:pypi/numba@[\d.]+", by_name["numba"]["purl"])
    unstated = [name for name, part in by_name.items() if part["licenses"][0]["license"]["name"] == "not stated"]
    assert unstated == []
