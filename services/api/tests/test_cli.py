"""The command: what it prints, and errors on one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from review_api.models import Review, Token

pytestmark = pytest.mark.integration

COMMAND = Path(sys.executable).with_name("review-api")


@pytest.fixture
def run(make_app, database_url):
    make_app()

    def run(*words, **environment):
        given = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url} | environment
        return subprocess.run(
            [COMMAND, *words], env=given, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_migrate_makes_the_first_admin_and_registers_the_ui(run, client):
    given = {"ADMIN_PASSWORD": "correct horse", "UI_TOKEN": "a-secret-of-the-ui"}
    for _ in range(2):
        assert run("migrate", **given).returncode == 0
    headers = {"Authorization": "Bearer a-secret-of-the-ui"}
    assert client.get("/api/reviews", headers=headers).status_code == 403
    login = {"username": "admin", "password": "correct horse"}
    assert client.post("/api/session", json=login).status_code == 200


def test_migrate_registers_the_services_with_what_each_may_do(run, client):
    names = ("UI_TOKEN", "SCRAPER_TOKEN", "TRAINING_TOKEN", "MODEL_SYNC_TOKEN")
    assert run("migrate", **{name: f"secret-of-{name}" for name in names}).returncode == 0
    assert {token.name: token.scopes for token in Token.select()} == {
        "service:ui": "reviews:attest",
        "service:scraper": "scrape:write",
        "service:training": "models:read models:write training:read",
        "service:model_sync": "models:read",
    }
    headers = {"Authorization": "Bearer secret-of-TRAINING_TOKEN"}
    assert client.get("/api/training-data", headers=headers).status_code == 200


def test_a_tokens_secret_stands_alone_on_the_last_line(run, client):
    secret = run("tokens", "create").stdout.splitlines()[-1]
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/reviews", headers=headers).status_code == 200
    listed = run("tokens", "list").stdout
    assert "owner" in listed
    assert secret not in listed
    number = listed.split("owner")[0].split()[-2]
    assert run("tokens", "revoke", number).returncode == 0
    assert client.get("/api/reviews", headers=headers).status_code == 401


def test_admins_are_added_listed_changed_and_removed(run, client):
    assert run("users", "add", "ada", PASSWORD="correct horse").returncode == 0
    assert run("users", "list").stdout == "ada\n"
    assert run("users", "password", "ada", PASSWORD="battery staple").returncode == 0
    login = {"username": "ada", "password": "battery staple"}
    assert client.post("/api/session", json=login).status_code == 200
    assert run("users", "remove", "ada").returncode == 0
    assert run("users", "list").stdout == ""


def test_work_scores_what_is_saved_and_ends_on_sigterm(client, database_url, model):
    client.post("/api/review", json={"review": "fine", "rating": 3, "brand": "Acme"})
    environment = {"DATABASE_URL": database_url, "MODEL_SERVER_URL": model.url}
    with subprocess.Popen([COMMAND, "work"], env=environment, stdout=subprocess.PIPE) as work:
        event = json.loads(work.stdout.readline())
        work.terminate()
        assert work.wait(60) == 0
    assert (event["event"], event["reviews"]) == ("reviews scored", 1)
    assert Review.get().model_version == "1.0"


AWAY = {"DATABASE_URL": "postgresql://127.0.0.1:9/reviews"}


@pytest.mark.parametrize(
    ("words", "environment", "reason"),
    [
        (["migrate"], AWAY, "Connection refused"),
        (["users", "list"], AWAY, "Connection refused"),
        (["migrate"], {"DATABASE_URL": ""}, "DATABASE_URL"),
        (["migrate"], {"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        (["users", "add", "bob"], {"PASSWORD": "short"}, "at least 8 characters"),
        (["users", "remove", "nobody"], {}, "no admin nobody"),
        (["tokens", "revoke", "1"], {}, "no token 1"),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(run, words, environment, reason):
    done = run(*words, **environment)
    assert done.returncode == 1
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["tokens", "create", "x", "--scope", "all"], ["tokens", "x"]])
def test_a_wrong_use_is_exit_code_2_without_a_traceback(run, words):
    done = run(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_help_has_an_example_of_each_command(run):
    for words in (["migrate"], ["work"], ["users", "add"], ["tokens", "create"]):
        assert "Example" in run(*words, "--help").stdout
