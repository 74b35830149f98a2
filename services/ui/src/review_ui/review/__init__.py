"""The visitor's page: write a review and watch what the model makes of it."""
