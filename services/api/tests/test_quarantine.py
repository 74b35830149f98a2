"""The quarantine: what is held back, how owners decide, and what is kept of decisions."""

import itertools

import pytest

from review_api.models import Quarantine, QuarantineDecision, Review

pytestmark = pytest.mark.integration


@pytest.fixture
def owner(bearer):
    return bearer("admin")


@pytest.fixture
def held(db):
    """Return a function that holds so many reviews; gives their ids."""

    def hold(count=1):
        rows = [{"review": f"review {i}", "rating": 5, "brand": "Acme"} for i in range(count)]
        with db.atomic():
            saved = Review.insert_many(rows).returning(Review.id).tuples().execute()
            ids = [row[0] for row in saved]
            Quarantine.insert_many([{"id": one, "cause": "burst"} for one in ids]).execute()
        return ids

    return hold


def test_held_reviews_are_listed_newest_first_by_page(client, reader, held):
    ids = held(5)
    answer = client.get("/api/quarantine?limit=3", headers=reader)
    assert [one["id"] for one in answer.json] == ids[:1:-1]
    assert answer.headers["X-Total-Count"] == "5"
    following = client.get(answer.headers["Link"].partition(">")[0].strip("<"), headers=reader)
    assert [one["id"] for one in following.json] == ids[1::-1]
    assert answer.json[0].keys() == {
        *("id", "held_date", "cause", "created_date", "review", "rating", "brand"),
        *("model_score", "model_version", "decision", "reason", "who", "decided_date"),
    }


def test_a_decision_says_who_took_it_and_takes_the_review_off_the_list(client, owner, held):
    first, second = held(2)
    decision = {"decision": "use", "reason": "a customer I know"}
    answer = client.put(f"/api/quarantine/{first}", json=decision, headers=owner)
    assert answer.status_code == 200
    assert answer.json["id"] == first
    assert answer.json["who"] == "test"
    assert answer.json["decided_date"]
    assert answer.json.items() >= decision.items()

    def listed(which):
        found = client.get(f"/api/quarantine?decision={which}", headers=owner).json
        return {one["id"] for one in found}

    assert listed("") == listed("none") == {second}
    assert listed("use") == {first}
    assert listed("leave_out") == set()
    assert listed("any") == {first, second}


def test_a_decision_is_audited_and_a_refused_one_is_not(client, owner, held):
    (one,) = held()
    decision = {"decision": "leave_out", "reason": "an advertisement"}
    client.put(f"/api/quarantine/{one}", json=decision, headers=owner)
    client.put(f"/api/quarantine/{one + 1}", json=decision, headers=owner)
    (event,) = client.get("/api/audit-events", headers=owner).json
    assert (event["action"], event["subject"]) == ("quarantine_decided", str(one))
    assert (event["who"], event["details"]) == ("test", decision)


def test_a_changed_decision_ends_the_one_before_and_keeps_it(client, owner, held):
    (one,) = held()
    for decision in ("use", "leave_out", "leave_out"):
        body = {"decision": decision}
        answer = client.put(f"/api/quarantine/{one}", json=body, headers=owner)
        assert answer.json["decision"] == decision
    kept = list(QuarantineDecision.select().order_by(QuarantineDecision.id))
    assert [row.decision for row in kept] == ["use", "leave_out", "leave_out"]
    for before, after in itertools.pairwise(kept):
        assert before.superseded_date <= after.decided_date
    assert kept[-1].superseded_date is None


def test_held_reviews_can_be_had_as_csv(client, owner, held):
    held(2)
    lines = client.get("/api/quarantine?format=csv", headers=owner).text.splitlines()
    assert lines[0].startswith("id,held_date,cause,created_date,review")
    assert len(lines) == 3


def test_a_deleted_review_leaves_the_quarantine_with_its_decisions(client, owner, held):
    (one,) = held()
    client.put(f"/api/quarantine/{one}", json={"decision": "use"}, headers=owner)
    assert client.delete(f"/api/reviews/{one}", headers=owner).status_code == 204
    assert client.get("/api/quarantine?decision=any", headers=owner).json == []
    assert QuarantineDecision.select().count() == 0


def test_only_a_held_review_can_be_decided_and_only_by_an_admin(client, reader, owner, held):
    (one,) = held()
    loose = Review.create(review="x", rating=1, brand="Acme").id
    use = {"decision": "use"}
    assert client.put(f"/api/quarantine/{loose}", json=use, headers=owner).status_code == 404
    assert client.put(f"/api/quarantine/{one}", json=use, headers=reader).status_code == 403
    bad = {"decision": "burn"}
    assert client.put(f"/api/quarantine/{one}", json=bad, headers=owner).status_code == 400
