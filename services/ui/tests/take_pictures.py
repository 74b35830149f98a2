"""Takes pictures of every page of a running product, on phone and desktop, light and dark.

``python services/ui/tests/take_pictures.py http://127.0.0.1:8050 docs/pictures``

`ADMIN_USER` and `ADMIN_PASSWORD` in the environment open the owner's page.
"""

import argparse
import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
COLOUR_SCHEMES = ("light", "dark")
CALLBACKS = re.compile("/_dash-update-component")
TEXT = (
    "Lovely people and a great selection, but the delivery was slow and one box arrived broken. "
    "They sent a new one the next day, no questions asked."
)


class Camera:
    """Takes pictures of one page under names that end alike."""

    def __init__(self, page: Page, folder: Path, suffix: str) -> None:
        self.page = page
        self.folder = folder
        self.suffix = suffix

    def take(self, name: str, *, whole: bool = True) -> None:
        """Save what the page looks like: the whole of it, or what the window shows."""
        self.page.evaluate("document.activeElement.blur()")
        path = self.folder / f"{name}-{self.suffix}.png"
        self.page.screenshot(path=path, full_page=whole, animations="disabled")


def photograph_loading(page: Page, camera: Camera) -> None:
    """What is shown while the server has not answered yet."""
    held: list[Route] = []
    page.route(CALLBACKS, lambda route: held.append(route))  # noqa: PLW0108  # Playwright marks its handlers, which a method forbids.
    page.goto("/")
    expect(page.locator("main .loading")).to_be_visible()
    camera.take("loading")
    for route in held:
        route.abort()
    page.unroute(CALLBACKS)


def photograph_review(page: Page, camera: Camera) -> None:
    """The visitor's page in all its states."""
    page.goto("/")
    expect(page.locator("#review-text")).to_be_visible()
    camera.take("review-empty")
    page.locator("#review-text").fill(TEXT)
    expect(page.locator("#why")).to_be_enabled(timeout=20_000)
    camera.take("review")
    page.locator("#why").click()
    expect(page.locator(".explained")).to_be_visible(timeout=20_000)
    camera.take("review-explained")
    photograph_failure(page, camera)
    page.locator("#submit").click()
    expect(page.locator("#thanks-heading")).to_be_visible()
    camera.take("review-thanks")


def photograph_failure(page: Page, camera: Camera) -> None:
    """What is shown when no answer comes, which takes no waiting with a clock of our own."""
    page.route(CALLBACKS, lambda route: route.abort())
    page.locator("#submit").click()
    expect(page.locator("#submit")).to_have_text("Sending…")
    page.clock.fast_forward(60_000)
    expect(page.locator("#submission-failure")).to_be_visible()
    camera.take("review-failed")
    page.unroute(CALLBACKS)


def photograph_admin(page: Page, camera: Camera, user: str, password: str) -> None:
    """The owner's page in all its states."""
    page.goto("/admin")
    expect(page.locator("#username")).to_be_visible()
    camera.take("admin-login")
    page.locator("#username").fill(user)
    page.locator("#password").fill(password)
    page.locator("#login").click()
    expect(page.locator(".review-table")).to_be_visible()
    camera.take("admin", whole=False)
    page.locator(".review-table button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    camera.take("admin-delete", whole=False)
    page.locator("#keep").click()
    page.locator("#filter-brand").fill("No such brand")
    page.locator("#filter-brand").press("Enter")
    expect(page.get_by_text("No review matches")).to_be_visible()
    camera.take("admin-no-match", whole=False)


def photograph(browser: Browser, base_url: str, folder: Path, size: str, scheme: str) -> None:
    """All pages at one size and in one colour scheme."""
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.clock.install()
    camera = Camera(page, folder, f"{size}-{scheme}")
    photograph_loading(page, camera)
    photograph_review(page, camera)
    photograph_admin(page, camera, os.environ["ADMIN_USER"], os.environ["ADMIN_PASSWORD"])
    page.goto("/nothing-here")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    camera.take("not-found")
    context.close()


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_url", help="where the pages are, such as http://127.0.0.1:8050")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for size in SIZES:
            for scheme in COLOUR_SCHEMES:
                photograph(browser, arguments.base_url, arguments.folder, size, scheme)
        browser.close()


if __name__ == "__main__":
    main()
