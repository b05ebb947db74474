"""`ipsc-race compare`: the same races in several worlds, so that what differs is the worlds and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ipsc_race.loading import load
from ipsc_race_lab.cli import main
from ipsc_race_lab.commands import compare
from ipsc_race_lab.wording.comparison import comparison_lines, worth_of_pairing

SHORT = ("--set", "span.end_month=2030-12")
LEADS = ("first_in_human", "first_home_approval", "first_approval_anywhere")


def compared(folder: Path, *words: str, code: int = 0) -> dict[str, Any]:
    """The analysis that a comparison leaves in its folder."""
    assert main(["compare", *words, *SHORT, "--out", str(folder)]) == code
    analysis: dict[str, Any] = json.loads((folder / "analysis.json").read_text(encoding="utf-8"))
    return analysis


def value_hash(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["value_hash"])


def by_question(analysis: dict[str, Any], index: str) -> dict[str, dict[str, Any]]:
    return {row["question"]: row for row in analysis["comparison"]["rows"] if row["index"] == index}


def test_a_world_differs_in_nothing_from_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Any difference would be luck that the worlds do not share, and every comparison would hold it."""
    twin = tmp_path / "twin.yaml"
    twin.write_text("extends: baseline\ntitle: The same under another name\n", encoding="utf-8")
    analysis = compared(tmp_path / "out", "baseline", str(twin), "--runs", "6")
    rows = analysis["comparison"]["rows"]
    assert {row["factor"] for row in rows} == {"twin"}
    assert {row["estimate"] for row in rows if row["index"] == "difference"} == {0.0}
    assert {row["estimate"] for row in rows if row["index"] == "variance_ratio"} == {None}
    assert "no difference in any race" in capsys.readouterr().out


