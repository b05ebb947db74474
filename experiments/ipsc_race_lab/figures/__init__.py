"""From findings to pictures."""
