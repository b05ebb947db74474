"""Tables of the model for the documents: its schedule, its records, its parameters and their sources."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.wording.markdown import table

if TYPE_CHECKING:
    from ipsc_race.loading import Origin, Resolved
    from ipsc_race.tree import Part


RECORDS = ("JURISDICTION", "CELL", "COMPANY", "PROGRAMME", "LEDGER", "CAMPAIGN", "FLOWS", "WORLD", "EVENT", "MONTHLY")
KINDS = {
    "f8": "number",
    "i8": "whole number",
    "i4": "whole number",
    "i2": "code",
    "i1": "code",
    "b1": "yes or no",
    "u8": "key",
}


def schedule() -> str:
    """Every rule of the month in order, under the headings that the code gives."""
    path = ROOT / "model/ipsc_race/rules/month.py"
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    functions = _functions(path)
    rows: list[list[str]] = []
    heading = ""
    for part in ("prepare", "develop", "judge", "month"):  # the last ends with what is recorded
        seen = functions[part].lineno
        for module, rule in _calls(functions[part].body):
            call = next(i for i, line in enumerate(lines[seen:], seen) if f"{module}.{rule}(" in line)
            comments = [line.strip() for line in lines[seen:call] if re.match(r"\s+# \d", line)]
            heading = comments[-1].lstrip("# ").partition(":")[0] if comments else heading
            seen = call + 1
            docstring = ast.get_docstring(_functions(path.with_name(f"{module}.py"))[rule]) or ""
            rows.append([str(len(rows) + 1), heading, f"`{module}.{rule}`", docstring.splitlines()[0]])
    return table(["", "part of the month", "rule", "what it does"], rows)


def _functions(path: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _calls(body: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Module and name of each rule called in a function's body."""
    for statement in body:
        match statement:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(module), rule))):
                yield module, rule


def state() -> str:
    """One table for each record, in the order in which a reader meets them."""
    path = ROOT / "model/ipsc_race/world.py"
    source = path.read_text(encoding="utf-8")
    layouts = _layouts(ast.parse(source))
    return "\n".join(_record_table(name, layouts[name], source.splitlines()) for name in RECORDS)


def _layouts(tree: ast.Module) -> dict[str, ast.List]:
    """The list of fields of each record; WORLD is what `world_type` returns."""
    layouts: dict[str, ast.List] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], ast.Call(_, [ast.List() as fields])):
                layouts[name] = fields
            case ast.Return(ast.Call(ast.Attribute(attr="dtype"), [ast.List() as fields])):
                layouts["WORLD"] = fields
    return layouts


def _record_table(name: str, fields: ast.List, lines: Sequence[str]) -> str:
    from ipsc_race.quantities import unit_of

    rows = []
    for field in fields.elts:
        assert isinstance(field, ast.Tuple)
        assert isinstance(field.elts[0], ast.Constant)
        word = str(field.elts[0].value)
        comment = lines[field.lineno - 1][field.end_col_offset :].partition("#")[2].strip()
        rows.append([f"`{word}`", _kind(field.elts), unit_of(word) or "", comment])
    return f"**{name}**\n\n" + table(["variable", "kind", "unit", "meaning"], rows)


def _kind(field: Sequence[ast.expr]) -> str:
    kind = ast.literal_eval(field[1]) if isinstance(field[1], ast.Constant) else ast.unparse(field[1])
    shape = f" x {ast.unparse(field[2]).strip('(),')}" if len(field) > 2 else ""
    return KINDS.get(kind, f"`{kind}`") + shape


def parameters() -> str:
    """Every parameter of the baseline: its value, range, grade and source, by row where it stands in a table."""
    resolved = _baseline()
    tables = ("indications", "methods", "release_tests")
    parts = ["### The world", _plain_table(resolved, (*tables, "jurisdictions", "blocs", "title", "description"))]
    for name in tables:
        parts += [f"### {name.replace('_', ' ').capitalize()}", _pivot(resolved, name, list(_rows(resolved, name)))]
    parts += ["### Jurisdictions: public programmes", _public(resolved)]
    places = list(resolved.jurisdictions)
    remainders = dict.fromkeys(path.split(".", 2)[2] for path in resolved.origins if path.startswith("jurisdictions."))
    blocks = dict.fromkeys(remainder.split(".")[0] for remainder in remainders if "." in remainder)
    for block in ("", *blocks):
        title = block.replace("_", " ") or "the whole"
        parts += [f"### Jurisdictions: {title}", _pivot(resolved, "jurisdictions", places, block)]
    return "\n".join(f"{part.rstrip()}\n" for part in parts)


def _baseline() -> Resolved:
    from ipsc_race.loading import load

    return load("baseline")


def _rows(resolved: Resolved, name: str) -> dict[str, None]:
    return dict.fromkeys(path.split(".")[1] for path in resolved.origins if path.startswith(f"{name}."))


