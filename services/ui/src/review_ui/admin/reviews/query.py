"""Which reviews the owner wants to see, as kept on the page and as asked of the API."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from review_ui.upstream import Query

PAGE_SIZE = 25

Sort = Literal[
    "-created_date",
    "created_date",
    "-rating",
    "rating",
    "-model_score",
    "model_score",
    "brand",
    "-brand",
]
SORT_NAMES: dict[Sort, str] = {
    "-created_date": "Newest first",
    "created_date": "Oldest first",
    "-rating": "Highest rating",
    "rating": "Lowest rating",
    "-model_score": "Highest model score",
    "model_score": "Lowest model score",
    "brand": "Brand A to Z",
    "-brand": "Brand Z to A",
}


class ReviewQuery(BaseModel):
    """Filters, order and place; empty filters let everything through."""

    model_config = ConfigDict(frozen=True)

    brand: str = Field("", max_length=200)
    text: str = Field("", max_length=200)
    rating: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    sort: Sort = "-created_date"
    cursor: str | None = None

    @field_validator("since", "until", mode="before")
    @classmethod
    def _no_date(cls, value: object) -> object:
        """An emptied date field sends an empty text."""
        return value or None

    def selection(self) -> Query:
        """What the API needs to find and sort them all; the page's place is left out."""
        fields = self.model_dump(mode="json", exclude={"cursor"})
        return {name: value for name, value in fields.items() if value}

    def page(self) -> Query:
        """What the API needs to find one page of them."""
        place = {"cursor": self.cursor} if self.cursor else {}
        return {**self.selection(), **place, "limit": PAGE_SIZE}

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out."""
        return bool(set(self.selection()) - {"sort"})

    @property
    def turn_names(self) -> tuple[str, str]:
        """What the buttons to the previous and the next page are called in this order."""
        by_date = {"-created_date": ("Newer", "Older"), "created_date": ("Older", "Newer")}
        return by_date.get(self.sort, ("Previous", "Next"))


def query_of_address(arguments: Mapping[str, list[str]]) -> ReviewQuery:
    """The query in an address, whose fields may all be repeated."""
    single = {name: values[0] for name, values in arguments.items() if name != "rating"}
    return ReviewQuery.model_validate({**single, "rating": arguments.get("rating", [])})
