"""The visitor's page in a real browser."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

CALLBACKS = re.compile("/_dash-update-component")


@pytest.fixture
def page(new_page):
    page = new_page()
    page.goto("/")
    expect(page.locator("#review-text")).to_be_visible()
    return page


def asks(fragment):
    """Whether a request is a callback in which `fragment` occurs."""
    return lambda request: fragment in (request.post_data or "")


def write(page, text):
    page.locator("#review-text").fill(text)


def slide(page, key, times=1):
    page.locator("#rating").focus()
    for _ in range(times):
        page.keyboard.press(key)


def test_the_page_is_about_a_brand(page):
    expect(page.get_by_role("heading", level=1)).to_have_text("Ecosia")
    link = page.get_by_role("link", name=re.compile("ecosia"))
    assert link.get_attribute("href") == "https://www.ecosia.example"
    expect(page).to_have_title("Write a review · Candor")


def test_the_score_follows_the_text(page):
    write(page, "great lovely friendly")
    expect(page.locator("#score-percent")).to_have_text("99%")
    expect(page.locator("#score-bar .progress-bar")).to_have_class(re.compile("bg-success"))
    write(page, "all right")
    expect(page.locator("#score-label")).to_have_text("Average")
    expect(page.locator("#score-bar .progress-bar")).to_have_class(re.compile("bg-warning"))
    write(page, "awful slow rude")
    expect(page.locator("#score-percent")).to_have_text("1%")
    expect(page.locator("#score-bar .progress-bar")).to_have_class(re.compile("bg-danger"))


def test_typing_asks_once_after_a_pause(page, model):
    page.locator("#review-text").press_sequentially("great shop", delay=10)
    expect(page.locator("#score-label")).to_have_text("Good")
    assert [call.json["review"] for call in model.requests] == ["great shop"]


def test_an_old_answer_never_replaces_a_newer_one(page, model):
    release = model.hold("awful")
    with page.expect_request(asks('"awful"')) as old:
        write(page, "awful")
    write(page, "great")
    expect(page.locator("#score-label")).to_have_text("Good")
    release.set()
    assert old.value.response().ok
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.locator("#score-label")).to_have_text("Good")
    expect(page.locator("#rating")).to_have_value("4")


def test_an_answer_that_comes_after_the_text_was_cleared_is_not_shown(page, model):
    release = model.hold("awful")
    with page.expect_request(asks('"awful"')) as old:
        write(page, "awful")
    with page.expect_response(lambda response: asks('"seq":2')(response.request)):
        write(page, "")
    release.set()
    assert old.value.response().ok
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.locator("#score-label")).to_have_text("Nothing to read yet")


@pytest.mark.parametrize(("seq", "is_shown"), [(3, False), (4, False), (5, True)])
def test_the_browser_compares_sequence_numbers(page, seq, is_shown):
    outcome = page.evaluate(
        """seq => dash_clientside.review.acceptScore({seq, view: "new", shown: {seq}}, {seq: 4})
            .map((value) => value !== dash_clientside.no_update)""",
        seq,
    )
    assert outcome == [is_shown] * 4


def test_submit_is_off_without_text(page):
    submit = page.get_by_role("button", name="Submit review")
    expect(submit).to_be_disabled()
    write(page, "   \n ")
    expect(submit).to_be_disabled()
    write(page, "fine")
    expect(submit).to_be_enabled()
    write(page, "")
    expect(submit).to_be_disabled()


def test_characters_are_counted_and_limited(page):
    expect(page.locator("#counter")).to_have_text("0 / 10,000")
    write(page, "Nestlé 🙂")
    expect(page.locator("#counter")).to_have_text("9 / 10,000")
    assert page.locator("#review-text").get_attribute("maxlength") == "10000"
    write(page, "a" * 10_000)
    expect(page.locator("#counter")).to_have_class("counter counter-full")


def test_the_slider_follows_the_suggestion_until_it_is_moved(page):
    slider = page.locator("#rating")
    write(page, "great lovely")
    expect(slider).to_have_value("5")
    write(page, "awful")
    expect(slider).to_have_value("2")
    slide(page, "ArrowRight", times=2)
    expect(page.locator("#rating-text")).to_have_text("4 of 5 · Good")
    write(page, "awful rude")
    expect(page.locator("#score-note")).to_contain_text("Suggested rating: 1")
    expect(slider).to_have_value("4")
    expect(page.locator("#rating-note")).to_have_text("Your choice. Suggested: 1 of 5.")
    page.get_by_role("button", name="Use the suggestion").click()
    expect(slider).to_have_value("1")
    write(page, "great lovely")
    expect(slider).to_have_value("5")


def test_what_is_submitted_is_the_choice_and_what_was_shown(page, api):
    write(page, "great lovely")
    expect(page.locator("#rating")).to_have_value("5")
    slide(page, "ArrowLeft")
    expect(page.locator("#rating-text")).to_contain_text("4 of 5")
    page.get_by_role("button", name="Submit review").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
    [saved] = api.reviews
    assert saved["review"] == "great lovely"
    assert saved["rating"] == 4
    assert saved["brand"] == "Ecosia"
    assert saved["suggested_rating"] == 5
    assert saved["sentiment_score"] == pytest.approx(0.8834)
    assert saved["shown_version"] == "7.1"
    assert saved["ip_address"] == "127.0.0.1"
    assert "Chrome" in saved["user_agent"]


def test_another_review_starts_from_nothing(page):
    write(page, "great")
    page.get_by_role("button", name="Submit review").click()
    page.get_by_role("link", name="Write another").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patagonia")
    expect(page.locator("#review-text")).to_have_value("")
    expect(page.locator("#rating")).to_have_value("3")


def test_another_brand_keeps_the_text(page):
    write(page, "great")
    page.get_by_role("button", name="Review another brand").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patagonia")
    expect(page.locator("#review-text")).to_have_value("great")


def test_words_are_explained(page):
    why = page.get_by_role("button", name="Why this score?")
    expect(why).to_be_disabled()
    write(page, "great but slow")
    why.click()
    expect(why).to_have_attribute("aria-expanded", "true")
    expect(page.locator("mark.word-raised")).to_contain_text("great")
    expect(page.locator("mark.word-lowered")).to_contain_text("slow")
    expect(page.locator(".legend")).to_contain_text("raised the score")
    write(page, "lovely")
    expect(page.locator("mark.word-raised")).to_contain_text("lovely")
    expect(page.locator("mark.word-lowered")).to_have_count(0)
    why.click()
    expect(page.locator("#why-panel")).to_be_hidden()


def test_a_failed_explanation_can_be_asked_for_again(page, model):
    write(page, "great")
    expect(page.locator("#score-label")).to_have_text("Good")
    model.is_down = True
    page.get_by_role("button", name="Why this score?").click()
    expect(page.locator("#explanation-failure")).to_contain_text("could not be made")
    model.is_down = False
    page.locator("#explanation-retry").click()
    expect(page.locator("mark")).to_contain_text("great")
    expect(page.locator("#explanation-failure")).to_be_hidden()


def test_a_failed_score_keeps_the_text_and_can_be_retried(page, model):
    write(page, "great lovely")
    expect(page.locator("#score-label")).to_have_text("Good")
    model.is_down = True
    write(page, "awful rude")
    expect(page.locator("#score-failure")).to_contain_text("cannot be worked out just now")
    expect(page.locator("#score-label")).to_have_text("Not available")
    expect(page.locator("#review-text")).to_have_value("awful rude")
    model.is_down = False
    page.locator("#score-retry").click()
    expect(page.locator("#score-label")).to_have_text("Bad")
    expect(page.locator("#score-failure")).to_be_hidden()


def test_a_review_is_submitted_while_the_model_server_is_down(page, model, api):
    model.is_down = True
    write(page, "great")
    expect(page.locator("#score-failure")).to_be_visible()
    page.get_by_role("button", name="Submit review").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert api.reviews[0]["sentiment_score"] is None


def test_a_failed_submission_keeps_the_text_and_can_be_retried(page, api):
    api.is_down = True
    write(page, "great")
    page.get_by_role("button", name="Submit review").click()
    expect(page.locator("#submission-failure")).to_contain_text("your text is still here")
    expect(page.locator("#review-text")).to_have_value("great")
    api.is_down = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert len(api.reviews) == 1


def test_too_many_reviews_are_told_to_wait(page, api):
    api.is_throttled = True
    write(page, "great")
    page.get_by_role("button", name="Submit review").click()
    expect(page.locator("#submission-failure")).to_contain_text("try again in 30 seconds")


def test_half_an_emoji_is_no_obstacle(page, api):
    page.evaluate("dash_clientside.set_props('review-text', {value: 'great \\ud83d'})")
    expect(page.locator("#score-label")).to_have_text("Good")
    page.get_by_role("button", name="Submit review").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert api.reviews[0]["review"] == "great \N{REPLACEMENT CHARACTER}"


def test_a_review_whose_answers_were_lost_is_stored_once(page, api):
    api.lost_answers = 2  # The first one is asked for again by the server itself.
    write(page, "great")
    page.get_by_role("button", name="Submit review").click()
    expect(page.locator("#submission-failure")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert len(api.reviews) == 1


def test_a_late_score_does_not_change_what_was_submitted(page, api, model):
    release = model.hold("great")
    api.lost_answers = 2
    with page.expect_request(asks('"great"')):
        write(page, "great")
    page.get_by_role("button", name="Submit review").click()
    expect(page.locator("#submission-failure")).to_be_visible()
    release.set()
    expect(page.locator("#score-label")).to_have_text("Good")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert [review["rating"] for review in api.reviews] == [3]


def test_a_changed_review_is_a_new_one(page, api):
    api.lost_answers = 2
    write(page, "great")
    page.get_by_role("button", name="Submit review").click()
    expect(page.locator("#submission-failure")).to_be_visible()
    write(page, "great indeed")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert [review["review"] for review in api.reviews] == ["great", "great indeed"]


def test_silence_is_said_and_can_be_retried(new_page):
    page = new_page()
    page.clock.install()
    page.goto("/")
    expect(page.locator("#review-text")).to_be_visible()
    page.route(CALLBACKS, lambda route: route.abort())
    write(page, "great")
    expect(page.locator("#score-card")).to_have_class(re.compile("is-pending"))
    page.locator("#submit").click()
    expect(page.locator("#submit")).to_have_text("Sending…")
    page.clock.fast_forward(16_000)
    expect(page.locator("#score-failure")).to_contain_text("did not arrive")
    expect(page.locator("#submission-failure")).to_contain_text("No answer came")
    expect(page.locator("#review-text")).to_have_value("great")
    page.unroute(CALLBACKS)
    page.get_by_role("button", name="Try again").last.click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_without_a_brand_the_page_says_so(new_page, api):
    api.is_down = True
    page = new_page()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("No brand to review just now")
    write(page, "great")
    expect(page.get_by_role("button", name="Submit review")).to_be_disabled()
    api.is_down = False
    page.get_by_role("button", name="Review another brand").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ecosia")
    expect(page.get_by_role("button", name="Submit review")).to_be_enabled()


def test_the_score_is_announced_once_it_rests(page):
    write(page, "great lovely")
    expect(page.locator("#score-status")).to_have_text(
        "Sentiment 88 percent, good. Suggested rating 5 of 5."
    )
