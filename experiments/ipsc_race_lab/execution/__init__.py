"""Who races: threads of this machine, or a cluster."""
