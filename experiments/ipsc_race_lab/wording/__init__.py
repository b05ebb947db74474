"""From findings to text."""
