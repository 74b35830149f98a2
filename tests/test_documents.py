"""The pages of documentation say what the code does."""

import re

import pytest

from candor_local.settings import CHECKOUT, Settings
from review_api import create_app
from review_api.settings import Settings as ApiSettings
from review_ui import create_server
from review_ui.settings import Settings as UiSettings

PARAMETER = re.compile("<.*?>")
HEALTH = {"/healthz", "/readyz", "/metrics", "/version"}


@pytest.fixture(scope="module")
def readme(checkout):
    return (checkout / "README.md").read_text()


def rows_of(readme, service):
    return set(re.findall(rf"^\| {service} \| `(.*?)` \|", readme, re.MULTILINE))


def test_the_readme_lists_the_review_apis_endpoints(readme):
    app = create_app(ApiSettings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    routes = {
        f"{method} {PARAMETER.sub('{parameter}', rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule not in HEALTH and rule.endpoint != "static"
    }
    described = {re.sub("{.*?}", "{parameter}", row) for row in rows_of(readme, "review API")}
    assert described == routes


def test_the_readme_lists_the_pages(readme):
    client = create_server(UiSettings()).test_client()
    for page in rows_of(readme, "pages"):
        assert client.get(page).status_code == 200
    assert client.get("/no-such-page").status_code == 404


def test_the_readme_describes_the_settings_of_make_run(readme):
    rows = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| (.*?) \|$", readme, re.MULTILINE)
    described = {
        (name.upper(), plain(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }
    assert set(rows) == described


def plain(default):
    text = "" if default is None else str(default)
    return text.removeprefix(f"{CHECKOUT}/")


def test_every_file_that_a_page_links_to_is_there(checkout):
    pages = [page for page in checkout.rglob("*.md") if ".venv" not in page.parts]
    for page in pages:
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page} links to {target}"


def pins(path):
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)[^\n]*$", path.read_text(), re.MULTILINE))


def test_requirements_are_equal_where_they_overlap_and_hashed(checkout):
    files = {path.stem: pins(path) for path in (checkout / "requirements").glob("*.txt")}
    assert {"api", "ui", "model_server", "training", "scraping", "local", "teacher", "dev"} == set(
        files
    )
    for room, packages in files.items():
        assert packages
        both = packages.keys() & files["dev"].keys()
        assert {name: packages[name] for name in both} == {n: files["dev"][n] for n in both}, room
        # A teacher is for those who make one; development does without its weights.
        assert room == "teacher" or both == packages.keys()


def test_requirements_name_no_address(checkout):
    for path in (checkout / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert text.count("--hash=sha256:") > 0
