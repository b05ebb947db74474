"""What a world's numbers leave open: the headline's chances over its posterior, from the committed experiment `doubts`.

Races of one world tell what luck does there. How far the chance itself is known is told by worlds that could have made
the record: the variance between them, freed of luck, is what the numbers leave open (see `analysis.sensitivity`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsc_race_lab.design.finding import expected_folder
from ipsc_race_lab.estimators.weighing import CENTRAL_90

if TYPE_CHECKING:
    from ipsc_race.loading import Resolved

EXPERIMENT = "doubts"
CHANCES = "p_leads."


def doubts(world: Resolved) -> dict[str, Any] | None:
    """The chances of leading over the posterior of this very world; None where none is committed.

    `questions`: by metric the mean `chance` with its interval; `worlds`, the central 90% of the chances of worlds; and
    `numbers_share`, the part of the variance of single races that is the numbers' and not luck's.
    """
    path = expected_folder() / f"{EXPERIMENT}.json"
    committed = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"scenario_hashes": {}}
    if world.hash not in committed["scenario_hashes"].values():
        return None
    analysis = committed["analysis"]
    (found,) = analysis["scenarios"].values()
    return {
        "experiment": EXPERIMENT,
        "pair": analysis["pair"],
        "points": committed["points"],
        "replications": committed["replications"],
        "questions": {
            parts["question"]: _told(found["means"][parts["question"]], parts)
            for parts in found["variance"]
            if parts["question"].startswith(CHANCES)
        },
    }


def _told(mean: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    low, high = worlds(mean["estimate"], parts["between"])
    return {"chance": mean, "worlds": {"low": low, "high": high}, "numbers_share": parts["share"]}


def worlds(chance: float, between: float) -> tuple[float, float]:
    """The central 90% of chances of single worlds, of their mean and variance: those of a beta distribution.

    The beta-binomial model of counts that vary more than luck lets them (Skellam 1948).
    """
    from scipy.special import betaincinv

    spread = chance * (1.0 - chance)
    if between <= 0.0 or spread <= 0.0:
        return chance, chance
    size = max(spread / between - 1.0, 1e-3)  # more variance than any chances can have is that of zeros and ones
    quantiles = np.asarray(betaincinv(chance * size, (1.0 - chance) * size, CENTRAL_90), np.float64)
    return float(quantiles[0]), float(quantiles[-1])
