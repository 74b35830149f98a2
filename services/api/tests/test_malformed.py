"""Whatever is sent, the answer is neither a 5xx nor silence."""

import json
import re
from itertools import product

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from review_api.application import RESOURCES
from review_api.openapi import path_of
from review_api.operations import operation_of
from review_api.scraped_schemas import NewCompany, NewScrapedReview

pytestmark = pytest.mark.integration

JSON, FORM = "application/json", "application/x-www-form-urlencoded"

VALUES = [
    *("null", "true", "0", "-1", "6", "3.5", "1e400", "-0.0", "NaN", "Infinity", "9" * 5000),
    *('""', '" "', '"x"', '"3"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ufffe"'),
    *("[]", "[[]]", "{}", '{"a": 1}', "[1, 2]", f'"{"x" * 70_000}"', "[" * 5000 + "]" * 5000),
    *('"2026-13-45"', '"99999-01-01T00:00:00Z"', '"0000-01-01"', '"; drop table review; --"'),
]
FIELDS = ["id", "reviews", "companies"]
"""What is tried everywhere, besides the fields that a route knows."""

GOOD = {"review": "x", "rating": 3, "brand": "Acme"}
SCRAPED = {"site": "s", "site_id": "1", "company_url": "http://x/", "company": "Acme"}
SCRAPED |= {"text": "x", "rating": 3, "page_url": "http://x/"}
COMPANY = {"site": "s", "url": "http://x/", "name": "Acme"}
VERSION = {"name": "m", "version": "1", "uri": "file:///m.mar", "sha256": "a" * 64}
REPORT = {"verdict": "pass", "against": None, "reasons": [], "checks": [], "figures": {}}
ITEMS = {"/api/scraped-reviews": NewScrapedReview, "/api/companies": NewCompany}
BODIES = {
    "/api/scraped-reviews": ("reviews", SCRAPED),
    "/api/companies": ("companies", COMPANY),
    "/api/model-versions": (None, VERSION),
    "/api/model-aliases/production": (None, {"name": "m", "version": "1"}),
    "/api/model-aliases/production/rollback": (None, {"reason": "x"}),
    "/api/model-versions/m/1/gate-reports": (None, REPORT),
    "/api/canary": (None, {"reason": "x"}),
}
"""Good bodies of routes that take other things than reviews: in which list, and what."""

