"""Users, tokens and what is written of who changed them."""

import threading

import pytest

from review_api import users

pytestmark = pytest.mark.integration

BOB = {"username": "bob", "password": "battery staple"}


def events(client, **query):
    answer = client.get("/api/audit-events", query_string=query)
    assert answer.status_code == 200
    return [(event["who"], event["action"], event["subject"]) for event in answer.json]


def test_an_admin_makes_changes_and_removes_another(admin_client, client):
    made = admin_client.post("/api/users", json=BOB)
    assert (made.status_code, made.json["username"]) == (201, "bob")
    assert [user["username"] for user in admin_client.get("/api/users").json] == ["ada", "bob"]
    new = {"password": "another password"}
    assert admin_client.put("/api/users/bob/password", json=new).status_code == 204
    assert client.post("/api/session", json=BOB).status_code == 401
    assert client.post("/api/session", json=BOB | new).status_code == 200
    assert admin_client.delete("/api/users/bob").status_code == 204
    assert client.get("/api/session").status_code == 401
    assert events(admin_client) == [
        ("ada", "user_removed", "bob"),
        ("ada", "password_changed", "bob"),
        ("ada", "user_added", "bob"),
    ]


def test_no_password_is_in_an_answer_or_an_event(admin_client):
    said = admin_client.post("/api/users", json=BOB).text
    said += admin_client.get("/api/users").text + admin_client.get("/api/audit-events").text
    assert BOB["password"] not in said
    assert "argon2" not in said


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"username": "ada"}, 409),
        ({"password": "short"}, 400),
        ({"username": "a/b"}, 400),
        ({"username": ".."}, 400),
        ({"username": "x" * 101}, 400),
        ({"scopes": ["admin"]}, 400),
    ],
)
def test_an_admin_that_cannot_be_made_leaves_no_event(admin_client, changes, status):
    assert admin_client.post("/api/users", json=BOB | changes).status_code == status
    assert events(admin_client) == []


@pytest.mark.parametrize("name", ["nobody", "%00", "%ff", "x" * 3000])
def test_an_admin_that_there_is_not_is_404(admin_client, name):
    new = {"password": "another password"}
    assert admin_client.put(f"/api/users/{name}/password", json=new).status_code == 404
    assert admin_client.delete(f"/api/users/{name}").status_code == 404


def test_nobody_removes_themselves_or_the_last_admin(admin_client, client, bearer):
    assert admin_client.delete("/api/users/ada").status_code == 409
    assert client.delete("/api/users/ada", headers=bearer("admin")).status_code == 409
    assert users.every() == ["ada"]


def test_two_admins_cannot_remove_each_other_at_the_same_time(app, bearer):
    names = [f"admin{number}" for number in range(4)]
    for name in names:
        users.add(name, "correct horse")
    headers = bearer("admin")
    threads = [
        threading.Thread(
            target=lambda name: app.test_client().delete(f"/api/users/{name}", headers=headers),
            args=(name,),
        )
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(users.every()) == 1


def test_tokens_are_in_the_events_without_their_secrets(admin_client):
    new = {"name": "backup", "scopes": ["reviews:read"]}
    made = admin_client.post("/api/tokens", json=new).json
    assert admin_client.delete(f"/api/tokens/{made['id']}").status_code == 204
    assert admin_client.delete(f"/api/tokens/{made['id']}").status_code == 404
    assert events(admin_client) == [
        ("ada", "token_revoked", "backup"),
        ("ada", "token_created", "backup"),
    ]
    answer = admin_client.get("/api/audit-events?format=ndjson")
    assert made["token"] not in answer.text
    assert '"scopes":["reviews:read"]' in answer.text


def test_events_are_found_by_who_what_and_whom_in_pages(admin_client, client, bearer):
    headers = bearer("admin")
    for number in range(3):
        body = BOB | {"username": f"user{number}"}
        assert client.post("/api/users", json=body, headers=headers).status_code == 201
    assert admin_client.delete("/api/users/user1").status_code == 204
    assert len(events(admin_client, who="test")) == 3
    assert events(admin_client, action="user_removed") == [("ada", "user_removed", "user1")]
    assert len(events(admin_client, subject="user1")) == 2
    answer = admin_client.get("/api/audit-events?limit=2")
    assert answer.headers["X-Total-Count"] == "4"
    assert 'rel="next"' in answer.headers["Link"]
