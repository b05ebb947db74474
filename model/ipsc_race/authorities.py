"""The typed parameters of a jurisdiction's authorities: the hospital lane, the drug regulator, trust and borders."""

from typing import Annotated

from pydantic import Field

from ipsc_race.quantities import (
    RELEASE_TESTS,
    Amount,
    Block,
    Effect,
    Months,
    Positive,
    Rate,
    Share,
    Spread,
    Switch,
    Table,
)


class HospitalLane(Block):
    """Investigator-initiated clinical studies under the health ministry, outside the drug regulator."""

    open_switch: Switch
    """Whether the lane exists."""
    use_share: Share
    """Share of developers that go through it."""
    dual_track_share: Share
    """Of those, the share that register at home at the same time; the others wait for the study to end."""
    licensed_hospitals_count: Annotated[float, Field(ge=0, le=1e6)]
    """Hospitals that may open such studies."""
    studies_per_hospital_year: Rate
    """Studies of iPSC products that a hospital can take on (`_per_hospital_year`)."""
    capacity_growth_per_month: Rate
    """Growth of what they can take on while more is asked."""
    review_months: Months
    """Ethics review and filing."""
    start_up_months: Months
    """From permission to the first patient."""
    cost_multiplier: Positive
    """Cost of a patient relative to a registration trial in the same place."""
    preparation_share: Share
    """Part of the preclinical work that must be done before a first patient (a registration trial needs all)."""
    target_probability: Share
    """A readout with P(effect > threshold) below this leads to a redesign."""
    redesigns_count: Annotated[int, Field(ge=0, le=20)]
    """Most redesigns of one programme."""
    redesign_months: Months
    """Time for one."""
    redesign_effect: Effect
    """Gain of the first redesign."""
    redesign_shrink_share: Share
    """Each further gain as a share of the one before."""
    translation_switch: Switch
    """Whether a product proven in the lane may be sold to patients at home without a marketing approval."""
    translation_probability: Share
    """Posterior P(effect > threshold) asked for that, all evidence at the home regulator's credit."""
    translation_review_months: Months
    """Time to decide on it."""
    translation_usd_m_per_patient: Amount
    """What a patient treated so pays."""
    translation_patients_per_month: Rate
    """Patients whom a licensed hospital can treat so."""
    translation_trap_share: Share
    """Share of developers that stop at it: they neither register nor go abroad with the product on their own."""
    comparability_probability: Share
    """Probability that evidence on hospital-grade cells carries over to GMP-grade cells."""
    release_test_switch: Annotated[dict[str, Switch], Table("release_tests", RELEASE_TESTS)]
    """Release tests demanded before a first patient in this lane."""


class Gate(Block):
    """What a regulator asks before it opens a gate, of the credited evidence and of patients counted by heads."""

    bar_probability: Share
    """P(effect > threshold) asked, on credited evidence, at stringency 0."""
    least_patients: Amount
    """Patients asked in trials, wherever they were treated."""
    least_local_patients: Amount
    """Of them, patients treated here."""
    randomised_share: Share
    """Share of products of which a randomised trial is asked."""
    harm_bar_probability: Share
    """Largest posterior mean probability of serious harm per patient that is let through."""


class ConditionalRoute(Block):
    """Approval on early evidence, against a promise; closed to products whose pivotal trial has been read."""

    open_switch: Switch
    """Whether the route exists."""
    approval: Gate
    """What it asks."""
    confirmation_patients: Annotated[int, Field(ge=1, le=100_000)]
    """Patients that the holder must add."""
    deadline_months: Months
    """Time to do it."""
    confirmation: Gate
    """What is asked at the end; without it the product is withdrawn."""


class Credit(Block):
    """How much of the information of each grade a regulator counts (power prior, Ibrahim & Chen 2000)."""

    hospital_share: Share
    """Of evidence from hospital studies."""
    exploratory_share: Share
    """Of evidence from Phase 1 and 2."""
    pivotal_share: Share
    """Of evidence from Phase 3."""


