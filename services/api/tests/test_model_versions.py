"""Model versions are registered once and never changed, with their lineage and gate reports."""

import pytest
from peewee import DatabaseError

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
LINEAGE = {
    "parent": "1.0",
    "rows": {"demo": 1200, "people": 31},
    "configuration": {"network": "tiny", "epochs": 4},
    "profile": {"version": 1, "rows": 1231, "features": {}},
    "size_bytes": 9824249,
    "signature": "e" * 64,
}
CHECK = {"name": "size", "verdict": "fail", "measured": 99.5, "limit": 50, "detail": "MB"}
FAILED = {
    "verdict": "fail",
    "against": "0.9",
    "reasons": ["it is too large"],
    "checks": [CHECK],
    "figures": {"golden": {"rows": 300}},
}
PASSED = FAILED | {"verdict": "pass", "reasons": [], "checks": []}
REPORTS = "/api/model-versions/sentiment/1.0/gate-reports"


@pytest.fixture
def trainer(bearer):
    return bearer("models:write", "models:read")


@pytest.fixture
def register(client, trainer):
    return lambda model: client.post("/api/model-versions", json=model, headers=trainer)


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
        ("parent", "../x"),
        ("rows", {"demo": -1}),
        ("rows", {"\0": 1}),
        ("rows", [1]),
        ("configuration", {"a": float("nan")}),
        ("profile", 1),
        ("size_bytes", -1),
        ("size_bytes", 2**63),
        ("signature", "E" * 64),
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


def test_lineage_is_kept_and_shown(register, client, trainer):
    register(FIRST)
    register(SECOND | LINEAGE)
    shown = client.get("/api/model-versions/sentiment/1.1", headers=trainer)
    assert (SECOND | LINEAGE).items() <= shown.json.items()
    listed = client.get("/api/model-versions", headers=trainer).json[0]
    assert shown.json.keys() - listed.keys() == {"configuration", "profile"}
    assert listed.items() <= shown.json.items()


def test_a_parent_has_to_be_registered(register):
    answer = register(SECOND | LINEAGE)
    assert (answer.status_code, answer.json["error"]) == (
        409,
        "the parent sentiment 1.0 is not registered",
    )
    assert ModelVersion.select().count() == 0


def test_the_database_itself_refuses_to_change_what_is_registered(register, db):
    register(FIRST)
    with pytest.raises(DatabaseError, match="is a record and cannot be changed"), db.atomic():
        ModelVersion.update(sha256="f" * 64).execute()


@pytest.mark.parametrize("name", ["other", "%00", "a b", "x" * 3000, "%ff"])
def test_what_is_not_registered_is_not_shown(client, trainer, name):
    for path in ("", "/gate-reports"):
        answer = client.get(f"/api/model-versions/{name}/1.0{path}", headers=trainer)
        assert answer.status_code in {400, 404}
        assert answer.json["error"]


def test_gate_reports_are_kept_newest_first_and_the_latest_is_the_verdict(
    register, client, trainer
):
    register(FIRST)
    failed = client.post(REPORTS, json=FAILED, headers=trainer)
    passed = client.post(REPORTS, json=PASSED, headers=trainer)
    assert (failed.status_code, passed.status_code) == (201, 201)
    assert FAILED.items() <= failed.json.items()
    assert client.get(REPORTS, headers=trainer).json == [passed.json, failed.json]
    shown = client.get("/api/model-versions/sentiment/1.0", headers=trainer).json["gate"]
    assert shown == {name: passed.json[name] for name in ("verdict", "reasons", "created_date")}
    listed = client.get("/api/model-versions?format=csv", headers=trainer)
    assert '""verdict"": ""pass""' in listed.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verdict", "perhaps"),
        ("against", "../x"),
        ("reasons", ["\0"]),
        ("reasons", ["x"] * 101),
        ("checks", [{"name": "size"}]),
        ("checks", [CHECK | {"measured": float("inf")}]),
        ("figures", {"a": float("nan")}),
        ("surprise", 1),
    ],
)
def test_a_bad_gate_report_is_refused_by_name(register, client, trainer, field, value):
    register(FIRST)
    answer = client.post(REPORTS, json=PASSED | {field: value}, headers=trainer)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"].split(".")[0] == field
    assert client.get(REPORTS, headers=trainer).json == []


def test_who_reads_models_cannot_change_them(register, client, bearer):
    register(FIRST)
    reader = bearer("models:read")
    assert client.post("/api/model-versions", json=FIRST, headers=reader).status_code == 403
    assert client.post(REPORTS, json=PASSED, headers=reader).status_code == 403
    assert client.get(REPORTS, headers=reader).json == []
