"""What the scripts that use a trained model raise for mistakes that their user can mend."""


class ArchiveError(RuntimeError):
    """No archive was made; the message says why."""


class ModelError(RuntimeError):
    """There is no model at the place named, or it does not answer."""


class EvaluationError(RuntimeError):
    """There is nothing to measure, or nothing to measure it on."""


class PublishError(RuntimeError):
    """The archive is not published; the message says why."""
