"""Which visitors see which version of the model, over real HTTP."""

import random
import re
import string
from concurrent.futures import ThreadPoolExecutor
from math import sqrt

import pytest
from flask import Flask
from playwright.sync_api import expect

from review_ui import create_server
from review_ui.canary import KEPT_SECONDS, STALE_SECONDS, PublishedShare, Share
from review_ui.upstream import connect
from review_ui.visitor import COOKIE, bucket

pytestmark = pytest.mark.integration

CALLBACK = "/_dash-update-component"
LETTERS = string.ascii_letters + string.digits + "-_"
NOWHERE = "http://127.0.0.1:9"


def names(count):
    chance = random.Random(11)
    return ["".join(chance.choices(LETTERS, k=22)) for _ in range(count)]


def a_visitor_of(buckets):
    return next(name for name in names(10_000) if bucket(name) in buckets)


class Visitor:
    """A browser with its cookie, as far as the server can tell."""

    def __init__(self, server, name):
        self.client = server.test_client()
        if name:
            self.client.set_cookie(COOKIE, name)

    def ask(self, kind="score"):
        return self.call(f"{kind}-answer", f"{kind}-request", {"seq": 1, "text": "great"})

    def version(self):
        return self.ask()["shown"]["model_version"]

    def submit(self):
        review = {"review": "Great", "rating": 4, "brand": "IKEA"}
        self.call("submission-answer", "submission", {**review, "key": "k" * 32, "attempt": 1})

    def call(self, output, source, value):
        body = {
            "output": f"{output}.data",
            "outputs": {"id": output, "property": "data"},
            "inputs": [{"id": source, "property": "data", "value": value}],
            "changedPropIds": [f"{source}.data"],
        }
        return self.client.post(CALLBACK, json=body).json["response"][output]["data"]

    def metric(self, outcome):
        metrics = self.client.get("/metrics").text
        found = re.search(rf'canary_calls_total{{outcome="{outcome}"}} (.+)', metrics)
        return float(found[1]) if found else 0.0


@pytest.fixture
def server(settings, canary, api):
    api.share = {"weight": 3000, "version": "8.0", "policy": {"enabled": False}, "shadow": 0}
    changes = {"canary_server_url": canary.url, "canary_timeout_seconds": 0.5}
    return create_server(settings.model_copy(update=changes))


@pytest.fixture
def chosen(server):
    """A visitor whom the canary is to answer."""
    return Visitor(server, a_visitor_of(range(3000)))


@pytest.mark.parametrize("weight", [1, 50, 500, 2500, 5000, 9999])
def test_the_share_of_visitors_is_the_weight(weight):
    count = 100_000
    share = sum(bucket(name) < weight for name in names(count)) / count
    expected = weight / 10_000
    assert abs(share - expected) < 5 * sqrt(expected * (1 - expected) / count)


def test_those_whom_the_weight_names_and_nobody_else_see_the_canary(server):
    seen = {name: Visitor(server, name).version() for name in names(300)}
    assert seen == {name: "8.0" if bucket(name) < 3000 else "7.1" for name in seen}
    share = list(seen.values()).count("8.0") / len(seen)
    assert abs(share - 0.3) < 5 * sqrt(0.3 * 0.7 / len(seen))


def test_a_visitor_sees_one_version_in_scores_and_explanations(server, model, canary):
    for buckets, asked, other in (
        (range(3000), canary, model),
        (range(3000, 10_000), model, canary),
    ):
        other.requests.clear()
        visitor = Visitor(server, a_visitor_of(buckets))
        assert {visitor.version() for _ in range(5)} == {asked.version}
        assert "view" in visitor.ask("explanation")
        assert other.requests == []


def test_a_browser_without_the_cookie_is_answered_by_production(server, canary):
    assert Visitor(server, None).version() == "7.1"
    assert canary.requests == []


@pytest.mark.parametrize("version", ["8.0", None])
def test_without_a_weight_nobody_asks_the_canary(chosen, api, canary, version):
    api.share = {"weight": 0, "version": version}
    assert chosen.version() == "7.1"
    assert canary.requests == []


def down(canary):
    canary.is_down = True


def slow(canary):
    canary.hold("great")


def at_another_version(canary):
    canary.version = "6.0"


def speaking_nonsense(canary):
    canary.opinion = lambda _text: {"score": "high"}


