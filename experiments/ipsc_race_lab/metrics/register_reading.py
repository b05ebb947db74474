"""Reading registers of forecasts and what came of them: all that is wrong at once, each at its place."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from ipsc_race.tree import did_you_mean
from ipsc_race.yaml_reading import Node, Place, ScenarioError, problem, read_file
from ipsc_race_lab.metrics.register import Count, Event, Outcome, Outcomes, Register, digest_of
from ipsc_race_lab.typed_file import TypedFile, plain_value

OUTCOMES = "outcomes.yaml"  # beside the registers that it speaks of
_ONLY_REGISTERS = {"made", "as_of", "events", "counts"}


def register_folder() -> Path:
    """Folder of the shipped registers: inside an installed package, at the top of the repository otherwise."""
    packaged = Path(__file__).parents[1] / "forecasts"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "forecasts"


def register_names() -> list[str]:
    """Names of the shipped registers."""
    return sorted(path.stem for path in register_folder().glob("*.yaml") if path.name != OUTCOMES)


def find_register(source: str) -> tuple[Path, str]:
    """Path of a register, by a shipped name or a file, and the name under which it is shown."""
    if Path(source).suffix or "/" in source:
        return Path(source), source
    names = register_names()
    if source in names:
        return register_folder() / f"{source}.yaml", f"forecasts/{source}.yaml"
    hint = did_you_mean(source, names) or ";"
    message = f"no register of forecasts is named {source!r}{hint} shipped: {', '.join(names) or 'none'}"
    raise ScenarioError([problem(Place(source, 0, 0), "", message)])


def forecast_kind(source: str) -> Literal["register", "outcomes"] | None:
    """What a name or a file is of forecasts, by what stands in it; None of anything else."""
    if source in register_names():
        return "register"
    given = _given(Path(source)) if Path(source).suffix else {}
    if not _ONLY_REGISTERS.isdisjoint(given):
        return "register"
    return "outcomes" if "outcomes" in given else None


def registers_beside(path: Path) -> dict[str, Register]:
    """All registers in the folder of a file, by name. Raises ScenarioError with what is wrong with any."""
    paths = [other for other in sorted(path.parent.glob("*.yaml")) if forecast_kind(str(other)) == "register"]
    return {str(other): read_register(other, str(other)) for other in paths}


def read_register(path: Path, shown: str) -> Register:
    """The register in a file, reported as `shown`. Raises ScenarioError with all problems."""
    file = TypedFile(read_file(path, shown), "the register")
    register = file.read(Register)
    if register is not None:
        _check_dates(file, register)
        _check_statements(file, register)
        _check_whole(file, register)
    if register is None or file.problems:
        raise ScenarioError(file.problems)
    return register


def _check_dates(file: TypedFile, register: Register) -> None:
    """What is forecast lies after what was known, and that not after the day of the forecast."""
    if register.as_of > register.made[:7]:
        file.complain(["as_of"], f"is {register.as_of}, after the forecast was made ({register.made})")
    for where, of in _each(register):
        if of.by <= register.as_of:
            file.complain([*where, "by"], f"is {of.by}, though all to {register.as_of} was known: that is no forecast")
        elif of.by < register.made[:7] and not register.backtest:
            file.complain([*where, "by"], f"is {of.by}, before it was made ({register.made}): that is no forecast")


def _check_statements(file: TypedFile, register: Register) -> None:
    """One thing forecast twice would count twice."""
    if not register.forecasts and not file.problems:
        file.complain([], "forecasts nothing; expected events or counts by name")
    first: dict[str, str] = {}
    for where, of in _each(register):
        name = first.setdefault(of.statement, where[1])
        if name != where[1]:
            file.complain([*where, "statement"], f"says what {name} says")


def _check_whole(file: TypedFile, register: Register) -> None:
    """Only a draft may lack what makes a forecast, and only what is no draft is sealed."""
    digest = None if file.problems else digest_of(plain_value(file.root))
    if register.draft:
        if register.digest is not None:
            file.complain(["digest"], "seals a draft; expected none while it says `draft: true`")
        return
    for where, of in _each(register):
        lacks = "probability" if isinstance(of, Event) else "quantiles"
        if getattr(of, lacks) is None:
            file.complain(where, f"lacks {lacks}; only a register that says `draft: true` may")
    if digest and not file.problems and register.digest != digest:
        if register.digest is None:
            file.complain([], f"lacks digest; what it says now has {digest}")
        else:
            changed = "a register is never changed after it was made"
            file.complain(["digest"], f"is not that of what the register says, {digest}: {changed}")


def read_outcomes(path: Path, shown: str, registers: Mapping[str, Register]) -> dict[str, Outcome]:
    """What came, by event, held against registers by the names under which these are shown.

    Events of other registers beside the file are known too. Raises ScenarioError with all problems.
    """
    file = TypedFile(read_file(path, shown), "the file of outcomes")
    given = file.read(Outcomes)
    known = {name for register in registers.values() for name in register.forecasts} | _forecast_beside(path)
    for name, outcome in given.outcomes.items() if given else ():
        if name not in known:
            file.complain(["outcomes", name], f"is no event of a register{did_you_mean(name, known) or ''}")
        for register in registers.values():
            if name in register.forecasts:
                _check_outcome(file, name, outcome, register)
    if given is None or file.problems:
        raise ScenarioError(file.problems)
    return dict(given.outcomes)


def _check_outcome(file: TypedFile, name: str, outcome: Outcome, register: Register) -> None:
    """What came is of the kind that was forecast, and came when it could."""
    where, of = ["outcomes", name], register.forecasts[name]
    if isinstance(of, Count) and (outcome.value is None or outcome.came is not None):
        file.complain(where, "is a count; expected value, a number, and not came")
    elif isinstance(of, Event) and (outcome.came is None or outcome.value is not None):
        file.complain(where, "is an event; expected came, true or false, and not value")
    elif message := _wrong_time(outcome, of, register):
        file.complain([*where, "date"], f"is {outcome.date}, {message}")


def _wrong_time(outcome: Outcome, of: Event | Count, register: Register) -> str:
    """Why it cannot have come on its day; empty where it can."""
    month = outcome.date[:7]
    if month <= register.as_of:
        return f"when all to {register.as_of} was known"
    if outcome.date < register.made and not register.backtest:
        return f"before the forecast was made ({register.made})"
    if outcome.came and month > of.by:
        return f"after {of.by}: by then it had not come; expected came: false"
    if outcome.came is False and month <= of.by and outcome.note is None:
        return f"though it may come up to {of.by}; expected a note why it no longer can"
    if outcome.value is not None and month <= of.by:
        return f"though it is counted up to {of.by}"
    return ""


def _each(register: Register) -> list[tuple[list[str], Event | Count]]:
    """Where each event and count stands."""
    return [
        *((["events", name], of) for name, of in register.events.items()),
        *((["counts", name], of) for name, of in register.counts.items()),
    ]


def _given(path: Path) -> dict[str, Node]:
    """What a file says by key; nothing of one that cannot be read."""
    with suppress(ScenarioError):
        value = read_file(path, str(path)).value
        return value if isinstance(value, dict) else {}
    return {}


def _forecast_beside(path: Path) -> set[str]:
    """Names of the events and counts of all registers in the folder of a file."""
    given = [_given(other) for other in sorted(path.parent.glob("*.yaml"))]
    tables = [said[key].value for said in given for key in ("events", "counts") if key in said]
    return {name for table in tables if isinstance(table, dict) for name in table}
