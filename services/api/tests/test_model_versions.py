"""Model versions are registered once and never changed; an alias says which is in use."""

import pytest

from review_api.models import ModelVersion

pytestmark = pytest.mark.integration

FIRST = {
    "name": "sentiment",
    "version": "1.0",
    "uri": "file:///models/sentiment-1.0-aaaaaaaaaaaa.mar",
    "sha256": "a" * 64,
    "metrics": {"f1": 0.71, "classes": {"bad": [1, 2]}, "note": None},
    "data_digest": "b" * 64,
    "code_revision": "8465964",
}
SECOND = FIRST | {"version": "1.1", "sha256": "c" * 64}
ALIAS = "/api/model-aliases/production"


@pytest.fixture
def trainer(bearer):
    return bearer("models:write", "models:read")


@pytest.fixture
def register(client, trainer):
    return lambda model: client.post("/api/model-versions", json=model, headers=trainer)


@pytest.fixture
def point(client, trainer):
    """Return a function that sets the alias to a version."""

    def point(version):
        body = {"name": "sentiment", "version": version}
        return client.put(ALIAS, json=body, headers=trainer)

    return point


def test_a_version_is_registered_once(register):
    first, second = register(FIRST), register(FIRST)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert FIRST.items() <= first.json.items()


def test_another_artifact_under_a_known_version_is_refused(register):
    register(FIRST)
    answer = register(FIRST | {"sha256": "d" * 64})
    assert (answer.status_code, answer.json["error"]) == (
        409,
        "sentiment 1.0 is registered with another sha256",
    )
    assert ModelVersion.get().sha256 == FIRST["sha256"]


def test_what_is_registered_does_not_change(register):
    before = register(FIRST).json
    assert register(FIRST | {"uri": "s3://other/place", "metrics": {"f1": 1}}).json == before


def test_only_the_names_and_the_artifact_are_required(register):
    needed = {name: FIRST[name] for name in ("name", "version", "uri", "sha256")}
    answer = register(needed)
    assert (answer.status_code, answer.json["metrics"]) == (201, None)


def test_versions_are_listed_newest_first(register, client, trainer):
    for model in (FIRST, SECOND):
        register(model)
    answer = client.get("/api/model-versions", headers=trainer)
    assert [one["version"] for one in answer.json] == ["1.1", "1.0"]
    assert answer.headers["X-Total-Count"] == "2"
    answer = client.get("/api/model-versions?name=other", headers=trainer)
    assert answer.json == []


def test_versions_are_exported_with_their_metrics(register, client, trainer):
    register(FIRST)
    answer = client.get("/api/model-versions?format=csv", headers=trainer)
    assert '""f1"": 0.71' in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "../x"),
        ("version", "1 0"),
        ("version", "x" * 101),
        ("uri", "/models/x.mar"),
        ("sha256", "A" * 64),
        ("sha256", "a" * 63),
        ("metrics", []),
        ("metrics", {"f1": float("nan")}),
        ("metrics", {"f1": float("inf")}),
        ("metrics", {"a\0": 1}),
        ("metrics", {"a": [{"b": "\0"}]}),
        ("data_digest", 1),
        ("code_revision", "\0"),
        ("surprise", 1),
    ],
)
def test_a_bad_field_is_refused_by_name(register, field, value):
    answer = register(FIRST | {field: value})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"].split(".")[0] == field
    assert ModelVersion.select().count() == 0


def test_an_alias_says_what_it_means_and_since_when(register, point, client, bearer):
    reader = bearer("models:read")
    assert client.get(ALIAS, headers=reader).status_code == 404
    models = [register(model).json for model in (FIRST, SECOND)]
    assert point("1.0").json["model"] == models[0]
    answer = client.get(ALIAS, headers=reader)
    assert answer.json["alias"] == "production"
    assert answer.json["model"] == models[0]
    moved = point("1.1").json
    assert moved["model"] == models[1]
    assert moved["changed"] > answer.json["changed"]
    assert client.get(ALIAS, headers=reader).json == moved


def test_setting_an_alias_to_what_it_means_changes_nothing(register, point):
    register(FIRST)
    assert point("1.0").json == point("1.0").json


def test_an_alias_cannot_mean_what_is_not_registered(register, point, client, trainer):
    register(FIRST)
    point("1.0")
    answer = point("2.0")
    assert (answer.status_code, answer.json["error"]) == (404, "there is no sentiment 2.0")
    assert client.get(ALIAS, headers=trainer).json["model"]["version"] == "1.0"


def test_there_is_no_other_alias(client, trainer):
    body = {"name": "sentiment", "version": "1.0"}
    for call in (client.get, client.put):
        assert call("/api/model-aliases/canary", json=body, headers=trainer).status_code == 404


def test_who_reads_models_cannot_change_them(client, bearer):
    reader = bearer("models:read")
    assert client.post("/api/model-versions", json=FIRST, headers=reader).status_code == 403
    assert client.put(ALIAS, json={}, headers=reader).status_code == 403
