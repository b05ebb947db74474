"""What lies on disk: folders of runs and of experiments, and their readers."""
