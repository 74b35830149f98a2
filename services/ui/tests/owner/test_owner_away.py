"""The owner's pages while the review API hangs, and when the session has ended."""

import pytest
from playwright.sync_api import expect

from review_ui.settings import Settings

pytestmark = pytest.mark.integration

PASSWORD = "correct horse"


@pytest.fixture
def settings(owned, two_models):
    return Settings(
        review_api_url=owned.url,
        model_server_url=two_models[0],
        api_timeout_seconds=2,
        log_level="ERROR",
    )


@pytest.fixture
def page(owned, open_page):
    owned.register("7.1", "pass")
    page = open_page("/admin/models")
    expect(page.get_by_role("table", name="Versions", exact=True)).to_be_visible()
    return page


def test_a_page_says_so_and_can_be_loaded_again(page, owned):
    with owned.hanging():
        page.goto("/admin/insights?days=7")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "The review API does not answer", timeout=15_000
        )
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")


def test_an_action_that_is_not_answered_keeps_what_was_typed(page, owned):
    page.get_by_role("button", name="Promote sentiment 7.1").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("the first one")
    with owned.hanging():
        dialog.get_by_role("button", name="Promote it").click()
        expect(dialog.get_by_role("alert")).to_contain_text("did not answer", timeout=15_000)
    expect(dialog.get_by_label("Reason")).to_have_value("the first one")
    dialog.get_by_role("button", name="Promote it").click()
    expect(dialog).to_be_hidden()
    assert owned.meaning("production") == "7.1"


def test_an_action_after_the_session_has_ended_leads_to_the_login_and_back(page, owned):
    page.get_by_role("button", name="Promote sentiment 7.1").click()
    owned.sql("truncate session")
    page.get_by_role("dialog").get_by_role("button", name="Promote it").click()
    expect(page.get_by_text("Your session has ended. Please log in again.")).to_be_visible()
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("table", name="Versions", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    owned.log_in()
    assert owned.meaning("production") is None
