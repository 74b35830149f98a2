"""Starts the whole product on one machine, in the order of health."""
