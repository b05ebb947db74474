"""Asking questions of the race: commands, result folders, figures; `ipsc_race` never imports it."""
