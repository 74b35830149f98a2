"""Where on a page a value is: by CSS, XPath, JSON-LD, or JSON embedded in a script.

What a profile says is checked as it is read, so that a bad selector is named before any page
is fetched.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

import jmespath  # type: ignore[import-untyped]  # It ships no types.
from cssselect import SelectorError
from parsel import Selector as Selection
from parsel.csstranslator import HTMLTranslator
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

ContextName = Literal["category", "sub_category"]
"""What a link may carry to the page that it leads to."""


def _checked(parse: Callable[[str], object], what: str) -> Callable[[str], str]:
    """Return a validator that refuses what `parse` cannot read, in one line."""

    def check(written: str) -> str:
        try:
            parse(written)
        except (SelectorError, ValueError, re.error) as error:
            message = f"bad {what} {written!r}: {str(error).splitlines()[0]}"
            raise ValueError(message) from error
        return written

    return check


def _element(selector: str) -> None:
    if "::" in selector:
        message = "it must select elements, not texts or attributes"
        raise ValueError(message)
    HTMLTranslator().css_to_xpath(selector)


def _xpath(expression: str) -> None:
    Selection(text="<p></p>").xpath(expression)


def _group(pattern: str) -> None:
    if re.compile(pattern).groups > 1:
        message = "it has more than one group"
        raise ValueError(message)


Css = Annotated[str, AfterValidator(_checked(HTMLTranslator().css_to_xpath, "selector"))]
Selector = Annotated[str, AfterValidator(_checked(_element, "selector"))]
XPath = Annotated[str, AfterValidator(_checked(_xpath, "XPath"))]
JmesPath = Annotated[str, AfterValidator(_checked(jmespath.compile, "JMESPath"))]
Pattern = Annotated[str, AfterValidator(_checked(_group, "pattern"))]


class Rule(BaseModel):
    """A part of a profile; nothing unknown may be in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Rule):
    """One place where a value may be; exactly one of the first six says which, or `path` alone."""

    css: Css | None = Field(None, description="CSS; ::attr(x) takes an attribute, else the text.")
    xpath: XPath | None = Field(None, description="XPath, for what CSS cannot reach.")
    script: Selector | None = Field(None, description="Scripts whose content holds JSON.")
    json_ld: str | None = Field(None, min_length=1, description="The @type of JSON-LD objects.")
    context: ContextName | None = Field(None, description="What the link here carried.")
    value: str | None = Field(None, description="Always this.")
    path: JmesPath | None = Field(None, description="JMESPath in the JSON; alone: in the record.")
    pattern: Pattern | None = Field(None, description="What to keep: its group, else all of it.")

    @property
    def in_json(self) -> bool:
        """Whether what is found there is JSON."""
        return self.script is not None or self.json_ld is not None

    @property
    def of_record(self) -> bool:
        """Whether it is a path in a record that is JSON."""
        return self.path is not None and not self.in_json

    @model_validator(mode="after")
    def refuse_other_than_one(self) -> "Source":
        """Refuse a place that is named twice, or not at all."""
        places = [self.css, self.xpath, self.script, self.json_ld, self.context, self.value]
        named = sum(place is not None for place in places)
        if named > 1 or (named == 0 and self.path is None):
            message = "name exactly one of css, xpath, script, json_ld, context, value or path"
            raise ValueError(message)
        if named and self.of_record:
            message = "path goes with script, json_ld, or alone"
            raise ValueError(message)
        return self


def _as_list(value: Any) -> Any:  # noqa: ANN401  # Whatever the TOML file holds.
    if isinstance(value, str):
        message = f"write where it is, such as {{ css = {value!r} }}"
        raise ValueError(message)  # pydantic takes ValueError as a reason.
    return [value] if isinstance(value, dict) else value


Sources = Annotated[tuple[Source, ...], BeforeValidator(_as_list)]
"""Places that are tried in their order until one has something; a single one needs no list."""


def described(sources: tuple[Source, ...]) -> str:
    """Return in short where sources look."""
    return " or ".join(
        " ".join(source.model_dump(exclude_none=True, exclude={"pattern"}).values())
        for source in sources
    )
