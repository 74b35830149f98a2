"""Settings come from the environment and complain on one line."""

import pytest
from pydantic import ValidationError

from review_api.settings import Settings, complaints


def test_a_setting_is_the_variable_of_its_name(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/reviews")
    monkeypatch.setenv("TRUSTED_PROXIES", "2")
    assert Settings().trusted_proxies == 2


def test_bad_settings_are_named_on_one_line_without_their_values(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://root:secret@db/x")
    monkeypatch.setenv("CLIENT_ADDRESS", "half")
    with pytest.raises(ValidationError) as caught:
        Settings()
    line = complaints(caught.value)
    assert "DATABASE_URL" in line
    assert "CLIENT_ADDRESS" in line
    assert "\n" not in line
    assert "secret" not in line


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())
