"""The owner's page in a real browser."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.integration


@pytest.fixture
def reviews(api):
    for number in range(60):
        api.add(
            review=f"review {number} " + ("is long " * 60 if number == 59 else "is short"),
            rating=number % 5 + 1,
            brand=api.BRANDS[number % 6],
            suggested_rating=3,
            sentiment_score=0.5,
            shown_version="7.1",
            model_score=0.9,
            model_version="7.2",
        )
    return api.reviews


@pytest.fixture
def page(new_page):
    page = new_page()
    page.goto("/admin")
    return page


@pytest.fixture
def owner_page(page, api):
    log_in(page, api.PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviews")
    return page


def log_in(page, password):
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def rows(page):
    return page.locator(".review-table tbody tr")


def test_a_stranger_is_asked_to_log_in(page):
    expect(page.get_by_role("heading", level=1)).to_have_text("For the owner")
    expect(page.locator(".review-table")).to_have_count(0)


def test_a_wrong_password_is_refused(page):
    log_in(page, "wrong")
    expect(page.locator("#login-failure")).to_have_text("User name or password is wrong.")
    expect(page.get_by_label("User name")).to_have_value("owner")


def test_too_many_attempts_are_told_to_wait(page, api):
    api.is_throttled = True
    log_in(page, api.PASSWORD)
    expect(page.locator("#login-failure")).to_contain_text("Try again in 30 seconds")


def test_a_login_without_the_api_fails_in_plain_words(page, api):
    expect(page.get_by_label("Password")).to_be_visible()
    api.is_down = True
    log_in(page, api.PASSWORD)
    expect(page.locator("#login-failure")).to_contain_text("does not answer just now")


def test_the_api_learns_who_tries_to_log_in(page, api):
    log_in(page, "wrong")
    expect(page.locator("#login-failure")).to_be_visible()
    call = api.requests[-1]
    assert call.json["ip_address"] == "127.0.0.1"
    assert call.headers["Authorization"] == "Bearer the-ui-token"


def test_scripts_cannot_read_the_session(owner_page):
    [cookie] = owner_page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert owner_page.evaluate("document.cookie") == ""


def test_without_reviews_the_table_says_so(owner_page):
    expect(owner_page.get_by_role("heading", name="No reviews yet")).to_be_visible()
    expect(owner_page.locator("#found")).to_have_text("0 reviews")


@pytest.mark.usefixtures("reviews")
def test_the_newest_reviews_come_first(owner_page):
    expect(owner_page.locator("#found")).to_have_text("60 reviews")
    expect(rows(owner_page)).to_have_count(25)
    first = rows(owner_page).first
    for text in ("review 59", "50% average", "suggested 3 · v7.1", "90% good", "v7.2"):
        expect(first).to_contain_text(text)


@pytest.mark.usefixtures("reviews")
def test_pages_are_turned_to_older_and_back(owner_page):
    newer = owner_page.get_by_role("button", name="Newer")
    older = owner_page.get_by_role("button", name="Older")
    expect(newer).to_be_disabled()
    older.click()
    expect(rows(owner_page).first).to_contain_text("review 34 ")
    older.click()
    expect(rows(owner_page)).to_have_count(10)
    expect(older).to_be_disabled()
    newer.click()
    expect(rows(owner_page).first).to_contain_text("review 34 ")
    newer.click()
    expect(rows(owner_page).first).to_contain_text("review 59 ")


@pytest.mark.usefixtures("reviews")
def test_filters_and_order_narrow_what_is_shown(owner_page):
    page = owner_page
    page.get_by_label("Brand", exact=True).fill("Ecosia")
    page.get_by_label("5", exact=True).check()
    page.get_by_label("From").fill("2026-11-01")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#found")).to_have_text("2 reviews found")
    page.get_by_label("Words in the text").fill("review 24")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text("1 review found")
    page.get_by_label("Words in the text").fill("nothing like it")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No review matches")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#found")).to_have_text("60 reviews")
    expect(page.get_by_label("Brand", exact=True)).to_have_value("")
    expect(page.get_by_label("5", exact=True)).not_to_be_checked()
    page.get_by_label("Sort by").select_option("Lowest rating")
    expect(rows(page).first.locator(".rating-number")).to_have_text("1")
    expect(page.get_by_role("button", name="Next")).to_be_enabled()


@pytest.mark.usefixtures("reviews")
def test_a_changed_order_starts_at_the_first_page(owner_page):
    owner_page.get_by_role("button", name="Older").click()
    expect(rows(owner_page).first).to_contain_text("review 34 ")
    owner_page.get_by_label("Sort by").select_option("Oldest first")
    expect(rows(owner_page).first).to_contain_text("review 0 ")
    expect(owner_page.get_by_role("button", name="Older")).to_be_disabled()


@pytest.mark.usefixtures("reviews")
def test_a_long_text_can_be_seen_whole(owner_page):
    text = rows(owner_page).first.locator(".cell-text")
    expect(text).to_be_hidden()
    rows(owner_page).first.locator("summary").click()
    expect(text).to_be_visible()
    expect(rows(owner_page).first.locator(".excerpt")).to_be_hidden()


@pytest.mark.usefixtures("reviews")
def test_what_is_filtered_is_exported(owner_page):
    owner_page.get_by_label("Brand", exact=True).fill("IKEA")
    owner_page.get_by_role("button", name="Apply filters").click()
    expect(owner_page.locator("#found")).to_have_text("10 reviews found")
    with owner_page.expect_download() as download:
        owner_page.get_by_role("link", name="Export CSV").click()
    assert download.value.suggested_filename == "reviews.csv"
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 11
    assert all(line.startswith("IKEA,") for line in lines[1:])


@pytest.mark.usefixtures("reviews")
def test_a_failed_export_says_so(owner_page):
    expect(rows(owner_page)).to_have_count(25)
    owner_page.goto("/admin?export=failed")
    expect(owner_page.get_by_text("The export did not work")).to_be_visible()


@pytest.mark.usefixtures("reviews")
def test_a_review_is_deleted_after_a_question(owner_page, api):
    delete = rows(owner_page).first.get_by_role("button")
    delete.click()
    dialog = owner_page.get_by_role("dialog")
    expect(dialog).to_contain_text("1&1, 1 Nov 2026, 16:30")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    assert len(api.reviews) == 60
    delete.click()
    dialog.get_by_role("button", name="Delete it").click()
    expect(owner_page.locator("#admin-message")).to_have_text("The review is deleted.")
    expect(owner_page.locator("#found")).to_have_text("59 reviews")
    expect(rows(owner_page).first).to_contain_text("review 58 ")


@pytest.mark.usefixtures("reviews")
def test_a_failed_deletion_says_so_and_deletes_nothing(owner_page, api):
    rows(owner_page).first.get_by_role("button").click()
    api.is_down = True
    owner_page.get_by_role("button", name="Delete it").click()
    expect(owner_page.locator("#admin-message")).to_contain_text("could not be deleted")
    assert len(api.reviews) == 60


@pytest.mark.usefixtures("reviews")
def test_a_failed_page_can_be_loaded_again(owner_page, api):
    expect(rows(owner_page)).to_have_count(25)
    api.is_down = True
    owner_page.get_by_role("button", name="Older").click()
    expect(owner_page.get_by_text("The reviews could not be fetched")).to_be_visible()
    api.is_down = False
    owner_page.get_by_role("button", name="Try again").click()
    expect(rows(owner_page).first).to_contain_text("review 34 ")


def test_while_the_api_is_away_the_page_says_so(owner_page, api):
    api.is_down = True
    owner_page.reload()
    expect(owner_page.get_by_role("heading", level=1)).to_have_text(
        "The review API does not answer"
    )


@pytest.mark.usefixtures("reviews")
def test_an_ended_session_leads_to_the_login_with_a_message(owner_page, api):
    expect(rows(owner_page)).to_have_count(25)
    api.sessions.clear()
    owner_page.get_by_role("button", name="Older").click()
    expect(owner_page.get_by_text("Your session has ended. Please log in again.")).to_be_visible()
    log_in(owner_page, api.PASSWORD)
    expect(rows(owner_page)).to_have_count(25)


def test_logging_out_ends_the_session_in_the_api_and_in_the_browser(owner_page, api):
    owner_page.get_by_role("button", name="Log out").click()
    expect(owner_page.get_by_text("You are logged out.")).to_be_visible()
    assert api.sessions == set()
    assert owner_page.context.cookies() == []
    owner_page.reload()
    expect(owner_page.get_by_role("heading", level=1)).to_have_text("For the owner")
