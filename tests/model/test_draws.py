"""The keyed draws are random, independent of each other, the same in both hosts, and of the distributions they name."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import hosts
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from ipsc_race import draws
from ipsc_race.host import njit
from ipsc_race.rules.science import COMPANY_KEYS, PROGRAMME_KEYS

Words = np.ndarray[Any, np.dtype[np.uint64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

KEY = 0x0123456789ABCDEF
CHANCE = 1e-4  # a sound generator fails a test about once in ten thousand seeds; the seeds here are fixed
MASK = (1 << 64) - 1


@njit
def _bits(out: Any, key: Any, stream: Any, entity: Any, when: Any, k: Any) -> None:
    for i in range(len(out)):
        out[i] = draws.bits(key[i], stream[i], entity[i], when[i], k[i])


@njit
def _keys(out: Any, seed: Any, run: Any) -> None:
    for i in range(len(out)):
        out[i] = draws.race_key(seed[i], run[i])


@njit
def _each(out: Any, function: Any, first: Any, second: Any) -> None:
    for i in range(len(out)):
        out[i] = function(first[i], second[i])


@njit
def _normal(u: Any, _: Any) -> Any:
    return draws.normal_quantile(u)


def words(**names: Any) -> Words:
    """The bits of many decisions; a word that is not named is 0 (the key: KEY), one that is may be an array."""
    defaults: dict[str, Any] = {"key": KEY, "stream": 1, "entity": 0, "when": 0, "k": 0}
    given_words = np.broadcast_arrays(*(defaults | names).values())
    out = np.zeros(given_words[0].size, np.uint64)
    _bits(out, *(np.ascontiguousarray(word.ravel()).astype(np.uint64) for word in given_words))
    return out


def keys(seed: Any, run: Any) -> Words:
    """The keys of many races."""
    seeds, runs = np.broadcast_arrays(seed, run)
    out = np.zeros(seeds.size, np.uint64)
    _keys(out, np.ascontiguousarray(seeds).astype(np.int64), np.ascontiguousarray(runs).astype(np.int64))
    return out


def shares(bits: Words) -> Floats:
    """Bits as numbers between 0 and 1."""
    return np.asarray((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def each(function: Callable[[float, float], float], first: Any, second: Any) -> Floats:
    """A distribution of two arguments over arrays of them."""
    ones, twos = np.broadcast_arrays(np.asarray(first, np.float64), np.asarray(second, np.float64))
    out = np.zeros(ones.size)
    _each(out, function, np.ascontiguousarray(ones.ravel()), np.ascontiguousarray(twos.ravel()))
    return out


# ---- randomness -----------------------------------------------------------------------------------------------------
COUNTS = np.arange(200_000)
SEQUENCES: dict[str, Words] = {
    "months": words(when=COUNTS),
    "entities": words(entity=COUNTS),
    "programmes": words(entity=(COMPANY_KEYS * 3 + COUNTS) * PROGRAMME_KEYS),
    "repeats": words(k=COUNTS),
    "streams": words(stream=COUNTS),
    "keys": words(key=COUNTS),
    "runs": keys(1, COUNTS),
    "seeds": keys(COUNTS, 0),
    "first draws of runs": words(key=keys(1, COUNTS)),
    "first draws of seeds": words(key=keys(COUNTS, 0)),
}


@pytest.fixture(params=SEQUENCES)
def sequence(request: pytest.FixtureRequest) -> Words:
    """Bits of decisions that differ by one in a single word."""
    return SEQUENCES[request.param]


def test_draws_are_uniform(sequence: Words) -> None:
    """Else a stated probability would not be the share of races in which the thing happens."""
    assert stats.kstest(shares(sequence), "uniform").pvalue > CHANCE


@pytest.mark.parametrize("shift", [0, 11, 32, 56], ids=["lowest", "lowest used", "middle", "highest"])
def test_every_part_of_the_word_is_uniform(sequence: Words, shift: int) -> None:
    """Else rare events, read from the low bits, would come too often or never."""
    counts = np.bincount(((sequence >> np.uint64(shift)) & np.uint64(255)).astype(np.int64), minlength=256)
    assert stats.chisquare(counts).pvalue > CHANCE


def test_neighbours_do_not_move_together(sequence: Words) -> None:
    """Else a lucky month, company or race would make the next one lucky too."""
    u = shares(sequence)
    for lag in (1, 2, 3, 12, 256):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) * math.sqrt(len(u)) < 4.5


def test_pairs_of_neighbours_fill_the_square(sequence: Words) -> None:
    """Else neighbours would avoid or seek each other in ways that a correlation does not see."""
    high = (sequence >> np.uint64(60)).astype(np.int64)
    counts = np.bincount(high[0::2] * 16 + high[1::2], minlength=256)
    assert stats.chisquare(counts).pvalue > CHANCE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"stream": 8}, {"stream": 9}),  # whether a molecule works, and whether it harms
        ({"k": 0}, {"k": 1}),
        ({"key": keys(1, 0)[0]}, {"key": keys(1, 1)[0]}),
        ({"key": keys(1, 0)[0]}, {"key": keys(2, 0)[0]}),
        ({"key": keys(1, 1)[0]}, {"key": keys(2, 0)[0]}),
    ],
    ids=["streams", "repeats", "runs", "seeds", "next run and next seed"],
)
def test_parallel_sequences_are_independent(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Else two decisions about the same thing, or the same decision in two races, would share their luck."""
    for word in ("entity", "when"):
        u, v = (shares(words(**{word: COUNTS, **names})) for names in (one, other))
        assert abs(np.corrcoef(u, v)[0, 1]) * math.sqrt(len(u)) < 4.5
        table = np.histogram2d(u, v, bins=16, range=((0, 1), (0, 1)))[0]
        assert stats.chisquare(table.ravel()).pvalue > CHANCE


