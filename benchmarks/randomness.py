"""Are the random numbers random? `python benchmarks/randomness.py [splitmix|philox]`, a battery of tests in a minute.

The generator is no sequence, so it is tested as the races walk through it: along months, products, decisions, places
and races, each walk a stream of words. `--stream WALK` writes the words of a walk to standard output without end, for
a battery of more power: `python benchmarks/randomness.py --stream months | RNG_test stdin64` (PractRand) or
`... | dieharder -a -g 200`.

Each test gives a p-value from both tails; the battery fails where one is below 10^-4 over the number of tests.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats

from ipsc_race.draws import bits, philox_key, race_key
from ipsc_race.host import njit

Words = np.ndarray[Any, np.dtype[np.uint64]]
WALKS = ("months", "products", "decisions", "places", "races")  # what of a draw's key moves first
BY_MONTH, BY_PRODUCT, BY_DECISION, BY_PLACE, BY_RACE = range(5)
WORDS, ALPHA, SMALL = 1 << 22, 1e-4, 0.05
MONTHS, DECISIONS, PLACES = 432, 53, 8  # how far each moves before the next one does


@njit
def walk(kind: int, start: int, philox: bool, words: Words) -> None:
    """Fill `words` with the draws of a walk from its place `start` on."""
    for i in range(len(words)):
        n = start + i
        run, stream, entity, when, k = 0, 8, (1 << 28) + 257, 0, 1
        if kind == BY_MONTH:
            when, entity = n % MONTHS, entity + n // MONTHS
        elif kind == BY_PRODUCT:
            entity = n
        elif kind == BY_DECISION:
            stream, entity = 1 + n % DECISIONS, entity + n // DECISIONS
        elif kind == BY_PLACE:
            k, entity = n % PLACES, entity + n // PLACES
        else:
            run = n
        key = race_key(1, run)
        words[i] = bits(philox_key(key) if philox else key, stream, entity, when, k)


def stream(kind: int, philox: bool) -> Iterator[Words]:
    """The words of a walk, block by block."""
    start, words = 0, np.zeros(1 << 16, np.uint64)
    while True:
        walk(kind, start, philox, words)
        yield words
        start += len(words)


def of_normal(z: float) -> float:
    """Two-sided p-value."""
    return float(2 * stats.norm.sf(abs(z)))


def of_counts(counts: Any, expected: Any) -> float:
    """Chi-squared of counts, from both tails: too even is as wrong as too uneven."""
    expected = np.broadcast_to(expected, np.shape(counts))
    p = stats.chi2.sf(((counts - expected) ** 2 / expected).sum(), np.size(counts) - 1)
    return float(2 * min(p, 1 - p))


def battery(words: Words) -> Iterator[tuple[str, float]]:
    """Name and p-value of each test of a walk."""
    n, flat = len(words), np.unpackbits(words.view(np.uint8)).reshape(len(words), 64)
    ones = flat.sum(axis=0, dtype=np.int64)
    p = float(stats.chi2.sf(((2 * ones - n) ** 2 / n).sum(), len(ones)))
    yield "each bit is set half the time", 2 * min(p, 1 - p)
    share = stats.binom(64, 0.5).pmf(np.arange(16, 49))
    weights = np.bincount(np.bitwise_count(words), minlength=65)[16:49]
    yield "number of bits set", of_counts(weights, share / share.sum() * weights.sum())
    for lag in (1, 2, 8, 53, 432):
        set_bits = int(np.bitwise_count(words[lag:] ^ words[:-lag]).sum(dtype=np.int64))
        yield f"words {lag} apart are unlike", of_normal((set_bits - 32 * (n - lag)) / np.sqrt(16 * (n - lag)))
    for shift in (1, 7, 32):
        turned = (words[1:] << np.uint64(shift)) | (words[1:] >> np.uint64(64 - shift))
        set_bits = int(np.bitwise_count(turned ^ words[:-1]).sum(dtype=np.int64))
        yield (
            f"a word and the next, turned by {shift}, are unlike",
            of_normal((set_bits - 32 * (n - 1)) / np.sqrt(16 * (n - 1))),
        )
    yield "bytes", of_counts(np.bincount(words.view(np.uint8), minlength=256), 8 * n / 256)
    uniform = ((words >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52
    yield "uniform", float(stats.kstest(uniform, "uniform").pvalue)
    cells = (uniform * 64).astype(np.int64)
    yield "pairs", of_counts(np.bincount(cells[:-1:2] * 64 + cells[1::2], minlength=64**2), n / 2 / 64**2)
    cells = (uniform[: n // 4 * 4] * 8).astype(np.int64).reshape(-1, 4) @ 8 ** np.arange(4)
    yield "fours", of_counts(np.bincount(cells, minlength=8**4), n / 4 / 8**4)
    gaps = np.diff(np.flatnonzero(uniform < SMALL))
    share = stats.geom(SMALL).pmf(np.arange(1, 151))
    counts = np.bincount(np.minimum(gaps, 151), minlength=152)[1:]
    yield "gaps between small ones", of_counts(counts, np.append(share, 1 - share.sum()) * len(gaps))
    for low in (0, 32):
        spacings = [birthdays((part >> np.uint64(low)) & np.uint64(0xFFFFFFFF)) for part in words.reshape(-1, 4096)]
        total, mean = sum(spacings), len(spacings) * 4096**3 / 4 / 2**32
        yield (
            f"birthdays in bits {low} to {low + 31}",
            2 * min(stats.poisson.cdf(total, mean), stats.poisson.sf(total - 1, mean)),
        )
    missing = np.array([64 - rank(part) for part in words[: 64 * 4096].reshape(-1, 64)])
    full, one = 0.28878809508660, 0.57757619017320  # Marsaglia & Tsay 1985
    counts = np.bincount(np.minimum(missing, 2), minlength=3)
    yield "rank of 64 by 64 bits", of_counts(counts, np.array([full, one, 1 - full - one]) * len(missing))


def birthdays(days: Words) -> int:
    """Equal spacings among 4,096 birthdays in a year of 2^32 days (Marsaglia 1985)."""
    spacings = np.sort(np.diff(np.sort(days)))
    return int((spacings[1:] == spacings[:-1]).sum())


@njit
def rank(rows: Words) -> int:
    """Rank of 64 words as a matrix over two elements."""
    rows = rows.copy()
    found = 0
    for bit in range(64):
        mask = np.uint64(1) << np.uint64(bit)
        for i in range(found, 64):
            if rows[i] & mask:
                rows[i], rows[found] = rows[found], rows[i]
                for other in range(found + 1, 64):
                    if rows[other] & mask:
                        rows[other] ^= rows[found]
                found += 1
                break
    return found


def main() -> None:
    """Test all walks, or write one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("generator", nargs="?", choices=("splitmix", "philox"), default="splitmix")
    parser.add_argument("--stream", choices=WALKS)
    arguments = parser.parse_args()
    philox = arguments.generator == "philox"
    if arguments.stream:
        for words in stream(WALKS.index(arguments.stream), philox):
            sys.stdout.buffer.write(words.tobytes())
    rows = []
    for kind, name in enumerate(WALKS):
        words = np.zeros(WORDS, np.uint64)
        walk(kind, 0, philox, words)
        rows += [(p, f"{name}: {test}") for test, p in battery(words)]
        print(f"{name}: {len(rows)} tests so far, smallest p-value {min(rows)[0]:.2g}", flush=True)
    p, name = min(rows)
    verdict = "FAILED" if p < ALPHA / len(rows) else "passed"
    print(f"{len(rows)} tests of {WORDS:,} words each; smallest p-value {p:.2g} ({name}): {verdict}")
    sys.exit(verdict == "FAILED")


if __name__ == "__main__":
    main()
