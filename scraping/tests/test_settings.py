"""The settings: each is explained in the README, and what it says holds."""

from pathlib import Path

import pytest

from review_scraper.errors import UsageError
from review_scraper.settings import Settings, read_settings

README = Path(__file__).parents[1] / "README.md"


def test_the_readme_explains_every_setting_with_its_default():
    text = README.read_text()
    for name, field in Settings.model_fields.items():
        default = "" if field.default in {None, ""} else f" `{field.default}`"
        assert f"| `{name.upper()}` |{default} | {field.description} |" in text


def test_the_user_agent_says_how_to_reach_us(monkeypatch):
    monkeypatch.setenv("SCRAPER_CONTACT", "mailto:ada@example.org")
    agent = "candor-review-scraper/0.1 (+mailto:ada@example.org)"
    assert read_settings().user_agent == agent


def test_terms_are_accepted_by_the_profile_s_name(monkeypatch):
    monkeypatch.setenv("SCRAPER_ACCEPT_TERMS", "trustpilot, other ,")
    assert read_settings().accepted == {"trustpilot", "other"}


def test_a_wrong_setting_is_named_without_its_value(monkeypatch):
    monkeypatch.setenv("SCRAPER_BATCH", "5000")
    with pytest.raises(UsageError, match=r"^SCRAPER_BATCH: .* less than or equal to 1000$"):
        read_settings()
