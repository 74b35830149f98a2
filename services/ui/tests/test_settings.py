import subprocess
import sys

import pytest
from pydantic import ValidationError

from review_ui.settings import Settings


def test_every_setting_has_a_description():
    assert all(field.description for field in Settings.model_fields.values())


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("REVIEW_API_URL", "http://api:8000")
    monkeypatch.setenv("TRUSTED_PROXIES", "2")
    settings = Settings()
    assert str(settings.review_api_url) == "http://api:8000/"
    assert settings.trusted_proxies == 2


def test_an_empty_variable_means_the_default(monkeypatch):
    monkeypatch.setenv("UI_THREADS", "")
    assert Settings().ui_threads == 16


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        Settings().ui_threads = 3


def test_the_token_is_not_shown():
    assert "hush" not in repr(Settings(ui_token="hush"))


def test_a_wrong_setting_is_one_readable_line(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "some")
    command = [sys.executable, "-c", "import review_ui.gunicorn_config"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("review-ui: TRUSTED_PROXIES: ")
    assert result.stderr.count("\n") == 1
