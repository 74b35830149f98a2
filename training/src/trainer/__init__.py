"""What makes a model: data, training loop, metrics, the int8 graph and the archive."""
