"""What each process of a trial finds done: libraries imported and rules loaded, which else takes most of its time."""

import ipsc_race_lab.commands.conducting
import ipsc_race_lab.commands.experiment
import ipsc_race_lab.execution.conducting
import ipsc_race_lab.results.run_folder
import ipsc_race_lab.wording.answer  # noqa: F401 - for those that are forked
from ipsc_race.ensemble import compile_rules

compile_rules()
