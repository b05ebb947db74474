"""What is asked of a race."""
