"""Labelled reviews: read from files, cleaned, split in two and kept on disk for a run."""