WHOLE_BODIES = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b'{"review": "\xff"}',
    b'{"review": "\xed\xa0\x80"}',
    b'\xef\xbb\xbf{"review": "x"}',
    b"{" * 100_000,
    b"[" * 100_000,
    b'{"a":' * 40_000,
    b'{"review"',
    b'{"review": "x",}',
    b'{"review": "x"} trailing',
    b"review=%ff",
    b"review=%00",
    b"review=x&review=y",
    b"&".join(b"f%d=x" % number for number in range(2000)),
    b"=" * 1000,
    b"%" * 1000,
    b"review=" + b"%F0%9F" * 1000,
    b"--x\r\nContent-Disposition: form-data; name=review\r\n\r\n\xff\xfe\x00\r\n--x--",
    b"--x\r\nContent-Disposition: form-data\r\n\r\n",
    "review=x".encode("utf-16"),
    b"x" * 300_000,
]
CONTENT_TYPES = [
    *(JSON, FORM, "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", ""),
    *("application/json; charset=utf-16", "application/problem+json", ";;;=\xff", "x" * 3000),
]
QUERY_VALUES = [
    *("%00", "%FF", "%ED%A0%80", "%F0%9F%92%A9", "-1", "0", "1e9", "NaN", "9" * 5000, "'", "%25"),
    *("[]", "{}", "null", "2026-02-30", "0000-00-00", "99999-01-01", "%2B", "a" * 3000, "%27--"),
    *("!", "*", "a:*", "%26", "()", "-", '"', "\\", "%5C%27", "e30", "bnVsbA", "AAAA", "%C2%A0"),
]
PARAMETERS = ["limit", "cursor", "sort", "brand", "rating", "since", "until", "text", "format"]
PARAMETERS += ["model_version", "surprise", "%00", "%FF", "site", "company", "name"]
HEADERS = ["Idempotency-Key", "X-Request-ID", "X-Forwarded-For", "Cookie", "Accept", "Origin"]
HEADERS += ["Authorization", "Content-Length", "Range", "If-None-Match", "Accept-Encoding"]
HEADER_VALUES = ["", " ", "\xff", "\t", "x" * 4000, "'", "-1", "9" * 400, "candor_session=\xff"]
HEADER_VALUES += ["*/*;q=x", "text/csv;q=1e9", ",,,", "Bearer \xff", "Bearer", "bytes=0-", "null"]
PATHS = ["/", "/api", "/api/", "/api/reviews/1e9", "/api/reviews/-1", "/api/reviews/0x1"]
PATHS += [f"/api/reviews/{2**63}", f"/api/tokens/{2**31}", "/api/reviews/%00", "/%FF", "/" * 500]
PATHS += ["/api/model-versions/%00/1", "/api/model-versions/m/%FF/gate-reports"]
PATHS += ["/api/reviews/" + "9" * 5000, "/../etc/passwd", "/api//reviews", "/api/reviews%2F1"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


def hostile_requests(app):
    """Yield (method, path, keyword arguments) of some thousand requests."""
    writes = [
        (method, path_to(rule), operation_of(app, rule.endpoint).json)
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"POST", "PUT"}
    ]
    for method, path, schema in writes:
        known = ITEMS.get(path, schema).model_fields if schema else {}
        for field, value in product([*FIELDS, *known], VALUES):
            body = with_field(*BODIES.get(path, (None, GOOD)), field, value)
            yield method, path, {"data": body.encode(), "content_type": JSON}
    for (method, path, _), body, content_type in product(writes, WHOLE_BODIES, CONTENT_TYPES):
        yield method, path, {"data": body, "content_type": content_type}
    lists = ["reviews", "scraped-reviews", "companies", "model-versions", "training-data"]
    lists += ["model-events", "model-comparison"]
    for path, name, value in product(lists, PARAMETERS, QUERY_VALUES):
        yield "GET", f"/api/{path}?{name}={value}", {}
    for name, value in product(HEADERS, HEADER_VALUES):
        yield "GET", "/api/reviews", {"headers": {name: value}}
        yield "POST", "/api/review", {"json": GOOD, "headers": {name: value}}
    rules = [path_of(rule) for rule in app.url_map.iter_rules()]
    for path, method in product(PATHS + rules, METHODS):
        yield method, path, {}


def path_to(rule):
    """Return a path of a route: of its first alias, and of model m, version 1."""
    path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
    return path.replace("<name>", "m").replace("<version>", "1")


def with_field(name, good, field, value):
    """Return a good body, in a list of that name if there is one, with one field's JSON changed."""
    given = json.dumps({key: one for key, one in good.items() if key != field})
    body = f'{given[:-1]}, "{field}": {value}}}'
    return f'{{"{name}": [{body}]}}' if name else body


@pytest.fixture
def open_app(make_app):
    """An application without limits."""
    return make_app(writes_per_minute=0, predictions_per_minute=0, logins_per_minute=0)


def test_thousands_of_malformed_requests_get_no_5xx(open_app, bearer):
    client, admin = open_app.test_client(), bearer("admin")
    sent, failures = 0, []
    for method, path, details in hostile_requests(open_app):
        headers = admin | details.pop("headers", {})
        answer = client.open(path, method=method, headers=headers, **details)
        sent += 1
        if answer.status_code >= 500:
            failures.append((answer.status_code, method, path[:80], str(details)[:200]))
        if answer.status_code >= 400 and method != "HEAD":
            assert answer.json["error"]
    assert failures == []
    assert sent > 2000


@pytest.mark.parametrize("resource", [one.blueprint.name for one in RESOURCES])
def test_the_api_does_what_its_document_says(open_app, bearer, resource):
    document = schemathesis.openapi.from_wsgi("/api/openapi.json", open_app)
    operations = list(document.include(tag=resource).get_all_operations())
    assert operations
    for operation in operations:
        exercise(operation.ok(), bearer("admin"))


def exercise(operation, headers):
    """Send what the document allows and what it forbids; the answers must be as it says.

    A query has nothing but texts: a list of one text, which the document forbids, is sent as that
    text, and may be accepted.
    """
    has_body = operation.method.upper() not in {"GET", "DELETE"}
    excluded = [positive_data_acceptance, *(() if has_body else (negative_data_rejection,))]

    @settings(
        max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=schemathesis_cases(operation))
    def check(case):
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    check()


def schemathesis_cases(operation):
    modes = schemathesis.GenerationMode
    return operation.as_strategy(modes.POSITIVE) | operation.as_strategy(modes.NEGATIVE)
