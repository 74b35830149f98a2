"""The installed product: ready, reached through the ingress, with jobs and backups."""

import uuid

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]


def test_every_pod_is_ready_and_has_not_been_restarted(cluster):
    pods = cluster.objects("pods", "-l", "app.kubernetes.io/managed-by=Helm")
    components = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in pods}
    assert components == {"api", "worker", "ui", "model-server", "canary", "server"}
    for pod in pods:
        for container in pod["status"]["containerStatuses"]:
            assert container["ready"], container
            assert container["restartCount"] == 0, container


def test_helm_test_posts_a_review_and_finds_it(cluster):
    said = cluster.helm("test", "candor", "--logs", "--timeout", "5m")
    assert "found, deleted" in said


def test_a_review_posted_through_the_ingress_is_scored_and_found_through_it(write_review, score_of):
    assert 0 <= score_of(write_review())["model_score"] <= 1


def test_pages_and_predictions_come_through_the_ingress(site):
    assert "Candor" in site.get("/").text
    assert site.get("/admin").status_code == 200
    assert 0 <= site.post("/api/predict", data={"review": "I love it"}).json() <= 1
    assert site.post("/predictions/sentiment", data={"review": "bad"}).json()["label"] == "bad"


def test_what_a_visitor_writes_in_a_browser_the_owner_finds_in_it(cluster, browser):
    word = f"w{uuid.uuid4().hex[:12]}"
    context = browser.new_context(base_url=cluster.address)
    page, refused = context.new_page(), []
    page.on("response", lambda said: refused.append(said.url) if said.status >= 400 else None)
    page.goto("/")
    page.locator("#review-text").press_sequentially(f"Lovely people, quick delivery {word}")
    expect(page.locator("#score-label")).to_have_text("Good")
    page.locator("#submit").click()
    expect(page.locator("#thanks-heading")).to_be_visible()

    secret = cluster.secret("candor-admin")
    page.goto("/admin")
    page.get_by_label("User name").fill(secret["username"])
    page.get_by_label("Password").fill(secret["password"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Words in the text").fill(word)
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#found")).to_have_text("1 review found")
    assert refused == []
    context.close()


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/readyz", "/version", "/models"])
def test_what_is_for_operators_does_not_come_through_the_ingress(site, path):
    assert site.get(path).status_code == 404


def test_the_scraping_job_fills_companies_from_the_demo_site(cluster, owner):
    cluster.run_job("candor-scraping")
    assert int(owner.get("/api/scraped-reviews").headers["X-Total-Count"]) > 100
    companies = owner.get("/api/companies", params={"site": "demo"})
    assert int(companies.headers["X-Total-Count"]) >= 8


def test_the_training_job_makes_a_model_of_what_is_in_the_database_and_it_is_served(
    train, owner, write_review, score_of
):
    before = owner.get("/api/reviews").headers["X-Total-Count"]
    version = train()
    described = owner.get(f"/api/model-versions/sentiment/{version}").json()
    assert described["rows"]["scraped.ndjson"] > 100
    assert described["gate"]["verdict"] == "pass"
    assert score_of(write_review())["model_version"] == version
    assert int(before) > 0


def test_a_backup_brings_a_deleted_review_back(cluster, write_review, find_reviews, owner):
    mark = write_review()
    assert ".dump" in cluster.run_job("postgres-backup")
    review_id = find_reviews(mark)[0]["id"]
    owner.delete(f"/api/reviews/{review_id}").raise_for_status()
    assert find_reviews(mark) == []
    cluster.run_job("postgres-restore")
    assert [review["id"] for review in find_reviews(mark)] == [review_id]
