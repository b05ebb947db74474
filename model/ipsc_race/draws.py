"""Keyed random numbers: common random numbers by construction, and the distributions over them.

A draw is a pure function of (race key, stream, entity, when, k), never a position in a sequence, so a decision that is
added, removed or repeated leaves every other draw as it was. `bits` mixes the words with the finaliser of SplitMix64
(Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195), one round a word. A second generator of another family, Philox
(Salmon et al. 2011, doi:10.1145/2063384.2063405), takes its place where `span.generator` asks for it, to show that no
answer hangs on the first: the key itself says which, so no rule knows. Normals come by inverse cumulative
distribution and Poisson counts by inversion, so that a draw is monotone in its parameters (monotone coupling).
Only +, -, *, /, sqrt, exp, log and erfc are used: these give the same bits in both hosts.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ipsc_race.host import PLAIN, njit

# Streams: one per decision. A number is never reused for another decision (15 and 55 are retired).
FOUNDING = 1  # the n-th company of a jurisdiction waits for its founding
CAPABILITY = 2  # how fast a company works
STRATEGY = 3  # home first, abroad first, parallel
LANE_CHOICE = 4  # whether a company uses the hospital lane where there is one
METHOD = 5  # the company's reprogramming method
NEXT_PROGRAMME = 6  # a company's wait for its n-th programme
INDICATION = 7  # what a programme is for
EFFECT = 8  # whether a molecule works
RISK = 9  # how harmful it is
METHOD_EFFECT = 10  # what all products of a method share
SENTIMENT = 11  # a month's mood of private capital
ROUND = 12  # a company's wait for its n-th private round
ROUND_SIZE = 13
GRANT = 14  # a month's luck with one public programme
IND_HOLD = 16  # whether a review ends in a hold
HOLD_MONTHS = 17
HOLD_LIFT = 18  # whether a hold is ever lifted
SITE_RATE = 19  # the trial's own accrual rate
ACCRUAL = 20  # a month's intended patients
SHARING = 21  # rounding when intents exceed the patients of a cell
READOUT = 22  # the noise of a trial
HARM = 23  # a programme's wait for its n-th serious harm
MANUFACTURING_REVIEW = 24  # whether the plant passes the inspection of a filing
FOREIGN = 25  # a programme's wait before it goes to another country
EXOGENOUS_PASS = 26  # pass or fail of a stage where success rates are given
EXOGENOUS_MONTHS = 27  # duration of a stage where durations are given
LINE = 28  # whether a line derivation succeeds
COMPARABILITY = 29  # whether hospital-grade evidence carries over to GMP-grade cells
SOFT_BUDGET = 30  # whether public money protects a company
BATCH = 31  # whether a month's batch of a programme fails
MODALITY = 32  # a company's modality
PARTNER = 33  # a programme's wait for its n-th offer from a country
PARTNER_EXIT = 34  # a partner's wait before it leaves
BUYOUT = 35  # a company's wait to be bought
BUYER = 36  # from where its buyer comes
RIVAL_EXIT = 37  # a programme's wait before it leaves a field where rivals failed
TRANSLATION_TRAP = 38  # whether a developer is content with hospitals at home
RESCUE = 39  # a month's lot of a protected developer that cannot pay
DOSE_SHARING = 40  # rounding when the trials of a programme ask for more doses than it has
GATE_BAR = 41  # where a regulator's bar stands for a programme
GATE_PATIENTS = 42  # how many patients it asks for
GATE_LOCAL_PATIENTS = 43  # how many local ones
GATE_RANDOMISED = 44  # whether it asks for a randomised trial
TRIAL_SIZE = 45
TRIAL_START = 46  # how long a trial takes to its first patient
ACCRUAL_FAILURE = 47  # a trial's patience once it is behind its plan
JOINED = 48  # whether a phase follows the one before without a new start
RESUBMISSION = 49  # whether what a refused filing lacked can be mended
DUAL_TRACK = 50  # whether a developer registers beside its hospital study
STATE_ROUND = 51  # a company's wait for its n-th round of state investors
CELL_SOURCE = 52  # whether a programme's product is made of embryonic cells
PROGRESS = 53  # how much of a first programme's work was done before the race
PAST_READOUT = 54  # what a trial of the roster read, as far as it was not told
PAST_MONTHS = 56  # since when a programme that nobody names stands where it stands

PHILOX = 1  # `span.generator`: its place among the words allowed there
PHILOX_KEYS = 1 << 32  # keys below are of Philox; of those that `race_key` makes one in 2^32 is, and as good there
PHILOX_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
PHILOX_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)  # of the two words of the key, from round to round
PHILOX_ROUNDS = 10

if PLAIN:  # exact integers, masked to 64 bits
    _MASK = (1 << 64) - 1

    def _mix(z: Any) -> Any:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def _philox(key: int, a: int, b: int, c: int, d: int) -> int:
        """First word of Philox4x64-10."""
        (one, two), other = PHILOX_MULTIPLIERS, 0
        for _ in range(PHILOX_ROUNDS):
            left, right = one * a, two * c
            a, b, c, d = (right >> 64) ^ b ^ key, right & _MASK, (left >> 64) ^ d ^ other, left & _MASK
            key, other = (key + PHILOX_STEPS[0]) & _MASK, (other + PHILOX_STEPS[1]) & _MASK
        return a

    def bits(key: int, stream: int, entity: int, when: int, k: int) -> int:
        """Sixty-four random bits of one decision: the only source of randomness."""
        if key < PHILOX_KEYS:
            return _philox(key, stream, entity, when, k)
        z = _mix((key + stream * 0x9E3779B97F4A7C15) & _MASK)
        z = _mix((z ^ key) + entity * 0xD1342543DE82EF95 & _MASK)
        z = _mix((z ^ key) + when * 0x2545F4914F6CDD1D & _MASK)
        mixed: int = _mix((z ^ key) + k * 0x9E6C63D0676A9A99 & _MASK)
        return mixed

    def uniform(key: int, stream: int, entity: int, when: int, k: int) -> float:
        """Uniform on the open interval (0, 1)."""
        return ((bits(key, stream, entity, when, k) >> 12) + 0.5) * 2.0**-52

    def race_key(seed: int, run: int) -> int:
        """Key of one race: of the seed and the number of the run."""
        return bits(_mix((seed + 1) & _MASK), 0, run, 0, 0)

    def philox_key(key: int) -> int:
        """The key with which the same race draws by Philox."""
        return key >> 32
else:
    _U: Any = np.uint64

    @njit
    def _mix(z: Any) -> Any:
        z = (z ^ (z >> _U(30))) * _U(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> _U(27))) * _U(0x94D049BB133111EB)
        return z ^ (z >> _U(31))

    _LOW: Any = _U(0xFFFFFFFF)
    _ONE, _TWO = map(_U, PHILOX_MULTIPLIERS)
    _STEP_ONE, _STEP_TWO = map(_U, PHILOX_STEPS)

    @njit
    def _upper(a: Any, b: Any) -> Any:
        """Upper half of a product of 128 bits, from products of halves."""
        a_low, a_high, b_low, b_high = a & _LOW, a >> _U(32), b & _LOW, b >> _U(32)
        middle = a_high * b_low + ((a_low * b_low) >> _U(32))
        return a_high * b_high + (middle >> _U(32)) + ((a_low * b_high + (middle & _LOW)) >> _U(32))

    @njit
    def _philox(key: int, a: int, b: int, c: int, d: int) -> int:
        """First word of Philox4x64-10."""
        other = _U(0)
        for _ in range(PHILOX_ROUNDS):
            left, right = _ONE * a, _TWO * c
            a, b, c, d = _upper(_TWO, c) ^ b ^ key, right, _upper(_ONE, a) ^ d ^ other, left
            key, other = key + _STEP_ONE, other + _STEP_TWO
        return a

    @njit
    def bits(key: int, stream: int, entity: int, when: int, k: int) -> int:
        """Sixty-four random bits of one decision: the only source of randomness."""
        if key < _U(PHILOX_KEYS):
            return _philox(key, _U(stream), _U(entity), _U(when), _U(k))
        z = _mix(key + _U(stream) * _U(0x9E3779B97F4A7C15))
        z = _mix((z ^ key) + _U(entity) * _U(0xD1342543DE82EF95))
        z = _mix((z ^ key) + _U(when) * _U(0x2545F4914F6CDD1D))
        mixed: int = _mix((z ^ key) + _U(k) * _U(0x9E6C63D0676A9A99))
        return mixed

    @njit
    def uniform(key: int, stream: int, entity: int, when: int, k: int) -> float:
        """Uniform on the open interval (0, 1)."""
        return (float(bits(key, stream, entity, when, k) >> _U(12)) + 0.5) * 2.0**-52

    @njit
    def race_key(seed: int, run: int) -> int:
        """Key of one race: of the seed and the number of the run."""
        return bits(_mix(_U(seed) + _U(1)), 0, run, 0, 0)

    @njit
    def philox_key(key: int) -> int:
        """The key with which the same race draws by Philox."""
        shortened: int = key >> _U(32)
        return shortened


# ---- distributions --------------------------------------------------------------------------------------------------
# fmt: off
@njit
def normal_quantile(p: float) -> float:
    """Inverse of the standard normal distribution function (Wichura 1988, AS 241, PPND16; relative error 1e-16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                  + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
               + 133.14166789178437745) * r + 3.387132872796366608
        bottom = ((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                     + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
                  + 42.313330701600911252) * r + 1.0
        return q * top / bottom
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        top = ((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                  + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
               + 4.6303378461565452959) * r + 1.42343711074968357734
        bottom = ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                     + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
                  + 2.05319162663775882187) * r + 1.0
    else:
        r -= 5.0
        top = ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                  + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
               + 5.4637849111641143699) * r + 6.6579046435011037772
        bottom = ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                      + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r
                    + 0.0148753612908506148525) * r + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1.0
    return -top / bottom if q < 0.0 else top / bottom
