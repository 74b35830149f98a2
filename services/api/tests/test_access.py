"""Tokens, sessions and scopes."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from review_api import tokens, users
from review_api.models import Admin, Session, Token
from review_api.operations import operation_of

pytestmark = pytest.mark.integration


def test_every_route_with_a_scope_refuses_anybody_and_other_scopes(app, client, bearer):
    other = bearer("reviews:attest")
    for rule in app.url_map.iter_rules():
        if operation_of(app, rule.endpoint).scope:
            path = re.sub(r"<any\((\w+)[^>]*>", r"\1", re.sub("<int[^>]*>", "1", rule.rule))
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                assert client.open(path, method=method).status_code == 401
                assert client.open(path, method=method, headers=other).status_code == 403


def test_a_token_that_is_not_valid_is_refused_even_where_none_is_needed(client):
    headers = {"Authorization": "Bearer wrong"}
    answer = client.post("/api/review", json={}, headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "", "Bearer \xff", "x" * 5000])
def test_a_strange_authorization_is_refused(client, header):
    headers = {"Authorization": header}
    assert client.get("/api/reviews", headers=headers).status_code == 401


def test_an_expired_token_is_refused(client):
    past = datetime.now(UTC) - timedelta(seconds=1)
    headers = {"Authorization": f"Bearer {tokens.create('old', ['reviews:read'], past)[1]}"}
    assert client.get("/api/reviews", headers=headers).status_code == 401


def test_a_token_is_made_used_listed_and_revoked(client, admin_client):
    made = admin_client.post("/api/tokens", json={"name": "backup", "scopes": ["reviews:read"]})
    assert made.status_code == 201
    headers = {"Authorization": f"Bearer {made.json['token']}"}
    assert client.get("/api/reviews", headers=headers).status_code == 200
    listed = admin_client.get("/api/tokens").json
    assert [token["name"] for token in listed] == ["backup"]
    assert "token" not in listed[0]
    assert admin_client.delete(f"/api/tokens/{made.json['id']}").status_code == 204
    assert client.get("/api/reviews", headers=headers).status_code == 401


def test_a_token_with_an_unknown_scope_is_refused(admin_client):
    answer = admin_client.post("/api/tokens", json={"name": "x", "scopes": ["everything"]})
    assert answer.status_code == 400


def test_secrets_are_stored_by_hash_only(admin_client):
    secret = admin_client.post("/api/tokens", json={"name": "x", "scopes": ["admin"]}).json["token"]
    cookie = admin_client.get_cookie("candor_session").value
    stored = f"{list(Token.select().dicts())} {list(Session.select().dicts())}"
    assert secret not in stored
    assert cookie not in stored
    assert Admin.get().password_hash.startswith("$argon2id$")


def test_a_service_has_one_token_and_the_last_registered(client):
    tokens.register_service("ui", ["reviews:attest"], "first-secret-of-the-ui")
    tokens.register_service("ui", ["reviews:attest"], "second-secret-of-the-ui")
    tokens.register_service("ui", ["reviews:attest"], "second-secret-of-the-ui")
    assert [token.name for token in tokens.every()] == ["service:ui"]
    statuses = [
        client.get("/api/reviews", headers={"Authorization": f"Bearer {which}-secret-of-the-ui"})
        for which in ("first", "second")
    ]
    assert [answer.status_code for answer in statuses] == [401, 403]


LOGIN = {"username": "ada", "password": "correct horse"}


class TestSessions:
    def test_the_cookie_is_out_of_reach_of_pages(self, app):
        users.add("ada", "correct horse")
        answer = app.test_client().post("/api/session", json=LOGIN)
        parts = set(answer.headers["Set-Cookie"].split("; "))
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= parts
        assert "Secure" not in parts
        assert answer.json["username"] == "ada"

    def test_the_cookie_is_secure_where_the_setting_says_so(self, make_app):
        app = make_app(cookie_secure=True)
        users.add("ada", "correct horse")
        answer = app.test_client().post("/api/session", json=LOGIN)
        assert "Secure" in answer.headers["Set-Cookie"].split("; ")

    def test_a_session_says_who_and_ends_in_the_database(self, admin_client, client):
        cookie = admin_client.get_cookie("candor_session").value
        assert admin_client.get("/api/session").json["username"] == "ada"
        assert admin_client.delete("/api/session").status_code == 204
        client.set_cookie("candor_session", cookie)
        assert client.get("/api/session").status_code == 401
        assert client.get("/api/reviews").status_code == 401

    def test_an_expired_session_is_nobody(self, admin_client):
        Session.update(expires=datetime.now(UTC)).execute()
        assert admin_client.get("/api/reviews").status_code == 401

    def test_a_new_password_ends_sessions(self, admin_client):
        users.change_password("ada", "battery staple")
        assert admin_client.get("/api/session").status_code == 401

    @pytest.mark.parametrize("changes", [{"password": "wrong"}, {"username": "bob"}])
    def test_a_wrong_name_or_password_is_refused_alike(self, app, changes):
        users.add("ada", "correct horse")
        answer = app.test_client().post("/api/session", json=LOGIN | changes)
        assert (answer.status_code, answer.json["error"]) == (401, "wrong name or password")

    def test_a_page_of_another_origin_cannot_use_the_cookie(self, admin_client):
        headers = {"Origin": "http://localhost:8050"}
        body = {"name": "x", "scopes": ["admin"]}
        assert admin_client.post("/api/tokens", json=body, headers=headers).status_code == 403
        headers = {"Origin": "http://localhost"}
        assert admin_client.post("/api/tokens", json=body, headers=headers).status_code == 201

    def test_a_service_acts_for_an_admin_with_both_rights(self, admin_client, bearer):
        headers = bearer("reviews:attest")
        assert admin_client.get("/api/reviews", headers=headers).status_code == 200
