"""What is installed here, and under which licences: `python tools/bill_of_materials.py [--json FILE]`.

Prints one line a package, or writes a bill of materials in CycloneDX 1.6, which scanners for known flaws read.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

ROOT_NAME = "ipsc-race"


def main() -> None:
    """Print the table, or write the bill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the bill of materials there")
    arguments = parser.parse_args()
    found = installed()
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(bill(found), indent=1) + "\n", encoding="utf-8")
    else:
        print("\n".join(f"{name_of(it):28} {it.version:20} {licence(it)}" for it in found))


def installed() -> list[Distribution]:
    """The packages of this environment, by name, each once."""
    by_name = {name_of(it): it for it in distributions() if it.metadata["Name"]}
    return [by_name[name] for name in sorted(by_name)]


def name_of(package: Distribution) -> str:
    """Name as registries spell it."""
    return re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()


def licence(package: Distribution) -> str:
    """Licence as the package states it: as an expression, by its classifiers, or in words; "not stated" else."""
    told = package.metadata
    stated = told.get("License-Expression")
    classifiers = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith("License")]
    words = (told.get("License") or "").strip().splitlines()
    return stated or ", ".join(classifiers) or (words[0] if words else "not stated")


def bill(packages: Iterable[Distribution]) -> dict[str, Any]:
    """A CycloneDX document: this project, and what is installed beside it."""
    components = {name_of(it): _component(it) for it in packages}
    root = components.pop(ROOT_NAME, {"type": "application", "name": ROOT_NAME})
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root | {"type": "application"}},
        "components": list(components.values()),
    }


def _component(package: Distribution) -> dict[str, Any]:
    address = f"pkg:pypi/{name_of(package)}@{package.version}"
    return {
        "type": "library",
        "bom-ref": address,
        "name": name_of(package),
        "version": package.version,
        "purl": address,
        "licenses": [{"license": {"name": licence(package)}}],
    }


if __name__ == "__main__":
    main()
