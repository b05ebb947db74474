"""A milestone asked afterwards has the answer that the races would have given: by product, bloc, place and year."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsc_race import milestones as m
from ipsc_race_lab.metrics import asking
from ipsc_race_lab.metrics.asking import Happened
from ipsc_race_lab.metrics.questions import p_first

START = 2010 * 12
BLOCS = ("a", "b")


def happened(rows: list[tuple[int, int, int, int]], races: int = 3, milestone: int = m.APPROVED) -> Happened:
    """Rows of (run, month, product, bloc), all at home and of one indication."""
    run, month, product, bloc = np.array(rows, np.int64).reshape(-1, 4).T
    same = np.zeros(len(run), np.int64)
    return Happened(
        run, month, same + milestone, product, bloc, same, same == 0, races, BLOCS, ("heart", "eye"), START, 48
    )


rows_of_races = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 47), st.integers(0, 3), st.integers(0, 1)), max_size=30
)


@given(rows_of_races, st.integers(1, 4))
def test_the_kth_product_is_the_kth_of_its_bloc_each_counted_once(rows: list[Any], kth: int) -> None:
    """One product approved in three places would pass for three."""
    earliest: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for run, month, product, bloc in rows:
        of = earliest[run, bloc]
        of[product] = min(month, of.get(product, 999))
    found = asking.kth_times(happened(rows), kth).months
    for run in range(3):
        for bloc in range(2):
            months = sorted(earliest[run, bloc].values())
            assert found[run, bloc] == (months[kth - 1] if len(months) >= kth else np.inf)


@given(rows_of_races)
def test_the_years_end_in_the_numbers_of_the_whole_span(rows: list[Any]) -> None:
    """A table by year that ends elsewhere than the answer contradicts it."""
    of = happened(rows)
    times, found = asking.kth_times(of), asking.by_year(of)
    assert list(found["p_reached_by"]) == [2010, 2011, 2012, 2013]
    for i, bloc in enumerate(BLOCS):
        assert found["p_reached_by"][2013][bloc].estimate == pytest.approx(np.mean(np.isfinite(times.months[:, i])))
        assert found["p_first_by"][2013][bloc].estimate == pytest.approx(p_first(times)[bloc].estimate)
        total = sum(of_bloc[bloc].estimate or 0.0 for of_bloc in found["number_in"].values())
        assert total == pytest.approx(sum(row[3] == i for row in rows) / 3)


def test_a_year_ends_with_its_december_and_the_last_with_the_span() -> None:
    """A December would be told a year late."""
    of = replace(happened([(0, 11, 1, 0), (1, 12, 1, 0)]), horizon_months=18)
    reached = asking.p_reached_by(asking.kth_times(of))
    assert [reached[year]["a"].estimate for year in (2010, 2011)] == pytest.approx([1 / 3, 2 / 3])
    assert asking.year_ends(START + 6, 12) == {2010: 6, 2011: 12}


def test_approval_is_either_and_each_has_a_name_of_its_own() -> None:
    """Full and conditional approval are different things, and the first of them is what most ask for."""
    full, conditional = happened([(0, 20, 1, 0)]), happened([(0, 10, 1, 0)], milestone=m.CONDITIONALLY_APPROVED)
    both = replace(
        full,
        **{name: np.concatenate([getattr(full, name), getattr(conditional, name)])
           for name in ("run", "month", "milestone", "product", "bloc", "indication", "at_home")},
    )  # fmt: skip
    first = {name: asking.kth_times(both.of(name)).months[0, 0] for name in asking.NAMED}
    assert (first["approved"], first["conditionally_approved"], first["approval"]) == (20, 10, 10)
    assert first["phase_3_started"] == np.inf


def test_indications_are_told_apart() -> None:
    """The lead in one disease would be told as that in another."""
    of = happened([(0, 20, 1, 0), (0, 10, 2, 0)])
    of = replace(of, indication=np.array([0, 1]))
    assert {name: asking.kth_times(part).months[0, 0] for name, part in of.by_indication()} == {"heart": 20, "eye": 10}
