"""Finds text by its words, in any case and order."""

from typing import Any

from peewee import SQL, Expression

QUERY = "(nullif(plainto_tsquery('simple', %s)::text, '') || ':*')::tsquery"
"""All the words, of which the last may be a beginning; a text without words matches nothing."""


def contains_words(text: str | None) -> Any:  # noqa: ANN401 (peewee's expressions have no public type)
    """Return the condition that a table's ``words`` contain those of a text."""
    return Expression(SQL("words"), "@@", SQL(QUERY, [text]))
