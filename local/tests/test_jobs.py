import json
import os
import pwd
import stat
import sys

import pytest

from candor_local.jobs import write_jobs
from candor_local.postgres import Postgres
from candor_local.services import api_environment
from candor_local.settings import Settings


@pytest.fixture
def written(home, monkeypatch):
    """Give the function that writes the file for some settings and reads it."""
    monkeypatch.setenv("ADMIN_PASSWORD", "correct horse")

    def write(**settings):
        write_jobs(Settings(_env_file=None, candor_home=home.path, **settings), home)
        return json.loads(home.jobs_file.read_text())

    return write


def after(command, option):
    return command[command.index(option) + 1]


def test_the_scraping_job_is_a_refresh_of_this_very_home(written, home, checkout):
    job = written(ui_port=9000, demo_site_port=9001)["scraping"]
    assert job["command"][0].endswith("/candor")
    assert job["command"][1:] == ["refresh"]
    assert job["environment"]["CANDOR_HOME"] == str(home.path)
    assert job["environment"]["DEMO_SITE_PORT"] == "9001"
    assert "ADMIN_PASSWORD" not in job["environment"]
    assert job["folder"] == str(checkout)


def test_the_training_job_reads_from_and_publishes_to_what_runs(written, home):
    job = written(api_port=9002)["training"]
    assert job["command"][0] == sys.executable
    assert after(job["command"], "--api") == "http://127.0.0.1:9002"
    assert after(job["command"], "--store") == home.models.as_uri()
    assert after(job["command"], "--baseline").endswith("/model-store/sentiment.mar")
    assert after(job["command"], "--runs") == str(home.path / "training")
    assert job["environment"]["TRAINING_TOKEN"] == home.secret("training-token")


def test_jobs_have_less_time_to_end_than_the_worker_and_the_scraper_less_than_its_job(
    written, home
):
    settings = Settings(_env_file=None, stop_timeout=8)
    worker = api_environment(settings, home, Postgres(home.postgres, pwd.getpwuid(os.getuid())))
    scraper = written(stop_timeout=8)["scraping"]["environment"]
    assert float(scraper["STOP_TIMEOUT"]) < float(worker["JOBS_GRACE_SECONDS"]) < 8


@pytest.mark.parametrize(("canary", "alias"), [(True, "canary"), (False, "production")])
def test_what_was_trained_becomes_the_canary_where_there_is_one(written, canary, alias):
    assert after(written(canary=canary)["training"]["command"], "--alias") == alias


def test_the_file_is_for_this_user_only_and_without_the_admins_password(written, home):
    written()
    assert stat.S_IMODE(home.jobs_file.stat().st_mode) == 0o600
    assert "correct horse" not in home.jobs_file.read_text()
