"""The UI under test in front of small stand-ins for the review API and TorchServe.

The stand-ins speak the contracts of the two services over real HTTP, so that a test can
make them slow, broken or out of order. Nothing in the UI is replaced.
"""

import re
import secrets
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from dash.development.base_component import Component
from flask import Flask, jsonify, make_response, request
from werkzeug.serving import make_server

from review_ui import create_server
from review_ui.settings import Settings


@contextmanager
def serving(application):
    """The application's address, served by threads of this process."""
    http = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=http.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


class FakeService:
    """What both stand-ins share: they remember their requests and can be down."""

    def __init__(self):
        self.is_down = False
        self.requests = []
        self.app = Flask(type(self).__name__)
        self.app.before_request(self.note_request)

    def note_request(self):
        self.requests.append(request._get_current_object())
        return self.problem(503, "down for a while") if self.is_down else None

    def problem(self, status, detail, **headers):
        return {"status": status, "detail": detail, "error": detail}, status, headers


class FakeModel(FakeService):
    """Scores by counting good and bad words; `hold(text)` keeps an answer back."""

    GOOD, BAD = {"great", "lovely", "friendly", "fast"}, {"awful", "slow", "rude", "broken"}

    def __init__(self, version="7.1"):
        super().__init__()
        self.version = version
        self.held = {}
        self.app.post("/predictions/sentiment")(self.predict)
        self.app.post("/explanations/sentiment")(self.explain)

    def hold(self, text):
        """The answer for `text` waits until the returned event is set."""
        return self.held.setdefault(text, threading.Event())

    def predict(self):
        text = request.json["review"]
        if text in self.held:
            self.held[text].wait(60)
        return self.opinion(text)

    def explain(self):
        text = request.json["review"]
        words = [
            {"text": m[0], "start": m.start(), "end": m.end(), "effect": self.effect(m[0])}
            for m in re.finditer(r"\w+", text)
        ]
        return {**self.predict(), "words": words}

    def effect(self, word):
        return 0.12 * (word.lower() in self.GOOD) - 0.2 * (word.lower() in self.BAD)

    def opinion(self, text):
        words = re.findall(r"\w+", text.lower())
        mood = sum(word in self.GOOD for word in words) - sum(word in self.BAD for word in words)
        if mood == 0:
            return self.answer(0.5, "average", 3)
        share = min(abs(mood), 3) / 3 - 0.02
        if mood > 0:
            return self.answer(0.67 + 0.33 * share, "good", 4 if mood == 1 else 5)
        return self.answer(0.33 - 0.33 * share, "bad", 2 if mood == -1 else 1)

    def answer(self, score, label, rating):
        probabilities = {"bad": 0.1, "average": 0.1, "good": 0.1, label: 0.8}
        return {
            "score": score,
            "label": label,
            "rating": rating,
            "probabilities": probabilities,
            "model_version": self.version,
        }


