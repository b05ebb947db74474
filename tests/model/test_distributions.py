"""The distributions over keyed draws against SciPy, to the ends of their tails."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from test_draws import CHANCE, KEY, Floats

from ipsc_race import draws
from ipsc_race.host import njit


@njit
def _each(out: Any, function: Any, first: Any, second: Any) -> None:
    for i in range(len(out)):
        out[i] = function(first[i], second[i])


@njit
def _normal(u: Any, _: Any) -> Any:
    return draws.normal_quantile(u)


def each(function: Callable[[float, float], float], first: Any, second: Any) -> Floats:
    """A distribution of two arguments over arrays of them."""
    ones, twos = np.broadcast_arrays(np.asarray(first, np.float64), np.asarray(second, np.float64))
    out = np.zeros(ones.size)
    _each(out, function, np.ascontiguousarray(ones.ravel()), np.ascontiguousarray(twos.ravel()))
    return out


INNER = st.floats(2.0**-53, 1.0 - 2.0**-53)
TAILS = np.concatenate([np.logspace(-16, -1, 400), np.linspace(0.001, 0.999, 997), 1.0 - np.logspace(-15, -1, 400)])


def test_normal_quantile_is_scipys() -> None:
    for u in TAILS:
        assert draws.normal_quantile(u) == pytest.approx(special.ndtri(u), rel=2e-14, abs=2e-15)


@given(INNER, INNER)
def test_normal_quantile_is_monotone(u: float, v: float) -> None:
    """More luck never means a smaller effect."""
    low, high = sorted((u, v))
    assert draws.normal_quantile(low) <= draws.normal_quantile(high)


def test_normals_and_exponentials_have_their_moments() -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    z = each(_normal, u, 0.0)
    assert abs(z.mean()) < 1e-9
    assert z.var() == pytest.approx(1.0, abs=1e-3)
    drawn = np.array([draws.exponential(np.uint64(KEY), draws.HARM, i, 0, 0) for i in range(40_000)])
    assert stats.kstest(drawn, "expon").pvalue > CHANCE
    assert drawn.mean() == pytest.approx(1.0, abs=4 / math.sqrt(len(drawn)))
    assert drawn.var() == pytest.approx(1.0, abs=4 * math.sqrt(8 / len(drawn)))


@pytest.mark.parametrize("mean", [1e-9, 0.01, 0.3, 1.0, 4.5, 17.0, 40.0, 63.999])
def test_poisson_counts_are_exact_below_a_mean_of_64(mean: float) -> None:
    """Exact but where the distribution function meets u to the last bits of a double."""
    u = np.concatenate([np.linspace(0.0005, 0.9995, 2000), np.logspace(-15, -4, 100), 1.0 - np.logspace(-12, -4, 100)])
    ours = each(draws.poisson_quantile, u, mean)
    theirs = stats.poisson.ppf(u, mean)
    near = np.abs(stats.poisson.cdf(np.minimum(ours, theirs), mean) - u) < 1e-13
    assert (ours == theirs)[~near].all()


@pytest.mark.parametrize("mean", [64.0, 64.5, 80.0, 150.0, 1000.0, 20_000.0])
def test_poisson_counts_are_nearly_exact_above(mean: float) -> None:
    """The distribution function, read off the quantile, within 0.001 of the true one at every count."""
    counts = np.arange(math.floor(mean - 7 * math.sqrt(mean)), math.ceil(mean + 7 * math.sqrt(mean)))
    share = np.array([_share_up_to(count, mean) for count in counts])
    assert np.abs(share - stats.poisson.cdf(counts, mean)).max() < 0.001


def _share_up_to(count: int, mean: float) -> float:
    """P(N <= count): the largest u that still gives `count` or less."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if draws.poisson_quantile(middle, mean) <= count:
            low = middle
        else:
            high = middle
    return low


@given(INNER, INNER, st.floats(0, 500))
def test_poisson_counts_are_monotone_in_luck(u: float, v: float, mean: float) -> None:
    """More luck never enrols fewer patients."""
    low, high = sorted((u, v))
    assert draws.poisson_quantile(low, mean) <= draws.poisson_quantile(high, mean)


@given(st.data(), INNER, st.sampled_from([(0.0, 63.99), (64.0, 500.0)]))
def test_poisson_counts_are_monotone_in_the_mean(data: st.DataObject, u: float, means: tuple[float, float]) -> None:
    """A faster site never enrols fewer patients with the same luck, on either side of 64."""
    low, high = sorted(data.draw(st.tuples(st.floats(*means), st.floats(*means))))
    assert draws.poisson_quantile(u, low) <= draws.poisson_quantile(u, high)


def test_poisson_counts_hardly_fall_where_the_method_changes() -> None:
    """At a mean of 64 the exact inversion hands over to an expansion: one draw in 500 falls, and by one count."""
    u = (np.arange(200_000) + 0.5) / 200_000
    fall = each(draws.poisson_quantile, u, np.nextafter(64.0, 0.0)) - each(draws.poisson_quantile, u, 64.0)
    assert fall.max() <= 1
    assert (fall > 0).mean() < 0.0025


def test_the_luckiest_month_is_still_a_month() -> None:
    """The largest uniform gives a large count; the sum of all probabilities may round to less than it."""
    means = np.linspace(0.0, 63.999, 2000)
    counts = each(draws.poisson_quantile, 1.0 - 2.0**-53, means)
    assert (counts <= means + 12 * np.sqrt(means) + 20).all()


def test_log_gamma_is_scipys() -> None:
    for a in np.concatenate([np.logspace(-3, 5, 300), np.linspace(0.5, 20, 100)]):
        assert draws.log_gamma(a) == pytest.approx(special.gammaln(a), rel=1e-13, abs=5e-13)


SHAPES = (0.05, 0.3, 1.0, 1.7, 8.0, 60.0, 500.0, 10_000.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_gamma_share_is_scipys(shape: float) -> None:
    """To 1e-10: rounding grows with the shape, through a difference of large logarithms."""
    for x in special.gammaincinv(shape, np.linspace(0.001, 0.999, 200)):
        assert draws.gamma_share(shape, x) == pytest.approx(special.gammainc(shape, x), rel=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_gamma_quantile_is_scipys(shape: float) -> None:
    """To 1e-9; else once in very many a trial would recruit millions a month, or nobody for ever."""
    u = np.concatenate([np.logspace(-14, -3, 500), np.linspace(0.001, 0.999, 500)])
    assert each(draws.gamma_quantile, u, shape) == pytest.approx(special.gammaincinv(shape, u), rel=1e-9)


@pytest.mark.parametrize("shape", [0.01, *SHAPES])
def test_gamma_quantiles_in_the_far_tails_are_numbers(shape: float) -> None:
    drawn = each(draws.gamma_quantile, np.sort(TAILS), shape)
    assert (np.isfinite(drawn) & (drawn >= 0)).all()
    assert (np.diff(drawn) >= -1e-9 * drawn[1:] - 1e-290).all()


def test_a_sum_of_site_rates_has_the_mean_and_spread_of_its_sites() -> None:
    """Twenty sites of shape 1.2 accrue like one Gamma of shape 24."""
    u = (np.arange(50_000) + 0.5) / 50_000
    rate = each(draws.gamma_quantile, u, 24.0) / 1.2
    assert rate.mean() == pytest.approx(20.0, rel=1e-4)
    assert rate.var() == pytest.approx(20.0 / 1.2, rel=1e-3)