def test_shared_luck_is_worth_more_than_five_times_the_races(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a clock of one jurisdiction: were it not so, the races would not be the same ones.

    A lever that changes what products live, such as money or pools, shares less: some three times the races.
    """
    quick = tmp_path / "quick-review.yaml"
    quick.write_text(
        "extends: baseline\njurisdictions: {china: {regulation: {approval_review_months: 12, filing_months: 6}}}\n"
    )
    analysis = compared(tmp_path / "out", "baseline", str(quick), "--runs", "60")
    ratios = by_question(analysis, "variance_ratio")
    for question in LEADS:
        worth = ratios[f"lead_months.{question}"]["estimate"]
        assert worth is None or worth > 5, "none where not one race differs, as to a first patient"
    said = capsys.readouterr().out
    assert "The same races in baseline and quick-review" in said
    assert "60 races of each world, seed 1" in said
    assert "The same random numbers in every world: as good as" in said
    assert {path.name for path in (tmp_path / "out" / "figures").iterdir()} == {
        "worlds.png",
        "worlds-p-leads.png",
        "differences.png",
    }


def test_more_races_go_on_from_those_there_and_an_experiment_file_gives_the_same(tmp_path: Path) -> None:
    """A comparison is an experiment: it must resume as one, and be one that can be written down."""
    folder = tmp_path / "grown"
    compared(folder, "baseline", "level-regulation", "--runs", "3")
    before = {path: path.stat().st_mtime_ns for path in (folder / "rows").iterdir()}
    grown = compared(folder, "baseline", "level-regulation", "--runs", "5")
    assert before.items() <= {path: path.stat().st_mtime_ns for path in (folder / "rows").iterdir()}.items()
    file = tmp_path / "written.yaml"
    file.write_text(
        'title: T\nscenarios: [baseline, level-regulation]\nset: {span.end_month: "2030-12"}\nreplications: 5\n',
        encoding="utf-8",
    )
    assert main(["experiment", str(file), "--out", str(tmp_path / "written")]) == 0
    assert value_hash(tmp_path / "written") == value_hash(folder)
    written = json.loads((tmp_path / "written" / "analysis.json").read_text(encoding="utf-8"))
    assert written["comparison"] == grown["comparison"]


def test_the_mean_difference_is_the_difference_of_the_means(tmp_path: Path) -> None:
    """The table would contradict itself."""
    analysis = compared(tmp_path / "out", "baseline", "level-private-capital", "no-hospital-lane", "--runs", "4")
    assert list(analysis["scenarios"]) == ["baseline", "level-private-capital", "no-hospital-lane"]
    for row in analysis["comparison"]["rows"]:
        if row["index"] == "difference":
            here, there = (analysis["scenarios"][w]["means"][row["question"]] for w in ("baseline", row["factor"]))
            assert row["estimate"] == pytest.approx(there["estimate"] - here["estimate"], abs=1e-9)


def test_set_holds_in_every_world(tmp_path: Path) -> None:
    """A change in one of the worlds only would be told as a difference of the scenarios."""
    change = "jurisdictions.china.funding.capital_multiplier=1.5"
    compared(tmp_path / "out", "baseline", "order-818", "--runs", "1", "--set", change)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario_hashes"] == {
        name: load(name, [change, "span.end_month=2030-12"]).hash for name in ("baseline", "order-818")
    }
    assert manifest["set"] == {"span.end_month": "2030-12", "jurisdictions.china.funding.capital_multiplier": 1.5}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], ["expected two or more scenarios"]),
        (["baseline"], ["expected two or more scenarios"]),
        (["baseline", "baseline"], ["baseline: there are two worlds of the name baseline"]),
        (["baseline", "null"], ["null has the blocs china (china), japan (japan), us (us), eu (eu), baseline has"]),
        (["baseline", "cart"], ["cart runs 2009-01 to 2030-12, baseline 2010-01 to 2045-12"]),
        (
            ["baseline", "decouplin", "order-817", "--runs", "0", "--workers", "0"],
            ["--runs 0: expected", "--workers 0: expected", "did you mean decoupling?", "did you mean order-818?"],
        ),
        (["baseline", "decoupling", "--set", "span.ending=3"], ["--set span.ending: span.ending is not in the"]),
    ],
)
def test_all_that_is_wrong_is_said_at_once(
    words: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One error a try makes a long evening, and a comparison of unlike worlds is none."""
    assert main(["compare", *words]) == 2
    analysis = capsys.readouterr().err.splitlines()
    assert len(analysis) == len(said)
    for line, part in zip(analysis, said, strict=True):
        assert part in line


def test_another_comparison_in_the_same_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Races of other worlds would be told as those of these."""
    compared(tmp_path, "baseline", "decoupling", "--runs", "1")
    compared(tmp_path, "baseline", "scandal", "--runs", "1", code=2)
    assert "is of another experiment; give another folder" in capsys.readouterr().err


def test_long_lists_are_shortened_in_folder_and_title() -> None:
    """Eleven names make no name of a folder."""
    import argparse

    def made(*names: str) -> Any:
        return compare.compared(argparse.Namespace(scenarios=names, set=[], runs=2, seed=1, workers=1))

    few, many = made("baseline", "scandal", "decoupling"), made("baseline", "scandal", "decoupling", "order-818")
    assert (few.name, few.title) == (
        "compare-baseline-scandal-decoupling",
        "The same races in baseline, scandal and decoupling",
    )
    assert (many.name, many.title) == (
        "compare-baseline-scandal-and-2-more",
        "The same races in baseline, scandal and 2 more",
    )
    assert many.pair == ("china", "west")


def row(**numbers: float | None) -> dict[str, Any]:
    return {"estimate": None, "low": None, "high": None, **numbers}


def analysis(difference: dict[str, Any], ratio: dict[str, Any]) -> dict[str, Any]:
    """An analysis of one lead in two worlds."""
    question, mean = "lead_months.first_in_human", row(estimate=-3.0, low=-4.0, high=-2.0)
    rows = [
        {"question": question, "factor": "b", "index": index, **numbers}
        for index, numbers in (("difference", difference), ("variance_ratio", ratio))
    ]
    return {
        "scenarios": {name: {"means": {question: mean}} for name in ("a", "b")},
        "comparison": {"base": "a", "rows": rows},
    }


@pytest.mark.parametrize(
    ("difference", "ratio", "said"),
    [
        (
            row(estimate=1.0, low=0.5, high=1.5),
            row(estimate=7.04, low=5.0, high=9.0),
            "+1.0 (+0.5 to +1.5) *  7.0 (5.0",
        ),
        (row(estimate=-0.01, low=-1.0, high=0.98), row(estimate=250.4), "-0.01 (-1.00 to +0.98)  250"),
        (row(estimate=0.0, low=0.0, high=0.0), row(), "no difference in any race"),
        (row(estimate=2.0, low=2.0, high=2.0), row(), "the same difference in every race"),
        (row(estimate=2.0), row(), "+2.0 (no interval)  unknown"),
    ],
)
def test_the_printed_table_says_what_is_known(difference: dict[str, Any], ratio: dict[str, Any], said: str) -> None:
    """A reader must see at once whether worlds differ, and whether that is known at all."""
    lines = comparison_lines(analysis(difference, ratio))
    assert said in lines[-1], lines
    assert "0.0 to +0.0" not in lines[-1], "an interval without width"
    assert "Lead to a first patient (months)" in lines


@pytest.mark.parametrize(
    ("worlds", "part", "said"),
    [
        (row(estimate=1.0, low=-7.4, high=9.4), row(estimate=0.25), "-7 to +9       25%"),
        (row(estimate=1.0, low=1.0, high=1.0), row(estimate=-0.02), "alike in all   0%"),
    ],
)
def test_over_worlds_the_table_says_how_they_differ(worlds: dict[str, Any], part: dict[str, Any], said: str) -> None:
    """The interval of a mean over worlds says nothing of what holds in one of them."""
    told = analysis(row(estimate=1.0, low=0.5, high=1.5), row(estimate=7.0, low=5.0, high=9.0))
    question = "lead_months.first_in_human"
    told["comparison"]["rows"] += [
        {"question": question, "factor": "b", "index": index, **numbers}
        for index, numbers in (("worlds", worlds), ("numbers_share", part))
    ]
    lines = comparison_lines(told)
    assert "90% of worlds" in lines[-3], lines
    assert said in lines[-1], lines


def test_the_worth_of_pairing_is_a_range_over_leads() -> None:
    """One ratio for all questions would be the best of them."""
    assert "as good as 2.5 to 120 times as many races, median 7.0" in worth_of_pairing([7.0, None, 120, 2.5])
    assert "as good as 7.0 times as many races," in worth_of_pairing([7.0])
    assert "do not tell" in worth_of_pairing([None])
