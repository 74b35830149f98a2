from pathlib import Path

import pytest

from candor_local.home import Home
from candor_local.settings import Settings


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def home(tmp_path) -> Home:
    made = Home(tmp_path / "home")
    made.make()
    return made


@pytest.fixture
def checkout() -> Path:
    return Path(__file__).parents[2]
