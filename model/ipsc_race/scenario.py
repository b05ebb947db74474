"""The typed scenario: every parameter of the world, declared once.

The tree of these classes *is* the tree of the YAML file, of `--set` paths, of an experiment's factor paths and of the
POLICY record that the rules read (`policy.py` derives its layout from here). A name ends in its unit; `quantities.py`
says which. Bounds written here are what can be meant at all (a share lies in 0..1); what is believed, its range, grade
and source, stands beside each value in `scenarios/*.yaml`.
"""

from typing import Annotated, Literal

from pydantic import Field

from ipsc_race.jurisdiction import Jurisdiction
from ipsc_race.mechanisms import Mechanisms
from ipsc_race.quantities import (
    INDICATIONS,
    JURISDICTIONS,
    METHODS,
    MODALITIES,
    RELEASE_TESTS,
    Amount,
    Block,
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
from ipsc_race.roster import Roster


class Span(Block):
    """The time simulated, and where its luck comes from."""

    start_month: Month
    """First month."""
    end_month: Month
    """Last month, included."""
    step_months: Annotated[float, Field(ge=0.01, le=1)]
    """Length of a step; hazards and rates scale with it, durations do not."""
    generator: Literal["splitmix", "philox"]
    """Which random numbers: keyed SplitMix64, or Philox, to see that no answer hangs on the first."""


class Optimism(Block):
    """Bias of what a trial reads, by its setting."""

    hospital_effect: Effect
    """In a hospital (investigator-initiated) study."""
    single_arm_effect: Effect
    """In a single-arm registration trial."""
    randomised_effect: Effect
    """In a randomised trial."""


class Science(Block):
    """What is known, how it grows, fades and travels (design section 2.3)."""

    knowledge_per_readout_count: Amount
    """Knowledge added in the home cell by a trial that reads out, whatever it says."""
    knowledge_decay_per_month: Rate
    """Exponential fading of knowledge."""
    spillover_share: Share
    """Part of the knowledge created elsewhere that arrives."""
    spillover_lag_months: Annotated[float, Field(ge=0, le=60)]
    """Delay before it arrives."""
    knowledge_effect: Effect
    """Gain in effect of a programme started with knowledge K, per log(1 + K)."""
    news_decay_per_month: Rate
    """Fading of visible successes and failures, which draw developers in and drive them out."""
    knowledge_per_usd_m: Rate
    """Knowledge that a million of public research money adds at home, over all indications by their start weight."""
    redundant_rivals_count: Annotated[int, Field(ge=0, le=10_000)]
    """A trial patient counts as redundant where at least so many other trials of the cell were recruiting."""
    method_effect_sd: Spread
    """What all products of one reprogramming method share (platform risk)."""


class Evidence(Block):
    """How an effect is read and when a developer goes on (design section 2.3)."""

    attrition: Literal["evidence", "exogenous"]
    """evidence: trials are read and regulators decide; exogenous: given success rates and durations (benchmarks)."""
    threshold_effect: Effect
    """Smallest effect worth having (theta_min)."""
    latent_effect_sd: Spread
    """Spread of true effects among programmes of an indication (tau)."""
    optimism: Optimism
    """Bias of what a trial reads, by setting."""
    continue_to_phase_2_probability: Share
    """A developer goes on from Phase 1 if P(effect > threshold) is at least this."""
    continue_to_phase_3_probability: Share
    """The same, from Phase 2."""
    proof_of_concept_probability: Share
    """A readout is a proof of concept if P(effect > threshold) is at least this."""
    harm_prior_patients: Positive
    """Weight of the prior on the harm rate, in patients (Gamma-Poisson)."""


class Trial(Block):
    """Design of one kind of trial."""

    enrolled_patients: Annotated[int, Field(ge=1, le=100_000)]
    """Patients wanted."""
    arms_count: Annotated[int, Field(ge=1, le=2)]
    """1: single arm, variance 1/n; 2: two arms, variance 4/n."""
    sites_count: Annotated[int, Field(ge=1, le=10_000)]
    """Sites wanted."""
    preparation_months: Months
    """From the decision for it to its permission, after another trial: protocol, advice, scale-up of manufacture."""
    analysis_months: Months
    """From the last visit to the readout."""
    fixed_usd_m_per_month: Amount
    """Cost of running it, beside the patients."""


class Trials(Block):
    """The kinds of trial, in order, and what all trials have in common."""

    size_log_sd: Spread
    """Spread of the number of patients wanted around the design."""
    start_up_log_sd: Spread
    """Spread of the months to the first patient around what is usual in the place."""
    accrual_failure_per_month: Rate
    """Hazard that a trial past its planned months of enrolment stops looking for patients."""
    least_read_share: Share
    """A trial that stops so is read with the patients it has if they are at least this share of those wanted."""

    hospital: Trial
    """Investigator-initiated study in the hospital lane."""
    phase_1: Trial
    """First registration trial."""
    phase_2: Trial
    """Exploratory randomised trial."""
    phase_3: Trial
    """Pivotal trial."""
    confirmation: Trial
    """Trial owed after a conditional approval; its size is set by the regulator."""


class Indication(Block):
    """A cell product and its lead disease."""

    cell_product: str
    """What is transplanted."""
    disease: str
    """For what."""
    start_weight: Rate
    """Relative frequency among new programmes."""
    mean_effect: Effect
    """Mean true effect of a first-generation product (mu)."""
    preclinical_months: Months
    """From programme start to a candidate ready for a first clinical application."""
    preclinical_usd_m_per_month: Amount
    """Its cost, at US prices."""
    early_follow_up_months: Months
    """Fixed follow-up in hospital studies, Phase 1 and 2: no population compresses it."""
    pivotal_follow_up_months: Months
    """Fixed follow-up in Phase 3 and confirmation."""
    patient_usd_m_per_patient: Amount
    """Cost of a trial patient, product included, at US prices."""
    harm_probability: Share
    """Mean probability of serious product-related harm per patient, of products that passed every release test."""
    harm_log_sd: Spread
    """Spread of that probability among programmes."""
    price_usd_m_per_patient: Amount
    """Reference price of one treatment (US)."""


class Method(Block):
    """A way to reprogramme cells."""

    available_month: Month
    """When a therapy developer can first use it."""
    line_derivation_months: Months
    """From donor to a banked line."""
    line_success_share: Annotated[float, Field(gt=0, le=1)]
    """Share of derivations that give a line; failures are repeated."""
    genomic_risk_multiplier: Annotated[float, Field(gt=0, le=1000)]
    """Harm relative to an integration-free line."""
    licence_usd_m: Amount
    """Price of the right to use it in a product."""
    royalty_share: Share
    """Part of sales that goes to who holds the rights in it."""
    clinical_switch: Switch
    """Whether its lines are fit for patients: an integrating vector's are not."""


class Modality(Block):
    """Whose cells a product is made of."""

    lead_months: Months
    """From a patient's enrolment to a dose made of that patient's own cells."""
    added_usd_m_per_patient: Amount
    """Cost of a trial patient beyond that of an allogeneic product, at US prices."""
    dose_cost_multiplier: Amount
    """Cost of making a dose relative to an allogeneic product."""
    harm_multiplier: Annotated[float, Field(ge=0, le=1000)]
    """Harm relative to an allogeneic product."""
    mean_effect: Effect
    """Effect beyond that of an allogeneic product (no rejection, a defect corrected)."""
    batch_doses: Positive
    """Doses in a batch: a bank of a donor's cells gives many, a patient's own cells one."""
    donor_cells_switch: Switch
    """Whether its cells come from a donor; embryonic cells always do."""


class ReleaseTest(Block):
    """A test of a batch or bank before use; tests run side by side."""

    duration_months: Months
    """How long it takes."""
    cost_usd_m: Amount
    """What it costs."""
    risk_removed_share: Annotated[float, Field(ge=0, le=0.99)]
    """Share of the hidden risk it finds."""


class Market(Block):
    """How a treatment spreads, and how sellers share it."""

    innovation_per_month: Rate
    """Bass 1969: adoption without example (p)."""
    imitation_per_month: Rate
    """Adoption by example (q)."""
    order_elasticity: Annotated[float, Field(ge=0, le=10)]
    """Share falls with the order of entry as order^-elasticity."""
    quality_log_share: Annotated[float, Field(ge=0, le=20)]
    """Share rises with the true effect as exp(this * effect)."""
    short_lead_months: Months
    """An earlier entrant counts in full after much more than this, half after this."""
    reinvestment_share: Share
    """Part of the profit from sales and royalties that stays in the developer; owners take the rest."""


class Licensing(Block):
    """Partners abroad who license, and leave; buyers, from anywhere."""

    offers_per_month: Rate
    """Hazard of an offer for a proven product by a partner from a market of weight 1."""
    bargaining_share: Share
    """Part of the surplus that the developer gets (Nash 1950)."""
    margin_share: Share
    """Part of sales that is profit, as both sides expect."""
    upfront_share: Share
    """Part of the developer's price paid at signature; the rest is royalties."""
    exits_per_month: Rate
    """Hazard that a partner leaves before approval."""
    buyouts_per_month: Rate
    """Hazard that a developer is bought, for each proven product."""


class Rounds(Block):
    """Size of a private round by the most advanced stage of the developer, at US prices."""

    preclinical_usd_m: Amount
    """Before a first human."""
    clinical_usd_m: Amount
    """In hospital studies, Phase 1 and 2."""
    pivotal_usd_m: Amount
    """In Phase 3 and later."""
    size_log_sd: Spread
    """Spread of sizes."""


class Grants(Block):
    """Size of a public grant by stage, relative to the one that its programme states."""

    clinical_multiplier: Positive
    """From the first patient to Phase 2."""
    pivotal_multiplier: Positive
    """In Phase 3 and later."""


class Outlook(Block):
    """What investors and developers expect a product to sell, and what they make of it."""

    treated_share_per_year: Share
    """Part of the eligible patients of a market whom a product would treat in a year, once established."""
    reference_usd_m_per_year: Positive
    """Sales with which rounds and new programmes are as stated."""
    sales_elasticity: Annotated[float, Field(ge=0, le=10)]
    """Rounds close faster and larger, and programmes are begun, by (sales / reference)^elasticity."""
    payback_months: Months
    """Profit of so long must cover a pivotal trial, or it is not begun."""


class Scenario(Block):
    """A world: everything that a race needs except the seed."""

    title: str
    """One line for figures and tables."""
    description: str
    """What it is for."""
    histories: tuple[str, ...]
    """What is on record of it: shipped histories by name, or files beside the scenario."""
    span: Span
    """Time."""
    blocs: dict[str, tuple[str, ...]]
    """Jurisdictions reported together."""
    science: Science
    """Knowledge."""
    evidence: Evidence
    """How evidence is read."""
    trials: Trials
    """Trial designs."""
    rounds: Rounds
    """Private rounds."""
    grants: Grants
    """Public grants."""
    outlook: Outlook
    """Expected sales."""
    market: Market
    """How treatments spread."""
    licensing: Licensing
    """Partners from abroad."""
    mechanisms: Mechanisms
    """What is switched on."""
    indications: Annotated[dict[str, Indication], Table("indications", INDICATIONS)]
    """Cell products."""
    methods: Annotated[dict[str, Method], Table("methods", METHODS)]
    """Reprogramming methods."""
    modalities: Annotated[dict[str, Modality], Table("modalities", MODALITIES)]
    """Whose cells products are made of."""
    release_tests: Annotated[dict[str, ReleaseTest], Table("release_tests", RELEASE_TESTS)]
    """Release tests."""
    jurisdictions: Annotated[dict[str, Jurisdiction], Table("jurisdictions", JURISDICTIONS)]
    """Jurisdictions."""
    roster: Roster = Roster(knowledge_count=0, developers={}, programmes={})
    """Named developers and programmes that are there when the race starts."""
