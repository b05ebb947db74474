"""Reading an experiment file: typed, all that is wrong at once."""