class Regulation(Block):
    """The drug regulator of a jurisdiction and what it takes to satisfy it."""

    ind_preparation_months: Months
    """GMP bank, toxicology and file, before an IND (or clinical trial application)."""
    repeat_preparation_share: Share
    """Part of that work which remains where another IND of the product was prepared before."""
    ind_review_months: Months
    """From filing to a decision, as realised."""
    ind_capacity_count: Amount
    """Applications reviewed at full speed at a time; more of them share that capacity."""
    capacity_growth_per_month: Rate
    """Growth of the capacities for INDs and filings, each while it is short: desks are staffed for their trade."""
    ind_hold_probability: Share
    """Probability that the review ends in a hold."""
    hold_months: Months
    """Mean duration of a hold that is lifted (exponential)."""
    hold_lift_probability: Share
    """Probability that a hold is ever lifted."""
    foreign_sponsor_months: Months
    """Extra time for a sponsor from abroad (human genetic resources approval and the like)."""
    start_up_months: Months
    """From IND to the first patient, as realised in the median: ethics, contracts, sites, screening."""
    own_credit: Credit
    """Credit for evidence raised at home."""
    foreign_credit: Credit
    """Credit for evidence raised abroad, before the portability of its origin."""
    portability_share: Share
    """How much of evidence raised here other regulators are ready to count (GCP, ICH, ethnicity, trust)."""
    bridging_patients: Positive
    """Patients treated here with which foreign evidence has all the credit that a bridging study can restore."""
    bridging_share: Share
    """Part of the missing credit that it restores."""
    hospital_patients_share: Share
    """How much of a patient of a hospital study counts where a gate asks for patients."""
    release_test_switch: Annotated[dict[str, Switch], Table("release_tests", RELEASE_TESTS)]
    """Release tests demanded before a first patient under an IND."""
    prior_effect_sd: Annotated[float, Field(gt=0, le=100)]
    """Standard deviation of the regulator's skeptical prior N(0, sd^2)."""
    phase_2_entry: Gate
    """What lets a programme start in Phase 2; who has run Phase 1 here may go on to Phase 2 without it."""
    phase_3_entry: Gate
    """What lets a programme start in Phase 3; who has run Phase 2 here may go on to Phase 3 without it."""
    full: Gate
    """What a full approval asks."""
    bar_probit_sd: Spread
    """Spread of each bar among products, in probits."""
    least_patients_log_sd: Spread
    """Spread of each least number of patients among products."""
    joined_phases_share: Share
    """Share of phases that may follow the one before without a new start (Phase 1/2, 2/3)."""
    stringency: Amount
    """Tightening s >= 0 of every bar: 1 - (1 - bar) / (1 + s)."""
    harm_bar_probability: Share
    """Largest posterior mean probability of serious harm per patient with which a trial, or a sale, goes on."""
    conditional: ConditionalRoute
    """The conditional route."""
    filing_months: Months
    """From the deciding readout to the filing."""
    approval_review_months: Months
    """From filing to decision, as realised, not the legal clock."""
    approval_capacity_count: Amount
    """As for INDs."""
    manufacturing_pass_probability: Share
    """Probability that the plant passes the inspection of a filing."""
    resubmission_share: Share
    """Share of refused filings whose fault can be mended."""
    resubmission_months: Months
    """From refusal to the next filing."""


class Trust(Block):
    """How harm becomes caution: salience of harm, tightening of bars, and the pull of a rival's speed."""

    hospital_harm_multiplier: Amount
    """A serious harm in the hospital lane is felt as so many in a registration trial."""
    withdrawal_multiplier: Amount
    """A withdrawal is felt as so many serious harms."""
    contagion_share: Share
    """Part of what is felt elsewhere that is felt here."""
    salience_decay_per_month: Rate
    """Forgetting."""
    harm_stringency: Amount
    """Tightening of every bar for each serious harm still felt."""
    relaxation_per_month: Rate
    """Return of that tightening to nothing, once salience has gone."""
    outside_harms_per_month: Rate
    """Serious harms felt that come from outside the model: a scandal, dated."""
    rival_speed_elasticity: Annotated[float, Field(ge=0, le=10)]
    """Bars and reviews relax by (1 + lead)^-elasticity, lead: approvals by which the fastest regulator is ahead."""


class Borders(Block):
    """What may cross the border; restrictions hold between jurisdictions of different spheres."""

    sphere_key: Annotated[int, Field(ge=1, le=255)]
    """Jurisdictions of one key are open to each other."""
    evidence_export_share: Share
    """Part of the evidence raised here that may be shown in another sphere (human genetic resources)."""
    product_export_share: Share
    """Pace at which developers from here may enter another sphere, relative to no restriction."""
    foreign_entry_share: Share
    """Pace at which developers, products and buyers from another sphere may enter here."""
    political_wedge_share: Share
    """Part of a licence's value lost to political risk when the partner here takes it from another sphere."""