# fmt: on


@njit
def normal(key: int, stream: int, entity: int, when: int, k: int) -> float:
    """Standard normal by inverse distribution function."""
    return normal_quantile(uniform(key, stream, entity, when, k))


@njit
def exponential(key: int, stream: int, entity: int, when: int, k: int) -> float:
    """Exponential of mean 1: the clock of a hazard, spent month by month."""
    return -math.log(uniform(key, stream, entity, when, k))


@njit
def poisson_quantile(u: float, mean: float) -> int:
    """Smallest count n with P(N <= n) >= u for N ~ Poisson(mean), monotone in u and on either side of 64 in the mean.

    Exact by sequential inversion below a mean of 64 (but for one draw in 10^12, cut short in the upper tail); above
    it the Cornish-Fisher expansion of third order, whose distribution function differs from the exact one by less
    than 0.001: where the mean passes 64 one draw in 500 falls by one count (tests/model/test_distributions.py).
    """
    if mean <= 0.0:
        return 0
    if mean < 64.0:
        probability = math.exp(-mean)
        total = probability
        count = 0
        within = min(u, 1.0 - 1e-12)  # a sum of rounded terms may never reach a u closer to 1
        while total < within:
            count += 1
            probability *= mean / count
            total += probability
        return count
    z = normal_quantile(u)
    skewed = (z * z - 1.0) / 6.0 - (z * z * z - z) / (72.0 * math.sqrt(mean))
    return max(0, math.floor(mean + z * math.sqrt(mean) + skewed + 0.5))


