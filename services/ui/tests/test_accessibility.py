"""What holds for all pages: for every eye, hand and screen, and nothing leaves the product."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

TEXT = "A great shop with friendly people, but slow delivery. " + "Long" * 40


@pytest.fixture(autouse=True)
def reviews(api):
    for number in range(30):
        api.add(review=TEXT * 6, rating=number % 5 + 1, brand="Ecosia" * 9, model_score=0.9)


def visit_all_states(page, api, look):
    """Go through the pages and call `look` with the name of each state."""
    page.goto("/")
    expect(page.locator("#review-text")).to_be_visible()
    look("empty review")
    page.locator("#review-text").fill(TEXT)
    page.get_by_role("button", name="Why this score?").click()
    expect(page.locator("mark").first).to_be_visible()
    look("explained review")
    api.is_down = True
    page.get_by_role("button", name="Submit review").click()
    expect(page.locator("#submission-failure")).to_be_visible()
    look("failed submission")
    api.is_down = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    look("thanks")
    page.goto("/admin")
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#login-failure")).to_be_visible()
    look("failed login")
    page.get_by_label("Password").fill(api.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".review-table")).to_be_visible()
    look("reviews")
    page.locator(".review-table button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("dialog")
    page.goto("/nothing")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look("not found")


@pytest.mark.parametrize(("width", "colour_scheme"), [(390, "dark"), (1280, "light")])
def test_every_state_of_every_page_is_sound(new_page, api, ui, width, colour_scheme):
    page = new_page(width=width, colour_scheme=colour_scheme)
    page.emulate_media(reduced_motion="reduce")
    faults, addresses = [], []
    page.context.on("request", lambda request: addresses.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))

    def look(state):
        faults.extend((state, fault) for fault in axe_faults(page))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append((state, "scrolls sideways"))
        if page.evaluate("document.documentElement.dataset.bsTheme") != colour_scheme:
            faults.append((state, "not in the system's colours"))

    visit_all_states(page, api, look)
    # The page that does not exist is the only thing that the browser may complain about.
    assert [fault for fault in faults if "404" not in fault] == []
    assert len(addresses) > 20
    assert [url for url in addresses if not url.startswith((f"{ui}/", "data:"))] == []


def axe_faults(page):
    violations = Axe().run(page).response["violations"]
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in violations]


def test_a_review_is_written_with_the_keyboard_alone(new_page, api):
    page = new_page()
    page.goto("/")
    expect(page.locator("#review-text")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "#review-text")
    page.keyboard.type("great lovely")
    expect(page.locator("#rating")).to_have_value("5")
    reach(page, "#why")
    page.keyboard.press("Enter")
    expect(page.locator("#why-panel")).to_be_visible()
    reach(page, "#rating")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#rating-text")).to_contain_text("4 of 5")
    reach(page, "#submit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
    reach(page, "#write-another")
    assert api.reviews[-1]["rating"] == 4


def test_a_review_is_deleted_with_the_keyboard_alone(new_page, api):
    page = new_page()
    page.goto("/admin")
    expect(page.get_by_label("User name")).to_be_visible()
    reach(page, "#username")
    page.keyboard.type("owner")
    reach(page, "#password")
    page.keyboard.type(api.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text("30 reviews")
    reach(page, ".review-table button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".review-table button").first).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, "#delete")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text("29 reviews")


def reach(page, selector, most=40):
    """Press Tab until the element is focused; each stop on the way shows that it is."""
    target = page.locator(selector).first
    for _ in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
        wait_for_visible_focus(page)
    raise AssertionError(f"{selector} cannot be reached with Tab")


def wait_for_visible_focus(page):
    # Focus may be on its way, and its ring may fade in; a stop without one fails all the same.
    page.wait_for_function(
        """() => {
            const focused = document.activeElement;
            const style = getComputedStyle(focused);
            // The body has the focus when nothing has, as while a table is drawn anew.
            const isMarked = style.outlineStyle !== "none" || style.boxShadow !== "none";
            return focused === document.body || isMarked;
        }""",
        timeout=5000,
    )
