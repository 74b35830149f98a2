"""The reviews: look through them, export and delete them."""
