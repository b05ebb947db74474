"""The switches of what makes the answer non-obvious (design section 2.5): each can be taken out on its own.

Off means: the world without it. The first six were part of the first version of the model, the others came later; with
these off and those on, a race is that of the first version to the last bit (`scenarios/first-version.yaml`).
"""

from ipsc_race.quantities import Block, Switch


class Mechanisms(Block):
    """What is switched on."""

    hospital_discount_switch: Switch
    """Evidence from hospital studies counts less; off: as much as that of Phase 1 and 2."""
    saturation_switch: Switch
    """Trials of a cell share its patients and sites; off: each has them to itself."""
    spillover_switch: Switch
    """Knowledge made elsewhere arrives after a lag; off: it stays where it was made."""
    follower_quality_switch: Switch
    """Products conceived later start from more knowledge; off: no better than the first."""
    confirmation_switch: Switch
    """A conditional approval must be confirmed; off: it stands for ever."""
    follow_up_floor_switch: Switch
    """Each patient is followed for a fixed time; off: readouts wait for analysis only."""
    comparability_switch: Switch
    """Hospital-grade evidence may not carry over to GMP-grade cells; off: it does."""
    bridging_switch: Switch
    """A local study raises the credit of foreign evidence; off: it does not."""
    restrictions_switch: Switch
    """Borders between spheres restrict evidence, products and partners; off: open."""
    herding_switch: Switch
    """New programmes follow visible successes; off: they keep to the start weights."""
    rival_failures_switch: Switch
    """A rival's failure drives developers out of the field; off: only their own evidence does."""
    input_prices_switch: Switch
    """Costs rise with the number of trials at home; off: they do not."""
    soft_budget_switch: Switch
    """Public money keeps some failing developers and programmes alive; off: they end."""
    trust_switch: Switch
    """Harm and withdrawals tighten the regulators, across borders too; off: stringency is as given."""
    rivalry_switch: Switch
    """Regulators relax when another is ahead in approvals; off: they do not look."""
    manufacturing_switch: Switch
    """GMP capacity is shared, batches fail, makers learn; off: never short, never failing, never learning."""
    release_tests_switch: Switch
    """Release tests cost time and money and find hidden risk; off: risk as if all were done, at no cost."""
    modality_switch: Switch
    """Products are allogeneic, autologous or gene-corrected; off: all are allogeneic."""
    research_revenue_switch: Switch
    """Lines earn money in disease modelling and drug screening; off: they do not."""
    licensing_switch: Switch
    """Partners abroad license proven products, and may leave; off: developers go abroad alone."""
    buyouts_switch: Switch
    """Developers with proven products may be bought; off: they stay at home."""
    market_switch: Switch
    """Approved and translated products are sold; off: an approval is a milestone only."""
    price_ceiling_switch: Switch
    """Payers cap prices; off: they pay the market price."""
    translation_trap_switch: Switch
    """Developers whose product is sold in hospitals at home may stop there; off: all go on."""
    gate_spread_switch: Switch
    """A regulator asks a little more or less of each product; off: of all exactly what is stated."""
    dual_track_switch: Switch
    """Some developers register at home beside their hospital study; off: all wait for it to end."""
    joined_phases_switch: Switch
    """A phase may follow the one before without a new start; off: each starts anew."""
    resubmission_switch: Switch
    """A refused filing may come back; off: a refusal is the end of it."""
    accrual_failure_switch: Switch
    """Trials far behind their plan stop looking for patients; off: they go on for ever."""
    trial_variety_switch: Switch
    """Trials differ in size by place and by luck, and in start-up by luck; off: all are as designed."""
    prescreening_switch: Switch
    """The first patient is found while a trial starts up; off: the search begins when it opens."""
    early_abroad_switch: Switch
    """Developers who go abroad in parallel do so as soon as they file at home; off: after a proof of concept."""
    catchment_switch: Switch
    """A site finds patients by how many are left in its catchment; off: at its own rate, whatever the pool."""
    sales_outlook_switch: Switch
    """Investors and developers look at the sales that they expect; off: at stage and mood only."""
    state_capital_switch: Switch
    """The equity part of public budgets closes rounds; off: it is given as grants."""
    institutions_switch: Switch
    """Institutes turn research money into knowledge, founders and studies; off: it is given as grants."""
    clinical_methods_switch: Switch
    """A programme takes a method that is fit for patients when it starts; off: its developer's, of the founding."""
    embryonic_switch: Switch
    """Embryonic-cell products run in the same race, some of them begun before it; off: there are none."""
