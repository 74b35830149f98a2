"""Every state of the owner's pages: sound for every eye, hand and screen.

With ``PICTURES=folder`` in the environment, most states are photographed into the folder instead.
"""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

PICTURES = os.environ.get("PICTURES")
SCREENS = [(390, "dark"), (1280, "light")]
if PICTURES:
    SCREENS.append((390, "light"))
PICTURED = {
    *("insights", "models", "models-force", "models-policy", "version"),
    *("jobs", "run", "quarantine", "access", "access-secret"),
}


PROFILE = {
    "version": 1,
    "rows": 102479,
    "features": {
        "score": {
            "kind": "numeric",
            "edges": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
            "shares": [0.2, 0.05, 0.05, 0.02, 0.08, 0.05, 0.05, 0.1, 0.2, 0.2],
        },
        "class": {
            "kind": "classes",
            "shares": {"bad": 0.36, "average": 0.06, "good": 0.58},
        },
        "language": {
            "kind": "words",
            "classes": {"en": ["the", "and", "is"], "de": ["der", "und", "ist"]},
            "shares": {"en": 0.9, "de": 0.04, "unknown": 0.06},
        },
    },
}
TEXTS = {
    5: "Great friendly people, a lovely shop.",
    4: "Great food and it is fast.",
    3: "It was there, and the rest is a matter of taste.",
    2: "Slow today, but the next day was fine.",
    1: "Awful, slow and rude.",
}
# What the worker does each minute, which is too long to wait for.
HELD = """
insert into quarantine (id, cause) select max(id), 'disagreement' from review;
insert into quarantine (id, cause) select max(id) - 5, 'burst' from review
"""
SPREAD = """
update review set created_date = clock_timestamp() - (id % 29) * (id % 29) * interval '1 day' / 29
"""


@pytest.fixture(scope="module")
def owned(real_api):
    """The product after a while: two models in use, reviews, held ones, runs, tokens."""
    real_api.clear()
    live_in(real_api)
    return real_api


def live_in(api):
    lineage = {"parent": "7.1", "rows": {"people": 1840, "demo": 22990}, "size_bytes": 9824249}
    metrics = {"accuracy": 0.7649, "weighted_f1": 0.8086, "classes": {"bad": {"recall": 0.759}}}
    api.register("7.1", "pass", profile=PROFILE, metrics=metrics, size_bytes=9824249)
    api.promote("7.1")
    configuration = {"optimiser": {"learning_rate": 0.0003}, "run": {"epochs": 3}}
    api.register("7.2", "pass", metrics=metrics, configuration=configuration, **lineage)
    api.register("7.3", "fail", metrics={"accuracy": 0.734}, **lineage)
    api.register("7.4-experiment-with-a-very-long-name-" + "x" * 60)
    api.make_canary("7.2", 2500)
    for number in range(140):
        rating = (5, 4, 5, 1, 3, 2, 5)[number % 7]
        mood = rating if number % 11 else 6 - rating
        brand = ("IKEA", "Ecosia", "Deutsche Bahn", "Nestlé")[number % 4]
        api.write(TEXTS[mood], rating, brand, visitor_bucket=number * 71, suggested_rating=mood)
    api.write("Great lovely friendly fast " * 20, 1, "A brand of a long name " * 3)
    api.wait_for_scores()
    api.sql(SPREAD)
    api.call("POST", "/api/jobs/scraping/runs")
    api.call("POST", "/api/jobs/broken/runs")
    api.wait_for_run("scraping", "succeeded")
    api.wait_for_run("broken", "failed")
    api.call("POST", "/api/tokens", name="nightly backup", scopes=["reviews:read"])
    api.call("POST", "/api/users", username="ada", password="another password")
    api.sql(HELD)
    api.wait_for_drift()


def go(page, path):
    # What is left half loaded would be loaded again, and the server would complain.
    page.goto(path, wait_until="networkidle")


def visit_all_states(page, look):
    """Go through the pages and call `look` with the name of each state."""
    expect(page.get_by_role("heading", name="Drift")).to_be_visible()
    look("insights")
    page.get_by_text("The numbers").first.click()
    look("insights-numbers")
    go(page, "/admin/models")
    expect(page.get_by_role("heading", name="On live traffic")).to_be_visible()
    look("models")
    page.get_by_role("button", name="Promote sentiment 7.3").click()
    look_at_dialog(page, "Promote sentiment 7.3?", look, "models-promote")
    page.get_by_role("button", name="Promote it").click()
    look_at_dialog(page, "The gate stopped sentiment 7.3", look, "models-force")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Change the policy").click()
    look_at_dialog(page, "The canary's policy", look, "models-policy")
    go(page, "/admin/models/version?name=sentiment&version=7.3")
    expect(page.get_by_role("heading", name="Gate")).to_be_visible()
    look("version")
    go(page, "/admin/models/events")
    expect(page.get_by_role("table", name="Events")).to_be_visible()
    look("events")
    go(page, "/admin/jobs")
    expect(page.get_by_role("heading", name="Training")).to_be_visible()
    look("jobs")
    page.get_by_role("table", name="Runs of broken").get_by_role("link", name="Log").click()
    expect(page.locator("#run-log")).to_contain_text("there is no data")
    look("run")
    go(page, "/admin/quarantine")
    expect(page.get_by_role("table", name="Held reviews")).to_be_visible()
    look("quarantine")
    go(page, "/admin/quarantine?shown=use")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    look("quarantine-empty")
    go(page, "/admin/access")
    expect(page.get_by_role("table", name="Tokens")).to_be_visible()
    look("access")
    page.get_by_role("button", name="Make a token").click()
    look_at_dialog(page, "Make a token", look, "access-token")
    page.get_by_label("What it is for").fill("a test")
    page.get_by_role("button", name="Make it").click()
    look_at_dialog(page, "The token a test", look, "access-secret")


def look_at_dialog(page, title, look, name):
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text(title)
    look(name)


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_every_state_of_the_owners_pages_is_sound(open_page, width, scheme):
    page = open_page("/admin/insights", width=width, colour_scheme=scheme)
    page.emulate_media(reduced_motion="reduce")
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))

    def look(state):
        is_asking = page.get_by_role("dialog").count() > 0
        if PICTURES:
            if state in PICTURED:
                screen = "phone" if width == 390 else "desktop"
                path = Path(PICTURES, f"owner-{state}-{screen}-{scheme}.png")
                page.screenshot(path=path, full_page=not is_asking)
            return
        # Below a dialog is what was looked at before.
        violations = Axe().run(page, ".modal" if is_asking else None).response["violations"]
        faults.extend((state, one["id"], one["nodes"][0]["html"]) for one in violations)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append((state, "scrolls sideways"))

    visit_all_states(page, look)
    assert faults == []
