"""What is varied: distributions, factors, designs, experiments."""
