"""The page of docs on adding a site: its example works as it says, and it names every key."""

import datetime as dt
import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from review_scraper.extraction import Link, read_page
from review_scraper.profile import (
    Button,
    CompanyRule,
    Limits,
    LinkRule,
    Next,
    PageRule,
    Profile,
    ReviewRule,
    Scroll,
    load_profile,
)
from review_scraper.sources import Source
from review_scraper.trial import as_values, report

DOC = (Path(__file__).parents[1] / "docs" / "adding-a-site.md").read_text("utf-8")


def block(language):
    (content,) = re.findall(rf"^```{language}\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)
    return content


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "corner.toml"
    path.write_text(block("toml"), encoding="utf-8")
    return load_profile(path)


@pytest.fixture
def link(profile):
    url = json.loads(block("json"))["url"]
    return Link(profile.kind_of(url), url)


@pytest.fixture
def found(profile, link):
    return read_page(profile, link, link.url, block("html"), today=dt.date(2026, 11, 24))


def test_the_example_gives_what_its_json_says(found):
    assert as_values(found) == json.loads(block("json"))["found"]
    assert "A. Nobody" in block("html")
    assert "Nobody" not in str(found)


def test_the_example_prints_what_the_page_shows(link, found):
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(report(link, found))
    printed = [line.rstrip() for line in console.export_text().splitlines()]
    assert printed == block("text").splitlines()


def test_the_example_is_tried_by_the_command_that_is_shown(link):
    assert f"review-scraper try {link.url} --profile corner.toml" in block("sh")


@pytest.mark.parametrize(
    "rule",
    [Source, Profile, Limits, PageRule, Next, Button, Scroll, LinkRule, CompanyRule, ReviewRule],
    ids=lambda rule: rule.__name__,
)
def test_the_page_names_every_key_of_a_profile(rule):
    reference = DOC.partition("## What a profile may say")[2]
    assert not [key for key in rule.model_fields if f"`{key}`" not in reference]
