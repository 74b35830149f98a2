"""A lap of the whole loop, on a product of its own: what people write changes the model."""
