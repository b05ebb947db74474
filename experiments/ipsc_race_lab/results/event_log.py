"""One race as a result folder holds it: its events in order, and the names of things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Event:
    """A line of `milestones.parquet`: names as words, rows as numbers (-1: none)."""

    month: str
    milestone: str
    company: int
    programme: int
    home: str
    jurisdiction: str
    indication: str
    lane: str
    reason: str
    sponsor: str = "company"
    cell_source: str = "reprogrammed"


@dataclass(frozen=True)
class Race:
    """One race as recorded: its events in order, and the names that its scenario gives to things.

    `blocs`: bloc of each home; `labels`: jurisdictions; `products`: cell product of each indication; `diseases`.
    Of the roster, by row: `developers` and `programmes`, and the `stages` of each programme on the first morning.
    """

    run: int
    seed: int
    title: str
    start_month: str
    end_month: str
    events: tuple[Event, ...]
    blocs: Mapping[str, str]
    labels: Mapping[str, str]
    products: Mapping[str, str]
    diseases: Mapping[str, str]
    developers: Sequence[str] = ()
    programmes: Sequence[str] = ()
    stages: Sequence[Mapping[str, str]] = ()


def read_race(folder: Path, run: int) -> Race:
    """Read one race. Raises LabError where the folder holds no finished result, or not this race."""
    from ipsc_race.roster import Roster
    from ipsc_race_lab.errors import LabError
    from ipsc_race_lab.results.files import read_json

    if not (folder / "manifest.json").exists():
        raise LabError(f"{folder}: holds no result of a run (there is no manifest.json)")
    manifest = read_json(folder / "manifest.json")
    done = int(manifest.get("runs_done") or 0)
    if manifest.get("status") == "running" or done == 0:
        raise LabError(f"{folder}: this result is not finished; the command that began it goes on where it was")
    if not 0 <= run < done:
        raise LabError(f"--run {run}: expected a race from 0 to {done - 1}, which is what {folder} holds")
    values = read_json(folder / "scenario.json")["epochs"][0]["values"]
    roster = Roster.model_validate(values.get("roster") or {"knowledge_count": 0, "developers": {}, "programmes": {}})
    return Race(
        run=run,
        seed=int(manifest["seed"]),
        title=values["title"],
        start_month=values["span"]["start_month"],
        end_month=values["span"]["end_month"],
        events=_read_events(folder, run),
        blocs=blocs_by_home(values),
        labels={name: place["label"] for name, place in values["jurisdictions"].items()},
        products={name: indication["cell_product"] for name, indication in values["indications"].items()},
        diseases={name: indication["disease"] for name, indication in values["indications"].items()},
        developers=roster.developer_labels,
        programmes=roster.programme_labels,
        stages=roster.programme_stages,
    )


def blocs_by_home(values: Mapping[str, Any]) -> dict[str, str]:
    """Bloc of each jurisdiction; one that is in no bloc stands for itself."""
    blocs = {name: name for name in values["jurisdictions"]}
    for bloc, members in reversed(values["blocs"].items()):
        blocs |= dict.fromkeys(members, bloc)
    return blocs


def _read_events(folder: Path, run: int) -> tuple[Event, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ipsc_race_lab.errors import LabError

    path = folder / "milestones.parquet"
    try:
        with path.open("rb") as file:
            columns = [name for name in Event.__dataclass_fields__ if name in pq.read_schema(file).names]
            table = pq.read_table(file, columns=columns, filters=[("run", "==", run)])
    except (OSError, pa.ArrowException) as error:
        raise LabError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
    return tuple(Event(**row) for row in table.to_pylist())
