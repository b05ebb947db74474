"""The typed parameters of one jurisdiction: developers, money, patients, sites, the hospital lane and the regulator."""

from typing import Annotated, Literal

from pydantic import Field

from ipsc_race.quantities import (
    INDICATIONS,
    METHODS,
    PUBLIC_PROGRAMMES,
    Amount,
    Block,
    Count,
    Effect,
    Month,
    Months,
    Positive,
    Rate,
    Share,
    Spread,
    Switch,
    Table,
)


class Companies(Block):
    """Developers (companies and academic groups that act as sponsors) of a jurisdiction."""

    initial_count: Annotated[int, Field(ge=0, le=10_000)]
    """Developers already there in the first month."""
    founding_per_month: Rate
    """Expected foundings at sentiment 1 and without human proof."""
    founding_knowledge_elasticity: Annotated[float, Field(ge=0, le=10)]
    """Growth of foundings with known results: rate times (1 + elasticity * log(1 + knowledge))."""
    seed_usd_m: Amount
    """Cash at founding."""
    overhead_usd_m_per_month: Amount
    """Cost of existing."""
    capability_log_sd: Spread
    """Spread of the pace of preclinical work."""
    start_cover_share: Share
    """A trial starts when cash covers this share of its expected cost."""
    programmes_count: Annotated[int, Field(ge=0, le=250)]
    """Most programmes that one developer starts."""
    next_programme_per_month: Rate
    """Hazard of starting another programme while there is money for it."""
    abroad_first_share: Share
    """Share of developers that take the registration lane abroad before home."""
    parallel_share: Share
    """Share that go abroad as soon as there is a proof of concept."""
    abroad_per_month: Rate
    """Hazard of opening a campaign in one more country, once the strategy allows it."""


class PublicProgramme(Block):
    """A named public funding programme."""

    start_month: Month
    """First month in which it pays."""
    end_month: Month
    """Last month in which it pays."""
    budget_usd_m_per_year: Amount
    """What it spends on developers of iPSC therapies."""
    grant_usd_m: Positive
    """Size of one grant."""
    clinical_switch: Switch
    """Whether it also pays for programmes that are past their first human."""
    merit_elasticity: Annotated[float, Field(ge=0, le=10)]
    """0: every eligible developer alike; higher: more to those whose evidence is better."""


class Funding(Block):
    """Public and private money of a jurisdiction."""

    public: Annotated[dict[str, PublicProgramme], Table("own", PUBLIC_PROGRAMMES)]
    """Named public programmes."""
    grant_term_months: Months
    """A programme with a grant gets no other for so long, and attracts (or repels) private money."""
    capital_multiplier: Amount
    """Size of private rounds relative to the US."""
    round_per_month: Rate
    """Hazard that a developer in need closes a round, at sentiment 1."""
    runway_months: Months
    """A developer with less runway than this is raising."""
    crowding_in_share: Annotated[float, Field(ge=-1, le=10)]
    """Relative rise of that hazard for a developer with a running grant (below 0: crowding out)."""
    sentiment_reversion_per_month: Rate
    """Return of sentiment to 1."""
    sentiment_log_sd: Spread
    """Noise of log sentiment per square root of a month."""
    success_news_log: Effect
    """Change of log sentiment by a proof of concept or a positive pivotal readout anywhere."""
    failure_news_log: Effect
    """By a failed pivotal readout or a withdrawal anywhere."""
    approval_news_log: Effect
    """By an approval anywhere."""
    hold_news_log: Effect
    """By a clinical hold at home."""


class Patients(Block):
    """Patients of one indication in one jurisdiction."""

    prevalent_patients: Amount
    """Patients alive with the disease."""
    incident_patients_per_month: Rate
    """New patients."""
    eligible_share: Share
    """Share that a cell-therapy trial would accept and could reach."""


class Sites(Block):
    """Trial sites of a jurisdiction."""

    capacity_count: Count
    """Sites that can run cell-therapy trials of one indication, shared by its trials."""
    accrual_patients_per_site_month: Rate
    """Mean patients that an active site intends to enrol in a month."""
    accrual_shape: Positive
    """Shape of the gamma distribution of that rate among sites (Anisimov & Fedorov 2007)."""
    activation_months: Months
    """From the first to the last site active, linearly."""
    cost_multiplier: Positive
    """Cost of a trial patient and of preclinical work relative to the US."""


class Manufacturing(Block):
    """Making doses. Batch failure, learning and slots come with the mechanisms of making cells."""

    trial_doses_per_month: Amount
    """Doses for trials that a developer can make in a month, each programme."""