def _part(path: str) -> Part:
    """The place of the scenario's tree where a path leads."""
    from ipsc_race.tree import scenario_tree

    part = scenario_tree()
    for word in path.partition("@")[0].split("."):
        inside = part.inside(word)
        assert inside is not None, f"{path} is not in the tree of the scenario"
        part = inside
    return part


def _plain_table(resolved: Resolved, without: tuple[str, ...]) -> str:
    rows = []
    for path, origin in resolved.origins.items():
        if "@" not in path and path.split(".")[0] not in without:
            evidence = [_range(origin), origin.grade or "", _source([origin])]
            value = _shown(origin.value)
            rows.append([f"`{path}`", value, origin.unit or "", *evidence, _part(path).description])
    return table(["parameter", "value", "unit", "range", "grade", "source", "meaning"], rows)


def _pivot(resolved: Resolved, name: str, columns: Sequence[str], block: str = "") -> str:
    """A table of parameters by the rows of a table of the scenario; `block` keeps those of one part only."""
    rows = []
    for rest in _remainders(resolved, name, block):
        paths = [f"{name}.{column}.{rest}" for column in columns]
        origins = [resolved.origins[path] for path in paths if path in resolved.origins]
        cells = [_cell(resolved.origins, path) for path in paths]
        shown = rest.removeprefix(f"{block}.") if block else rest
        part = _part(next(path for path in paths if path in resolved.origins))
        unit = next((origin.unit for origin in origins if origin.unit), "")
        rows.append([f"`{shown}`", unit, *cells, _source(_versions(resolved.origins, paths)), part.description])
    return table(["parameter", "unit", *columns, "source", "meaning"], rows)


def _remainders(resolved: Resolved, name: str, block: str) -> dict[str, None]:
    """Paths below the rows of a table, once each: of one part, or those that stand in no part."""
    paths = dict.fromkeys(
        path.split(".", 2)[2] for path in resolved.origins if path.startswith(f"{name}.") and "@" not in path
    )
    if name == "jurisdictions":
        inside = {rest: None for rest in paths if rest.startswith(f"{block}.") or (not block and "." not in rest)}
        return {rest: None for rest in inside if not rest.startswith("funding.public.")}
    return paths


def _public(resolved: Resolved) -> str:
    """Public programmes have names of their own: one row each."""
    programmes = dict.fromkeys(path.rpartition(".")[0] for path in resolved.origins if ".funding.public." in path)
    names = list(_part(next(iter(programmes))).parts)
    rows = []
    for programme in programmes:
        words = programme.split(".")
        paths = [f"{programme}.{name}" for name in names]
        cells = [_cell(resolved.origins, path) for path in paths]
        rows.append([words[1], f"`{words[-1]}`", *cells, _source(_versions(resolved.origins, paths))])
    return table(["", "`funding.public`", *(f"`{name}`" for name in names), "source"], rows)


def _versions(origins: Mapping[str, Origin], paths: Iterable[str]) -> list[Origin]:
    """The values at some paths, dated ones included."""
    wanted = set(paths)
    return [origin for path, origin in origins.items() if path.partition("@")[0] in wanted]


def _cell(origins: Mapping[str, Origin], path: str) -> str:
    """Value, range and grade, then the same for each dated change."""
    if path not in origins:
        return ""
    texts = [_valued(origins[path])]
    texts += [f"from {key.partition('@')[2]} {_valued(origins[key])}" for key in origins if key.startswith(f"{path}@")]
    return "; ".join(texts)


def _valued(origin: Origin) -> str:
    return " ".join(text for text in (_shown(origin.value), _range(origin), origin.grade or "") if text)


def _range(origin: Origin) -> str:
    return f"({_shown(origin.range[0])} to {_shown(origin.range[1])})" if origin.range else ""


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return f"{value:,.6g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return str(value)


def _source(origins: Iterable[Origin]) -> str:
    """The sources of some values, assumptions last."""
    names = dict.fromkeys(name for origin in origins for name in (origin.source or "").split(", ") if name)
    return ", ".join(sorted(names, key=lambda name: name == "assumption"))


def grades() -> str:
    """How many parameters of the baseline, dated changes included, have each grade."""
    count = Counter(origin.grade for origin in _baseline().origins.values() if origin.unit and origin.grade)
    return table(["A", "B", "C", "D"], [[str(count[grade]) for grade in "ABCD"]])


def sources() -> str:
    """The list of sources."""
    from ipsc_race.yaml_reading import read_file

    root = read_file(ROOT / "scenarios/sources.yaml", "scenarios/sources.yaml").value
    assert isinstance(root, dict)
    rows = []
    for name, node in root.items():
        assert isinstance(node.value, dict)
        entry = {key: str(inner.value) for key, inner in node.value.items()}
        rows.append([f"`{name}`", entry["title"], entry["where"], entry["year"]])
    return table(["source", "what", "where", "year"], rows)


ROOT = Path(__file__).resolve().parents[3]
