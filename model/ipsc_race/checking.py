"""What must hold between the values of a scenario, beyond the type and bounds of each."""

from __future__ import annotations

from collections.abc import Iterable

from ipsc_race.policy import calendar_month
from ipsc_race.roster_checking import check_roster
from ipsc_race.tree import did_you_mean, scenario_tree, within
from ipsc_race.values import MONTH, Values
from ipsc_race.world import LAG_MONTHS
from ipsc_race.yaml_reading import shown_value

RESERVED = ("none",)  # names that no bloc can have
MAX_STEPS = 20_000  # of a race; four centuries in weeks
MAX_DATES = 240  # months in which something changes; the baseline has 22


def check(values: Values) -> None:
    """Every check, each adding its problems to `values`."""
    for rule in (_tables, _named_rows, _blocs, _draw_keys, _lines, _span, _dates, _step, _path_by_path, check_roster):
        rule(values)


def _tables(values: Values) -> None:
    """There is at least one row to race with; a table keyed by another has exactly that table's rows."""
    for path, (part, node) in values.tables.items():
        rows = values.rows(path)
        if part.table is None:
            continue
        if part.table.of == path and not rows and path != "release_tests":
            values.complain(node.key, path, "has no rows; expected at least one")
        if part.table.of != path and part.table.of in values.tables:
            _same_rows(values, path, rows, part.table.of)


def _same_rows(values: Values, path: str, rows: list[str], root: str) -> None:
    node = values.tables[path][1]
    assert isinstance(node.value, dict)
    known = values.rows(root)
    missing = [name for name in known if name not in rows]
    for name in rows:
        if name not in known:
            hint = did_you_mean(name, missing or known) or f"; remove it here with `{name}: null` if it was inherited"
            values.complain(node.value[name].key, within(path, name), f"is not among the {root}{hint}")
    if missing:
        values.complain(node.key, path, f"lacks {', '.join(missing)}; expected every one of the {root}")


def _named_rows(values: Values) -> None:
    """What names a row of a table names one that is there."""
    for path, leaf in values.leaves.items():
        row_of = leaf.part.row_of
        if row_of is None or row_of.table not in values.tables:
            continue
        names = (*values.rows(row_of.table), *row_of.words)
        if leaf.node.value not in names:
            hint = did_you_mean(str(leaf.node.value), names)
            table = row_of.table.replace(".", " ")
            values.complain(leaf.node.place, path, f"is {shown_value(leaf.node)}, which is not among the {table}{hint}")


def _blocs(values: Values) -> None:
    """A bloc names jurisdictions that exist, and each jurisdiction is in exactly one bloc."""
    if "blocs" not in values.tables or "jurisdictions" not in values.tables:
        return
    jurisdictions = values.rows("jurisdictions")
    blocs_of: dict[str, list[str]] = {name: [] for name in jurisdictions}
    for bloc in values.rows("blocs"):
        if bloc in RESERVED:
            message = f"cannot be called {bloc}, which answers use for what no bloc reached; expected another name"
            values.complain(values.tables["blocs"][1].place, "blocs", message)
        leaf = values.leaves.get(within("blocs", bloc))
        if leaf is None or not isinstance(leaf.node.value, list):
            continue
        if not leaf.node.value:
            values.complain(leaf.node.place, leaf.path, "is empty; expected a list of jurisdictions")
        for node in leaf.node.value:
            name = str(node.value)
            if name in blocs_of:
                blocs_of[name].append(bloc)
            elif isinstance(node.value, str):
                hint = did_you_mean(name, jurisdictions)
                values.complain(node.place, leaf.path, f"names {name}, which is no jurisdiction{hint}")
    place = values.tables["blocs"][1].key
    for name, blocs in blocs_of.items():
        if len(blocs) != 1:
            where = f"in {' and '.join(blocs)}" if blocs else "in no bloc"
            values.complain(place, "blocs", f"must hold each jurisdiction once; {name} is {where}")


def _draw_keys(values: Values) -> None:
    """Two jurisdictions with one key would have the same luck."""
    first: dict[int, str] = {}
    for name in values.rows("jurisdictions"):
        path = f"jurisdictions.{name}.draw_key"
        key = values.value(path)
        if not isinstance(key, int):
            continue
        if key in first:
            place = values.leaves[path].node.place
            values.complain(place, path, f"is {key}, the key of {first[key]} too; expected another number")
        else:
            first[key] = name


def _lines(values: Values) -> None:
    """A name or title of several lines would forge lines of an answer; only a description may have them."""
    for path, leaf in values.leaves.items():
        text = leaf.node.value
        if path != "description" and isinstance(text, str) and "\n" in text.strip():
            values.complain(leaf.node.place, path, f"is {shown_value(leaf.node)}; expected one line")


def _span(values: Values) -> None:
    """The end is not before the start, and a race has not too many steps."""
    start, end = values.value("span.start_month"), values.value("span.end_month")
    if not _are_months((start, end)):
        return
    place, months = values.leaves["span.end_month"].node.place, calendar_month(end) - calendar_month(start) + 1
    if months < 1:
        values.complain(place, "span.end_month", f"is {end}, before the start in {start}")
    step = values.value("span.step_months")
    if _is_step(step) and months / step > MAX_STEPS:
        message = f"is {end}, {months / step:,.0f} steps after the start; at most {MAX_STEPS:,} are possible"
        values.complain(place, "span.end_month", message)


def _dates(values: Values) -> None:
    """Each month in which something changes is a world of its own, to be checked and held."""
    months = values.months()
    if len(months) > MAX_DATES:
        leaf = max(values.leaves.values(), key=lambda leaf: len(leaf.changes))
        message = f"is one of the values that change in {len(months):,} months in all; at most {MAX_DATES} are possible"
        values.complain(leaf.node.place, leaf.path, message)


def _are_months(texts: Iterable[object]) -> bool:
    return all(isinstance(text, str) and MONTH.fullmatch(text) for text in texts)


def _is_step(step: object) -> bool:
    """Whether a value is within the bounds of a step, so that it can be divided by."""
    bounds = scenario_tree().parts["span"].parts["step_months"].bounds
    return isinstance(step, (int, float)) and not isinstance(step, bool) and bounds["ge"] <= step <= bounds["le"]


def _step(values: Values) -> None:
    """Months begin with a step, and the ring of created knowledge holds the longest lag."""
    step = values.value("span.step_months")
    if not _is_step(step):
        return
    place = values.leaves["span.step_months"].node.place
    if abs(1 / step - round(1 / step)) > 1e-9:
        values.complain(
            place, "span.step_months", f"is {step}; expected a whole number of steps in a month, such as 0.5"
        )
    lag = values.leaves.get("science.spillover_lag_months")
    for version in lag.versions() if lag else ():
        months = version.node.value
        if isinstance(months, (int, float)) and months / step >= LAG_MONTHS:
            message = f"is {months}, which is {months / step:g} steps; at most {LAG_MONTHS - 1} are remembered"
            values.complain(version.node.place, version.path, message)


def _path_by_path(values: Values) -> None:
    """Success rates counted path by path are no rates of a cohort that passes stage after stage."""
    for path, leaf in values.leaves.items():
        if not (path.startswith("jurisdictions.") and ".exogenous." in path):
            continue
        for version in leaf.versions():
            for source in version.sources:
                if values.sources.get(source) == "path-by-path":
                    message = (
                        f"carries {source}, whose rates are counted path by path and do not multiply to the overall "
                        "rate (66.4 x 58.3 x 59.0 = 22.8% against a published 13.8%); expected the rates of a cohort"
                    )
                    values.complain(version.node.place, version.path, message)