class HospitalLane(Block):
    """Investigator-initiated clinical studies under the health ministry, outside the drug regulator."""

    open_switch: Switch
    """Whether the lane exists."""
    use_share: Share
    """Share of developers that go through it first."""
    licensed_hospitals_count: Annotated[float, Field(ge=0, le=1e6)]
    """Hospitals that may open such studies."""
    studies_per_hospital_year: Rate
    """Studies of iPSC products that a hospital can take on (`_per_hospital_year`)."""
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


class ConditionalRoute(Block):
    """Approval on early evidence, against a promise."""

    open_switch: Switch
    """Whether the route exists."""
    bar_probability: Share
    """P(effect > threshold) asked, on credited evidence."""
    least_patient_equivalents: Amount
    """Least credited information."""
    confirmation_patients: Annotated[int, Field(ge=1, le=100_000)]
    """Patients that the holder must add."""
    deadline_months: Months
    """Time to do it."""
    confirmation_probability: Share
    """P(effect > threshold) asked at the end; below it the product is withdrawn."""


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
    ind_review_months: Months
    """From filing to a decision, as realised."""
    ind_capacity_count: Amount
    """Applications reviewed at full speed at a time; more of them share that capacity."""
    ind_hold_probability: Share
    """Probability that the review ends in a hold."""
    hold_months: Months
    """Mean duration of a hold that is lifted (exponential)."""
    hold_lift_probability: Share
    """Probability that a hold is ever lifted."""
    foreign_sponsor_months: Months
    """Extra time for a sponsor from abroad (human genetic resources approval and the like)."""
    start_up_months: Months
    """From IND to the first patient: ethics, contracts, site initiation."""
    own_credit: Credit
    """Credit for evidence raised at home."""
    foreign_credit: Credit
    """Credit for evidence raised abroad, before the portability of its origin."""
    portability_share: Share
    """How much of evidence raised here other regulators are ready to count (GCP, ICH, ethnicity, trust)."""
    prior_effect_sd: Annotated[float, Field(gt=0, le=100)]
    """Standard deviation of the regulator's skeptical prior N(0, sd^2)."""
    phase_2_entry_patient_equivalents: Amount
    """Credited information with which a programme may start in Phase 2."""
    phase_3_entry_patient_equivalents: Amount
    """Credited information with which a programme may start in Phase 3."""
    full_bar_probability: Share
    """P(effect > threshold) asked for a full approval, at stringency 0."""
    full_least_patient_equivalents: Amount
    """Least credited information from pivotal trials for a full approval."""
    stringency: Amount
    """Tightening s >= 0 of every bar: 1 - (1 - bar) / (1 + s)."""
    harm_bar_probability: Share
    """Largest posterior mean probability of serious harm per patient that is approved."""
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


class ExogenousStage(Block):
    """A stage with given success and duration."""

    success_probability: Share
    """Probability to pass."""
    duration_months: Months
    """Duration, or its mean."""


class Exogenous(Block):
    """Given stages, read only where evidence.attrition is exogenous."""

    durations: Literal["fixed", "exponential"]
    """Shape of the durations."""
    preclinical: ExogenousStage
    """Until the IND is filed."""
    phase_1: ExogenousStage
    """Phase 1."""
    phase_2: ExogenousStage
    """Phase 2."""
    phase_3: ExogenousStage
    """Phase 3, to filing."""
    review: ExogenousStage
    """Filing to approval."""


class Jurisdiction(Block):
    """A country or union with its developers, money, patients and regulator."""

    label: str
    """Name on figures."""
    draw_key: Annotated[int, Field(ge=1, le=255)]
    """Key of its random numbers; exchange it with the parameters and the histories are exchanged."""
    market_weight: Rate
    """Pull of this market on developers who go abroad."""
    companies: Companies
    """Developers."""
    method_weight: Annotated[dict[str, Rate], Table("methods", METHODS)]
    """Adoption of each reprogramming method by new developers, relative."""
    funding: Funding
    """Money."""
    patients: Annotated[dict[str, Patients], Table("indications", INDICATIONS)]
    """Patients of each indication."""
    sites: Sites
    """Trial sites."""
    manufacturing: Manufacturing
    """Making doses."""
    hospital_lane: HospitalLane
    """The lane outside the drug regulator."""
    regulation: Regulation
    """The drug regulator."""
    exogenous: Exogenous
    """Given stages, for benchmarks."""
