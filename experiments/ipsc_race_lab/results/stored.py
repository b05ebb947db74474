"""What was found before, for analysts: numbers of a finished experiment as tables, without racing anything.

    import ipsc_race_lab as lab

    sisters = lab.stored("sisters")
    sisters.comparison  # a pandas table: what each world differs by from the first

Own results come first: those of a finished experiment in `results/NAME`, and where there are none the numbers that are
committed for the shipped experiment of that name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipsc_race.tree import did_you_mean
from ipsc_race_lab.design.finding import expected_folder
from ipsc_race_lab.errors import LabError
from ipsc_race_lab.results.files import read_json
from ipsc_race_lab.results.folder import ANALYSIS, CALIBRATION, FORECAST, MANIFEST, finished

if TYPE_CHECKING:
    import pandas as pd


RESULTS = Path("results")
NUMBERS = ("estimate", "low", "high")
COMMITTED = Path(__file__).resolve().parents[3] / "docs/calibrations"
HEADLINE = Path(__file__).resolve().parents[3] / "docs/figures/headline.json"


@dataclass(frozen=True)
class Stored:
    """An analysed experiment: what it is, and its numbers with 95% intervals as pandas tables.

    `races` is `points` times `replications` times the number of scenarios; `source` says where the numbers were found.
    In the tables `estimate`, `low` and `high` are probabilities and shares from 0 to 1, months, or indices; a number
    that the races do not give is NaN.
    """

    name: str
    title: str
    source: str
    points: int
    replications: int
    seed: int
    value_hash: str
    analysis: Mapping[str, Any] = field(repr=False)  # the content of `analysis.json`

    @property
    def pair(self) -> tuple[str, str]:
        """The two blocs compared; leads and shares are those of the first."""
        one, other = self.analysis["pair"]
        return one, other

    @property
    def scenarios(self) -> list[str]:
        """Names of the worlds, the one that others are compared with first."""
        return list(self.analysis["scenarios"])

    @property
    def races(self) -> int:
        """How many races there are in all."""
        return self.points * self.replications * len(self.scenarios)

    @property
    def caption(self) -> str:
        """Title, number of races and seed, for a figure."""
        design = f"{self.points:,} points, {self.replications:,} races each"
        worlds = f"{self.replications:,} races of each world"
        return f"{self.title}. {design if self.points > 1 else worlds}, seed {self.seed}."

    @property
    def described(self) -> str:
        """What the numbers are and where they were found, in a sentence."""
        return (
            f"`{self.name}` ({self.title}): {self.races:,} races, seed {self.seed}, from {self.source}, value hash "
            f"`{self.value_hash[:12]}`"
        )

    @property
    def means(self) -> pd.DataFrame:
        """Mean answer to each question in each world: scenario, question, estimate, low, high.

        Over the points of a design; of a dose response that of the world as it is.
        """
        rows = (
            {"scenario": scenario, "question": question, **mean}
            for scenario, result in self.analysis["scenarios"].items()
            for question, mean in result["means"].items()
        )
        return _table(rows, "scenario", "question")

    @property
    def indices(self) -> pd.DataFrame:
        """Effects or indices of each factor: scenario, question, factor, index, estimate, low, high."""
        rows = (row for row in self._rows("rows") if "level" not in row)
        return _table(rows, "scenario", "question", "factor", "index")

    @property
    def doses(self) -> pd.DataFrame:
        """A dose response: scenario, question, factor, index, level, value, estimate, low, high; may be empty.

        `index` is `mean`, `difference` from the world as it is (whose means are `means`), or `step` from the level
        before; `level` counts from 0, `value` is in the unit of the factor.
        """
        rows = (row for row in self._rows("rows") if "level" in row)
        return _table(rows, "scenario", "question", "factor", "index", "level", "value")

    @property
    def convergence(self) -> pd.DataFrame:
        """One index from growing beginnings of the design, as `indices`, with their `size`; may be empty."""
        return _table(self._rows("convergence"), "scenario", "question", "factor", "index", "size")

    @property
    def explained(self) -> pd.DataFrame:
        """Share of the variance of single races that the factors explain, not stochastic variation; may be empty."""
        rows = ({**row, **row["share"]} for row in self._rows("variance"))
        return _table(rows, "scenario", "question")

    @property
    def comparison(self) -> pd.DataFrame:
        """What each world differs by from the first, race by race: scenario, question, index, estimate, low, high.

        `index` is `difference`, or `variance_ratio`: how many times as many races would tell as much if each world had
        random numbers of its own. Empty of one world.
        """
        rows = self.analysis.get("comparison", {"rows": []})["rows"]
        return _table(({**row, "scenario": row["factor"]} for row in rows), "scenario", "question", "index")

    def _rows(self, part: str) -> Iterable[dict[str, Any]]:
        """Rows of a part of the analysis of every world; the committed numbers may leave a part out."""
        for scenario, result in self.analysis["scenarios"].items():
            for row in result.get(part, ()):
                yield {"scenario": scenario, **row}


def stored(name: str, results: Path = RESULTS) -> Stored:
    """The experiment of this name, from `results` if it was finished there, otherwise as committed.

    Raises LabError where neither holds it, or where a file cannot be read.
    """
    folder = results / name
    if _is_complete(folder):
        return _raced(name, folder)
    committed = expected_folder() / f"{name}.json"
    if committed.is_file():
        return _committed(name, committed)
    if (folder / MANIFEST).is_file():
        raise LabError(f"{folder}: is not finished; the command that began it goes on where it was")
    raise LabError(f"{name}: no such experiment in {results}, nor among the committed numbers{_hint(name, results)}")


def stored_baseline(results: Path = RESULTS) -> dict[str, Any]:
    """Full answer of the baseline: `summary.json` of a finished run in `results/baseline`, or the committed one.

    Raises LabError where neither is there.
    """
    folder = results / "baseline"
    own = _is_complete(folder) and not _read(folder / MANIFEST).get("set")  # a changed world is not the baseline
    path = folder / "summary.json" if own else HEADLINE
    if not path.is_file():
        raise LabError(f"{path}: is not there; `ipsc-race run baseline --runs 1000 --out {folder}` makes one")
    return _read(path)


def _raced(name: str, folder: Path) -> Stored:
    """A finished experiment of the reader's own."""
    manifest = _read(folder / MANIFEST)
    if "replications" not in manifest:
        raise LabError(f"{folder}: holds a run, not an experiment; its answer is in {folder / 'summary.json'}")
    analysis = _read(folder / "analysis.json")
    title, source = _title(analysis["experiment"]), f"the result folder {folder.name}"
    points, replications, seed = (manifest[key] for key in ("points", "replications", "seed"))
    return Stored(name, title, source, points, replications, seed, manifest["value_hash"], analysis)


