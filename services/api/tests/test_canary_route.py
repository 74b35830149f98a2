"""``/api/canary`` and the events: who changed what, and what callers are told."""

import pytest

from review_api import canary, registry
from review_api.canary_schemas import CanaryPolicy
from review_api.models import Canary, ModelEvent
from review_api.registry import Author

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("versions")]

CANARY = "/api/canary"
USUAL = {
    "enabled": False,
    "step": 500,
    "max": 5000,
    "success_rate": 0.99,
    "p99_ms": 500,
    "agreement_drop": 0.05,
    "interval_seconds": 60,
    "least_answers": 200,
    "least_rated": 50,
    "promote": False,
}


@pytest.fixture
def trainer(bearer):
    return bearer("models:write", "models:read")


@pytest.fixture
def change(client, trainer):
    return lambda **body: client.put(CANARY, json=body, headers=trainer)


@pytest.fixture
def events(client, trainer):
    """Return a function that lists events, newest first."""

    def events(**query):
        answer = client.get("/api/model-events", query_string=query, headers=trainer)
        assert answer.status_code == 200
        return answer.json

    return events


def test_anybody_may_ask_and_without_a_canary_nobody_is_sent_there(client):
    expected = {"weight": 0, "version": None, "policy": USUAL, "shadow": 0}
    assert client.get(CANARY).json == expected


def test_each_thing_is_changed_by_itself_with_an_event(canary_at, change, client, events):
    canary_at()
    assert change(weight=500, reason="a look").json["weight"] == 500
    assert change(shadow=100).json["shadow"] == 100
    policy = change(policy={"step": 1000, "enabled": True}).json["policy"]
    assert policy == USUAL | {"step": 1000, "enabled": True}
    assert change(policy={"promote": True}).json["policy"] == policy | {"promote": True}
    assert client.get(CANARY).json["version"] == "1.1"
    last = events(limit=4)
    assert [one["action"] for one in last] == ["policy", "policy", "shadow", "weight"]
    assert (
        last[3].items()
        >= {
            "who": "test",
            "version": "1.1",
            "reason": "a look",
            "details": {"before": 0, "after": 500},
        }.items()
    )


def test_what_changes_nothing_leaves_no_event(canary_at, change, events):
    canary_at(weight=500, shadow=7)
    before = events()
    change(weight=500, shadow=7, policy={"step": 500})
    change(weight=None)
    change()
    assert events() == before


def test_without_a_canary_there_is_no_weight(change):
    answer = change(weight=1, shadow=5)
    assert answer.status_code == 409
    assert "there is no canary" in answer.json["error"]
    assert canary.situation().shadow == 0
    assert change(weight=0).status_code == 200


def test_a_new_canary_begins_without_weight(canary_at, versions):
    canary_at(weight=500)
    registry.set_canary(versions["1.2"], Author("ada"), gate_required=True)
    now = canary.situation()
    assert (now.canary, now.weight) == ("1.2", 0)


@pytest.mark.parametrize(
    "body",
    [
        {"weight": -1},
        {"weight": 10_001},
        {"weight": "5"},
        {"shadow": 1.5},
        {"policy": {"max": 9501}},
        {"policy": {"least_answers": 199}},
        {"policy": {"least_rated": 49}},
        {"policy": {"interval_seconds": 0}},
        {"policy": {"success_rate": 1.1}},
        {"policy": {"p99_ms": 0}},
        {"policy": {"enabled": None}},
        {"policy": {"surprise": 1}},
        {"reason": ""},
        {"reason": "\0"},
        {"surprise": 1},
    ],
)
def test_a_bad_change_is_refused_and_changes_nothing(canary_at, change, body):
    canary_at(weight=7)
    assert change(**body).status_code == 400
    assert (canary.situation().weight, canary.situation().policy) == (7, CanaryPolicy())


def test_who_only_reads_changes_nothing(client, bearer):
    assert client.put(CANARY, json={"shadow": 1}).status_code == 401
    reader = bearer("models:read")
    assert client.put(CANARY, json={"shadow": 1}, headers=reader).status_code == 403


def test_an_admin_is_named_in_the_events(canary_at, admin_client):
    canary_at()
    admin_client.put(CANARY, json={"weight": 5})
    assert ModelEvent.select().order_by(ModelEvent.id.desc()).first().who == "ada"


def test_events_come_in_pages_and_by_action_and_version(canary_at, events, client, trainer):
    canary_at(weight=5)
    assert {one["action"] for one in events(version="1.1")} >= {"registered", "gated", "canary_set"}
    assert [one["version"] for one in events(action="promoted")] == ["1.0"]
    answer = client.get("/api/model-events?limit=2", headers=trainer)
    assert (len(answer.json), answer.headers["X-Total-Count"]) == (2, "9")
    rest = client.get(answer.headers["Link"].split(">")[0].strip("<"), headers=trainer)
    assert answer.json[-1]["id"] > rest.json[0]["id"]
    assert client.get("/api/model-events?action=x", headers=trainer).status_code == 400
    assert '""before"": 0' in client.get("/api/model-events?format=csv", headers=trainer).text


def test_a_stored_policy_of_another_release_is_understood_as_far_as_known(client):
    Canary.update(policy={"step": 700, "unheard_of": True}).execute()
    assert client.get(CANARY).json["policy"] == USUAL | {"step": 700}
