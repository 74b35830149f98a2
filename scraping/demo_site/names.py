"""Names of companies, and the way back from a slug to its company, without a table of them.

A name has three parts, so the names are the numbers of a mixed radix. The company's index is
shuffled by multiplication modulo their count, which can be undone.
"""

from typing import Final

from demo_site.dice import Dice

FIRST: Final = (
    "Alder", "Amber", "Ashen", "Badger", "Barley", "Bell", "Birch", "Bracken", "Bramble", "Bridge",
    "Briar", "Cedar", "Cinder", "Clover", "Copper", "Coral", "Crane", "Dove", "Elder", "Ember",
    "Falcon", "Fern", "Flint", "Fox", "Frost", "Garnet", "Gorse", "Granite", "Harbour", "Hazel",
    "Heather", "Heron", "Holly", "Iron", "Ivy", "Juniper", "Kestrel", "Larch", "Linden", "Maple",
    "Marble", "Meadow", "Moss", "Nettle", "Otter", "Pebble", "Poppy", "Quill", "Rowan", "Tansy",
)  # fmt: skip
SECOND: Final = (
    "acre", "bank", "beck", "bourne", "bury", "cliff", "combe", "croft", "dale", "den",
    "field", "fold", "ford", "garth", "gate", "grove", "ham", "hurst", "hythe", "keep",
    "land", "leigh", "lode", "march", "mere", "moor", "mouth", "ness", "pool", "ridge",
    "shaw", "stead", "stoke", "thorpe", "ton", "vale", "wath", "well", "wick", "worth",
)  # fmt: skip
THIRD: Final = {
    "co": "& Co.",
    "sons": "& Sons",
    "daughters": "& Daughters",
    "partners": "& Partners",
    "direct": "Direct",
    "express": "Express",
    "group": "Group",
    "house": "House",
    "online": "Online",
    "outlet": "Outlet",
    "select": "Select",
    "services": "Services",
    "store": "Store",
    "supply": "Supply",
    "traders": "Traders",
    "works": "Works",
}
"""The last part as a slug has it, and as people read it."""

NAMES: Final = len(FIRST) * len(SECOND) * len(THIRD)
FACTOR: Final = 12_347
"""Prime to the count of names, so that no two companies get the same one."""

FACTOR_BACK: Final = pow(FACTOR, -1, NAMES)
LAST_PARTS: Final = tuple(THIRD)
NUMBERS_OF_WORDS: Final = {
    f"{first}{second}".lower(): i * len(SECOND) + j
    for i, first in enumerate(FIRST)
    for j, second in enumerate(SECOND)
}


class Names:
    """The names of a site's companies."""

    def __init__(self, seed: int) -> None:
        self._shift = Dice("names", seed).below(NAMES)

    def slug(self, company: int) -> str:
        """Return what addresses call the company."""
        word, last = self._parts(company)
        return f"{word.lower()}-{last}"

    def name(self, company: int) -> str:
        """Return what people call the company."""
        word, last = self._parts(company)
        return f"{word} {THIRD[last]}"

    def company(self, slug: str) -> int | None:
        """Return which company has the slug; None where no name makes it."""
        word, _, last = slug.partition("-")
        if word not in NUMBERS_OF_WORDS or last not in THIRD:
            return None
        number = NUMBERS_OF_WORDS[word] * len(THIRD) + LAST_PARTS.index(last)
        return (number - self._shift) * FACTOR_BACK % NAMES

    def _parts(self, company: int) -> tuple[str, str]:
        number = (company * FACTOR + self._shift) % NAMES
        rest, last = divmod(number, len(THIRD))
        first, second = divmod(rest, len(SECOND))
        return FIRST[first] + SECOND[second], LAST_PARTS[last]
