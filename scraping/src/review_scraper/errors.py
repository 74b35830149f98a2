"""What goes wrong so that a person must act; the command prints it on one line."""


class ScraperError(Exception):
    """The message says what is wrong, and what to do about it."""


class UsageError(ScraperError):
    """The command was given what it cannot work with."""
