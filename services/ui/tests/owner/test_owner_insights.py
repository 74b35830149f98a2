"""The pages Insights and Quarantine in a browser, on the real review API."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.integration


def test_without_reviews_the_page_says_so(open_page):
    page = open_page("/admin/insights")
    expect(page.get_by_role("heading", name="No reviews in this time")).to_be_visible()
    expect(page.get_by_text("There is no model in production to compare with.")).to_be_visible()


def test_what_people_wrote_is_counted_scored_and_compared(owned, open_page):
    owned.write("great lovely friendly", 5, "Ecosia", suggested_rating=5)
    owned.write("awful slow rude", 2, "Ecosia", suggested_rating=1)
    owned.write("great fast", 3, "IKEA", suggested_rating=4)
    owned.wait_for_scores()
    page = open_page("/admin/insights?days=7")
    days = page.get_by_role("img", name="Reviews a day")
    expect(days).to_have_accessible_name("Reviews a day. 3 by people, 0 scraped in 7 days.")
    expect(page.get_by_role("img", name="3 reviews scored")).to_be_visible()
    model = page.get_by_role("figure").filter(has_text="Rating against the model")
    expect(model).to_contain_text("They agree in 67\u00a0%.")
    cells = model.locator("tbody tr").nth(1).get_by_role("cell")
    expect(cells).to_have_text(["00\u00a0%", "00\u00a0%", "1100\u00a0%"])
    brands = page.get_by_role("table", name="Brands").locator("tbody tr")
    expect(brands.first).to_contain_text("Ecosia")
    page.get_by_role("link", name="365 days").click()
    expect(page.get_by_role("img", name="Reviews a week")).to_be_visible()


def test_a_held_review_is_used_and_left_out_again(owned, open_page):
    owned.write("great lovely", 1, "IKEA")
    owned.write("great fast", 1, "Ecosia")
    # The worker holds such reviews back each minute, which is too long to wait for.
    owned.sql("insert into quarantine (id, cause) select id, 'disagreement' from review")
    page = open_page("/admin/quarantine")
    held = page.get_by_role("table", name="Held reviews").locator("tbody tr")
    expect(held).to_have_count(2)
    expect(held.first).to_contain_text("The model says the opposite")
    held.first.get_by_role("button", name="Use").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("irony")
    dialog.get_by_role("button", name="Use it").click()
    expect(page.locator("#admin-message")).to_have_text("The review is used for training.")
    expect(held).to_have_count(1)
    page.get_by_role("link", name="Used").click()
    expect(held).to_contain_text("irony")
    held.get_by_role("button", name="Leave out").click()
    dialog.get_by_role("button", name="Leave it out").click()
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.get_by_role("link", name="Left out").click()
    expect(held).to_contain_text("left out by owner")
