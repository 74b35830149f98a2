"""The owner's pages: what runs the product, each behind the login."""
