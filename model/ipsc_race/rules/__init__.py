"""The rules of the race, one file per actor; `month.py` is the order in which they run."""
