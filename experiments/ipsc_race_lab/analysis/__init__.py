"""From numbers to findings."""
