"""How often clients may write, predict and guess passwords."""

import pytest

from review_api import limits, users
from review_api.problems import Problem

pytestmark = pytest.mark.integration

REVIEW = {"review": "fine", "rating": 3, "brand": "Acme"}


def statuses(client, count, path="/api/review", headers=None, **changes):
    return [
        client.post(path, json=REVIEW | changes, headers=headers).status_code for _ in range(count)
    ]


def test_a_client_that_writes_too_much_is_told_when_to_return(make_app):
    client = make_app(writes_per_minute=3).test_client()
    assert statuses(client, 4) == [200, 200, 200, 429]
    answer = client.post("/api/review", json=REVIEW)
    assert 1 <= int(answer.headers["Retry-After"]) <= 20
    assert answer.json["status"] == 429


def test_workers_share_the_count(make_app):
    first, second = (make_app(writes_per_minute=3).test_client() for _ in range(2))
    assert statuses(first, 2) + statuses(second, 2) == [200, 200, 200, 429]


def test_clients_are_counted_apart(make_app):
    client = make_app(writes_per_minute=1, trusted_proxies=1).test_client()
    for address in ("198.51.100.1", "198.51.100.2"):
        assert statuses(client, 2, headers={"X-Forwarded-For": address}) == [200, 429]


def test_zero_is_no_limit(make_app):
    assert set(statuses(make_app(writes_per_minute=0).test_client(), 70)) == {200}


def test_visitors_of_the_ui_are_counted_by_their_own_address(make_app, bearer):
    client, ui = make_app(writes_per_minute=1).test_client(), bearer("reviews:attest")
    for address in ("198.51.100.1", "198.51.100.2"):
        assert statuses(client, 2, headers=ui, ip_address=address) == [200, 429]
    assert statuses(client, 3, headers=ui) == [200] * 3


def test_predictions_have_a_limit_of_their_own(make_app):
    client = make_app(predictions_per_minute=2, writes_per_minute=1).test_client()
    answers = [client.post("/api/predict", data={"review": "x"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert statuses(client, 1) == [200]


def test_a_bucket_empties_with_time(db):
    limits.spend("x", 1)
    db.execute_sql("update request_limit set free_at = free_at - interval '59 seconds'")
    with pytest.raises(Problem):
        limits.spend("x", 1)
    db.execute_sql("update request_limit set free_at = free_at - interval '2 seconds'")
    limits.spend("x", 1)


def log_in(client, username="ada", password="wrong", **more):
    login = {"username": username, "password": password} | more
    return client.post("/api/session", json=login).status_code


def test_guessing_passwords_is_slowed_down(make_app):
    client = make_app(logins_per_minute=2).test_client()
    users.add("ada", "correct horse")
    assert [log_in(client) for _ in range(3)] == [401, 401, 429]
    assert log_in(client, password="correct horse") == 429


def test_a_right_password_forgives_the_wrong_ones(make_app):
    client = make_app(logins_per_minute=2).test_client()
    users.add("ada", "correct horse")
    tries = ["wrong", "correct horse", "wrong", "wrong"]
    assert [log_in(client, password=one) for one in tries] == [401, 200, 401, 401]


def test_a_name_is_guessed_slowly_from_many_addresses_too(make_app):
    client = make_app(logins_per_minute=1, trusted_proxies=1).test_client()
    found = []
    for number in range(11):
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        login = {"username": "ada", "password": "wrong"}
        found.append(client.post("/api/session", json=login, headers=headers).status_code)
    assert found == [401] * 10 + [429]


def test_visitors_of_the_ui_log_in_from_their_own_address(make_app, bearer):
    client, ui = make_app(logins_per_minute=1).test_client(), bearer("reviews:attest")
    for address in ("198.51.100.1", "198.51.100.2"):
        login = {"username": address, "password": "wrong", "ip_address": address}
        tries = [client.post("/api/session", json=login, headers=ui) for _ in range(2)]
        assert [answer.status_code for answer in tries] == [401, 429]
