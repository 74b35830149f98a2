"""The models: which there are, which is in use, and how each does on live traffic."""
