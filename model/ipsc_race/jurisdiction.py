"""The typed parameters of one jurisdiction: developers, money, patients, sites, making doses, market."""

from typing import Annotated, Literal

from pydantic import Field

from ipsc_race.authorities import Borders, HospitalLane, Regulation, Trust
from ipsc_race.quantities import (
    INDICATIONS,
    INSTITUTES,
    METHODS,
    MODALITIES,
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
    initial_progress_share: Share
    """Most of the preclinical work of their first programme that is behind them then."""
    embryonic_share: Share
    """Share of new programmes whose product is made of embryonic cells."""
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
    """Share that go abroad beside their registration at home."""
    abroad_per_month: Rate
    """Hazard of opening a campaign in one more country, once the strategy allows it."""
    reach_abroad_share: Share
    """Part of a foreign market's value that a developer from here could realise without a partner."""
    research_usd_m_per_month: Amount
    """Income of a developer from lines for disease modelling and drug screening."""


class PublicProgramme(Block):
    """A named public funding programme."""

    start_month: Month
    """First month in which it pays."""
    end_month: Month
    """Last month in which it pays."""
    budget_usd_m_per_year: Amount
    """What it spends on developers of iPSC therapies."""
    equity_share: Share
    """Part of the budget that buys into private rounds (state venture capital, guidance funds)."""
    research_share: Share
    """Part of the budget that pays institutes for research."""
    grant_usd_m: Positive
    """Size of one grant to a programme before its first patient; the rest of the budget is given so."""
    clinical_switch: Switch
    """Whether it also pays for programmes that are past their first human."""
    merit_elasticity: Annotated[float, Field(ge=0, le=10)]
    """0: every eligible developer alike; higher: more to those whose evidence is better."""
    soft_budget_share: Share
    """Share of developers whose bills it pays and whose failing programmes it keeps alive (soft budget)."""


class Funding(Block):
    """Public and private money of a jurisdiction."""

    public: Annotated[dict[str, PublicProgramme], Table("own", PUBLIC_PROGRAMMES)]
    """Named public programmes."""
    budget_multiplier: Amount
    """All their budgets relative to what each states: a lever."""
    grant_term_months: Months
    """A programme with a grant gets no other for so long, and attracts (or repels) private money."""
    capital_multiplier: Amount
    """Size of private rounds relative to the US."""
    state_round_multiplier: Amount
    """Size of a round of state investors relative to a private one in the US."""
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


class Institute(Block):
    """A university, hospital or public institute: it does research, and studies of its own that cannot go bankrupt."""

    research_weight: Rate
    """Its part of the research money of the jurisdiction, relative."""


class Research(Block):
    """What the institutes of a jurisdiction make of research money, beside knowledge."""

    founders_per_usd_m: Rate
    """Developers founded out of institutes for each million."""
    studies_share: Share
    """Part of the money that is kept for investigator-led studies."""


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
    """Mean patients that an active site can enrol in a month where patients abound."""
    catchments_count: Annotated[float, Field(ge=0.001, le=1e6)]
    """Catchments over which the eligible patients of an indication are spread; a site finds those of its own."""
    finding_per_month: Rate
    """Hazard that a trial finds an eligible patient of its catchment, while there are few."""
    accrual_shape: Positive
    """Shape of the gamma distribution of that rate among sites (Anisimov & Fedorov 2007)."""
    activation_months: Months
    """From the first to the last site active, linearly."""
    trial_size_multiplier: Positive
    """Patients and sites wanted by a trial here relative to the common design."""
    cost_multiplier: Positive
    """Cost of a trial patient and of preclinical work relative to the US."""


class Manufacturing(Block):
    """Making doses: a programme's own rate, and the GMP capacity that all developers of a jurisdiction share."""

    trial_batches_per_month: Amount
    """Batches for trials that a developer can make in a month, each programme."""
    capacity_batches_per_month: Amount
    """Batches for trials and patients that all its plants can make at first."""
    expansion_per_month: Rate
    """Growth of that capacity while it is short."""
    batch_failure_probability: Share
    """Probability that a month's batch of a programme fails release, before learning."""
    dose_usd_m_per_patient: Amount
    """Cost of making a dose, before learning."""
    learning_share: Annotated[float, Field(ge=0, le=0.9)]
    """Fall of cost and failures with each doubling of the developer's doses (Wright 1936)."""
    reference_doses: Positive
    """Doses from which learning counts."""


class Crowding(Block):
    """How developers and prices respond to what others do."""

    herding_elasticity: Annotated[float, Field(ge=0, le=10)]
    """New programmes follow visible successes: weight times (1 + elasticity * log(1 + successes))."""
    rival_failure_exit_per_month: Rate
    """Hazard that a programme leaves its indication, for each visible failure in it of others."""
    input_capacity_count: Annotated[float, Field(ge=0.001, le=1e9)]
    """Trials of home developers at which inputs cost 2^elasticity times what they cost without any."""
    input_growth_per_month: Rate
    """Growth of that supply while more trials are under way."""
    input_price_elasticity: Annotated[float, Field(ge=0, le=10)]
    """Costs times (1 + trials / capacity)^elasticity."""


class HomeMarket(Block):
    """Selling treatments in a jurisdiction."""

    price_multiplier: Amount
    """Price relative to the reference price of the indication."""
    price_ceiling_usd_m_per_patient: Amount
    """Highest price that payers allow."""
    coverage_share: Share
    """Share of eligible patients for whom somebody pays."""
    treatment_patients_per_month: Rate
    """Patients whom all treatment centres can take at first."""
    expansion_per_month: Rate
    """Growth of that capacity while it is short."""


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
    modality_weight: Annotated[dict[str, Rate], Table("modalities", MODALITIES)]
    """Adoption of each modality by new developers, relative."""
    funding: Funding
    """Money."""
    institutes: Annotated[dict[str, Institute], Table("own", INSTITUTES)]
    """Named institutes."""
    research: Research
    """What research money brings."""
    crowding: Crowding
    """Response to rivals."""
    pool_multiplier: Amount
    """Patients of every indication relative to what each states: a lever."""
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
    trust: Trust
    """How harm becomes caution."""
    borders: Borders
    """What may cross the border."""
    market: HomeMarket
    """Selling treatments."""
    exogenous: Exogenous
    """Given stages, for benchmarks."""
