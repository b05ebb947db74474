"""The generated parts of the documents: `python -m ipsc_race_lab.wording.documents` writes them anew.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`. It is read from the rules, the record
layouts, the scenario classes, `scenarios/`, and the committed numbers of `docs/figures/` and `experiments/expected/`,
so that no number is copied by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from ipsc_race_lab.wording.markdown import table
from ipsc_race_lab.wording.model_tables import ROOT, grades, parameters, schedule, sources, state

DOCUMENTS = (
    "README.md",
    *(
        f"docs/{name}.md"
        for name in ("odd", "evidence", "mechanisms", "source-factors", "validation", "calibration", "forecast")
    ),
)
COMMAND = "python -m ipsc_race_lab.wording.documents"
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z_0-9]+) -->\n).*?(<!-- end -->)", re.DOTALL)
AUTHORITY_QUESTIONS = (
    "lead_months.first_in_human",
    "lead_months.first_home_approval",
    "lead_months.first_approval_anywhere",
    "p_leads.first_home_approval",
    "revenue_share.origin",
)
NOT_YET = "*Not raced yet: `ipsc-race {}`.*"

Rows = Iterable[Sequence[str]]


def main() -> None:
    """Rewrite the generated parts of every document."""
    for name in DOCUMENTS:
        path = ROOT / name
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")


def refreshed(text: str) -> str:
    """A document with its generated parts made anew. Raises KeyError for a part that nobody generates."""
    return BLOCK.sub(lambda match: f"{match[1]}{GENERATED[match['name']]().strip()}\n{match[3]}", text)


def answer() -> str:
    """The first screen of the answer of the headline run, once there is one."""
    from ipsc_race_lab.wording.answer import text

    summary = _headline()
    if summary is None:
        return "*The headline run is not in yet: `make demo` prints the answer on your machine.*"
    return f"```text\n{text(summary)}\n```"


def reproduce() -> str:
    """The command behind the headline figure and the hashes it must give."""
    summary = _headline()
    if summary is None:
        return "*The headline run is not in yet.*"
    command = f"ipsc-race run {summary['scenario']} --runs {summary['runs']} --seed {summary['seed']}"
    hashes = [f"- `{name}`: `{summary[name]}`" for name in ("scenario_hash", "value_hash")]
    return "\n".join(["The answer above is that of", "", "```sh", command, "```", "", *hashes])


def history() -> str:
    """What the headline run says of dates and counts on record."""
    summary = _headline()
    if summary is None:
        return "*The headline run is not in yet.*"
    facts = summary["history"]
    if not isinstance(facts, list):
        return "*The headline run is of before there were histories.*"
    rows = [
        [
            fact["title"],
            _round(fact["recorded"]),
            *(_round(fact["simulated"][name]) for name in ("estimate", "low", "high")),
            _percent(fact["p_at_or_before"]["estimate"]),
            fact["grade"],
            fact["source"],
        ]
        for fact in facts
    ]
    heads = ["", "recorded", "simulated, median", "10%", "90%", "as early or as few", "grade", "source"]
    return table(heads, rows)


def ablation() -> str:
    """What each mechanism does to the baseline, as `ipsc-race ablate` measured it."""
    from ipsc_race_lab.analysis.ablation import MEASURES
    from ipsc_race_lab.wording.ablation import effect_words
    from ipsc_race_lab.wording.numbers import number_words

    result = _committed("docs/figures/ablation.json")
    if result is None:
        return "*The mechanisms are not measured yet.*"
    rows = [["as it is", *(number_words(result["as_is"][name]["estimate"]) for name in MEASURES)]]
    for mechanism, effect in result["mechanisms"].items():
        rows.append([f"`{mechanism}`", *(effect_words(effect[name]) for name in MEASURES)])
    one, other = result["blocs"]
    note = (
        f"{result['runs']:,} races with each mechanism less the same races without it, seed {result['seed']}, scenario "
        f"`{result['scenario_hash'][:8]}`. Months: lead of {one} over {other}. Points: share of {one} in the revenue "
        "of the last twelve months. After ±: half width of the 95% interval; * where 0 lies outside it."
    )
    heads = [f"{heading} ({unit})" for _, heading, unit in MEASURES.values()]
    return f"{note}\n\n{table(['mechanism', *heads], rows)}"


def record() -> str:
    """Trials and gates of the baseline beside their targets (tools/record.py)."""
    result = _committed("docs/figures/record.json")
    if result is None:
        return "*The baseline is not set beside the record yet.*"
    note = (
        f"{result['runs']:,} races, seed {result['seed']}, scenario `{result['scenario_hash'][:8]}`. Of durations "
        "and counts the median and central 80%, of shares the share and what it is of. *Held to*: the spread of "
        "the record and the discrepancy that the model is allowed, with its reason; **no** where the baseline misses "
        "it."
    )
    rows = [
        [row["title"], row["definition"], _measured(row), _held(row), "" if row["holds"] else "**no**", row["not_for"],
         ", ".join(row["sources"])]
        for row in result["rows"]
    ]  # fmt: skip
    heads = ["", "definition; on record", "baseline", "held to", "holds", "not for", "source"]
    return f"{note}\n\n{table(heads, rows)}"


def _measured(row: Mapping[str, Any]) -> str:
    """A measure with what it rests on, in words."""
    if row["value"] is None:
        return "none"
    if row["low"] is None:
        return f"{row['value']:.3g} of {row['total']:,}"
    return f"{row['value']:.0f} ({row['low']:.0f} to {row['high']:.0f}) {row['unit']}"


def _held(row: Mapping[str, Any]) -> str:
    """The bounds of a target, and what of them is the model's discrepancy."""
    if row["bounds"] is None:
        return "-"
    low, high = row["spread"]
    words = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return f"{words}, ± {row['discrepancy']:g}: {row['reason']}" if row["discrepancy"] else words


