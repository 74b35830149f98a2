"""TorchServe as Candor runs it: one model, one configuration, in the foreground."""
