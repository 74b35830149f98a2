"""The OpenAPI document, the docs page and the README say what the code does."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from review_api import create_app, openapi
from review_api.operations import operation_of
from review_api.settings import Settings

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def app():
    return create_app(Settings(database_url="postgresql://nowhere/reviews"))


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/api/openapi.json").json


def routes(app):
    return {
        (method, openapi.path_of(rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_in_the_document_and_the_other_way_round(app, document):
    described = {
        (method.upper(), path) for path, item in document["paths"].items() for method in item
    }
    assert described == routes(app)


def test_every_reference_in_the_document_leads_somewhere(document):
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert named == document["components"]["schemas"].keys()


def test_what_needs_a_scope_says_so(app, document):
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            said = document["paths"][openapi.path_of(rule)][method.lower()]["security"]
            scope = operation_of(app, rule.endpoint).scope
            assert [one.get("token") for one in said] == ([[scope], None] if scope else [])


class Page(HTMLParser):
    """Collects what a page refers to, and its open tags."""

    def __init__(self, text):
        super().__init__()
        self.references, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.references += [value for name, value in attrs if name in {"href", "src"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_docs_page_names_every_path_and_loads_nothing(app, document):
    answer = app.test_client().get("/api/docs")
    page = Page(answer.text)
    assert page.open == []
    assert all(one.startswith("#") or one == "/api/openapi.json" for one in page.references)
    assert all(path in answer.text for path in document["paths"])
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def rows(heading):
    section = README.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_readme_lists_every_setting_with_its_default_and_meaning():
    expected = [
        [f"`{name.upper()}`", default(field), field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert rows("Settings") == expected


def default(field):
    if field.is_required():
        return "required"
    return "" if field.default is None else f"`{field.default}`"


def test_the_readme_lists_every_endpoint_with_its_scope_and_summary(document):
    expected = [
        [
            f"`{method.upper()} {path}`",
            f"`{said['security'][0]['token'][0]}`" if said["security"] else "",
            said["summary"],
        ]
        for path, item in document["paths"].items()
        for method, said in item.items()
    ]
    assert rows("Endpoints") == expected
