"""The content of the site: companies and reviews, each computed when it is asked for.

Nothing is kept, so a site of a million reviews takes the memory of one of ten.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from demo_site.calendar import JITTERS, Calendar, Rhythm, review_dice
from demo_site.config import Config, Hazard
from demo_site.dice import Dice
from demo_site.hazards import Hazards
from demo_site.lists import SubCategory, lists_of
from demo_site.names import Names
from demo_site.phrases import FIRST_NAMES, INITIALS
from demo_site.writer import write

REVIEWS_A_PAGE: Final = 20
FEWEST_CARDS, MOST_CARDS = 2, 20
PAGES_A_LIST: Final = 4
INVALID_REVIEWS: Final = 4
"""So many of the oldest reviews of an `invalid` company cannot be collected."""

RATINGS: Final = ("11122345", "1122334455", "12233445", "12344555", "1344455555")
"""How companies of five qualities are rated."""

NEVER: Final = int(datetime(2999, 1, 1, tzinfo=UTC).timestamp())
"""The date of the review that is in the future."""


@dataclass(frozen=True)
class Company:
    """A company, with what its reviews are made from."""

    index: int
    slug: str
    name: str
    list: SubCategory
    ratings: str
    rhythm: Rhythm
    hazard: Hazard | None
    odd_sentence: str

    @property
    def website(self) -> str:
        """The company's own site, at a name that can never exist."""
        return f"https://www.{self.slug}.example/"


@dataclass(frozen=True)
class Card:
    """An entry of a list of companies."""

    name: str
    slug: str


