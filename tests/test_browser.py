"""A visitor's and an owner's whole path, in Chromium, on the whole product."""

import csv
import json
import re
import secrets
from pathlib import Path

import psutil
import pytest
import requests
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

PASSWORD = "a password for tests"
SCREENS = {"phone": (390, 844), "desktop": (1280, 900)}


@pytest.fixture(params=SCREENS)
def page(request, browser, product):
    width, height = SCREENS[request.param]
    context = browser.new_context(
        base_url=product.url("UI_PORT"), viewport={"width": width, "height": height}
    )
    page = context.new_page()
    asked, complaints = [], []
    page.on("request", lambda sent: asked.append(sent.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    own = (product.url("UI_PORT"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # A browser itself reports answers such as 503, which some tests provoke.
    assert [text for text in complaints if "Failed to load resource" not in text] == []
    context.close()


def write(page, text):
    page.goto("/")
    page.locator("#review-text").press_sequentially(text, delay=5)


def log_in(page):
    page.goto("/admin")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviews")


def find(page, word):
    page.get_by_label("Words in the text").fill(word)
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#found")).to_have_text("1 review found")
    return page.locator(".review-table tbody tr")


def test_what_a_visitor_writes_the_owner_finds_exports_and_deletes(page, product):
    word = f"w{secrets.token_hex(6)}"
    text = f"Lovely people, quick delivery, I will come again {word}"
    write(page, text)
    served = requests.post(
        f"{product.url('MODEL_PORT')}/predictions/sentiment", json={"review": text}
    ).json()
    expect(page.locator("#score-percent")).to_have_text(f"{round(served['score'] * 100)}%")
    expect(page.locator("#score-label")).to_have_text(served["label"].capitalize())
    expect(page.locator("#rating")).to_have_value(str(served["rating"]))

    page.locator("#why").click()
    expect(page.locator("#explanation-view")).to_contain_text("raised the score")
    page.locator("#submit").click()
    expect(page.locator("#thanks-heading")).to_be_visible()

    log_in(page)
    row = find(page, word)
    expect(row).to_contain_text(f"v{served['model_version']}")
    with page.expect_download() as download:
        page.locator("#export").click()
    with Path(download.value.path()).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [exported["review"] for exported in rows] == [text]

    row.get_by_role("button", name=re.compile("Delete")).click()
    page.locator("#delete").click()
    expect(page.locator("#found")).to_have_text("0 reviews found")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For the owner")


def kill_model_server(product):
    record = json.loads((product.home / "processes" / "model-server.json").read_text())
    psutil.Process(record["pid"]).kill()


def test_with_the_model_server_killed_midway_nothing_is_lost(page, product, wait_until):
    word = f"w{secrets.token_hex(6)}"
    write(page, "The food was cold ")
    expect(page.locator("#score-percent")).to_contain_text("%")

    kill_model_server(product)
    page.locator("#review-text").press_sequentially(f"and late {word}", delay=5)
    expect(page.locator("#review-text")).to_have_value(f"The food was cold and late {word}")
    expect(page.locator("#submit")).to_be_enabled()
    page.locator("#submit").click()
    expect(page.locator("#thanks-heading")).to_be_visible()

    owner = product.log_in()
    reviews = f"{product.url('API_PORT')}/api/reviews"
    (saved,) = owner.get(reviews, params={"text": word}).json()
    assert saved["review"] == f"The food was cold and late {word}"

    # The starter brings TorchServe back, and the worker scores what was saved meanwhile.
    def scored():
        (row,) = owner.get(reviews, params={"text": word}).json()
        return row["model_version"] is not None

    wait_until(scored, product.process)
    page.locator("#write-another").click()
    page.locator("#review-text").press_sequentially("Good again", delay=5)
    expect(page.locator("#score-percent")).to_contain_text("%")
