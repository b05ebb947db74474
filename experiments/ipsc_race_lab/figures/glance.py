"""The figures of `notebooks/race-at-a-glance`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsc_race_lab.metrics.registry import is_lead
from ipsc_race_lab.wording.glance import LEVERS, ONE, OTHER, Numbers, chances, own_value
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.telling import SECTIONS, bloc, records

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ipsc_race_lab.results.stored import Stored


def baseline_figure(answer: Numbers) -> Figure:
    """Probability that China leads the West, and Japan, in each question, with a line at one half."""
    from ipsc_race_lab.figures.panels import Panel, panels_figure

    panels = [
        Panel(f"China leads {bloc(rival)}", "% of races", [*chances(answer, ONE, rival).values()], 100.0, 0.5)
        for rival in (OTHER, "japan")
    ]
    caption = f"{answer['title']}. {answer['runs']:,} races, seed {answer['seed']}."
    note = "Dashed line: one half. Larger revenue in the last twelve months is what leads in the market."
    how = "Dot: probability. Line: its 95% interval. Hollow: the interval holds one half."
    return panels_figure("The baseline: who leads", how, list(SECTIONS), panels, note, caption)


def levers_figure(levers: Stored) -> Figure:
    """What each of China's own levers does to leads and shares, against its American value."""
    from ipsc_race_lab.figures.panels import Panel, panels_figure

    effects = levers.indices[levers.indices["index"] == "effect"]
    panels = []
    for heading, (_, size) in SECTIONS.items():
        rows = {row["factor"]: own_value(row) for row in records(effects[effects["question"] == size])}
        unit = "months of lead" if is_lead(size) else "points of revenue"
        panels.append(Panel(heading, unit, [rows[name] for name in LEVERS], 1.0 if is_lead(size) else 100.0, 0.0))
    names = [readable(name) for name in LEVERS]
    note = "Dashed line: no effect. Right of it: China's own is better for China. Mean over the other levers."
    how = "Dot: estimate. Line: its 95% interval. Hollow: the interval holds no effect."
    return panels_figure("What China's own levers are worth", how, names, panels, note, levers.caption)
