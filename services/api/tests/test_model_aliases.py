"""Aliases move through the gate, at once, with their event, and back again."""

import threading

import pytest

from review_api import database
from review_api.model_schemas import NamedVersion
from review_api.models import ModelAlias
from review_api.registry import Author, promote, roll_back

pytestmark = pytest.mark.integration

ALIASES = "/api/model-aliases"


@pytest.fixture
def trainer(bearer):
    return bearer("models:write", "models:read")


@pytest.fixture
def register(client, trainer):
    """Return a function that registers versions, each with a verdict of the gate."""

    def register(*versions, verdict="pass"):
        for version in versions:
            model = {"name": "sentiment", "version": version, "uri": "file:///m.mar"}
            body = model | {"sha256": version.encode().hex().ljust(64, "0")}
            assert client.post("/api/model-versions", json=body, headers=trainer).status_code == 201
            if verdict:
                report = {"verdict": verdict, "against": None, "checks": [], "figures": {}}
                report["reasons"] = [] if verdict == "pass" else ["worse on the golden set"]
                path = f"/api/model-versions/sentiment/{version}/gate-reports"
                assert client.post(path, json=report, headers=trainer).status_code == 201

    return register


@pytest.fixture
def point(client, trainer):
    """Return a function that sets an alias to a version."""

    def point(alias, version, headers=trainer, **more):
        body = {"name": "sentiment", "version": version, **more}
        return client.put(f"{ALIASES}/{alias}", json=body, headers=headers)

    return point


@pytest.fixture
def meanings(client, trainer):
    """Return a function that says what the aliases mean."""

    def meanings():
        names = ("production", "canary", "previous")
        answers = [client.get(f"{ALIASES}/{name}", headers=trainer) for name in names]
        return [
            answer.json["model"]["version"] if answer.json.get("model") else None
            for answer in answers
        ]

    return meanings


@pytest.fixture
def events(client, trainer):
    """Return a function that gives the changes of aliases, newest first."""

    def events():
        listed = client.get("/api/model-events", headers=trainer).json
        return [
            (one["action"], one["version"], one["reason"])
            for one in listed
            if one["action"] not in {"registered", "gated"}
        ]

    return events


def test_an_alias_says_what_it_means_and_since_when(register, point, client, bearer):
    reader = bearer("models:read")
    assert client.get(f"{ALIASES}/production", headers=reader).status_code == 404
    register("1.0", "1.1")
    first = point("production", "1.0").json
    assert (first["alias"], first["model"]["version"]) == ("production", "1.0")
    assert first["model"]["aliases"] == ["production"]
    assert client.get(f"{ALIASES}/production", headers=reader).json == first
    moved = point("production", "1.1").json
    assert moved["model"]["version"] == "1.1"
    assert moved["changed"] > first["changed"]


def test_setting_an_alias_to_what_it_means_changes_nothing(register, point, events):
    register("1.0")
    assert point("production", "1.0").json == point("production", "1.0").json
    assert events() == [("promoted", "1.0", None)]


def test_an_alias_cannot_mean_what_is_not_registered(register, point, meanings):
    register("1.0")
    point("production", "1.0")
    answer = point("production", "2.0")
    assert (answer.status_code, answer.json["error"]) == (404, "there is no sentiment 2.0")
    assert meanings() == ["1.0", None, None]


def test_there_are_three_aliases_and_the_previous_one_is_only_read(client, trainer):
    body = {"name": "sentiment", "version": "1.0"}
    for call in (client.get, client.put):
        assert call(f"{ALIASES}/other", json=body, headers=trainer).status_code == 404
    answer = client.put(f"{ALIASES}/previous", json=body, headers=trainer)
    assert answer.status_code == 405


def test_what_production_meant_becomes_the_previous_one(register, point, meanings):
    register("1.0", "1.1", "1.2")
    for version in ("1.0", "1.1", "1.2"):
        point("production", version)
    assert meanings() == ["1.2", None, "1.1"]


def test_the_canary_ends_when_it_is_promoted(register, point, meanings, client, trainer):
    register("1.0", "1.1")
    point("production", "1.0")
    point("canary", "1.1")
    client.put("/api/canary", json={"weight": 500}, headers=trainer)
    point("production", "1.1", reason="it is better")
    assert meanings() == ["1.1", None, "1.0"]
    assert client.get("/api/canary").json["weight"] == 0


def test_another_version_in_production_leaves_the_canary(register, point, meanings):
    register("1.0", "1.1", "1.2")
    point("production", "1.0")
    point("canary", "1.2")
    point("production", "1.1")
    assert meanings() == ["1.1", "1.2", "1.0"]


def test_what_is_in_production_cannot_be_the_canary(register, point, meanings):
    register("1.0")
    point("production", "1.0")
    answer = point("canary", "1.0")
    assert (answer.status_code, answer.json["error"]) == (409, "sentiment 1.0 is in production")
    assert meanings() == ["1.0", None, None]


