"""Brings what is collected to the API, beside the crawl, in a thread of its own.

What waits is on disk. While the API is away it is asked less and less often, and what is not
delivered at a run's end is delivered by the next one.
"""

import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from review_scraper.api_client import ApiAwayError, ApiClient, ApiRefusesError, BatchRefusedError
from review_scraper.database import open_database
from review_scraper.items import Kind
from review_scraper.outbox import Outbox, Parcel
from review_scraper.tally import Tally

KINDS: tuple[Kind, ...] = ("company", "review")
"""Companies go before their reviews."""

INTERVAL = 1.0
LONGEST_PAUSE = 30.0
MOST_BYTES = 200_000
"""Of a batch, so that the API's limit on bodies is far."""

log = structlog.get_logger()


class Delivery(threading.Thread):
    """Delivers until it is told to finish."""

    def __init__(self, database: Path, client: ApiClient, batch: int, tally: Tally) -> None:
        super().__init__(name="delivery", daemon=True)
        self._database = database
        self._client = client
        self._batch = batch
        self._tally = tally
        self._finishing = threading.Event()
        self._give_up_at = float("inf")
        self.refused: str | None = None
        """Why the API takes nothing from us."""

    def finish(self, seconds: float) -> None:
        """Deliver what is left, for at most so many seconds, and end."""
        self._give_up_at = time.monotonic() + seconds
        self._finishing.set()
        self.join()

    def run(self) -> None:
        """Deliver; the thread's work."""
        outbox = Outbox(open_database(self._database))
        try:
            self._deliver_until_finished(outbox)
        except ApiRefusesError as error:
            self.refused = str(error)
            log.error("the API refuses", reason=self.refused)
        except sqlite3.Error as error:
            log.error("the state cannot be used", reason=str(error))

    def _deliver_until_finished(self, outbox: Outbox) -> None:
        pause = INTERVAL
        while True:
            ending = self._finishing.is_set()
            try:
                self._empty(outbox)
                pause = INTERVAL
                if ending:
                    return
            except ApiAwayError as error:
                log.warning("delivery waits", reason=str(error), seconds=pause)
                if ending and time.monotonic() + pause > self._give_up_at:
                    return
                self._rest(pause, ending=ending)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            self._finishing.wait(pause)

    def _rest(self, seconds: float, *, ending: bool) -> None:
        if ending:
            time.sleep(seconds)
        else:
            self._finishing.wait(seconds)

    def _empty(self, outbox: Outbox) -> None:
        for kind in KINDS:
            while batch := outbox.batch(kind, self._batch, MOST_BYTES):
                self._send(outbox, kind, batch)

    def _send(self, outbox: Outbox, kind: Kind, batch: Sequence[Parcel]) -> None:
        """Send a batch; halve one that is refused until the item at fault is alone."""
        try:
            self._client.send(kind, [parcel.body for parcel in batch])
        except BatchRefusedError as error:
            if len(batch) == 1:
                self._set_aside(outbox, kind, batch[0], str(error))
                return
            middle = len(batch) // 2
            self._send(outbox, kind, batch[:middle])
            self._send(outbox, kind, batch[middle:])
        else:
            outbox.sent(batch)
            self._tally.delivered += len(batch)

    def _set_aside(self, outbox: Outbox, kind: Kind, parcel: Parcel, reason: str) -> None:
        outbox.refused(kind, parcel, f"refused by the API: {reason}")
        self._tally.rejected["refused by the API"] += 1
