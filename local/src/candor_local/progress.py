"""Tells on the terminal what happens: a moving line while waiting, plain lines elsewhere."""

from collections.abc import Sequence

from rich.console import Console
from rich.status import Status
from rich.text import Text


class Progress:
    """Writes one line an event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def say(self, line: str, style: str = "") -> None:
        """Write a line as it is, however long."""
        self._console.print(Text(line, style=style), soft_wrap=True)

    def healthy(self, name: str, seconds: float) -> None:
        """Tell that a service is healthy, so many seconds after it was started."""
        self.say(f"{name} is ready ({seconds:.1f} s)", style="green")

    def died(self, name: str, how: str, delay: float) -> None:
        """Tell that a service ended by itself."""
        self.say(f"{name} {how}; it is started again in {delay:g} s", style="yellow")

    def stopping(self, name: str) -> None:
        """Tell that a service is asked to stop."""
        self._show(f"Stopping {name}")

    def waiting_for(self, names: Sequence[str]) -> None:
        """Tell which services are not healthy yet."""
        if names:
            self._show(f"Waiting for {', '.join(names)}")
        else:
            self.done()

    def done(self) -> None:
        """Take the moving line away."""
        if self._status:
            self._status.stop()
            self._status = None

    def _show(self, line: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = Status(line, console=self._console)
            self._status.start()
        self._status.update(line)