def test_the_canary_is_removed_with_a_reason(register, point, client, trainer, meanings, events):
    register("1.0", "1.1")
    point("canary", "1.1")
    body = {"reason": "it says good to everything"}
    assert client.delete(f"{ALIASES}/canary", json=body, headers=trainer).status_code == 204
    assert client.delete(f"{ALIASES}/canary", headers=trainer).status_code == 404
    assert meanings() == [None, None, None]
    assert events()[0] == ("canary_removed", "1.1", "it says good to everything")


def test_a_rollback_lets_production_and_previous_change_places(
    register, point, client, trainer, meanings, events
):
    register("1.0", "1.1", "1.2")
    point("production", "1.0")
    point("production", "1.1")
    point("canary", "1.2")
    rollback = f"{ALIASES}/production/rollback"
    answer = client.post(rollback, json={"reason": "people complain"}, headers=trainer)
    assert (answer.status_code, answer.json["model"]["version"]) == (200, "1.0")
    assert meanings() == ["1.0", None, "1.1"]
    assert events()[0] == ("rolled_back", "1.0", "people complain")
    client.post(rollback, json={"reason": "they were wrong"}, headers=trainer)
    assert meanings() == ["1.1", None, "1.0"]


def test_without_a_previous_version_there_is_no_way_back(register, point, client, trainer):
    register("1.0")
    point("production", "1.0")
    rollback = f"{ALIASES}/production/rollback"
    answer = client.post(rollback, json={"reason": "why not"}, headers=trainer)
    assert answer.status_code == 409
    assert client.post(rollback, json={}, headers=trainer).status_code == 400


@pytest.mark.parametrize("alias", ["production", "canary"])
@pytest.mark.parametrize(
    ("verdict", "reason"), [(None, "there is no gate report"), ("fail", "worse on the golden set")]
)
def test_what_the_gate_has_not_passed_is_refused(
    make_app, register, bearer, meanings, alias, verdict, reason
):
    register("1.0", verdict=verdict)
    body = {"name": "sentiment", "version": "1.0"}
    client = make_app(gate_required=True).test_client()
    trainer = bearer("models:write")
    answer = client.put(f"{ALIASES}/{alias}", json=body, headers=trainer)
    assert (answer.status_code, answer.json["error"]) == (409, f"sentiment 1.0: {reason}")
    forced = body | {"force": True, "reason": "we know better"}
    answer = client.put(f"{ALIASES}/{alias}", json=forced, headers=trainer)
    assert answer.status_code == 403
    assert meanings() == [None, None, None]


def test_an_admin_forces_with_a_reason(make_app, register, bearer, events):
    register("1.0", verdict="fail")
    client, admin = make_app(gate_required=True).test_client(), bearer("admin")
    body = {"name": "sentiment", "version": "1.0", "force": True}
    path = f"{ALIASES}/production"
    assert client.put(path, json=body, headers=admin).status_code == 400
    answer = client.put(path, json=body | {"reason": "we know better"}, headers=admin)
    assert answer.status_code == 200
    assert events() == [("forced", "1.0", "we know better")]


def test_where_the_gate_is_not_required_nobody_forces(make_app, register, bearer, events):
    register("1.0", verdict="fail")
    client = make_app(gate_required=False).test_client()
    body = {"name": "sentiment", "version": "1.0"}
    headers = bearer("models:write")
    assert client.put(f"{ALIASES}/production", json=body, headers=headers).status_code == 200
    assert events() == [("promoted", "1.0", None)]


def test_the_latest_report_decides(make_app, register, bearer, client, trainer):
    register("1.0", verdict="fail")
    passed = {"verdict": "pass", "against": None, "reasons": [], "checks": [], "figures": {}}
    path = "/api/model-versions/sentiment/1.0/gate-reports"
    client.post(path, json=passed, headers=trainer)
    body = {"name": "sentiment", "version": "1.0"}
    strict = make_app(gate_required=True).test_client()
    answer = strict.put(f"{ALIASES}/production", json=body, headers=bearer("models:write"))
    assert answer.status_code == 200


def test_who_reads_models_moves_no_alias(register, point, client, bearer):
    register("1.0")
    reader = bearer("models:read")
    assert point("production", "1.0", headers=reader).status_code == 403
    assert client.delete(f"{ALIASES}/canary", headers=reader).status_code == 403
    answer = client.post(f"{ALIASES}/production/rollback", json={}, headers=reader)
    assert answer.status_code == 403


def test_readers_always_see_a_version_in_production_while_it_moves(register, point):
    register("1.0", "1.1")
    point("production", "1.0")
    moved, seen = threading.Event(), []

    def look():
        query = ModelAlias.select().where(ModelAlias.name == "production")
        while not moved.is_set():
            seen.append(query.count())
        database.give_back()

    readers = [threading.Thread(target=look) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(20):
        promote(NamedVersion(name="sentiment", version="1.1"), Author("ada"), gate_required=True)
        roll_back(Author("ada", "back"))
    moved.set()
    for reader in readers:
        reader.join()
    assert len(seen) > 40
    assert set(seen) == {1}