def _committed(name: str, path: Path) -> Stored:
    """The committed numbers of a shipped experiment, which are those of its file as it is shipped."""
    from ipsc_race_lab.design import designs
    from ipsc_race_lab.design.finding import load_experiment

    content = _read(path)
    experiment = load_experiment(name)
    points = designs.size(experiment.design, experiment.factors)
    title, source, value_hash = experiment.title, "the committed numbers", content["value_hash"]
    return Stored(
        name, title, source, points, experiment.replications, experiment.seed, value_hash, content["analysis"]
    )


def _title(name: str) -> str:
    """Title of a shipped experiment; another's name."""
    from ipsc_race_lab.design.finding import experiment_names, load_experiment

    return load_experiment(name).title if name in experiment_names() else name


def _is_complete(folder: Path) -> bool:
    manifest = folder / MANIFEST
    return manifest.is_file() and _read(manifest).get("status") == "complete"


def _hint(name: str, results: Path) -> str:
    """The nearest name that there is, or all of them."""
    own = [path.parent.name for path in results.glob(f"*/{MANIFEST}")]
    known = sorted({*own, *(path.stem for path in expected_folder().glob("*.json"))})
    return did_you_mean(name, known) or f"; there are {', '.join(known) or 'none'}"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(f"{path}: cannot be read ({error}); make it anew with the command that wrote it") from error
    if not isinstance(content, dict):
        raise LabError(f"{path}: holds no result; make it anew with the command that wrote it")
    return content


def _table(rows: Iterable[Mapping[str, Any]], *names: str) -> pd.DataFrame:
    """Rows as a table of these columns and the numbers."""
    import pandas as pd

    columns = [*names, *NUMBERS]
    table = pd.DataFrame([[row[column] for column in columns] for row in rows], columns=columns)
    return table.astype(dict.fromkeys(NUMBERS, "float64"))


def found(name: str, results: Path = RESULTS) -> dict[str, Any]:
    """What a calibration (`calibration-NAME`) or a forecast (`forecast-NAME`) found: its `analysis.json`.

    Own results come first, then the committed numbers. Raises LabError where there are neither.
    """
    own = results / name
    if (own / MANIFEST).exists():
        finished(own, CALIBRATION, FORECAST)
        return read_json(own / ANALYSIS)
    path = COMMITTED / f"{name.removeprefix('calibration-')}.json"
    if not path.is_file():
        raise LabError(f"{name}: neither {own} nor {path.name} among the committed numbers is there")
    return read_json(path)
