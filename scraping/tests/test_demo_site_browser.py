import json

import pytest
import requests
from playwright.sync_api import Error

from demo_site.running import running

pytestmark = pytest.mark.integration

READY = 'body[data-ready="true"]'
DOWN = "scrollTo(0, document.documentElement.scrollHeight)"


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 900, "height": 700})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def calm():
    """The address of a site that is only read, so one is enough for all who read it."""
    with running(companies=10, today="2027-02-01") as url:
        yield url


def lists_by_way(url):
    """Return the address of a list with each way of showing more."""
    ways = ("pages", "button", "scroll")
    categories = requests.get(f"{url}/data/categories.json", timeout=30).json()
    return dict(zip(ways, (url + c["lists"][0]["path"] for c in categories), strict=True))


def names(page):
    return page.locator("article.company-card a.company-link h3").all_inner_texts()


def wait_for_more(page, act):
    """Do something that makes a list of two pages or more append one of them, two cards at most."""
    shown = len(names(page))
    assert shown % 2 == 0
    act()
    page.wait_for_function("n => document.querySelectorAll('.company-card').length > n", arg=shown)
    page.wait_for_selector(READY)
    assert len(names(page)) - shown <= 2


def true_names(url, address):
    """Return the names that a list should have."""
    rows = map(json.loads, requests.get(f"{url}/truth/companies", timeout=30).text.splitlines())
    wanted = address.removeprefix(f"{url}/categories/")
    return [r["name"] for r in rows if f"{r['category']}/{r['sub_category']}".lower() == wanted]


def test_lists_appear_only_with_javascript(calm, browser, page):
    plain = browser.new_context(java_script_enabled=False).new_page()
    for path, entries in (
        ("/categories", "section.category a.sub-category"),
        ("/categories/home/kitchen", "article.company-card"),
    ):
        plain.goto(calm + path)
        assert plain.locator(entries).count() == 0
        assert plain.locator(READY).count() == 0
        page.goto(calm + path)
        page.wait_for_selector(READY)
        assert page.locator(entries).count() > 0
    plain.context.close()


def test_categories_lead_to_lists_and_lists_to_companies(calm, page):
    page.goto(calm)
    page.click("text=All categories")
    page.wait_for_selector(READY)
    assert page.locator("section.category h2").all_inner_texts() == [
        "Home",
        "Electronics",
        "Travel",
    ]
    page.click("a.sub-category >> text=Kitchen")
    page.click("a.company-link >> nth=0")
    assert page.locator("article.review").count() == 20
    page.click("a[rel=next]")
    page.wait_for_url("**/review/*?page=2")
    assert page.locator("article.review").count() == 20


def test_numbered_pages_hold_a_list(calm, page):
    address = lists_by_way(calm)["pages"]
    page.goto(address)
    page.wait_for_selector(READY)
    found = names(page)
    while page.locator("a[rel=next]").count():
        assert len(names(page)) == 2
        page.click("a[rel=next]")
        page.wait_for_selector(f'{READY}:has(main):not(:has-text("{found[-1]}"))')
        found += names(page)
    assert found == true_names(calm, address)


def test_a_button_appends_until_it_is_gone(calm, page):
    address = lists_by_way(calm)["button"]
    page.goto(address)
    page.wait_for_selector(READY)
    more = page.locator("button.load-more")
    while more.count():
        wait_for_more(page, more.click)
    assert names(page) == true_names(calm, address)


def test_scrolling_down_appends_until_the_end(calm, page):
    address = lists_by_way(calm)["scroll"]
    page.goto(address)
    page.wait_for_selector(READY)
    while not page.locator("#end").count():
        wait_for_more(page, lambda: page.evaluate(DOWN))
    assert names(page) == true_names(calm, address)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(DOWN)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    # Nothing more is being fetched.
    assert page.locator(READY).count() == 1


def test_a_restless_list_shows_its_cards_but_never_says_that_it_is_ready(demo_site, page):
    url = demo_site(hazards="restless")
    address = lists_by_way(url)["pages"]
    page.goto(address)
    page.wait_for_selector("article.company-card")
    for _ in range(3):
        with page.expect_request("**/data/news.json*"):
            pass
    assert page.locator(READY).count() == 0
    assert len(names(page)) == 2
    page.goto(f"{address}?page=2")
    page.wait_for_selector(READY)


def test_a_frozen_list_never_lets_go(demo_site, browser, page):
    url = demo_site(hazards="frozen")
    page.goto(f"{url}/categories")
    page.wait_for_selector(READY)
    address = page.locator("a.sub-category >> text=Curiosities").get_attribute("href")
    frozen = browser.new_context().new_page()
    with pytest.raises(Error, match="Timeout"):
        frozen.goto(url + address, timeout=1500)
    frozen.context.close()


def test_a_browser_that_is_not_told_otherwise_fetches_pictures_font_and_trackers(demo_site, page):
    url = demo_site()
    page.goto(f"{url}/categories/home/kitchen")
    page.wait_for_selector(READY)
    page.wait_for_load_state("networkidle")
    log = requests.get(f"{url}/log", timeout=30).text
    fetched = [json.loads(line)["path"] for line in log.splitlines()]
    for start in (
        "/assets/logo/",
        "/assets/font.woff2",
        "/tracker.js",
        "/beacon?page=",
        "/beacon?from=",
    ):
        assert any(path.startswith(start) for path in fetched), start
