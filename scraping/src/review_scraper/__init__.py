"""Collects companies and reviews from review sites."""
