"""The owner's page: log in, look through the reviews, export and delete them."""