@pytest.mark.parametrize(("word", "width"), [("key", 64), ("stream", 5), ("entity", 40), ("when", 12), ("k", 16)])
def test_one_flipped_bit_of_a_word_flips_half_of_the_bits(word: str, width: int) -> None:
    """Else similar names (the next programme, the next month) would have similar luck."""
    rng = np.random.default_rng(4)
    base: dict[str, Any] = {
        "key": rng.integers(0, 2**63, 4000).astype(np.uint64),
        "stream": rng.integers(1, 29, 4000).astype(np.uint64),
        "entity": rng.integers(0, 2**34, 4000).astype(np.uint64),
        "when": rng.integers(0, 432, 4000).astype(np.uint64),
        "k": rng.integers(0, 8, 4000).astype(np.uint64),
    }
    before = words(**base)
    for bit in range(width):
        flipped = before ^ words(**(base | {word: base[word] ^ np.uint64(1 << bit)}))
        changed = np.unpackbits(flipped.view(np.uint8).reshape(-1, 8), axis=1)
        assert abs(changed.sum(axis=1).mean() - 32) < 0.4  # 4.5 sigma = 4.5 * 4 / sqrt(4000) = 0.28
        assert np.abs(changed.mean(axis=0) - 0.5).max() < 0.045  # 5.7 sigma of 0.5 / sqrt(4000)


def test_no_two_decisions_of_a_race_share_their_bits() -> None:
    """Else two companies would live the same life."""
    company = (np.arange(1, 5)[:, None] * COMPANY_KEYS + np.arange(60)).ravel()
    programme = (company[:, None] * PROGRAMME_KEYS + np.arange(4)).ravel()
    names = np.meshgrid(np.arange(1, 29), programme[::7], np.arange(0, 432, 24), np.arange(4), indexing="ij")
    bits = words(**dict(zip(("stream", "entity", "when", "k"), names, strict=True)))
    assert len(np.unique(bits)) == len(bits)


def test_no_two_races_share_their_key() -> None:
    """Else an ensemble would count one race twice."""
    seeds, runs = np.meshgrid(np.arange(200), np.arange(2000))
    made = keys(seeds.ravel(), runs.ravel())
    assert len(np.unique(made)) == len(made)


