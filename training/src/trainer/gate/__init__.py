"""Whether a model may go live: checks of it alone, and beside the one in production."""
