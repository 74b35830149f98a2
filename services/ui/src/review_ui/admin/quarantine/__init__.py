"""The reviews that no model learns from before the owner has seen them."""
