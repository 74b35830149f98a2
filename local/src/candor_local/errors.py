"""The one error that a person is meant to read."""


class CandorError(Exception):
    """What went wrong and what to do about it, in one line."""
