"""`Race`: the model as Mesa users know it.

`Race("baseline", rng=1).run_for(120)` works, and so do `race.agents_by_type[Company].select(...)`, `.agg`, `.groupby`,
`DataCollector`, `schedule_event` and write-through (`company.cash_usd_m += 5`). In the compiled host an agent is a
view: its attributes read and write the record that the compiled month works on. In the plain host
(NUMBA_DISABLE_JIT=1) the agents hold the values themselves and the same month walks over them. Agents are for looking
and intervening; record in bulk with `ensemble.run_races`.

With `collect=True` a race has a `datacollector`, as Mesa's own `batch_run`, `make_plot_component` and `SolaraViz` want:

    batch_run(Race, {"collect": True, "jurisdictions.us.regulation.ind_review_months": [1, 3]}, rng=[1, 2, 3])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.experimental.scenarios import Scenario

from ipsc_race import world as records
from ipsc_race.draws import race_key
from ipsc_race.engine import Calendar, begin_race, step
from ipsc_race.host import PLAIN
from ipsc_race.loading import Resolved, load
from ipsc_race.overriding import Overrides
from ipsc_race.rules.desks import lay_desks
from ipsc_race.rules.month import begin, month
from ipsc_race.world import MONTHLY, RUNNING, SEEDS, empty_world, ended_early, world_type

Array = np.ndarray[Any, np.dtype[Any]]

MOODS = ("sentiment", "stringency", "salience", "lane_pace", "ind_pace", "approval_pace", "plant_pace", "input_price")
"""Monthly numbers that are of one jurisdiction and have no sum over several."""


class Row:
    """A part of the world that is no agent: a campaign, a ledger, a month's flows; in the plain host."""


def dress(thing: Any, layout: np.dtype[Any]) -> Any:
    """Give `thing` an attribute for each field of a record layout, at zero."""
    for name in layout.names or ():
        setattr(thing, name, _blank(layout[name]))
    return thing


def _blank(field: np.dtype[Any]) -> Any:
    """Zero of a field: a number, a row, or a list of either."""
    if field.subdtype is not None:
        inner, shape = field.subdtype
        return [_blank(inner) for _ in range(shape[0])]
    if field.names:
        return dress(Row(), field)
    return field.type(0).item()


def plain(record: Any) -> Any:
    """A record as nested rows and lists of Python numbers; of a table with a count, as many rows as there are."""
    if record.ndim:
        return [plain(item) for item in record]
    if record.dtype.names:
        row = Row()
        for name in record.dtype.names:
            rows = record[f"n_{name}"] if f"n_{name}" in record.dtype.names else None
            setattr(row, name, plain(record[name][:rows] if rows is not None else record[name]))
        return row
    return record.item()


class Table(list[Any]):
    """Rows that come into being when first asked for, up to no limit; in the plain host."""

    def __init__(self, make: Any) -> None:
        """Remember how to make a row."""
        super().__init__()
        self.make = make

    def __getitem__(self, index: Any) -> Any:
        """The row, made now if it is the next one."""
        if index == super().__len__():
            self.append(self.make())
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write a row, which may be the next one."""
        self[index]
        super().__setitem__(index, value)

    def __len__(self) -> int:
        """Capacity: rows never run out here."""
        return 1 << 62


class Entity(mesa.Agent):
    """An agent of the race: a view of its record (compiled host) or the holder of the same attributes (plain host)."""

    layout: np.dtype[Any]

    def __init__(self, model: Race, record: Any = None) -> None:
        """Register with the model; `record` is the view in the compiled host."""
        super().__init__(model)
        if record is None:
            dress(self, self.layout)
        else:
            self.record = record

    def __init_subclass__(cls, layout: np.dtype[Any], **kwargs: Any) -> None:
        """Give the compiled host's class a property for each field of its record."""
        super().__init_subclass__(**kwargs)
        cls.layout = layout
        if not PLAIN:
            for name in layout.names or ():
                setattr(cls, name, _field(name))


def _field(name: str) -> property:
    """A property that reads and writes one field of the record."""

    def read(self: Any) -> Any:
        value = self.record[name]
        if value.dtype.names is None:
            return value.item() if value.ndim == 0 else value
        return value.view((np.record, value.dtype))  # campaigns[0].stage, as in the plain host

    def write(self: Any, value: Any) -> None:
        self.record[name] = value

    return property(read, write)


class Jurisdiction(Entity, layout=records.JURISDICTION):
    """A country or union: money, mood, queues, patients."""


class Cell(Entity, layout=records.CELL):
    """An indication in a jurisdiction: knowledge and patients."""


class Company(Entity, layout=records.COMPANY):
    """A developer."""