@njit
def log_gamma(a: float) -> float:
    """Logarithm of the gamma function (Stirling series after shifting to a >= 8), the same bits in both hosts."""
    shift = 0.0
    while a < 8.0:
        shift += math.log(a)
        a += 1.0
    r = 1.0 / (a * a)
    series = (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)))) / a
    return (a - 0.5) * math.log(a) - a + 0.9189385332046727418 + series - shift


@njit
def gamma_share(a: float, x: float) -> float:
    """Regularised lower incomplete gamma function P(a, x): series below a + 1, continued fraction above."""
    return share_below(a, x, math.log(x), log_gamma(a)) if x > 0.0 else 0.0


@njit
def share_below(a: float, x: float, log_x: float, log_gamma_a: float) -> float:
    """The same for x > 0, with its logarithm and that of the gamma function of a at hand."""
    front = math.exp(a * log_x - x - log_gamma_a)
    if x < a + 1.0:
        term = 1.0 / a
        total = term
        n = a
        while term > total * 1e-15:
            n += 1.0
            term *= x / n
            total += term
        return total * front
    b = x + 1.0 - a
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 500):
        numerator = -i * (i - a)
        b += 2.0
        d = 1.0 / (numerator * d + b)
        c = b + numerator / c
        h *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return 1.0 - front * h


@njit
def gamma_quantile(u: float, shape: float) -> float:
    """Quantile of Gamma(shape, scale 1): Wilson-Hilferty start, Newton steps kept within a bracket.

    Below the median the steps are taken on log P against log x, which is nearly a line there and bends no tail.
    From a shape of a million on the start stands: it is right to ten digits, and the steps would need a series of
    thousands of terms.
    """
    z = normal_quantile(u)
    root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * math.sqrt(shape))
    x = shape * root * root * root
    if shape >= 1e6:
        return x
    if x <= 0.0 or shape < 1.0:
        x = math.exp((math.log(u) + log_gamma(shape + 1.0)) / shape)
    if x < 1e-290:
        return x  # beyond what a number can tell from zero
    low = 0.0
    high = 1e300
    log_u, log_gamma_shape = math.log(u), log_gamma(shape)
    for _ in range(100):
        log_x = math.log(x)
        reached = share_below(shape, x, log_x, log_gamma_shape)
        if reached > u:
            high = x
        else:
            low = x
        density = math.exp((shape - 1.0) * log_x - x - log_gamma_shape)
        new = -1.0
        if density > 0.0 and reached > 0.0:
            if u < 0.5:
                new = x * math.exp(min(50.0, (log_u - math.log(reached)) * reached / (density * x)))
            else:
                new = x - (reached - u) / density
        if not low < new < high:
            new = 0.5 * (low + high) if high < 1e300 else 2.0 * x
        if abs(new - x) <= 1e-13 * x:
            return new
        x = new
    return x
