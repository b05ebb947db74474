"""What a set of trials lets a reader believe: information, credit, posterior, bars. Pure formulas (design section 2.3).

A trial of n patients reads x ~ N(effect + optimism, v), v = arms^2 / n. The ledger keeps information 1/v and score x/v.
A reader counts each entry with a credit w in 0..1 (a power prior: Ibrahim & Chen 2000, doi:10.1214/ss/1009212673) and
adds a normal prior; the posterior is normal. Beside information, which moves beliefs, the ledger counts patients by
heads, which meet the minima of law and custom: a randomised trial of 40 is information 10 and forty patients.
"""

from __future__ import annotations

import math
from typing import Any

from ipsc_race.host import njit
from ipsc_race.milestones import EXPLORATORY_GRADE, HOSPITAL_GRADE, PIVOTAL_GRADE


@njit
def normal_share(z: float) -> float:
    """Standard normal distribution function."""
    return 0.5 * math.erfc(-z * 0.7071067811865476)


@njit
def trial_variance(patients: int, arms: int) -> float:
    """Sampling variance of the standardised effect: 1/n in one arm, 4/n for the difference of two arms of n/2."""
    return arms * arms / patients


@njit
def probability_above(threshold: float, information: float, score: float, prior_mean: float, prior_sd: float) -> float:
    """Posterior P(effect > threshold) of a normal reader."""
    prior_information = 1.0 / (prior_sd * prior_sd)
    precision = information + prior_information
    mean = (score + prior_mean * prior_information) / precision
    return normal_share((mean - threshold) * math.sqrt(precision))


@njit
def tightened(probability: float, stringency: float) -> float:
    """A bar under stringency s > -1: 1 - (1 - bar) / (1 + s); s = 0 leaves it, s -> infinity asks for certainty."""
    return 1.0 - (1.0 - probability) / (1.0 + stringency)


@njit
def graded(credit: Any, grade: int) -> float:
    """Credit for a grade of evidence."""
    if grade == HOSPITAL_GRADE:
        return credit.hospital_share
    if grade == EXPLORATORY_GRADE:
        return credit.exploratory_share
    return credit.pivotal_share


@njit
def credit(policy: Any, regulator: int, origin: int, grade: int, bridged_share: float) -> float:
    """How much of the evidence of a grade, raised in `origin`, the regulator of `regulator` counts.

    A bridging study shows that what was found abroad holds here; it makes no hospital study a trial, so credit rises
    towards that of the same grade at home. What a border withholds is not there to be counted, bridged or not.
    """
    rules = policy.jurisdictions[regulator].regulation
    if grade == HOSPITAL_GRADE and not policy.mechanisms.hospital_discount_switch:
        grade = EXPLORATORY_GRADE
    if origin == regulator:
        return graded(rules.own_credit, grade)
    counted = graded(rules.foreign_credit, grade) * policy.jurisdictions[origin].regulation.portability_share
    counted += max(0.0, graded(rules.own_credit, grade) - counted) * rules.bridging_share * bridged_share
    return counted * evidence_border_share(policy, origin, regulator)


@njit
def are_apart(policy: Any, here: int, there: int) -> bool:
    """Whether two jurisdictions are of different spheres, between which borders restrict."""
    one, other = policy.jurisdictions[here].borders, policy.jurisdictions[there].borders
    return policy.mechanisms.restrictions_switch and one.sphere_key != other.sphere_key


@njit
def evidence_border_share(policy: Any, origin: int, regulator: int) -> float:
    """Part of the evidence raised in `origin` that may be shown to a regulator."""
    return policy.jurisdictions[origin].borders.evidence_export_share if are_apart(policy, origin, regulator) else 1.0


@njit
def bridged_share(policy: Any, programme: Any, regulator: int) -> float:
    """How far a bridging study is done: local patients in registration trials over those that it takes, at most 1."""
    if not policy.mechanisms.bridging_switch:
        return 0.0
    own = programme.ledger[regulator].patients
    found: float = own[EXPLORATORY_GRADE] + own[PIVOTAL_GRADE]
    return min(1.0, found / policy.jurisdictions[regulator].regulation.bridging_patients)


