import pytest

from candor_local.errors import CandorError
from candor_local.settings import CHECKOUT, Settings, inherited_environment, read_settings


def test_the_environment_wins_over_the_env_file(tmp_path, monkeypatch):
    env_file = tmp_path / ".env"
    env_file.write_text("UI_PORT=9001\nAPI_PORT=9002\n")
    monkeypatch.setenv("UI_PORT", "9100")
    settings = Settings(_env_file=env_file)
    assert (settings.ui_port, settings.api_port, settings.model_port) == (9100, 9002, 8080)


def test_a_setting_left_empty_is_the_default(monkeypatch):
    monkeypatch.setenv("UI_PORT", "")
    assert Settings(_env_file=None).ui_port == 8050


def test_a_relative_home_is_made_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANDOR_HOME", "here")
    assert Settings(_env_file=None).candor_home == tmp_path / "here"


@pytest.mark.parametrize("value", ["0", "65536", "ui", "-1"])
def test_a_port_that_is_none_is_named_in_the_error(monkeypatch, value):
    monkeypatch.setenv("METRICS_PORT", value)
    with pytest.raises(CandorError, match=r"^METRICS_PORT: Input should be"):
        read_settings()


def test_two_equal_ports_are_named_in_the_error(monkeypatch):
    monkeypatch.setenv("MODEL_PORT", "7000")
    monkeypatch.setenv("API_PORT", "7000")
    with pytest.raises(CandorError, match=r"^API_PORT and MODEL_PORT are both 7000$"):
        read_settings()


def test_the_canarys_ports_are_only_needed_with_a_canary(monkeypatch):
    monkeypatch.setenv("CANARY_PORT", "8000")
    assert "CANARY_PORT" not in read_settings().ports
    monkeypatch.setenv("CANARY", "1")
    with pytest.raises(CandorError, match=r"^API_PORT and CANARY_PORT are both 8000$"):
        read_settings()
    assert read_settings(canary=False).canary is False


def test_the_admin_password_is_never_in_an_error(monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse")
    monkeypatch.setenv("UI_PORT", "horse")
    with pytest.raises(CandorError) as error:
        read_settings()
    assert "horse" not in str(error.value)


def test_the_parts_inherit_the_env_file_but_not_the_admin_password(tmp_path, monkeypatch):
    env_file = tmp_path / ".env"
    env_file.write_text("WRITES_PER_MINUTE=5\nLOG_LEVEL=DEBUG\nADMIN_PASSWORD=secret\n")
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    inherited = inherited_environment(env_file)
    assert inherited["WRITES_PER_MINUTE"] == "5"
    assert inherited["LOG_LEVEL"] == "ERROR"
    assert "ADMIN_PASSWORD" not in inherited


def test_the_readme_has_every_setting_with_its_default_and_meaning(checkout):
    readme = (checkout / "local/README.md").read_text().splitlines()
    rows = [line for line in readme if line.startswith("| `") and line.split("`")[1].isupper()]
    assert rows == [_row(name, field) for name, field in Settings.model_fields.items()]


def _row(name, field):
    default = (
        "" if field.default is None else f"`{str(field.default).removeprefix(f'{CHECKOUT}/')}`"
    )
    return f"| `{name.upper()}` | {default} | {field.description} |".replace("|  |", "| |")
