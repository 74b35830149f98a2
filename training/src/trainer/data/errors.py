"""The error of data that cannot be used."""


class DataError(ValueError):
    """The data cannot be used; the message says why and what would help."""
