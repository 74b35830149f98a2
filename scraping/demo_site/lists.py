"""The lists of companies, one a sub-category, and how each shows more of itself."""

from dataclasses import dataclass
from typing import Final, Literal

from demo_site.taxonomy import TAXONOMY

Way = Literal["pages", "button", "scroll"]
WAYS: Final[tuple[Way, ...]] = ("pages", "button", "scroll")

FEWEST_LISTS: Final = 3
COMPANIES_A_LIST: Final = 3
"""Of a small site; a big one has all lists there are, and longer ones."""


@dataclass(frozen=True)
class SubCategory:
    """A list of companies. `position` is its place among the lists of the site."""

    position: int
    category: str
    name: str
    goods: tuple[str, ...]

    @property
    def path(self) -> str:
        """What its addresses end with."""
        return f"{self.category}/{self.name}".lower().replace(" ", "-")

    @property
    def way(self) -> Way:
        """How the list shows more."""
        return WAYS[self.position % len(WAYS)]


def lists_of(companies: int) -> tuple[SubCategory, ...]:
    """Return the lists of a site of this size: a few for a small one, in different categories."""
    wanted = max(FEWEST_LISTS, companies // COMPANIES_A_LIST)
    rows = zip(*(lists.items() for lists in TAXONOMY.values()), strict=True)
    places = [
        (category, *place) for row in rows for category, place in zip(TAXONOMY, row, strict=True)
    ]
    return tuple(SubCategory(number, *place) for number, place in enumerate(places[:wanted]))
