"""The documents say what is true of the code beside them."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from ipsc_race.loading import load
from ipsc_race.quantities import UNITS
from ipsc_race.tree import Part, scenario_tree
from ipsc_race_lab.cli import COMMANDS
from ipsc_race_lab.wording import documents as tables
from ipsc_race_lab.wording.model_tables import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
README = ROOT / "README.md"
ODD = ROOT / "docs/odd.md"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(page), re.DOTALL)


def commands(page: Path) -> Iterator[list[str]]:
    for line in "".join(blocks(page, "sh")).splitlines():
        yield shlex.split(line, comments=True)


def anchors(page: Path) -> set[str]:
    """The anchors that a Markdown page gives its headings."""
    headings = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", tables.DOCUMENTS)
def test_a_reader_finds_no_table_that_the_code_has_left_behind(name: str) -> None:
    text = text_of(ROOT / name)
    assert tables.refreshed(text) == text, f"{name} is stale; refresh it with: {tables.COMMAND}"


def test_a_reader_of_the_odd_finds_each_rule_where_it_is_said_to_be() -> None:
    """Rules move between files; a mechanism that cannot be found in the code cannot be checked against its text."""
    rules = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "model/ipsc_race/rules").glob("*.py")}
    told = set(re.findall(r"[(`, ]`(\w+)\.(\w+)`", "".join(re.findall(r"\*[^*]+\* \((`[^)]+`)\)", text_of(ODD)))))
    told |= set(re.findall(r"`(\w+)\.(\w+)`", "".join(re.findall(r"^### .*$", text_of(ODD), re.MULTILINE))))
    assert len(told) > 40
    lost = [f"{module}.{rule}" for module, rule in told if module in rules and f"def {rule}(" not in rules[module]]
    assert not lost, f"the ODD names rules that are not there: {lost}"


def test_every_generated_part_stands_in_a_document() -> None:
    standing = {found["name"] for name in tables.DOCUMENTS for found in tables.BLOCK.finditer(text_of(ROOT / name))}
    assert standing == set(tables.GENERATED)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_link_leads_nowhere(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name} links to {target}, which is not there"
        assert not anchor or anchor in anchors(there), f"{page.name} links to {target}, but there is no such heading"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_reader_can_type_every_command(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for program, *words in commands(page):
        if program == "make":
            assert set(words) <= targets, f"{page.name}: make {words}"
        elif program == "python":
            known = find_spec(words[1]) if words[0] == "-m" else (ROOT / words[0]).is_file()
            assert known, f"{page.name}: python {words}"
        else:
            assert program == "ipsc-race", f"{page.name}: {program} is no program that a fresh clone has"
            parser = argparse.ArgumentParser(exit_on_error=False, allow_abbrev=False)
            import_module(COMMANDS[words[0]][0]).configure(parser)
            parser.parse_args(words[1:])


def test_the_readme_changes_values_that_the_baseline_has() -> None:
    overrides = [words[words.index("--set") + 1] for words in commands(README) if "--set" in words]
    assert overrides
    for override in overrides:
        assert load("baseline", [override]).hash != load("baseline").hash, f"{override} changes nothing"


def test_the_world_written_in_the_readme_is_one(tmp_path: Path) -> None:
    (world,) = blocks(README, "yaml")
    file = tmp_path / "slow-china.yaml"
    file.write_text(world, encoding="utf-8")
    assert load(file).hash != load("baseline").hash


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=named)
def test_the_python_of_a_page_runs(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for code in blocks(page, "python"):
        capsys.readouterr()
        exec(compile(code, page.name, "exec"), {})  # noqa: S102 - our own words
        assert capsys.readouterr().out.strip() or "print" not in code


def test_the_description_has_the_seven_elements_of_odd() -> None:
    headings = re.findall(r"^## \d (.*)$", text_of(ODD), re.MULTILINE)
    assert headings == [
        "Purpose and patterns",
        "Entities, state variables and scales",
        "Process overview and scheduling",
        "Design concepts",
        "Initialisation",
        "Input data",
        "Submodels",
    ]


def test_the_description_names_no_parameter_that_is_gone() -> None:
    """A formula with a renamed parameter would send its reader to a value that does not exist."""
    suffixes = "|".join(sorted((unit for unit in UNITS if unit.startswith("_")), key=len, reverse=True))
    prose = tables.BLOCK.sub("", text_of(ODD))
    said = {
        word for span in re.findall(r"`([^`]+)`", prose) for word in re.findall(rf"\b[a-z]\w*(?:{suffixes})\b", span)
    }
    assert len(said) > 50
    assert not said - leaf_names(scenario_tree())


def leaf_names(part: Part) -> set[str]:
    inside = [part.row] if part.row else list(part.parts.values())
    return {part.name}.union(*map(leaf_names, inside))
