"""``review-api models``: the same changes as over HTTP, by whom the system knows."""

import getpass
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from review_api import canary, registry
from review_api.cli import app
from review_api.models import GateReport, ModelEvent
from review_api.registry import RegistryError
from review_api.settings import complaints

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("versions")]

COMMAND = Path(sys.executable).with_name("review-api")


@pytest.fixture
def models(database_url):
    """Return a function that gives a command's words to the program, in this process."""

    def run(*words):
        given = {"DATABASE_URL": database_url, "COLUMNS": "200"}
        return CliRunner().invoke(app, ["models", *words], env=given)

    return run


def last_event():
    event = ModelEvent.select().order_by(ModelEvent.id.desc()).first()
    return event.who, event.action, event.version, event.reason


def test_a_canary_is_set_weighed_promoted_and_rolled_back(models):
    me = getpass.getuser()
    said = json.loads(models("canary", "1.1", "--weight", "500").stdout)
    assert (said["version"], said["weight"]) == ("1.1", 500)
    assert json.loads(models("weight", "700", "--shadow", "9").stdout)["weight"] == 700
    assert canary.situation().shadow == 9
    assert models("promote", "1.1", "--reason", "better").stdout == "production is sentiment 1.1\n"
    assert last_event() == (me, "promoted", "1.1", "better")
    done = models("rollback", "--reason", "worse after all")
    assert done.stdout == "production is sentiment 1.0\n"
    assert last_event() == (me, "rolled_back", "1.0", "worse after all")


def test_versions_and_events_are_listed_and_a_version_is_shown_whole(models):
    lines = models("list").stdout.splitlines()
    assert [line.split()[2] for line in lines if "sentiment" in line] == ["1.2", "1.1", "1.0"]
    assert sum("production" in line for line in lines) == 1
    shown = json.loads(models("show", "1.0").stdout)
    assert (shown["aliases"], shown["gate"]["verdict"]) == (["production"], "pass")
    assert "promoted" in models("events", "--limit", "1").stdout


def test_the_policy_is_turned_on_with_limits_and_off(models):
    said = json.loads(models("policy", "on", "--set", "max=2000", "--set", "promote=true").stdout)
    assert said["policy"] == canary.situation().policy.model_dump()
    assert (said["policy"]["max"], said["policy"]["promote"]) == (2000, True)
    assert json.loads(models("policy", "off").stdout)["policy"]["max"] == 2000
    assert canary.situation().policy.enabled is False


def test_the_gate_holds_here_too_unless_it_is_forced_with_a_reason(models, database_url):
    version = registry.meaning("production")
    GateReport.delete().where(GateReport.model != version).execute()
    refused = subprocess.run(
        [COMMAND, "models", "promote", "1.1"],
        env={"DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "review-api: sentiment 1.1: there is no gate report\n"
    assert (refused.returncode, refused.stderr) == (1, said)
    assert models("promote", "1.1", "--force").exit_code == 2
    assert models("promote", "1.1", "--force", "--reason", "we know").exit_code == 0
    assert last_event()[1:] == ("forced", "1.1", "we know")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["show", "9.9"], "there is no sentiment 9.9"),
        (["show", "../x"], "VERSION"),
        (["weight", "100"], "there is no canary"),
        (["canary", "1.0"], "sentiment 1.0 is in production"),
        (["canary", "--remove"], "there is no canary"),
        (["rollback", "--reason", "x"], "there is no previous version"),
        (["policy", "on", "--set", "max=20000"], "MAX"),
        (["policy", "on", "--set", "surprise=1"], "SURPRISE"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(models, words, reason):
    error = models(*words).exception
    assert isinstance(error, RegistryError | ValidationError)
    assert reason in (complaints(error) if isinstance(error, ValidationError) else str(error))
    assert last_event()[1] == "promoted"


@pytest.mark.parametrize(
    "words",
    [["policy", "on", "--set", "max"], ["weight", "10001"], ["canary", "--weight", "5"], ["x"]],
)
def test_a_wrong_use_is_exit_code_2(models, words):
    assert models(*words).exit_code == 2