def refusing(canary):
    canary.opinion = lambda _text: canary.problem(400, "no review in body")


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (down, "failed"),
        (slow, "failed"),
        (speaking_nonsense, "failed"),
        (refusing, "refused"),
        (at_another_version, "other_version"),
    ],
)
def test_a_canary_in_trouble_costs_no_visitor_an_answer(chosen, canary, trouble, outcome):
    trouble(canary)
    before = chosen.metric(outcome)
    answers = [chosen.ask() for _ in range(3)]
    assert {answer["shown"]["model_version"] for answer in answers} == {"7.1"}
    assert not any("failure" in answer for answer in answers)
    assert chosen.metric(outcome) == before + 3


def test_a_canary_that_is_not_there_costs_no_visitor_an_answer(settings, api):
    api.share = {"weight": 10_000, "version": "8.0"}
    server = create_server(settings.model_copy(update={"canary_server_url": NOWHERE}))
    assert Visitor(server, names(1)[0]).version() == "7.1"


def test_answers_of_the_canary_are_counted(chosen):
    before = chosen.metric("answered")
    chosen.version()
    assert chosen.metric("answered") == before + 1


def test_the_bucket_goes_along_with_a_review(chosen, api):
    chosen.submit()
    assert api.reviews[-1]["visitor_bucket"] in range(3000)


def test_without_a_canary_there_is_no_cookie_and_no_bucket(settings, api):
    visitor = Visitor(create_server(settings), None)
    assert "Set-Cookie" not in visitor.client.get("/_dash-layout").headers
    visitor.submit()
    assert "visitor_bucket" not in api.reviews[-1]


def test_the_cookie_is_random_and_for_the_server_alone(server):
    cookies = set()
    for _ in range(20):
        answer = server.test_client().get("/_dash-layout")
        name, *attributes = answer.headers["Set-Cookie"].split("; ")
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
        cookies.add(name)
    assert len(cookies) == 20
    assert all(re.fullmatch(rf"{COOKIE}=[\w-]{{22}}", name, re.ASCII) for name in cookies)


@pytest.mark.parametrize("name", ["owner@example.org", "x" * 23, "x" * 21])
def test_a_cookie_that_is_not_ours_is_replaced(server, name):
    visitor = Visitor(server, name)
    assert visitor.version() == "7.1"
    assert "Set-Cookie" in visitor.client.get("/_dash-layout").headers


def test_a_cookie_of_ours_stays(chosen):
    assert "Set-Cookie" not in chosen.client.get("/_dash-layout").headers


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def share(api, clock):
    upstream = connect("review-api", api.url, timeout=5)
    api.share = {"weight": 500, "version": "8.0"}
    yield PublishedShare(upstream, clock)
    upstream.session.close()


def test_the_share_is_asked_for_every_two_seconds_at_most(share, api, clock):
    assert {share.now() for _ in range(50)} == {Share(weight=500, version="8.0")}
    api.share = {"weight": 0, "version": None}
    clock.now += KEPT_SECONDS - 0.1
    assert share.now().weight == 500
    clock.now += 0.1
    assert share.now() == Share()
    assert len(api.requests) == 2


@pytest.mark.parametrize("said", [None, {"weight": "much"}, {"weight": 20_000}])
def test_while_the_api_says_nothing_of_use_the_last_share_holds_until_it_is_stale(
    share, api, clock, said
):
    share.now()
    api.is_down, api.share = said is None, said
    clock.now += STALE_SECONDS - 0.1
    assert share.now().weight == 500
    clock.now += 0.1
    assert share.now() == Share()


def test_one_request_asks_for_the_share_and_the_others_do_not_wait(share, api):
    with ThreadPoolExecutor(8) as pool:
        found = [one.result() for one in [pool.submit(share.now) for _ in range(8)]]
    assert Share(weight=500, version="8.0") in found
    assert len(api.requests) == 1


@pytest.fixture
def link(server, serve):
    """The address of a page of another site that links to the UI."""
    elsewhere = Flask("elsewhere")
    with serve(server) as ui, serve(elsewhere) as other:
        elsewhere.get("/")(lambda: f'<a href="{ui}/">Candor</a>')
        yield other.replace("127.0.0.1", "localhost")


def test_a_visitor_who_comes_back_from_another_site_is_the_same_one(browser, link):
    context = browser.new_context()
    page = context.new_page()
    kept = []
    for _ in range(2):
        page.goto(link)
        page.get_by_role("link", name="Candor").click()
        expect(page.locator("#review-text")).to_be_visible()
        kept.append({one["value"] for one in context.cookies() if one["name"] == COOKIE})
    assert kept[0] == kept[1] != set()
    expect(page.locator(".privacy")).to_contain_text("a random cookie")
    context.close()
