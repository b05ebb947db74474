"""The keyed draws are random, independent of each other, the same in both hosts, and of the distributions they name."""

from __future__ import annotations

import math
from typing import Any

import hosts
import numpy as np
import pytest
from scipy import stats

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


# ---- randomness -----------------------------------------------------------------------------------------------------
COUNTS = np.arange(200_000)
SEQUENCES: dict[str, Words] = {
    "months": words(when=COUNTS),
    "entities": words(entity=COUNTS),
    "programmes": words(entity=(COMPANY_KEYS * 3 + COUNTS) * PROGRAMME_KEYS),
    "repeats": words(k=COUNTS),
    "streams": words(stream=COUNTS),
    "keys": words(key=COUNTS + draws.PHILOX_KEYS),
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


@pytest.mark.parametrize("key", [0, 1, draws.PHILOX_KEYS - 1])
def test_small_keys_draw_by_the_philox_of_numpy(key: int) -> None:
    """The second generator is a check on the first only if it is the one that others have tested."""
    rng = np.random.default_rng(3)
    for stream, entity, when, k in rng.integers(0, 1 << 62, (50, 4), np.uint64):
        before = [int(stream) - 1, int(entity), int(when), int(k)]  # NumPy's counts up before it draws
        theirs = np.random.Philox(key=key, counter=before).random_raw()
        assert words(key=key, stream=stream, entity=entity, when=when, k=k)[0] == theirs


# ---- both hosts -----------------------------------------------------------------------------------------------------
MANY_DRAWS = """
import hashlib, struct
import numpy as np
from ipsc_race import draws

total = hashlib.sha256()
for run in range(400):
    key = np.uint64(draws.race_key(3, run)) if not draws.PLAIN else draws.race_key(3, run)
    key = type(key)(draws.philox_key(key)) if run % 2 else key
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
