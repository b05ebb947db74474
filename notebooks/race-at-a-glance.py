# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The race at a glance
#
# Will China's public money, large patient populations and more permissive rules bring its companies to clinical
# milestones in iPSC medicine before those of the West, and does that become a lasting advantage?
#
# The question is three, and no score mixes them: who treats a **first patient**; who has a **first approval**, at home
# and anywhere; and who has a **durable advantage**, that is, who holds the market at the horizon. This notebook answers
# them in the baseline world, and then in worlds beside it that differ in one thing each.
#
# It can be read without its code. Every number is computed from stored races; none is typed. In brackets after a number
# stands its 95% interval.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
from pathlib import Path

from IPython.display import Image, Markdown, display

from ipsc_race_lab.figures import comparison as comparison_figures
from ipsc_race_lab.figures import glance as glance_figures
from ipsc_race_lab.figures import style
from ipsc_race_lab.figures.inline import png
from ipsc_race_lab.results.stored import stored, stored_baseline
from ipsc_race_lab.wording import glance, telling
from ipsc_race_lab.wording.comparison import worth_of_pairing

RESULTS = Path("../results")  # your own finished races come first, then the committed numbers

answer = stored_baseline(RESULTS)
sisters = stored("sisters", RESULTS)
levers = stored("levers", RESULTS)
Markdown(glance.sources(answer, sisters, levers))

# %% [markdown]
# ## In one paragraph

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(glance.paragraph(answer, sisters, levers))

# %% [markdown]
# ## The baseline: three questions
#
# The baseline holds what is on record of the four jurisdictions by mid-2026, and assumptions where nothing is. A race
# runs from 2010; each is the same world with other luck.
#
# *P(China leads the West)* is the share of races in which a Chinese company is there before any American or European
# one, a tie counting half. The *lead* is the mean difference in months, negative where China is later. With Japan in
# the race, leading the West is not being first of all: the last column tells that. In the market *China leads* means a
# larger revenue in the last twelve months: **by origin** whose product is sold, **by capture** who holds the right to
# sell it and gets the money.
#
# The verdict names who is more likely than not to lead. *Insufficient evidence* stands where the interval of the
# probability holds one half, and is an answer.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
display(Markdown(glance.baseline_table(answer)), Markdown(glance.months_table(answer)))

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Image(png(glance_figures.baseline_figure(answer)))

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(glance.baseline_words(answer))

# %% [markdown]
# How far is the world itself known? The same chances over worlds whose numbers could have made what is on record by
# mid-2026: *90% of worlds* is how far the chance differs between them, the *numbers' part* the share of the variance
# of single races that better numbers could take away. The rest is luck.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(glance.doubts_table(answer))

# %% [markdown]
# ## Origin and capture
#
# A product can be Chinese by origin and American by capture: licensed to a partner abroad, or its developer bought from
# abroad. So *China wins* can be true of the one and false of the other.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(glance.view_words(answer))

# %% [markdown]
# ## What China's levers are worth
#
# Money, patients and the drug regulator of China were set to the values of the United States, and the hospital lanes
# closed (those of other countries too), in all combinations. The figure shows what China's *own* value does against
# the American one, or an open lane against a closed one, averaged over the combinations of the others: right of the
# line it is better for China to have its own.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Image(png(glance_figures.levers_figure(levers)))

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(glance.lever_words(levers))

# %% [markdown]
# ## The sister worlds
#
# Each world beside the baseline changes one thing, in the words of its scenario file:

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(glance.worlds_table(sisters))

# %% [markdown]
# The answers in each world. A dot is a mean over races, its line the 95% interval; the grey line stands at the
# baseline.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
chances = [chance for chance, _ in telling.SECTIONS.values()]
sizes = [size for _, size in telling.SECTIONS.values()]
with style.look():
    chances_figure = comparison_figures.worlds_figure(sisters.analysis, chances, sisters.caption)
    sizes_figure = comparison_figures.worlds_figure(sisters.analysis, sizes, sisters.caption)
    differences = comparison_figures.differences_figure(sisters.analysis, sizes, sisters.caption)
display(Image(png(chances_figure)), Image(png(sizes_figure)))

# %% [markdown]
# The same races were run in every world: a race keeps its luck, so that what differs is the world. The next figure
# shows the differences, race by race. A hollow dot is not told from no difference. The *ratio* says how many times as
# many races would have told as much if each world had had luck of its own.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Image(png(differences))

# %% tags=["hide-input"] jupyter={"source_hidden": true}
ratios = sisters.comparison[sisters.comparison["index"] == "variance_ratio"]
leads = ratios[ratios["question"].isin(sizes[:3])]["estimate"].dropna()
Markdown(worth_of_pairing(leads))

# %% [markdown]
# ### A verdict on each world
#
# What is told from the baseline, in leads and shares, and whether any verdict of the baseline turns. With so many
# differences beside each other, one in twenty intervals misses by luck alone: a difference that ends close to nothing
# is weak evidence.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
display(*(Markdown(glance.world_words(sisters, world)) for world in sisters.scenarios[1:]))

# %% [markdown]
# ## What this cannot tell
#
# - **How well the world is known.** But for the table of numbers in doubt, intervals say how well these races pin down
#   *these* worlds. Most numbers behind them are assumptions, marked as such in `docs/evidence.md`. What follows when
#   they vary is asked in `what-drives-it`.
# - **What will happen.** The baseline is set by hand against a few dated facts. It forecasts no company and no year;
#   `from-today` asks what is left.
# - **The market.** No iPSC product has been sold for a year. Adoption, prices and licences rest on analogies with other
#   medicines; the third question stands on weaker ground than the first two.
# - **More than one change at a time.** A world says what one change does beside everything else as it is. Two changes
#   together may do more, or less, than their sum.
# - **Whether a world is likely.** The sister worlds are what-ifs; none has a probability.
