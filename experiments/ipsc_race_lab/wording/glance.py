"""What `notebooks/race-at-a-glance` says: the baseline, China's levers and the sister worlds, in Markdown and figures.

`answer` is the summary of a run of the baseline, `sisters` and `levers` are the stored experiments of these names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipsc_race_lab.metrics.registry import Kind, in_summary
from ipsc_race_lab.metrics.verdicts import turns
from ipsc_race_lab.wording import doubts
from ipsc_race_lab.wording.markdown import table
from ipsc_race_lab.wording.numbers import format_estimate
from ipsc_race_lab.wording.telling import (
    SECTIONS,
    SHORT,
    amount,
    bloc,
    by_question,
    differs,
    listed,
    months_apart,
    records,
    share,
    started,
    verdict,
)

if TYPE_CHECKING:
    from ipsc_race_lab.results.stored import Stored


ONE, OTHER = "china", "west"
WAYS = {  # what a lever does to leads, by the least and the largest sign of its effects
    (1, 1): "brings milestones forward",
    (-1, -1): "puts them back",
    (-1, 1): "brings some forward and puts others back",
    (0, 0): "has no significant effect",
}
SIZES = [size for _, size in SECTIONS.values()]  # leads and shares
LEVERS = {  # a lever of the experiment of that name: what China has of its own, within a sentence
    "public_money": "its public money",
    "private_capital": "its private capital",
    "patients": "its patients",
    "regulation": "its drug regulator",
    "hospital_lane": "its hospital lane",
}

Numbers = Mapping[str, Any]


def sources(answer: Numbers, sisters: Stored, levers: Stored) -> str:
    """What the numbers of the notebook are."""
    run = f"`baseline` ({answer['title']}): {answer['runs']:,} races, seed {answer['seed']}"
    return "\n".join(f"- {text}" for text in (run, sisters.described, levers.described))


# The baseline


def chances(answer: Numbers, one: str, other: str) -> dict[str, Numbers]:
    """Probability that one bloc leads another, by heading of the question."""
    return {heading: in_summary(chance, answer, one, other) for heading, (chance, _) in SECTIONS.items()}


def baseline_table(answer: Numbers) -> str:
    """The three questions: probability, size, verdict against the West, how often it is first of all."""
    durable, rows = answer["questions"]["durable_advantage"], []
    for heading, chance in chances(answer, ONE, OTHER).items():
        name = SECTIONS[heading][1]
        kind, _, key = name.partition(".")
        if kind == "lead_months":
            asked = answer["questions"][key]
            size = f"lead {amount(name, asked['lead_months'][f'{ONE}>{OTHER}'])}"
            first = asked["p_first"][ONE]
        else:
            size, first = f"share {share(durable['shares']['revenue'][key][ONE])}", durable["p_largest"][key][ONE]
        rows.append([heading, share(chance), size, verdict(chance, ONE, OTHER), share(first)])
    head = ["question", "P(China leads the West)", "by how much", "verdict in this world", "P(China first of all)"]
    return table(head, rows)


def doubts_table(answer: Numbers) -> str:
    """The chances of leading over worlds that could have made the record; none where no such worlds are committed."""
    told = answer.get("doubts")
    asked = {heading: chance for heading, (chance, _) in SECTIONS.items()}
    return table(doubts.heads(told), doubts.rows(told, asked)) if told else ""


def months_table(answer: Numbers) -> str:
    """Median month of each milestone by bloc, with its interval."""
    rows = []
    for heading, (chance, _) in list(SECTIONS.items())[:3]:
        medians = answer["questions"][chance.removeprefix("p_leads.")]["median_month"]
        rows.append([heading, *(_month(of) for of in medians.values())])
    return table(["median month", *(started(bloc(name)) for name in medians)], rows)


def _month(of: Numbers) -> str:
    if of["estimate"] is None:
        return "not in half of the races"
    return f"{of['estimate']} ({of['low']} to {of['high'] or 'never'})" if of["low"] else str(of["estimate"])


def baseline_words(answer: Numbers) -> str:
    """The verdicts of the baseline in sentences."""
    of_west = {_lower(heading): verdict(chance, ONE, OTHER) for heading, chance in chances(answer, ONE, OTHER).items()}
    lines = [f"The verdicts of {answer['runs']:,} races, China against the West:", ""]
    for who in dict.fromkeys(of_west.values()):
        headings = _having(of_west, who)
        lines.append(f"- **{started(who)}** in {len(headings)} of {len(of_west)}: {listed(headings)}.")
    for heading, lead in zip(SECTIONS, _leads(answer), strict=False):
        lines.append(f"- {heading}: China is on average {months_apart(lead)}.")
    of_japan = {
        _lower(heading): verdict(chance, ONE, "japan") for heading, chance in chances(answer, ONE, "japan").items()
    }
    parts = [f"{who} for {listed(_having(of_japan, who))}" for who in dict.fromkeys(of_japan.values())]
    lines.append(f"- Against Japan: {'; '.join(parts)}.")
    return "\n".join(lines)


def _leads(answer: Numbers) -> list[Numbers]:
    """Leads over the West in months, by question."""
    return [answer["questions"][size.partition(".")[2]]["lead_months"][f"{ONE}>{OTHER}"] for size in SIZES[:3]]


def _having(of_each: Mapping[str, str], what: str) -> list[str]:
    return [name for name, of in of_each.items() if of == what]


def view_words(answer: Numbers) -> str:
    """Origin against capture in the baseline."""
    durable = answer["questions"]["durable_advantage"]
    revenue = durable["shares"]["revenue"]
    kept, lasting = durable["captured_share"], durable["lead_persists"]
    lines = [
        "Of the revenue of the last twelve months, products that come from China make "
        f"{share(revenue['origin'][ONE])}; what Chinese holders of the rights get is {share(revenue['capture'][ONE])}. "
        f"For each dollar that its products earn, China captures {_ratio(kept[ONE])}, {bloc(OTHER)} "
        f"{_ratio(kept[OTHER])} and Japan {_ratio(kept['japan'])}; above 1 a bloc earns from products of others too.",
        *(
            f"The leader by {view} ten years before the horizon, whoever it is, still leads at the end in "
            f"{share(lasting[view])} of races."
            for view in ("origin", "capture")
            if lasting[view]["races"]
        ),
    ]
    return "\n\n".join(lines)


def _ratio(of: Numbers) -> str:
    return format_estimate(of, Kind.AMOUNT)


# China's levers


def lever_words(levers: Stored) -> str:
    """Which lever moves which answer, in a sentence each: what China's own value does, against the American one."""
    effects = levers.indices[levers.indices["index"] == "effect"]
    lines = []
    for heading, (_, size) in SECTIONS.items():
        rows = [own_value(row) for row in records(effects[effects["question"] == size])]
        significant = sorted((row for row in rows if differs(row)), key=lambda row: -abs(row["estimate"]))
        others = [LEVERS[row["factor"]] for row in rows if not differs(row)]
        parts = [f"{LEVERS[row['factor']]}: {amount(size, row, signed=True)}" for row in significant]
        sentence = f"**{heading}.** {started('; '.join(parts)) or 'No lever has a significant effect'}."
        lines.append(f"- {sentence}" + (f" Not significant: {listed(others)}." if others and parts else ""))
    return "\n".join(lines)


