# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
# ---

# %% [markdown]
# # From today
#
# The first patient was treated in 2014 and the first two products were approved in March 2026, both in Japan. What is
# left of the race, who is likely next, and how sure can one be?
#
# The races behind this page are those that met what is on record until the as-of month, with the numbers that are
# judgements all in doubt at once. They run on with the same numbers and the same luck. So each chance holds both, and
# nothing that has happened is forecast. It can be read without its code; every number is computed from stored results.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
from pathlib import Path

from IPython.display import Image, Markdown

from ipsc_race_lab.figures import calibration as calibration_figures
from ipsc_race_lab.figures import forecast as forecast_figures
from ipsc_race_lab.figures.inline import png
from ipsc_race_lab.results.stored import found
from ipsc_race_lab.wording import calibration, forecast

RESULTS = Path("../results")  # your own finished results come first, then the committed numbers

left = found("forecast-baseline", RESULTS)
held = found("calibration-baseline", RESULTS)
Markdown(forecast.reach(left))

# %% [markdown]
# ## Who is likely next
#
# A bloc counts by where the developer is at home. First is who has the next such product after the as-of month.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(forecast.first_table(left))

# %% [markdown]
# ## By which year

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Image(png(forecast_figures.questions_figure(left)))

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Image(png(forecast_figures.fan_figure(left)))

# %% [markdown]
# ## Disease by disease

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(forecast.indication_table(left))

# %% [markdown]
# ## Head start or pace
#
# Being first can come from having begun earlier. Of the programmes that begin from now on, whoever is first, these
# shares come so far within so many years of their start.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(forecast.pace_table(left))

# %% [markdown]
# ## Who sells in the end

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(forecast.sales_table(left))

# %% [markdown]
# ## The second way: real programmes at their stages
#
# The same questions of races that begin with the programmes on record, each drawn given that it survived so far.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
roster = found("forecast-today", RESULTS)
Markdown(forecast.summary(roster))

# %% [markdown]
# ## On what this rests
#
# The record that the races were held to, and what it teaches of the numbers in doubt: little. Of most of them one
# history says next to nothing, and the chances above are as wide as that.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Image(png(calibration_figures.record_figure(held)))

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(calibration.opening(held))

# %% [markdown]
# ## What would have been said in 2020
#
# The same doubts, held only to what was on record in January 2020; what came since stands beside what was expected,
# and is scored against two forecasts that need no model.

# %% tags=["hide-input"] jupyter={"source_hidden": true}
Markdown(calibration.later_page(found("calibration-before-2020", RESULTS)))