def _unmixed(z: int) -> int:
    """The inverse of the mixing function."""
    for shift, factor in ((31, 0x94D049BB133111EB), (27, 0xBF58476D1CE4E5B9), (30, 1)):
        x = z
        for _ in range(64 // shift + 1):
            x = z ^ (x >> shift)
        z = x * pow(factor, -1, 1 << 64) & MASK
    return z


def _name_of(bits: int) -> np.uint64:
    """The k whose bits these are, all other words at their defaults: the last round of the hash turned round."""
    odd = 0x9E6C63D0676A9A99
    zero = _unmixed(int(words(k=0)[0]))
    return np.uint64((_unmixed(bits) - zero) * pow(odd, -1, 1 << 64) & MASK)


@pytest.mark.parametrize("bits", [0, 1, 2**63, MASK - 2047, MASK], ids=hex)
def test_a_uniform_is_never_0_nor_1(bits: int) -> None:
    """Else a normal would be infinite and a race end in a not-a-number, once in very many."""
    k = _name_of(bits)
    assert words(k=k)[0] == bits
    u = draws.uniform(np.uint64(KEY), 1, 0, 0, k)
    assert 0.0 < u < 1.0


def test_an_ensemble_of_philox_agrees() -> None:
    """Two companies race through two exponential stages and a Poisson-gamma trial: NumPy's Philox finds the same odds.

    Difference of the two estimates within 3 standard errors, of the probability to win and of the mean time.
    """
    races = 20_000
    ours = _small_race(keys(11, np.arange(races)))
    rng = np.random.Generator(np.random.Philox(5))
    theirs = np.zeros((races, 2))
    for c, mean in ((0, 10.0), (1, 11.0)):
        rate = rng.gamma(2.0, 1.5, races)
        theirs[:, c] = rng.exponential(mean, races) + rng.exponential(6.0, races)
        enrolled = np.zeros(races, np.int64)
        while (enrolled < 20).any():
            theirs[:, c] += enrolled < 20
            enrolled += np.where(enrolled < 20, rng.poisson(rate), 0)
    for statistic in (lambda t: (t[:, 0] < t[:, 1]).astype(float), lambda t: t[:, 0], lambda t: t[:, 1]):
        one, other = statistic(ours), statistic(theirs)
        error = math.sqrt((one.var() + other.var()) / races)
        assert abs(one.mean() - other.mean()) < 3 * error


@njit
def _time_of(key: Any, company: Any, mean: Any) -> Any:
    months = mean * draws.exponential(key, draws.NEXT_PROGRAMME, company, 0, 0)
    months += 6.0 * draws.exponential(key, draws.HOLD_MONTHS, company, 0, 0)
    rate = 1.5 * draws.gamma_quantile(draws.uniform(key, draws.SITE_RATE, company, 1, 0), 2.0)
    enrolled = 0
    month = 0
    while enrolled < 20 and month < 100_000:
        enrolled += draws.poisson_quantile(draws.uniform(key, draws.ACCRUAL, company, month, 0), rate)
        month += 1
    return months + month


@njit
def _times(out: Any, race_keys: Any) -> None:
    for i in range(len(race_keys)):
        out[i, 0] = _time_of(race_keys[i], 1, 10.0)
        out[i, 1] = _time_of(race_keys[i], 2, 11.0)


def _small_race(race_keys: Words) -> Floats:
    out = np.zeros((len(race_keys), 2))
    _times(out, race_keys)
    return out


# ---- both hosts -----------------------------------------------------------------------------------------------------
MANY_DRAWS = """
import hashlib, struct
import numpy as np
from ipsc_race import draws

total = hashlib.sha256()
for run in range(400):
    key = np.uint64(draws.race_key(3, run)) if not draws.PLAIN else draws.race_key(3, run)
    name = (run % 28, run * 7919 << 20, run % 432, run % 5)
    u = draws.uniform(key, *name)
    total.update(struct.pack("<QQd", int(key), int(draws.bits(key, *name)), u))
    total.update(struct.pack("<dd", draws.normal(key, *name), draws.exponential(key, *name)))
    for scale in (0.05, 0.7, 3.0, 40.0, 63.9, 64.0, 900.0):
        total.update(struct.pack("<qd", draws.poisson_quantile(u, scale), draws.gamma_quantile(u, scale)))
        total.update(struct.pack("<dd", draws.log_gamma(scale), draws.gamma_share(scale, u * scale)))
print(total.hexdigest())
"""


def test_both_hosts_draw_the_same_bits() -> None:
    """Else the plain host would be no oracle of the compiled one."""
    assert hosts.answer(MANY_DRAWS, hosts.COMPILED) == hosts.answer(MANY_DRAWS, hosts.PLAIN)


# ---- distributions --------------------------------------------------------------------------------------------------
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