def own_value(row: Mapping[str, Any]) -> dict[str, Any]:
    """What China's own value does: the effect of the American one, or of a closed lane, turned round."""
    return {**row, "estimate": -row["estimate"], "low": -row["high"], "high": -row["low"]}


# The sister worlds


def worlds_table(sisters: Stored) -> str:
    """What each world changes, in the words of its scenario file."""
    from ipsc_race.loading import load

    worlds = {name: load(name).scenario for name in sisters.scenarios[1:]}
    return table(
        ["world", "title", "what it changes"],
        [[f"`{name}`", world.title, " ".join(world.description.split())] for name, world in worlds.items()],
    )


def world_words(sisters: Stored, world: str) -> str:
    """The verdict on one world: what it makes better and worse for China, and whether any verdict turns."""
    rows = by_question(sisters.comparison, scenario=world, index="difference")
    significant = {size: rows[size] for size in SIZES if differs(rows[size])}
    parts = []
    for word, sign in (("better", 1), ("worse", -1)):
        sizes = [f"{SHORT[size]} {amount(size, row, signed=True)}" for size, row in significant.items()
                 if sign * row["estimate"] > 0]  # fmt: skip
        if sizes:
            parts.append(f"{word} for China: {listed(sizes)}")
    same = [SHORT[size] for size in SIZES if not rows[size]["estimate"] and rows[size]["low"] == rows[size]["high"]]
    open_ = [SHORT[size] for size in SIZES if size not in significant and SHORT[size] not in same]
    lines = [
        f"{started('; '.join(parts))}." if parts else "No lead and no share differs significantly from the baseline's."
    ]
    if open_ and parts:
        lines.append(f"Not told apart: {listed(open_)}.")
    if same:
        lines.append(f"The same in every race: {listed(same)}.")
    return " ".join([f"**`{world}`.**", *lines, _turned(sisters, world)])


