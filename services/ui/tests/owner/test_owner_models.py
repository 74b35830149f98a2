"""The page Models in a browser, on the real review API."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

MODELS = "/admin/models"


@pytest.fixture
def registered(owned):
    owned.register("7.1", "pass")
    owned.promote("7.1")
    owned.register("7.2", "pass", parent="7.1", rows={"people": 12, "demo": 30})
    owned.register("7.3", "fail")
    return owned


def card(page, alias):
    return page.locator(".alias").filter(has=page.get_by_role("heading", name=alias))


def ask(page, button, *fields):
    """Click a button, fill in the dialog it opens, and give the dialog."""
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    for label, value in fields:
        dialog.get_by_label(label).fill(value)
    return dialog


def confirm(page, button, *fields, name):
    ask(page, button, *fields).get_by_role("button", name=name).click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_without_models_the_page_says_so(open_page):
    page = open_page(MODELS)
    expect(page.get_by_role("heading", name="No versions yet")).to_be_visible()
    expect(card(page, "Production")).to_contain_text("No version yet")
    expect(page.get_by_text("No review has been scored in this time.")).to_be_visible()


def test_a_promotion_is_asked_about_done_and_shown(registered, open_page):
    page = open_page(MODELS)
    dialog = ask(page, "Promote sentiment 7.2")
    expect(dialog).to_contain_text("Promote sentiment 7.2?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert registered.meaning("production") == "7.1"
    confirm(page, "Promote sentiment 7.2", ("Reason", "it is better"), name="Promote it")
    expect(page.locator("#admin-message")).to_have_text("sentiment 7.2 is in production.")
    # The button is gone.
    expect(page.locator("#admin-message")).to_be_focused()
    expect(card(page, "Production")).to_contain_text("sentiment 7.2")
    expect(card(page, "Previous")).to_contain_text("sentiment 7.1")
    newest = page.get_by_role("table", name="Events").get_by_role("row").nth(1)
    for text in ("Promoted", "7.2", "owner", "it is better"):
        expect(newest).to_contain_text(text)


def test_what_the_gate_stopped_goes_on_only_with_a_reason(registered, open_page):
    page = open_page(MODELS)
    dialog = ask(page, "Promote sentiment 7.3")
    dialog.get_by_role("button", name="Promote it").click()
    expect(dialog.get_by_role("heading")).to_have_text("The gate stopped sentiment 7.3")
    expect(dialog.get_by_role("listitem")).to_have_text(
        ["accuracy fell by 0.031", "bad is found too rarely"]
    )
    dialog.get_by_role("button", name="Do it all the same").click()
    expect(dialog.get_by_label("Reason")).to_be_focused()
    assert registered.meaning("production") == "7.1"
    dialog.get_by_label("Reason").fill("the golden set is wrong")
    dialog.get_by_role("button", name="Do it all the same").click()
    expect(page.locator("#admin-message")).to_contain_text("in production, against the gate")
    assert registered.meaning("production") == "7.3"
    expect(page.get_by_role("table", name="Events")).to_contain_text("Forced against the gate")


def test_a_canary_is_made_weighed_and_removed(registered, open_page):
    page = open_page(MODELS)
    confirm(page, "Make canary sentiment 7.2", name="Make it the canary")
    expect(card(page, "Canary")).to_contain_text("0 % of the visitors")
    confirm(page, "Set weight", ("Visitors in percent", "12.5"), name="Set the weight")
    expect(card(page, "Canary")).to_contain_text("12.5 % of the visitors")
    confirm(page, "Set shadow", ("Reviews in percent", "50"), name="Set the share")
    canary = registered.call("GET", "/api/canary")
    assert (canary["version"], canary["weight"], canary["shadow"]) == ("7.2", 1250, 5000)
    confirm(page, re.compile("^Remove"), name="Remove it")
    expect(card(page, "Canary")).to_contain_text("None.")
    assert registered.meaning("canary") is None


def test_the_policy_is_asked_for_in_percent(registered, open_page):
    page = open_page(MODELS)
    dialog = ask(page, "Change the policy", ("Step in percent", "2.5"), ("Least success", "98.5"))
    expect(dialog.get_by_label("Most in percent of the visitors")).to_have_value("50")
    dialog.get_by_label("Let the policy decide").check()
    dialog.get_by_role("button", name="Save the policy").click()
    expect(page.locator("#admin-message")).to_have_text("The policy is saved and on.")
    policy = registered.call("GET", "/api/canary")["policy"]
    assert (policy["enabled"], policy["step"], policy["max"]) == (True, 250, 5000)
    assert policy["success_rate"] == pytest.approx(0.985)
    assert policy["agreement_drop"] == pytest.approx(0.05)


def test_rolling_back_changes_places_and_can_be_undone(registered, open_page):
    registered.promote("7.2")
    page = open_page(MODELS)
    confirm(page, "Roll back to 7.1", ("Reason", "complaints"), name="Roll back")
    expect(card(page, "Production")).to_contain_text("sentiment 7.1")
    confirm(page, "Roll back to 7.2", ("Reason", "they were about the food"), name="Roll back")
    expect(card(page, "Production")).to_contain_text("sentiment 7.2")


def test_what_others_did_meanwhile_is_said_in_the_dialog(registered, open_page):
    registered.make_canary("7.2")
    page = open_page(MODELS)
    registered.call("DELETE", "/api/model-aliases/canary")
    dialog = ask(page, re.compile("^Remove"), ("Reason", "slow"))
    dialog.get_by_role("button", name="Remove it").click()
    expect(dialog.get_by_role("alert")).to_have_text("Canary is not set.")
    expect(dialog.get_by_label("Reason")).to_have_value("slow")


@pytest.mark.usefixtures("registered")
def test_a_version_has_a_page_of_its_own(open_page):
    page = open_page(MODELS)
    page.get_by_role("table", name="Versions", exact=True).get_by_role(
        "link", name="sentiment 7.2"
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("sentiment 7.2")
    expect(page.get_by_text("people 12")).to_contain_text("demo 30")
    expect(page.get_by_role("table", name="Checks of the gate")).to_contain_text("0.755")
    page.get_by_role("link", name="sentiment 7.1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("sentiment 7.1")
    expect(page.get_by_role("button", name="Promote")).to_have_count(0)
    page.goto(f"{MODELS}/version?name=sentiment&version=9")
    expect(page.get_by_text("there is no sentiment 9")).to_be_visible()


def test_a_thousand_versions_are_shown_by_page(owned, open_page):
    owned.sql(
        "insert into model_version (name, version, uri, sha256) select 'many', i::text,"
        f"'s3://models/many.mar', '{'cd' * 32}' from generate_series(1, 1000) i"
    )
    page = open_page(MODELS)
    expect(page.get_by_text("1,000 versions")).to_be_visible()
    rows = page.get_by_role("table", name="Versions", exact=True).locator("tbody tr")
    expect(rows).to_have_count(25)
    expect(rows.first).to_contain_text("many 1000")
    page.get_by_role("link", name="Older").click()
    expect(rows.first).to_contain_text("many 975")
    page.get_by_role("link", name="Newer").click()
    expect(rows.first).to_contain_text("many 1000")
