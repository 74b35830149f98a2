"""Scraping and training as jobs: when they ran, what they said, and how to start and stop them."""
