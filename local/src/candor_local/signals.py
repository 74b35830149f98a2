"""Requests to stop, as signals."""

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequests:
    """Counts them: the first stops the product in order, the second hurries."""

    def __init__(self) -> None:
        self._count = 0

    def listen(self) -> None:
        """Count the signals of this process from now on, but those it was told to ignore."""
        for number in SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._count += 1

    @property
    def asked(self) -> bool:
        """Whether to stop."""
        return self._count > 0

    def hurried(self) -> bool:
        """Whether to stop without waiting."""
        return self._count > 1