@dataclass(frozen=True)
class Review:
    """A review as its page shows it; `collectable` says whether it is a proper one."""

    id: str | None
    rating: int
    title: str
    text: str
    written: int
    author: str
    collectable: bool = True

    @property
    def moment(self) -> str:
        """When it was written, in ISO 8601."""
        return datetime.fromtimestamp(self.written, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class ReviewPage:
    """A page of a company's reviews."""

    company: Company
    reviews: tuple[Review, ...]
    number: int
    total: int
    has_next: bool


class Site:
    """The site of a configuration."""

    def __init__(self, config: Config) -> None:
        self.config: Final = config
        self.hazards: Final = Hazards(config)
        self.calendar: Final = Calendar(config)
        self.names: Final = Names(config.seed)
        self.lists: Final = lists_of(config.companies)
        self.cards_a_page: Final = _cards_a_page(config.companies, len(self.lists))

    def companies(self) -> Iterator[Company]:
        """Yield every company of today."""
        return map(self.company, range(self.calendar.companies()))

    def company(self, index: int) -> Company:
        """Return a company."""
        return Company(
            index,
            self.names.slug(index),
            self.names.name(index),
            self.lists[index % len(self.lists)],
            Dice("ratings", self.config.seed, index).pick(RATINGS),
            self.calendar.rhythm(index),
            self.hazards.content(index),
            self.hazards.encoding(index).sentence,
        )

    def find_company(self, slug: str) -> Company | None:
        """Return the company of a slug, if there is one today."""
        index = self.names.company(slug)
        if index is None or index >= self.calendar.companies():
            return None
        return self.company(index)

    def find_list(self, path: str) -> SubCategory | None:
        """Return the list of a path, if there is one."""
        return next((of for of in self.lists if of.path == path), None)

    def decoys(self, of: SubCategory) -> tuple[str, ...]:
        """Return the slugs in a list that belong to no company; each names its hazard first."""
        hazards = self.hazards.decoys(of.position, len(self.lists))
        return tuple(f"{hazard}-{self.names.slug(0)}" for hazard in hazards)

    def card_count(self, of: SubCategory) -> int:
        """Return how many cards a list has, decoys among them."""
        companies = self.calendar.companies() - of.position
        return len(self.decoys(of)) + -(-companies // len(self.lists))

    def list_pages(self, of: SubCategory) -> int:
        """Return how many pages a list has."""
        return max(1, -(-self.card_count(of) // self.cards_a_page))

    def cards(self, of: SubCategory, page: int) -> tuple[Card, ...]:
        """Return the cards on a page of a list: decoys come first, then the oldest companies."""
        decoys = [Card(self.names.name(0), slug) for slug in self.decoys(of)]
        first = (page - 1) * self.cards_a_page
        numbers = range(first, min(first + self.cards_a_page, self.card_count(of)))
        return tuple(
            decoys[number] if number < len(decoys) else self._card(of, number - len(decoys))
            for number in numbers
        )

    def review_count(self, company: Company) -> int:
        """Return how many reviews a company shows today."""
        return 0 if company.hazard == "empty" else self.calendar.reviews(company.index)

    def page(self, company: Company, number: int) -> ReviewPage | None:
        """Return a page of a company's reviews, newest first; None where there is no such page."""
        total = self.review_count(company)
        pages = max(1, -(-total // REVIEWS_A_PAGE))
        endless = company.hazard == "endless"
        if number < 1 or (number > pages and not endless):
            return None
        shown = self._places(company, min(number, pages), total)
        reviews = tuple(self.review(company, _number(company, place, total)) for place in shown)
        return ReviewPage(company, reviews, number, total, endless or number < pages)

    def reviews(self, company: Company) -> Iterator[Review]:
        """Yield every review of a company, in the order of its pages."""
        total = self.review_count(company)
        for place in range(total):
            yield self.review(company, _number(company, place, total))

    def review(self, company: Company, number: int) -> Review:
        """Return a review of a company as it is shown today; number 0 is its oldest."""
        review = self._first_version(company, number)
        if company.hazard == "invalid":
            return _invalid(review, number)
        if company.hazard == "edited" and number == 0:
            return self._edited(review, company)
        return review

    def _first_version(self, company: Company, number: int) -> Review:
        dice = review_dice(self.config.seed, company.index, number)
        written = company.rhythm.written(number, dice.below(JITTERS))
        identity = f"r-{dice.below(1 << 64):016x}"
        rating = int(dice.pick(company.ratings))
        author = f"{dice.pick(FIRST_NAMES)} {dice.pick(INITIALS)}."
        title, text = write(rating, company.name, dice.pick(company.list.goods), dice)
        text = f"{text} {company.odd_sentence}".rstrip()
        return Review(identity, rating, title, text, written, author)

    def _edited(self, review: Review, company: Company) -> Review:
        """Return the review as its author has rewritten it today."""
        today = self.config.today.isoformat()
        dice = Dice("edited", self.config.seed, company.index, today)
        title, text = write(review.rating, company.name, dice.pick(company.list.goods), dice)
        return replace(
            review,
            title=title,
            text=f"Update of {today}: {text} {company.odd_sentence}".rstrip(),
            written=self.calendar.end_of_today - 1,
        )

    def _places(self, company: Company, page: int, total: int) -> range:
        """Return the places, in the order of all pages, that a page shows."""
        first = (page - 1) * REVIEWS_A_PAGE
        repeated = company.hazard == "duplicates" and page > 1
        return range(first - repeated, min(first + REVIEWS_A_PAGE, total))

    def _card(self, of: SubCategory, number: int) -> Card:
        index = of.position + number * len(self.lists)
        return Card(self.names.name(index), self.names.slug(index))


def _cards_a_page(companies: int, lists: int) -> int:
    """Return a length of page such that also a small site's lists have more than one."""
    return max(FEWEST_CARDS, min(MOST_CARDS, companies // lists // PAGES_A_LIST))


def _number(company: Company, place: int, total: int) -> int:
    """Return which review stands at a place. An edited one, the oldest, has moved to the front."""
    if company.hazard == "edited":
        return 0 if place == 0 else total - place
    return total - 1 - place


def _invalid(review: Review, number: int) -> Review:
    """Return a review with what is wrong with those of its number."""
    wrong = {
        0: replace(review, text="", collectable=False),
        1: replace(review, rating=0, collectable=False),
        2: replace(review, rating=6, collectable=False),
        3: replace(review, written=NEVER, collectable=False),
        # A crawler can make a key of its own for a review that has none.
        4: replace(review, id=None),
    }
    return wrong.get(number, review)