def _turned(sisters: Stored, world: str) -> str:
    """Which verdicts on leading are others than in the first world."""
    one, other = sisters.pair
    here, base = (by_question(sisters.means, scenario=name) for name in (world, sisters.scenarios[0]))
    turned = []
    for heading, (chance, _) in SECTIONS.items():
        now = verdict(here[chance], one, other)
        if turns(verdict(base[chance], one, other), now):
            turned.append(f"{_lower(heading)}, where it is now: {now} (P = {share(here[chance])})")
    return f"The verdict turns on {listed(turned)}." if turned else "No verdict turns."


def turning_worlds(sisters: Stored) -> list[str]:
    """Worlds in which any verdict on leading is another than in the first."""
    return [world for world in sisters.scenarios[1:] if _turned(sisters, world) != "No verdict turns."]


def paragraph(answer: Numbers, sisters: Stored, levers: Stored) -> str:
    """The whole notebook in one paragraph."""
    revenue = answer["questions"]["durable_advantage"]["shares"]["revenue"]
    milestones = [
        f"to {_lower(heading)} in {share(chance)} of races, and is on average {months_apart(lead)}"
        for (heading, chance), lead in zip(chances(answer, ONE, OTHER).items(), _leads(answer), strict=False)
    ]
    verdicts = Counter(verdict(chance, ONE, OTHER) for chance in chances(answer, ONE, OTHER).values())
    summary = "; ".join(f"{who} in {number} of {len(SECTIONS)}" for who, number in verdicts.items())
    turning = turning_worlds(sisters)
    worlds = (
        f"A verdict turns in {len(turning)} of {len(sisters.scenarios) - 1} sister worlds: {listed(turning)}."
        if turning
        else f"No verdict turns in any of the {len(sisters.scenarios) - 1} sister worlds."
    )
    return (
        f"In the baseline world, which is set by hand, China gets before {bloc(OTHER)} {'; '.join(milestones)}. "
        f"In the year to {answer['end_month']} its products make {share(revenue['origin'][ONE])} of all revenue, and "
        f"Chinese holders of rights get {share(revenue['capture'][ONE])}. "
        f"The verdicts on the five questions: {summary}. {_levers_in_one(levers)} {worlds} "
        "All of this follows from the assumptions of this world; it is no forecast."
    )


def _levers_in_one(levers: Stored) -> str:
    """For leads to the three milestones: which levers of China's help, cost, or have no significant effect."""
    effects = levers.indices[levers.indices["index"] == "effect"]
    way_of = {}
    for factor, name in LEVERS.items():
        rows = {row["question"]: own_value(row) for row in records(effects[effects["factor"] == factor])}
        signs = {1 if rows[size]["estimate"] > 0 else -1 for size in SIZES[:3] if differs(rows[size])}
        way_of[name] = WAYS[min(signs, default=0), max(signs, default=0)]
    parts = [f"what {way} is {listed(_having(way_of, way))}" for way in WAYS.values() if _having(way_of, way)]
    against = "each against the American value, the lane against none"
    return f"Of what China has of its own, {against}, {'; '.join(parts)}."


def _lower(heading: str) -> str:
    return heading[:1].lower() + heading[1:]
