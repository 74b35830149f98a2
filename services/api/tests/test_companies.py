"""Companies: brands that were there from the beginning, and those that the scraper finds."""

import pytest

pytestmark = pytest.mark.integration

ACME = {
    "site": "demo",
    "url": "http://demo.example/review/acme",
    "name": "Acme",
    "website": "https://acme.example",
    "logo_url": "https://acme.example/logo.png",
    "category": "Home",
    "sub_category": "Kitchen",
}


@pytest.fixture
def put(client, scraper):
    """Return a function that sends companies, each given by what is special about it."""

    def put(*companies):
        body = {"companies": [ACME | company for company in companies]}
        return client.put("/api/companies", json=body, headers=scraper)

    return put


@pytest.fixture
def listed(client, reader):
    return lambda: client.get("/api/companies?site=demo", headers=reader).json


def test_a_company_is_stored_once_with_all_fields(put, listed):
    assert put({}).json == {"received": 1, "new": 1, "changed": 0}
    assert put({}).json == {"received": 1, "new": 0, "changed": 0}
    (company,) = listed()
    assert ACME.items() <= company.items()


def test_a_changed_company_is_updated(put, listed):
    put({}, {"url": "http://demo.example/review/other", "name": "Other"})
    assert put({"name": "Acme Ltd", "logo_url": None}).json["changed"] == 1
    assert {(one["name"], one["logo_url"]) for one in listed()} == {
        ("Acme Ltd", None),
        ("Other", ACME["logo_url"]),
    }


def test_a_company_without_a_website_has_none(put, listed):
    put({"website": None})
    assert listed()[0]["website"] is None


def test_companies_may_have_the_name_of_a_brand_and_of_each_other(put, listed):
    assert (
        put({"name": "Adidas"}, {"name": "Adidas", "url": "http://demo.example/2"}).json["new"] == 2
    )
    assert len(listed()) == 2


def test_a_thousand_companies_are_one_request_and_more_are_refused(put):
    many = [{"url": f"http://demo.example/{number}"} for number in range(1001)]
    assert put(*many[:1000]).json == {"received": 1000, "new": 1000, "changed": 0}
    assert put(*many).status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 201),
        ("url", "acme"),
        ("website", ""),
        ("website", "ftp://acme.example"),
        ("logo_url", "data:image/png;base64,"),
        ("category", "x" * 201),
        ("sub_category", "\0"),
        ("colour", "red"),
    ],
)
def test_a_bad_field_is_refused_by_name_and_nothing_is_stored(put, listed, field, value):
    answer = put({"url": "http://demo.example/2"}, {field: value})
    assert answer.status_code == 400
    assert {one["field"] for one in answer.json["errors"]} == {f"companies.1.{field}"}
    assert listed() == []


def test_a_random_company_may_be_one_that_was_found(put, client):
    many = [{"url": f"http://demo.example/{number}", "website": None} for number in range(900)]
    put(*many)
    companies = [client.get("/api/companies/random").json for _ in range(30)]
    assert {"name": "Acme", "website": None, "logo_url": ACME["logo_url"]} in companies


def test_the_brands_are_listed_too(client, reader):
    answer = client.get("/api/companies?limit=1", headers=reader)
    assert answer.json[0]["name"] == "Adidas"
    assert answer.json[0]["site"] is None