class Programme(Entity, layout=records.PROGRAMME):
    """A product in development, with its campaigns and its ledger of evidence."""


def _resolved(scenario: str | Path | Resolved, overrides: Overrides, paths: dict[str, Any]) -> Resolved:
    """The world with what is changed in it; ValueError where a world that is loaded already is to be changed."""
    if not isinstance(scenario, Resolved):
        return load(scenario, (overrides, paths))
    if overrides or paths:
        msg = f"{scenario.name} is loaded already; give its changes to load, or its name to Race"
        raise ValueError(msg)
    return scenario


def _whole(seed: Any) -> int:
    """A seed as a whole number, Python's or NumPy's; ValueError for anything else."""
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or not 0 <= seed < SEEDS:
        msg = f"rng is {seed!r}; expected a whole number, 0 or more and below 2^63: races are keyed by it"
        raise ValueError(msg)
    return int(seed)


class NoScenario(Scenario):
    """What Mesa calls a scenario, of a race: it is false, so that a viewer builds a race anew from its own parameters.

    Mesa's viewers would otherwise hand a scenario of theirs to `Race`, whose `scenario` is the name of a world.
    """

    def __bool__(self) -> bool:
        """Whether Mesa finds parameters here: never."""
        return False


def reporters(resolved: Resolved) -> dict[str, Callable[[Race], float]]:
    """Model reporters for Mesa's `DataCollector`: the numbers of the last month, as `PLACE.NUMBER`.

    Every column of `world.MONTHLY` of each jurisdiction (`us.sentiment`), and of each bloc that is more than the one
    jurisdiction of its name all that can be added up (`west.approvals`).
    """
    found: dict[str, Callable[[Race], float]] = {}
    for name in MONTHLY.names or ():
        places = {place: (row,) for row, place in enumerate(resolved.jurisdictions)}
        blocs = {} if name in MOODS else {bloc: tuple(rows) for bloc, rows in resolved.blocs.items()}
        found |= {f"{place}.{name}": partial(_reported, name, rows) for place, rows in (blocs | places).items()}
    return found


def _reported(name: str, rows: tuple[int, ...], race: Race) -> float:
    """A number of the last month, summed over jurisdictions."""
    return sum(race.last_row(j, name) for j in rows)


