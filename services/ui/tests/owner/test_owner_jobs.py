"""The page Jobs in a browser, on the real review API and its worker."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.integration

PATIENCE = 30_000
CALLBACKS = "/_dash-update-component"


@pytest.fixture
def jobs_page(open_page):
    return open_page("/admin/jobs")


@pytest.fixture
def ending(owned):
    """Whatever a test starts of training is stopped in the end."""
    yield owned
    for run in owned.call("GET", "/api/jobs/training/runs"):
        if run["state"] in {"waiting", "running"}:
            owned.session.delete(f"{owned.url}/api/jobs/training/runs/{run['id']}")
            owned.wait_for_run("training", "stopped")


@pytest.fixture
def training(ending):
    ending.call("POST", "/api/jobs/training/runs")
    return ending.wait_for_run("training", "running")


def start(page, job):
    page.get_by_role("button", name=f"Run now {job}").click()
    page.get_by_role("dialog").get_by_role("button", name="Run it now").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def runs(page, job):
    return page.get_by_role("table", name=f"Runs of {job}").locator("tbody tr")


def test_a_run_is_started_and_followed_until_it_has_ended(jobs_page):
    start(jobs_page, "scraping")
    expect(jobs_page.locator("#admin-message")).to_have_text("Scraping is started.")
    expect(runs(jobs_page, "scraping")).to_contain_text("succeeded", timeout=PATIENCE)
    expect(runs(jobs_page, "scraping")).to_contain_text("owner")
    # Nothing runs any more, and nothing is asked any more.
    asked = []
    jobs_page.on("request", lambda request: asked.append(request.url))
    jobs_page.wait_for_timeout(3500)
    assert asked == []


def test_a_failed_run_says_why(jobs_page):
    start(jobs_page, "broken")
    row = runs(jobs_page, "broken")
    expect(row).to_contain_text("failed", timeout=PATIENCE)
    expect(row).to_contain_text("there is no data")
    row.get_by_role("link", name="Log").click()
    expect(jobs_page.get_by_role("heading", level=1)).to_contain_text("Broken")
    expect(jobs_page.get_by_role("region", name="Log")).to_contain_text("Reading the data")
    with jobs_page.expect_download() as download:
        jobs_page.get_by_role("link", name="Whole log").click()
    assert "there is no data" in Path(download.value.path()).read_text()


def test_a_log_grows_until_its_run_is_stopped(training, open_page):
    page = open_page(f"/admin/jobs/run?job=training&id={training['id']}")
    log = page.get_by_role("region", name="Log")
    expect(log).to_contain_text("step 1\n", timeout=PATIENCE)
    expect(log).to_contain_text("step 25", timeout=PATIENCE)
    assert "\x1b" not in log.inner_text()
    page.get_by_role("button", name="Stop training").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(page.locator("#run")).to_contain_text("stopped", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Stop training")).to_have_count(0)


@pytest.mark.parametrize("path", ["/admin/jobs", "/admin/jobs/run?job=training&id={id}"])
def test_what_is_followed_leads_to_the_login_when_the_session_ends(
    training, open_page, owned, path
):
    page = open_page(path.format(**training))
    expect(page.get_by_role("button", name="Stop training")).to_be_visible()
    owned.sql("truncate session")
    expect(page.get_by_text("Your session has ended.")).to_be_visible(timeout=PATIENCE)
    owned.log_in()


def test_a_job_that_runs_is_not_started_twice(ending, jobs_page):
    ending.call("POST", "/api/jobs/training/runs")
    jobs_page.get_by_role("button", name="Run now training").click()
    dialog = jobs_page.get_by_role("dialog")
    dialog.get_by_role("button", name="Run it now").click()
    expect(dialog.get_by_role("alert")).to_have_text("Training runs already.")
    assert len(ending.call("GET", "/api/jobs/training/runs")) == 1


def test_a_run_that_nobody_knows_is_said_to_be_gone(open_page):
    page = open_page("/admin/jobs/run?job=training&id=999999")
    expect(page.get_by_role("heading", name="This run is not known any more")).to_be_visible()
    page = open_page("/admin/jobs/run?job=none&id=1")
    expect(page.get_by_role("heading", name="There is nothing to show")).to_be_visible()
