"""What the scripts raise for mistakes that their user can mend.

They are here and not where they are raised, so that who only reports them needs no torch.
"""


class ArchiveError(RuntimeError):
    """No archive was made; the message says why."""


class ModelError(RuntimeError):
    """There is no model at the place named, or it does not answer."""


class EvaluationError(RuntimeError):
    """There is nothing to measure, or nothing to measure it on."""


class GateError(RuntimeError):
    """The gate has nothing to judge a model by; the message says what is missing."""


class RetrainError(RuntimeError):
    """The model was not trained anew; the message says at which step it ended."""


class PublishError(RuntimeError):
    """The archive is not published; the message says why."""


class CheckpointError(RuntimeError):
    """There is no checkpoint to load; the message says what is missing."""


class ConfigError(ValueError):
    """The options contradict each other or are out of range; the message says which and why."""


class DivergenceError(RuntimeError):
    """The loss is no number any more; the message says what to try."""
