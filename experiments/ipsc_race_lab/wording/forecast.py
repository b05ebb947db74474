"""A forecast on the terminal: on what it rests, what is left and who is likely there first, and the pace of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ipsc_race.policy import iso_month
from ipsc_race_lab.analysis.forecast import FEW
from ipsc_race_lab.metrics.registry import Kind
from ipsc_race_lab.wording import markdown
from ipsc_race_lab.wording.names import readable
from ipsc_race_lab.wording.numbers import format_estimate
from ipsc_race_lab.wording.tables import table_lines

SHOWN_YEARS = ("2028", "2030", "2032", "2035", "2040", "2045")
NONE = "none"
SUMMARY = ("approval", "home_approval", "full_approval", "phase_3", "approval_abroad")
FIRST_HEAD = ("what is left", "first among blocs, to the horizon")
COURSE_HEAD = ("product", "developer", "stands in", "approved by 2028", "2030", "2032", "2035", "at home by 2035",
               "a Phase 3 read well by 2035", "stopped by 2035", "month of approval (80%)")  # fmt: skip
COURSE_NOTE = (
    "Approved: somewhere, on condition or in full; of what is approved on condition already, in full (*). Read well: "
    "filed on it in the same place."
)
INDICATION_HEAD = ("indication", "a home approval by 2035", "the first of all (80%)", "whose")

Analysis = Mapping[str, Any]  # `analysis.json` of a forecast


def text(analysis: Analysis, width: int | None = None) -> str:
    """The whole answer."""
    return "\n".join(line for part in _parts(analysis, width) for line in [*part, ""]).rstrip()


def _parts(analysis: Analysis, width: int | None) -> Iterator[Sequence[str]]:
    yield [f"The race from {analysis['as_of']} on", reach(analysis)]
    yield table_lines(FIRST_HEAD, [[of["title"], first_words(of["first"])] for of in analysis["questions"]], width)
    years = shown_years(analysis)
    head = ["chance by the end of", "bloc", *years]
    yield table_lines(head, list(_by_year(analysis, years)), width)
    yield table_lines(INDICATION_HEAD, [_indication(of) for of in analysis["indications"]], width)
    head = ["of the programmes begun from now on", *map(readable, analysis["blocs"])]
    yield table_lines(head, list(_paces(analysis)), width)
    if analysis["sales"]:
        head = ["shares of sales", *map(readable, analysis["blocs"])]
        yield table_lines(head, list(_sales(analysis)), width)
    if analysis.get("programmes"):
        yield [*table_lines(COURSE_HEAD, list(_courses(analysis)), width), COURSE_NOTE]


def page(analysis: Analysis) -> str:
    """The answer as Markdown."""
    parts = [reach, first_table, year_table, indication_table, pace_table, sales_table]
    if analysis.get("programmes"):
        parts.append(course_table)
    return "\n\n".join(part(analysis).strip() for part in parts)


def first_table(analysis: Analysis) -> str:
    """Who is likely next, as Markdown."""
    return markdown.table(FIRST_HEAD, [[of["title"], first_words(of["first"])] for of in analysis["questions"]])


def year_table(analysis: Analysis) -> str:
    """The chances by year, as Markdown."""
    years = shown_years(analysis)
    return markdown.table(["chance by the end of", "bloc", *years], _by_year(analysis, years))


def indication_table(analysis: Analysis) -> str:
    """Who is likely first in each disease, as Markdown."""
    return markdown.table(INDICATION_HEAD, map(_indication, analysis["indications"]))


def pace_table(analysis: Analysis) -> str:
    """How far programmes begun from now on come, as Markdown."""
    return markdown.table(["of the programmes begun from now on", *_blocs(analysis)], _paces(analysis))


def sales_table(analysis: Analysis) -> str:
    """Shares of sales, as Markdown."""
    return markdown.table(["shares of sales", *_blocs(analysis)], _sales(analysis))


def course_table(analysis: Analysis) -> str:
    """The course of named products, as Markdown."""
    return f"{markdown.table(COURSE_HEAD, _courses(analysis))}\n{COURSE_NOTE} {on_races(analysis)}"


def on_races(analysis: Analysis) -> str:
    """On how many races it rests, of which seed."""
    return f"{reach(analysis)} Seed {analysis['seed']}; 95% intervals."


def likeliest_first(analysis: Analysis) -> list[Mapping[str, Any]]:
    """The named products, the likeliest to be approved by the last year on top."""
    return sorted(analysis["programmes"], key=lambda of: -list(of["by_year"]["approval"].values())[-1]["estimate"])


def where_it_stands(of: Mapping[str, Any]) -> str:
    """The stages of a product by place."""
    told = (f"{readable(stage)} ({readable(place)})" for place, stage in of["stages"].items())
    return ", ".join(told) + (" *" if of["is_approved"] else "")


def _blocs(analysis: Analysis) -> list[str]:
    return [readable(bloc) for bloc in analysis["blocs"]]


def summary(analysis: Analysis) -> str:
    """Who is likely next, in a few lines of Markdown."""
    asked = {of["key"]: of for of in analysis["questions"]}
    rows = [[asked[key]["title"], first_words(asked[key]["first"])] for key in SUMMARY]
    return f"{markdown.table((f'from {analysis["as_of"]} on', FIRST_HEAD[1]), rows)}\n{reach(analysis)}"


def shown_years(analysis: Analysis) -> list[str]:
    """The years whose chances are told."""
    return [year for year in SHOWN_YEARS if year in analysis["questions"][0]["by_year"][analysis["blocs"][0]]]


def reach(analysis: Analysis) -> str:
    """On how many races it rests."""
    if not analysis["weighed"]:
        return (
            f"{analysis['races']:,} races of {analysis['scenario']}, which begin with the programmes on record at "
            "their stages; its numbers are as stated and not in doubt, so that intervals are of luck alone."
        )
    few = f", fewer than the {FEW} that an answer should rest on" if analysis["effective"] < FEW else ""
    return (
        f"{analysis['races']:,} races that met the record so far, of {analysis['weighed']:,} weighed: as good as "
        f"{analysis['effective']:.0f} equal ones{few}. The doubts of the parameters are in every number."
    )


def first_words(first: Mapping[str, Mapping[str, float | None]]) -> str:
    """Who is likely first, most likely before others."""
    known = sorted(first.items(), key=lambda item: -(item[1]["estimate"] or 0.0))
    return ", ".join(
        f"{'nobody' if bloc == NONE else readable(bloc)} {format_estimate(of, Kind.CHANCE)}" for bloc, of in known
    )


def _by_year(analysis: Analysis, years: Sequence[str]) -> Iterator[list[str]]:
    for question in analysis["questions"]:
        for place, bloc in enumerate(analysis["blocs"]):
            cells = [f"{question['by_year'][bloc][year]['estimate']:.0%}" for year in years]
            yield [question["title"] if place == 0 else "", readable(bloc), *cells]


def _indication(of: Mapping[str, Any]) -> list[str]:
    low, median, high = (iso_month(int(month)) if month is not None else "never" for month in of["month"])
    by = format_estimate(of["by_2035"], Kind.CHANCE)
    return [readable(of["indication"]), by, f"{median} ({low} to {high})", first_words(of["first"])]


def _paces(analysis: Analysis) -> Iterator[list[str]]:
    for of in analysis["paces"]:
        yield [of["title"], *(format_estimate(of["of_blocs"][bloc], Kind.SHARE) for bloc in analysis["blocs"])]


def _courses(analysis: Analysis) -> Iterator[list[str]]:
    for of in likeliest_first(analysis):
        ways = {way: list(years.values()) for way, years in of["by_year"].items()}
        low, median, high = (iso_month(int(month)) if month is not None else "never" for month in of["month"])
        chances = [*ways["approval"], ways["at_home"][-1], ways["phase_3"][-1], ways["stopped"][-1]]
        cells = [format_estimate(chance, Kind.CHANCE) for chance in chances]
        yield [of["label"], of["developer"], where_it_stands(of), *cells, f"{median} ({low} to {high})"]


def _sales(analysis: Analysis) -> Iterator[list[str]]:
    for of in analysis["sales"]:
        unit = "patients" if of["basis"] == "treated" else "USD m"
        title = f"{of['year']}, {of['basis']}, by {of['view']} (mean {of['mean']:,.0f} {unit})"
        yield [title, *(format_estimate(of["shares"][bloc], Kind.SHARE) for bloc in analysis["blocs"])]
