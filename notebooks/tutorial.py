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
# # Tutorial: ten minutes with the race
#
# You will run a hundred races, read who is first and how sure that is, change one number, compare two worlds race by
# race, and look inside a single race. All of it works from a terminal too; here it comes as pandas tables and figures.
#
# The first run on a machine compiles the rules, which takes half a minute or so. Everything after that takes seconds.

# %%
# %matplotlib inline
import pandas as pd

import ipsc_race_lab as lab
from ipsc_race import Race
from ipsc_race.race import Company

# %% [markdown]
# ## Run a world
#
# `baseline` is the world as it stands: China, the United States, the European Union and Japan, from 2010 to 2045. A
# race is one way in which it may go; a hundred races with the same numbers differ by chance alone.

# %%
result = lab.run("baseline", runs=100, seed=1)
result.plot()

# %% [markdown]
# A dot is the share of races in which a bloc is the first of all, the line its 95% interval. The same numbers, and all
# others, are in `result.answer`; `print(result)` says them in words. Who has the first approval at home:

# %%
home_approval = result.answer["questions"]["first_home_approval"]
pd.DataFrame.from_dict(home_approval["p_first"], orient="index")

# %% [markdown]
# The interval tells how well a hundred races pin the number down. It does not tell how well the world is known: most
# numbers behind it are assumptions.

# %% [markdown]
# ## Read the tables
#
# `to_df()` has a row for each milestone of each race: when, what, by a company of which home, and where.

# %%
milestones = result.to_df()
milestones.head()

# %% [markdown]
# So any question can be asked of it that pandas can ask. The month by which the companies of each home have dosed a
# first patient in half of all races:

# %%
dosed = milestones[(milestones["milestone"] == "first_in_human") & (milestones["cell_source"] == "reprogrammed")]
first_months = dosed.groupby(["run", "home"])["month"].min().unstack()
first_months.apply(lambda months: months.sort_values().iloc[len(months) // 2]).to_frame("median first patient")

# %% [markdown]
# `to_df("monthly")` holds the state of every jurisdiction at the end of every month. Here, programmes in Phase 3, the
# mean of all races:

# %%
monthly = result.to_df("monthly")
phase_3 = monthly.groupby(["month", "jurisdiction"])["phase_3"].mean().unstack()
axes = phase_3.plot(title="Programmes in Phase 3, mean of races", xlabel="month", ylabel="programmes")

# %% [markdown]
# ## Change one number
#
# Every number has a path, and `ipsc-race show baseline jurisdictions.china.funding` lists those of China's money with
# unit, range, evidence and source. Here all public budgets of China are four times as large:

# %%
MONEY = "jurisdictions.china.funding.budget_multiplier"
rich = lab.run("baseline", runs=100, seed=1, overrides={MONEY: 4})
leads = {"as it is": home_approval, "four times the budgets": rich.answer["questions"]["first_home_approval"]}
pd.DataFrame({world: question["lead_months"]["china>west"] for world, question in leads.items()}).transpose()

# %% [markdown]
# That is the lead of China over the West to a first approval at home, in months, negative where China is later. Two
# such intervals side by side say less than they could: races of the same number share their luck, so that they can be
# compared one by one.

# %% [markdown]
# ## Compare two worlds
#
# `compare` does that. The worlds here are the baseline and one without hospital lanes, where patients may be treated
# outside the path of registration:

# %%
compared = lab.compare("baseline", "no-hospital-lane", runs=100)
differences = compared.to_df()
differences[differences["index"] == "difference"].drop(columns="index")

# %% [markdown]
# Each number is that of the second world less that of the baseline, the mean over pairs of races. Where zero lies
# outside the interval the difference is more than chance. As a figure:

# %%
compared.plot()

# %% [markdown]
# ## Look inside a race
#
# `Race` is a single race as a Mesa model. It can be stepped, looked into and changed on the way; with `collect=True`
# its `datacollector` keeps the monthly numbers:

# %%
race = Race("baseline", rng=1, collect=True)
race.run_for(12 * 16)
collected = race.datacollector.get_model_vars_dataframe()
patients = [f"{place}.patients_enrolled" for place in race.resolved.jurisdictions]
axes = collected[patients].plot(title="Patients enrolled so far, one race", xlabel="months since the start")

# %% [markdown]
# Its agents are companies, programmes, jurisdictions, and the diseases of each jurisdiction. The money of living
# companies by home, and then a gift to every one of them, with which the race goes on:

# %%
companies = race.agents_by_type[Company].select(lambda company: company.alive)
homes = companies.groupby("home").agg("cash_usd_m", sum)
for company in companies:
    company.cash_usd_m += 5
race.run_for(12)
pd.Series({race.resolved.jurisdictions[home]: cash for home, cash in homes.items()}, name="USD m").round(1).to_frame()

# %% [markdown]
# ## Where to go from here
#
# - A world of your own is a YAML file of what differs from another: *Change the world* in the `README.md`.
# - What drives an answer is asked by an experiment: `lab.stored("sobol").to_df()` has what came of one that ships.
# - Mesa's `batch_run` and its viewers take a `Race` as it is: `docs/how-to/mesa.md`.
# - What the model does, and why, is in `docs/odd.md` and `docs/decisions.md`.
