"""Measures the whole product on this machine: speed, memory and time to ready."""
