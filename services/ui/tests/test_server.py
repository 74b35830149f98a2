"""The server without a browser and without the other services."""

import json
import re
from importlib.metadata import version

import pytest

from review_ui import create_server
from review_ui.logs import accepted_request_id
from review_ui.settings import Settings

CALLBACK = "/_dash-update-component"


@pytest.fixture(scope="module")
def client():
    return create_server(Settings(log_level="ERROR")).test_client()


OWNER_PAGES = [
    *("/admin", "/admin/", "/admin/insights", "/admin/models", "/admin/models/version"),
    *("/admin/models/events", "/admin/jobs", "/admin/jobs/run", "/admin/quarantine"),
    *("/admin/access", "/admin/access/audit"),
]


@pytest.mark.parametrize("path", ["/", *OWNER_PAGES])
def test_pages_are_there(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/admin/x", "/assets/nothing.css"])
def test_other_addresses_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_the_document_loads_from_its_own_address_only(client):
    addresses = re.findall(r'(?:src|href)="([^"]+)"', client.get("/").text)
    assert len(addresses) > 5
    assert all(re.match(r"/(?!/)", address) for address in addresses)


def test_what_the_document_loads_is_there(client):
    addresses = re.findall(r'(?:src|href)="([^"]+)"', client.get("/").text)
    assert {client.get(address, buffered=True).status_code for address in addresses} == {200}


def test_dashs_version_check_and_tools_are_off(client):
    config = json.loads(re.search(r'"application/json">(.+?)</script>', client.get("/").text)[1])
    assert config["disable_version_check"] is True
    assert config["ui"] is False
    assert "hot_reload" not in config


def test_the_policy_allows_no_script_that_is_not_ours(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'self'"
    assert re.fullmatch(r"'self'( 'sha256-[\w+/=]+')+", rules["script-src"])
    assert rules["frame-ancestors"] == "'none'"


def test_every_answer_has_the_protective_headers(client):
    for path in ("/", "/healthz", "/nothing", "/assets/candor.css"):
        headers = client.get(path, buffered=True).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_health_needs_no_other_service(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}
    assert client.get("/version").json == {"name": "review-ui", "version": version("review-ui")}


def test_metrics_count_requests_by_endpoint(client):
    client.get("/healthz")
    metrics = client.get("/metrics").text
    assert 'review_ui_request_seconds_count{endpoint="health.healthz",method="GET"' in metrics


def test_a_request_keeps_its_id(client):
    answer = client.get("/healthz", headers={"X-Request-ID": "abc-123"})
    assert answer.headers["X-Request-ID"] == "abc-123"


@pytest.mark.parametrize("offered", [None, "", "a b", "x" * 129, "a\nb"])
def test_a_request_without_a_proper_id_gets_one(offered):
    assert re.fullmatch(r"[0-9a-f]{32}", accepted_request_id(offered))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_callbacks_from_another_origin_are_refused(client, headers):
    assert client.post(CALLBACK, json={}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {}]
)
def test_callbacks_from_our_pages_are_heard(client, headers):
    assert client.post(CALLBACK, json={}, headers=headers).status_code == 400


@pytest.mark.parametrize("body", ["[]", "7", "null", '{"output": "nothing"}', "{", ""])
def test_malformed_callbacks_are_bad_requests(client, body):
    answer = client.post(CALLBACK, data=body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("value", [None, {}, {"seq": 1}, {"seq": "x", "text": []}])
def test_malformed_values_are_bad_requests(client, value):
    body = {
        "output": "score-answer.data",
        "outputs": {"id": "score-answer", "property": "data"},
        "inputs": [{"id": "score-request", "property": "data", "value": value}],
        "changedPropIds": ["score-request.data"],
    }
    assert client.post(CALLBACK, json=body).status_code == 400


def confirm_by_hand(client, action, **answers):
    """Confirm the dialog as a page would that is not ours."""
    [callback] = [
        callback
        for callback in client.get("/_dash-dependencies").json
        if callback["inputs"] == [{"id": "dialog-form", "property": "n_submit"}]
    ]
    asked = {"action": action, "target": ""}
    ids = [{"type": "answer", "name": name} for name in answers]
    values = [ids, list(answers.values())]
    state = [
        {"id": "dialog-asked", "property": "data", "value": asked},
        *(
            [
                {"id": one, "property": name, "value": value}
                for one, value in zip(ids, given, strict=True)
            ]
            for name, given in zip(("id", "value"), values, strict=True)
        ),
        {"id": "address", "property": "pathname", "value": "/admin/models"},
        {"id": "address", "property": "search", "value": ""},
    ]
    body = {
        "output": callback["output"],
        "outputs": [],
        "inputs": [{"id": "dialog-form", "property": "n_submit", "value": 1}],
        "state": state,
        "changedPropIds": ["dialog-form.n_submit"],
    }
    client.set_cookie("candor_session", "s")
    return client.post(CALLBACK, json=body).status_code


@pytest.mark.parametrize(
    ("action", "answers"),
    [
        ("none", {}),
        ("weight", {}),
        ("weight", {"weight": "many"}),
        ("weight", {"weight": True}),
        ("weight", {"weight": {"x": 1}}),
        ("policy", {"step": 1}),
        ("make-token", {"name": "x", "scopes": ["admin"], "lifetime": "1000 years"}),
    ],
)
def test_confirmations_that_the_dialog_never_sends_are_bad_requests(client, action, answers):
    assert confirm_by_hand(client, action, **answers) == 400


def test_a_huge_body_is_refused(client):
    answer = client.post(CALLBACK, data=b" " * 600_000, content_type="application/json")
    assert answer.status_code == 413


def test_log_lines_are_json_with_the_requests_id(capsys):
    client = create_server(Settings(log_level="INFO")).test_client()
    client.get("/version", headers={"X-Request-ID": "abc"})
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert line["request_id"] == "abc"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/version", 200)
