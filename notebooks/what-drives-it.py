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
# # What drives it
#
# Most numbers of the baseline are not well known: each has a range that we would not be surprised by. This notebook
# asks which of them the answers hang on: the probability that China leads the West, and by how much, to a first
# patient, to a first approval at home and anywhere, and in the market by origin and by capture.
#
# It asks twice. **Morris** moves twenty numbers one at a time along random paths through their ranges, with few races:
# which matter at all? **Sobol** takes eight of them further: how much of what is uncertain in an answer comes from each
# number alone, and how much together with the others?
#
# It can be read without its code. Every number is computed from stored races; none is typed. In brackets after a number
# stands its 95% interval.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
from pathlib import Path

from IPython.display import Image, Markdown, display

from ipsc_race_lab.figures import drivers as drivers_figures
from ipsc_race_lab.figures.inline import png
from ipsc_race_lab.results.stored import stored
from ipsc_race_lab.wording import drivers, telling

RESULTS = Path("../results")  # your own finished races come first, then the committed numbers

morris = stored("morris", RESULTS)
sobol = stored("sobol", RESULTS)
Markdown(drivers.sources(morris, sobol))

# %% [markdown]
# ## In one paragraph

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(drivers.paragraph(morris, sobol))

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(drivers.drivers_table(sobol))

# %% [markdown]
# ## The numbers and what is known of them
#
# Grades run from A (measured, and comparable) over B (measured in another setting) and C (one source, or a weak one) to
# D (an assumption of this project). Each number was varied evenly over its range. The *dummy* is a number that the
# model never reads: what an analysis says of it is nothing.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(drivers.factors_table("morris"))

# %% [markdown]
# ## Which matter at all: Morris
#
# Each dot is a number. The further to the right, the more it moves the answer over its whole range; the further up, the
# more its effect depends on where it or the others stand. Below the lowest grey line it acts like a straight line,
# above the highest it curves or interacts. Names stand at the dots furthest to the right. That is not yet to be told
# from luck: a number is *told from luck* if the lower end of its interval lies above what luck alone would show, and
# above the dummy. The sentences say which are. No plane is drawn where no effect varies beyond luck.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
for heading, questions in telling.SECTIONS.items():
    display(Markdown(f"### {heading}"))
    for question in reversed(questions):
        display(Markdown(drivers.morris_words(morris, question)))
        if drivers.has_spread(morris, question):
            display(Image(png(drivers_figures.morris_figure(morris, question))))

# %% [markdown]
# ## How much is theirs: Sobol
#
# Now the variance of an answer is shared out. First, **luck**: a single race comes out differently from another of the
# same world, and no number explains that. Of what is left, which is the variance of the *mean* answer over the ranges,
# the **first-order** index of a number is the part that it makes alone, and its **total** index the part that would go
# if it were known, interactions included. An index of 0.5 is half. Estimates can fall below 0 or an interval reach past
# 1: so much, and no more, do these races know.
#
# The dashed line is the dummy's; an index whose interval reaches down to it is not told from nothing. The second figure
# asks whether there were **enough points**: the same index from an eighth, a quarter, a half and all of the design.
# Three things can be settled one after the other: which numbers matter, which matters most, and how much. The last is
# taken as settled where no interval is wider than 0.05.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
for heading, questions in telling.SECTIONS.items():
    display(Markdown(f"### {heading}"))
    for question in reversed(questions):
        display(Markdown(drivers.sobol_words(sobol, question)))
        if drivers.has_intervals(sobol, question):
            display(Image(png(drivers_figures.sobol_figure(sobol, question))))
            display(Image(png(drivers_figures.convergence_figure(sobol, question))))
            display(Markdown(drivers.convergence_words(sobol, question)))

# %% [markdown]
# ## What this cannot tell
#
# - **Numbers that were not varied.** The model has several hundred; these were chosen because the question is about
#   China's money, patients and rules. One left out may matter more than one left in.
# - **Beyond the ranges.** A range that is too narrow makes a number look harmless. For grade D the range is ours.
# - **How likely the values are.** Every value of a range counts the same here, and numbers vary independently. The
#   shares are shares of *this* uncertainty.
# - **What luck hides.** Where an effect is not told from nothing it may still be there; more races of each point would
#   tell. A probability of leading, a yes or no in each race, needs many more of them than a lead in months.
# - **What to do.** A number that drives an answer is worth knowing better. It need not be one that anybody can change.
# - **The world itself.** The baseline is set by hand, and its market rests on analogies. Worlds that could have made
#   the record stand in `race-at-a-glance`.
