import stat

from candor_local import admin_password
from candor_local.home import Home
from candor_local.settings import Settings


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_random_kept_and_for_this_user_only(home, tmp_path):
    secret = home.secret("ui-token")
    other = Home(tmp_path / "other")
    other.make()
    assert len(secret) >= 32
    assert home.secret("ui-token") == secret
    assert other.secret("ui-token") != secret
    assert mode(home.secrets / "ui-token") == 0o600
    assert mode(home.secrets) == 0o700


def test_the_home_is_for_this_user_only(home):
    assert mode(home.path) == 0o700


def test_a_half_written_secret_of_a_killed_start_is_no_obstacle(home):
    (home.secrets / ".ui-token.new").write_text("half")
    assert home.secret("ui-token") != "half"


def test_the_password_is_made_for_a_new_database_and_shown_once(home):
    settings = Settings(_env_file=None)
    made = admin_password.choose(settings, home, new_database=True)
    assert admin_password.describe(home) == made
    assert admin_password.choose(settings, home, new_database=False) == made
    assert made not in admin_password.describe(home)


def test_no_password_is_made_for_a_database_that_has_its_admin(home):
    settings = Settings(_env_file=None)
    assert admin_password.choose(settings, home, new_database=False) is None


def test_a_password_that_was_set_is_neither_shown_nor_kept(home, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse")
    settings = Settings(_env_file=None)
    assert admin_password.choose(settings, home, new_database=True) == "correct horse"
    assert "correct horse" not in admin_password.describe(home)
    assert list(home.secrets.iterdir()) == []
