"""Races that failed: counted, told, and left out at every point, so that points stay compared race by race."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race.rules.summary import OUTCOME
from ipsc_race_lab.errors import LabError

if TYPE_CHECKING:
    from ipsc_race_lab.design.experiment import Experiment
    from ipsc_race_lab.results.shards import Array, Shards


def kept_runs(failures: Sequence[tuple[int, str]], replications: int) -> tuple[Array, dict[str, Any]]:
    """The replications in which no race failed, and what is said of the others: `failed`, or nothing if there are none.

    `failures`: the replication of each race that failed, and why. Raises LabError where no replication is left.
    """
    lost = sorted({run for run, _ in failures})
    kept = np.setdiff1d(np.arange(replications), lost)
    if not len(failures):
        return kept, {}
    if not len(kept):
        raise LabError(f"{len(failures):,} races failed, some in every replication, the first because {failures[0][1]}")
    return kept, {"failed": {"races": len(failures), "replications": len(lost), "first": failures[0][1]}}


def whole_outcomes(shards: Shards, experiment: Experiment) -> tuple[Array, dict[str, Any]]:
    """Outcomes of an experiment, shape (points, replications without failures, blocs), and what `kept_runs` says."""
    ids, replications = experiment.points.ids, experiment.replications
    table = np.zeros((len(ids), replications, len(shards.blocs)), OUTCOME)
    failures: list[tuple[int, str]] = []
    for part in shards.read():
        at = np.minimum(np.searchsorted(ids, part.points), len(ids) - 1)
        mine = (ids[at] == part.points) & (part.runs < replications)
        table[at[mine], part.runs[mine]] = part.outcomes[mine]
        failures += [(int(part.runs[i]), why) for i, why in enumerate(part.reasons) if why and mine[i]]
    kept, counted = kept_runs(failures, replications)
    return table[:, kept], counted