def authorities() -> str:
    """What each dial of China's authorities does to each milestone, from the committed numbers of `authorities`."""
    from ipsc_race_lab.metrics.registry import METRICS, is_lead, kind_of
    from ipsc_race_lab.wording.comparison import starred

    committed = _committed("experiments/expected/authorities.json")
    if committed is None:
        return "*Not measured yet.*"
    result = committed["analysis"]["scenarios"]["baseline"]
    rows: dict[tuple[str, float | str], dict[str, str]] = {}
    for row in result["rows"]:
        if row["index"] == "difference" and row["question"] in AUTHORITY_QUESTIONS:
            words = starred(row, kind_of(row["question"]))
            rows.setdefault((row["factor"], row["value"]), {})[row["question"]] = words
    own = {factor["factor"]: factor["value"] for factor in result["factors"]}
    lines = [
        [
            f"`{factor}`",
            value if isinstance(value, str) else f"{value:g}",
            *(words.get(question, "") for question in AUTHORITY_QUESTIONS),
        ]
        for (factor, value), words in rows.items()
        if value != own.get(factor)
    ]
    titles = [METRICS[of].title + ("" if is_lead(of) else " (points)") for of in AUTHORITY_QUESTIONS]
    return table(["dial of China", "set to", *titles], lines)


def levers() -> str:
    """What each lever of China is worth over the posterior, from the committed numbers of `levers-in-doubt`."""
    from ipsc_race_lab.wording import levers as words

    return _told(
        words.levers, f"experiments/expected/{words.EXPERIMENT}.json", NOT_YET.format(f"experiment {words.EXPERIMENT}")
    )


def source_factors() -> str:
    """What moving each factor of the source text does, group by group, from the numbers of `source-factors`."""
    from ipsc_race_lab.design.finding import load_experiment
    from ipsc_race_lab.wording import source_table

    experiment, known = load_experiment(source_table.NAME), source_table.effects()
    groups: dict[str, list[Sequence[str]]] = {}
    for group, cells in source_table.rows(experiment, known):
        groups.setdefault(group, []).append(cells)
    parts = [f"### {group}\n\n{table(source_table.HEADINGS, lines)}" for group, lines in groups.items()]
    return "\n".join([source_table.note(experiment, known), "", *parts])


def ladder() -> str:
    """The validation ladder as it was last climbed in full (`docs/validation.json`)."""
    from ipsc_race_lab.wording.validation import page

    return _told(page, "docs/validation.json", "*Not climbed yet.*")


def calibration(name: str) -> str:
    """What a committed calibration found."""
    from ipsc_race_lab.wording.calibration import page

    return _told(page, f"docs/calibrations/{name}.json", NOT_YET.format(f"calibrate {name}"))


def forecast(name: str) -> str:
    """What a committed forecast says."""
    from ipsc_race_lab.wording.forecast import page

    return _told(page, f"docs/calibrations/forecast-{name}.json", NOT_YET.format(f"forecast {name}"))


def next_ones() -> str:
    """Who is likely next, as the committed forecast says."""
    from ipsc_race_lab.wording.forecast import summary

    return _told(summary, "docs/calibrations/forecast-baseline.json", NOT_YET.format("forecast"))


def _round(value: float | str | None) -> str:
    """A month as it is, a count without decimals, and what never came."""
    if value is None:
        return "never"
    return value if isinstance(value, str) else f"{value:.0f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _headline() -> dict[str, Any] | None:
    """The committed summary behind the headline figure."""
    return _committed("docs/figures/headline.json")


def _committed(name: str) -> dict[str, Any] | None:
    """A committed file of numbers, None before there is one."""
    path = ROOT / name
    result: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return result


def _told(tell: Callable[[dict[str, Any]], str], name: str, otherwise: str) -> str:
    """A committed file of numbers in words."""
    result = _committed(name)
    return otherwise if result is None else tell(result)


GENERATED: dict[str, Callable[[], str]] = {
    "schedule": schedule,
    "state": state,
    "parameters": parameters,
    "grades": grades,
    "sources": sources,
    "answer": answer,
    "reproduce": reproduce,
    "history": history,
    "ablation": ablation,
    "record": record,
    "authorities": authorities,
    "levers": levers,
    "source_factors": source_factors,
    "ladder": ladder,
    "calibration": partial(calibration, "baseline"),
    "before_2020": partial(calibration, "before-2020"),
    "before_2016": partial(calibration, "before-2016"),
    "cart_before_2018": partial(calibration, "cart-before-2018"),
    "forecast": partial(forecast, "baseline"),
    "forecast_today": partial(forecast, "today"),
    "next_ones": next_ones,
}

if __name__ == "__main__":
    main()
