"""The page Users and tokens in a browser, on the real review API."""

import pytest
import requests
from playwright.sync_api import expect

pytestmark = pytest.mark.integration


@pytest.fixture
def page(open_page):
    return open_page("/admin/access")


def confirm(page, button, name):
    page.get_by_role("button", name=button).click()
    page.get_by_role("dialog").get_by_role("button", name=name).click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_an_owner_is_added_gets_a_new_password_and_is_removed(page, owned):
    users = page.get_by_role("table", name="Users")
    page.get_by_role("button", name="Add an owner").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("User name").fill("ada")
    dialog.get_by_label("Password").fill("short")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert")).to_contain_text("assword")
    expect(dialog.get_by_label("User name")).to_have_value("ada")
    dialog.get_by_label("Password").fill("long enough")
    dialog.get_by_role("button", name="Add").click()
    expect(users).to_contain_text("ada")
    page.get_by_role("button", name="New password of ada").click()
    dialog.get_by_label("Password").fill("another one")
    dialog.get_by_role("button", name="Set the password").click()
    expect(page.locator("#admin-message")).to_have_text("ada has a new password.")
    login = {"username": "ada", "password": "another one"}
    assert requests.post(f"{owned.url}/api/session", json=login).ok
    confirm(page, "Remove ada", "Remove")
    expect(users).not_to_contain_text("ada")
    audit = page.get_by_role("table", name="Audit")
    for done in ("Added an owner", "Set a password", "Removed an owner"):
        expect(audit).to_contain_text(done)


def test_nobody_removes_themselves(page):
    page.get_by_role("button", name="Remove owner").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
        "Nobody removes themselves"
    )


def test_a_tokens_secret_is_shown_once_and_works_until_it_is_revoked(page, owned):
    page.get_by_role("button", name="Make a token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What it is for").fill("nightly backup")
    dialog.get_by_label("models:read").check()
    dialog.get_by_label("Good for").select_option("for ever")
    dialog.get_by_role("button", name="Make it").click()
    bearer = {"Authorization": f"Bearer {dialog.locator('#secret').inner_text()}"}
    dialog.get_by_role("button", name="I have kept it").click()
    expect(dialog).to_be_hidden()
    assert requests.get(f"{owned.url}/api/reviews", headers=bearer).ok
    assert requests.get(f"{owned.url}/api/model-versions", headers=bearer).ok
    row = page.get_by_role("table", name="Tokens").locator("tbody tr")
    for text in ("nightly backup", "reviews:read", "models:read", "for ever"):
        expect(row).to_contain_text(text)
    assert page.locator("#secret").count() == 0
    confirm(page, "Revoke nightly backup", "Revoke it")
    expect(page.get_by_role("heading", name="No tokens")).to_be_visible()
    assert requests.get(f"{owned.url}/api/reviews", headers=bearer).status_code == 401


def test_the_whole_audit_has_pages(owned, open_page):
    owned.sql(
        "insert into audit_event (who, action, subject) "
        "select 'owner', 'job_started', 'training ' || i from generate_series(1, 60) i"
    )
    page = open_page("/admin/access")
    page.get_by_role("link", name="The whole audit").click()
    rows = page.get_by_role("table", name="Audit").locator("tbody tr")
    expect(rows.first).to_contain_text("training 60")
    page.get_by_role("link", name="Older").click()
    expect(rows.first).to_contain_text("training 35")
