"""What the reviews say all together."""