@njit
def credited(policy: Any, programme: Any, regulator: int) -> tuple[float, float]:
    """What a regulator counts of all evidence: information, in patients of one arm, and the sum of x/v."""
    information, score = 0.0, 0.0
    bridged = bridged_share(policy, programme, regulator)
    for origin in range(policy.n_jurisdictions):
        found = programme.ledger[origin]
        for grade in range(PIVOTAL_GRADE + 1):
            if found.information[grade] > 0.0:
                counted = credit(policy, regulator, origin, grade, bridged)
                information += counted * found.information[grade]
                score += counted * found.score[grade]
    return information, score


@njit
def shown_patients(policy: Any, programme: Any, regulator: int, origin: int) -> float:
    """Patients by heads, treated in `origin`, that a regulator is shown; those of hospital studies count in part."""
    heads = programme.ledger[origin].patients
    part = policy.jurisdictions[regulator].regulation.hospital_patients_share
    counted: float = part * heads[HOSPITAL_GRADE] + heads[EXPLORATORY_GRADE] + heads[PIVOTAL_GRADE]
    return counted * evidence_border_share(policy, origin, regulator)


@njit
def patients_shown(policy: Any, programme: Any, regulator: int) -> float:
    """All of them, wherever they were treated."""
    total = 0.0
    for origin in range(policy.n_jurisdictions):
        total += shown_patients(policy, programme, regulator, origin)
    return total


@njit
def has_evidence(policy: Any, programme: Any) -> bool:
    """Whether any trial of the current version has been read anywhere."""
    information, _ = at_face_value(policy, programme)
    return information > 0.0


@njit
def has_randomised_trial(policy: Any, programme: Any) -> bool:
    """Whether a randomised trial of the current version has been read anywhere."""
    patients = 0.0
    for origin in range(policy.n_jurisdictions):
        patients += programme.ledger[origin].randomised_patients
    return patients > 0.0


@njit
def regulator_belief(policy: Any, programme: Any, regulator: int) -> float:
    """P(effect > threshold) of a skeptical regulator, prior N(0, sd^2), on credited evidence."""
    information, score = credited(policy, programme, regulator)
    spread = policy.jurisdictions[regulator].regulation.prior_effect_sd
    return probability_above(policy.evidence.threshold_effect, information, score, 0.0, spread)


@njit
def at_face_value(policy: Any, programme: Any) -> tuple[float, float]:
    """All evidence, wherever it was raised: information, in patients of one arm, and the sum of x/v."""
    information, score = 0.0, 0.0
    for origin in range(policy.n_jurisdictions):
        for grade in range(PIVOTAL_GRADE + 1):
            information += programme.ledger[origin].information[grade]
            score += programme.ledger[origin].score[grade]
    return information, score


@njit
def developer_belief(policy: Any, programme: Any) -> float:
    """P(effect > threshold) of the developer: all evidence at face value, prior of the indication."""
    information, score = at_face_value(policy, programme)
    spread = max(policy.evidence.latent_effect_sd, 1e-6)  # a world without spread has a certain prior
    return probability_above(policy.evidence.threshold_effect, information, score, programme.prior_effect, spread)


@njit
def harm_belief(policy: Any, programme: Any, prior_probability: float) -> float:
    """Posterior mean probability of serious harm per patient (Gamma-Poisson)."""
    weight = policy.evidence.harm_prior_patients
    return (prior_probability * weight + programme.harms_count) / (weight + programme.patients_count)


@njit
def is_safe(policy: Any, programme: Any, harm_bar_probability: float, stringency: float) -> bool:
    """Whether the harm that is believed in lies under a bar, which stringency lowers."""
    believed = harm_belief(policy, programme, policy.indications[programme.indication].harm_probability)
    return believed <= harm_bar_probability / (1.0 + stringency)
