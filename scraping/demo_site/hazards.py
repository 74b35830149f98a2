"""Which companies and lists have which hazard. Position decides, so that ten companies meet all.

A company may have one hazard of its content, one of its way over the wire, and an odd encoding.
In bigger sites the same ten positions come back every so many companies. Some hazards are no
company's own: decoys, whose cards stand among the real ones, and lists.
"""

from dataclasses import dataclass
from typing import Final

from demo_site.config import Config, Hazard
from demo_site.lists import SubCategory

CONTENT: Final[dict[int, Hazard]] = {
    1: "duplicates",
    2: "endless",
    3: "edited",
    4: "invalid",
    5: "empty",
}
WIRE: Final[dict[int, Hazard]] = {0: "slow", 6: "failing", 7: "unavailable"}
DECOYS: Final[tuple[Hazard, ...]] = ("broken", "redirect", "loop", "elsewhere", "huge")
"""Cards that lead to no company of their own; the n-th stands in the n-th list."""

RESTLESS_LIST: Final = 0
FROZEN_LIST: Final = SubCategory(-1, "Home", "Curiosities", ())
"""A list beside the others; it holds no companies."""

POSITIONS, SPARSE = 10, 200


@dataclass(frozen=True)
class Encoding:
    """How a page's characters become bytes, what its header says of it, and what they can hold."""

    codec: str
    charset: str | None
    sentence: str

    @property
    def content_type(self) -> str:
        """The header of such a page."""
        return f"text/html; charset={self.charset}" if self.charset else "text/html"


LATIN_SENTENCE: Final = "Señor Müller of the café said so too, for £5."
WINDOWS_SENTENCE: Final = "Señor Müller\u2019s café said \u201cso too\u201d \u2013 for 5 €."
UTF_8: Final = Encoding("utf-8", "utf-8", "")
ENCODINGS: Final = {
    0: Encoding("iso-8859-1", "iso-8859-1", LATIN_SENTENCE),
    2: Encoding("iso-8859-1", "utf-8", LATIN_SENTENCE),
    3: Encoding("iso-8859-1", None, LATIN_SENTENCE),
    4: Encoding("windows-1252", "windows-1252", WINDOWS_SENTENCE),
    6: Encoding("windows-1252", "utf-8", WINDOWS_SENTENCE),
    8: Encoding("windows-1252", None, WINDOWS_SENTENCE),
    # Python's `utf-16` writes a byte order mark.
    9: Encoding("utf-16", None, WINDOWS_SENTENCE),
}


class Hazards:
    """The hazards of one site."""

    def __init__(self, config: Config) -> None:
        self._on = config.hazards
        self._period = max(POSITIONS, min(config.companies, SPARSE))

    def on(self, hazard: Hazard) -> bool:
        """Say whether the site has such a hazard at all."""
        return hazard in self._on

    def content(self, company: int) -> Hazard | None:
        """Return what is odd about the company's reviews."""
        return self._if_on(CONTENT.get(company % self._period))

    def wire(self, company: int) -> Hazard | None:
        """Return what is odd about how the company's pages arrive."""
        return self._if_on(WIRE.get(company % self._period))

    def encoding(self, company: int) -> Encoding:
        """Return how the company's pages are encoded."""
        if not self.on("encoding"):
            return UTF_8
        return ENCODINGS.get(company % self._period, UTF_8)

    def decoys(self, position: int, lists: int) -> list[Hazard]:
        """Return the decoys that stand in the list of this position."""
        return [
            hazard
            for number, hazard in enumerate(DECOYS)
            if hazard in self._on and number % lists == position
        ]

    def _if_on(self, hazard: Hazard | None) -> Hazard | None:
        return hazard if hazard in self._on else None