class Race(mesa.Model):
    """One race, a month (or part of one) at a step.

    `scenario` is a name, a file or what `load` returned; `overrides` change single values of it, as PATH=VALUE or as
    a mapping of paths to values, and so does a path given by name: `Race(**{"span.end_month": "2030-12"})`. `rng` is
    the seed (a whole number, 0 or more) and `run` the number of the race under that seed: `Race(s, rng=7, run=3)` is
    race 3 of `run_races(load(s), runs, 7)`. With `collect` the race has a `datacollector`, which takes the `reporters`
    of each step.

    Raises ScenarioError for a bad scenario or override and ValueError for a seed that is no whole number, or for
    overrides of a scenario that is loaded already.
    """

    world: Any  # the WORLD record, or a row of agents and lists

    def __init__(
        self,
        scenario: str | Path | Resolved = "baseline",
        *,
        overrides: Overrides = (),
        collect: bool = False,
        rng: Any = 1,
        run: int = 0,
        policies: Array | None = None,
        **paths: Any,
    ) -> None:
        """Prepare the first morning; `policies` replaces the records of the scenario by others of the same shape."""
        seed = _whole(rng)
        super().__init__(scenario=NoScenario(rng=seed))
        self.resolved = _resolved(scenario, overrides, paths)
        self.calendar = Calendar(self.resolved)
        if policies is not None:
            self.calendar.policies = policies
        if collect:
            self.datacollector = mesa.DataCollector(reporters(self.resolved))
        if PLAIN:
            self._prepare_agents(race_key(seed, run))
        else:
            self._prepare_records(seed, run)

    # ---- looking --------------------------------------------------------------------------------------------------
    @property
    def month(self) -> int:
        """Calendar month of the last step, in months since year 0 (`policy.iso_month` writes it)."""
        return int(self.world.month)

    @property
    def events(self) -> Array:
        """Milestones so far, as records of `world.EVENT`."""
        count = int(self.world.n_events)
        if not PLAIN:
            recorded: Array = self._worlds[0]["events"][:count].copy()
            return recorded
        events = np.zeros(count, records.EVENT)
        for i, event in enumerate(list.__iter__(self.world.events)):
            for name in records.EVENT.names or ():
                events[i][name] = getattr(event, name)
        return events

    @property
    def monthly(self) -> Array:
        """Monthly series so far, shape (steps, jurisdictions), as records of `world.MONTHLY`."""
        if not PLAIN:
            return self._monthly[: self.steps].copy()
        series = np.zeros((len(self._rows), self.calendar.jurisdictions), MONTHLY)
        for tick, rows in enumerate(self._rows):
            for j, row in enumerate(rows):
                for name in MONTHLY.names or ():
                    series[tick, j][name] = getattr(row, name)
        return series

    def last_row(self, j: int, name: str) -> float:
        """A number of a jurisdiction in the last step, a column of `world.MONTHLY`."""
        number: float = getattr(self._rows[-1][j], name) if PLAIN else self._monthly[self.steps - 1][name][j].item()
        return number

    # ---- stepping -------------------------------------------------------------------------------------------------
    def step(self) -> None:
        """One month of the world. Raises OverflowError where the race ends early, as `world.ended_early` says."""
        tick = int(self.world.tick)
        if tick >= self.calendar.ticks:
            self.running = False
            return
        if PLAIN:
            previous = self._rows[-1] if self._rows else self._blank_rows()
            self._rows.append(self._blank_rows())
            policy = self._policies[self.calendar.epoch_of_tick[tick]]
            lay_desks(self.world, policy)  # a user may have moved anything
            month(self.world, policy, self._rows[-1], previous)
        else:
            before = self._monthly[tick - 1] if tick else np.zeros(self.calendar.jurisdictions, MONTHLY)
            step(self._worlds, self._policy(tick), self._monthly[tick], before)
            self._meet_newcomers()
        if self.world.status != RUNNING:
            roster = self.resolved.scenario.roster.programmes
            raise OverflowError(ended_early("the race", int(self.world.status), roster))
        self.running = tick + 1 < self.calendar.ticks
        if hasattr(self, "datacollector"):
            self.datacollector.collect(self)

    def _blank_rows(self) -> list[Any]:
        return [dress(Row(), MONTHLY) for _ in range(self.calendar.jurisdictions)]

    # ---- the plain host -------------------------------------------------------------------------------------------
    def _prepare_agents(self, key: int) -> None:
        """Agents that hold their own attributes."""
        self._policies = [plain(policy) for policy in self.calendar.policies]
        self._rows: list[list[Any]] = []
        self.world = Row()
        layout = world_type(1, 1, 1)
        for name in layout.names or ():
            if layout[name].subdtype is None:
                setattr(self.world, name, _blank(layout[name]))
        self.world.live = Table(lambda: 0)
        self.world.active = Table(lambda: 0)
        self.world.applicants = Table(lambda: 0)
        self.world.weights = _blank(layout["weights"])
        self.world.desks = [dress(Row(), layout["desks"].base) for _ in range(records.DESKS)]
        for desk in self.world.desks:
            desk.rows = Table(lambda: 0)
        self.world.events = Table(lambda: dress(Row(), records.EVENT))
        self.world.companies = Table(lambda: Company(self))
        self.world.programmes = Table(lambda: Programme(self))
        self.world.jurisdictions = [Jurisdiction(self) for _ in range(self.calendar.jurisdictions)]
        for jurisdiction in self.world.jurisdictions:
            jurisdiction.cells = [Cell(self) for _ in self.resolved.indications]
        begin(self.world, self._policies[self.calendar.epoch_of_tick[0]], key, self.calendar.start_month)

    # ---- the compiled host ----------------------------------------------------------------------------------------
    def _prepare_records(self, seed: int, run: int) -> None:
        """A world record, and agents as views of it."""
        self._monthly = np.zeros((self.calendar.ticks, self.calendar.jurisdictions), MONTHLY)
        self._worlds = empty_world()
        self.world = self._worlds.view(np.recarray)[0]
        begin_race(self._worlds, self._policy(0), seed, run, self.calendar.start_month)
        for j in range(self.calendar.jurisdictions):
            jurisdiction = self.world["jurisdictions"][j]
            Jurisdiction(self, jurisdiction)
            for d in range(len(self.resolved.indications)):
                Cell(self, jurisdiction["cells"][d])
        self._known = [0, 0]
        self._meet_newcomers()  # of the roster

    def _policy(self, tick: int) -> Array:
        epoch = self.calendar.epoch_of_tick[tick]
        return self.calendar.policies[epoch : epoch + 1]

    def _meet_newcomers(self) -> None:
        """Agents for the companies and programmes founded since."""
        world = self.world
        for i, (kind, table) in enumerate(((Company, "companies"), (Programme, "programmes"))):
            count = int(world[f"n_{table}"])
            if count > self._known[i]:
                kind.create_agents(self, count - self._known[i], list(world[table][self._known[i] : count]))
                self._known[i] = count