class FakeApi(FakeService):
    """Keeps reviews and sessions in memory; `lost_answers` are saved but not answered."""

    BRANDS = ("Ecosia", "Patagonia", "Nestlé", "Deutsche Bahn", "IKEA", "1&1")
    PASSWORD = "correct horse"

    def __init__(self):
        super().__init__()
        self.reviews = []
        self.saved_keys = set()
        self.sessions = set()
        self.lost_answers = 0
        self.is_throttled = False
        self.brands_given = 0
        self.share = {"weight": 0, "version": None}
        self.app.get("/api/canary")(lambda: self.share)
        self.app.get("/api/companies/random")(self.random_brand)
        self.app.post("/api/review")(self.save)
        self.app.post("/api/session")(self.log_in)
        self.app.get("/api/session")(self.owner)
        self.app.delete("/api/session")(self.log_out)
        self.app.get("/api/reviews")(self.find)
        self.app.delete("/api/reviews/<int:number>")(self.delete)

    def random_brand(self):
        name = self.BRANDS[self.brands_given % len(self.BRANDS)]
        self.brands_given += 1
        site = re.sub(r"[^a-z0-9]", "", name.lower())
        return {"name": name, "website": f"https://www.{site}.example", "logo_url": None}

    def save(self):
        if self.is_throttled:
            return self.problem(429, "too many reviews", **{"Retry-After": "30"})
        key = request.headers["Idempotency-Key"]
        if key not in self.saved_keys:
            self.saved_keys.add(key)
            self.add(**request.json)
        if self.lost_answers:
            self.lost_answers -= 1
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return self.reviews[-1]

    def add(self, **fields):
        number = len(self.reviews) + 1
        created = datetime(2026, 11, 1, 9, 30, tzinfo=UTC) + timedelta(minutes=7 * number)
        self.reviews.append({"id": number, "created_date": created.isoformat(), **fields})

    def log_in(self):
        if self.is_throttled:
            return self.problem(429, "too many tries", **{"Retry-After": "30"})
        if request.json["password"] != self.PASSWORD:
            return self.problem(401, "wrong name or password")
        session = secrets.token_urlsafe(8)
        self.sessions.add(session)
        answer = make_response(self.who(request.json["username"]))
        answer.set_cookie("candor_session", session, httponly=True, samesite="Strict")
        return answer

    def who(self, username):
        return {"username": username, "expires": "2027-01-01T00:00:00Z"}

    def session(self):
        return request.cookies.get("candor_session")

    def refuse_stranger(self):
        return None if self.session() in self.sessions else self.problem(401, "log in first")

    def owner(self):
        return self.refuse_stranger() or self.who("owner")

    def log_out(self):
        self.sessions.discard(self.session())
        return "", 204

    def delete(self, number):
        refusal = self.refuse_stranger()
        self.reviews = [review for review in self.reviews if review["id"] != number or refusal]
        return refusal or ("", 204)

    def find(self):
        return self.refuse_stranger() or self.answer_page(self.matching())

    def matching(self):
        asked, ratings = request.args, request.args.getlist("rating", int)
        found = [
            review
            for review in self.reviews
            if asked.get("brand", review["brand"]) == review["brand"]
            and review["rating"] in (ratings or range(1, 6))
            and asked.get("text", "") in review["review"]
            and asked.get("since", "") <= review["created_date"][:10] <= asked.get("until", "9")
        ]
        sort = asked.get("sort", "-created_date")
        return sorted(found, key=lambda r: r[sort.lstrip("-")] or 0, reverse=sort[0] == "-")

    def answer_page(self, found):
        if request.args.get("format") == "csv":
            lines = ["brand,rating", *(f"{r['brand']},{r['rating']}" for r in found)]
            return "\n".join(lines), 200, {"Content-Type": "text/csv; charset=utf-8"}
        limit, start = request.args.get("limit", 100, int), request.args.get("cursor", 0, int)
        answer = jsonify(found[start : start + limit])
        answer.headers["X-Total-Count"] = str(len(found))
        for relation, place in {"next": start + limit, "prev": start - limit}.items():
            if 0 <= place < len(found):
                answer.headers.add("Link", f'</api/reviews?cursor={place}>; rel="{relation}"')
        return answer


@pytest.fixture(scope="session")
def serve():
    """Gives what serves an application while a block runs."""
    return serving


@pytest.fixture
def texts():
    """Returns a function that lists all texts within a component, in order."""

    def walk(part):
        if isinstance(part, Component):
            return walk(getattr(part, "children", None))
        if isinstance(part, list):
            return [text for inner in part for text in walk(inner)]
        return [] if part is None else [part]

    return walk


@contextmanager
def served_model(version):
    service = FakeModel(version)
    with serving(service.app) as service.url:
        yield service
        for event in service.held.values():
            event.set()


@pytest.fixture
def model():
    with served_model("7.1") as service:
        yield service


@pytest.fixture
def canary():
    """Another model's server, which some visitors may be sent to."""
    with served_model("8.0") as service:
        yield service


@pytest.fixture(scope="session")
def two_models():
    """The addresses of the model in production and of the canary."""
    with serving(FakeModel("7.1").app) as production, serving(FakeModel("7.2").app) as canary:
        yield production, canary


@pytest.fixture
def api():
    service = FakeApi()
    with serving(service.app) as service.url:
        yield service


@pytest.fixture
def settings(api, model):
    return Settings(
        review_api_url=api.url,
        model_server_url=model.url,
        ui_token="the-ui-token",
        log_level="ERROR",
    )


@pytest.fixture
def ui(settings):
    """The address of the UI."""
    with serving(create_server(settings)) as url:
        yield url


@pytest.fixture
def new_page(browser, ui):
    """Makes a page on the UI: `new_page(width=390, colour_scheme="dark")`."""
    contexts = []

    def make(width=1280, height=900, colour_scheme="light"):
        context = browser.new_context(
            base_url=ui,
            viewport={"width": width, "height": height},
            color_scheme=colour_scheme,
        )
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
