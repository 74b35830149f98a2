"""How the UI's server calls the other services, over real HTTP."""

import pytest
import requests
from pydantic import TypeAdapter

from review_ui import create_server
from review_ui.api_client import ReviewApi, Submission, Visitor
from review_ui.model_client import SentimentModel
from review_ui.owner_calls import OwnerCalls, SessionEndedError
from review_ui.settings import Settings
from review_ui.upstream import RefusedError, UnavailableError, connect

pytestmark = pytest.mark.integration

SUBMISSION = Submission(review="Great", rating=4, brand="IKEA")
VISITOR = Visitor("203.0.113.7", "browser/1.0")
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def review_api(api):
    upstream = connect("review-api", api.url, timeout=5)
    yield ReviewApi(upstream, "the-ui-token")
    upstream.session.close()


@pytest.fixture
def sentiment_model(model):
    upstream = connect("model-server", model.url, timeout=5)
    yield SentimentModel(upstream)
    upstream.session.close()


def save_by_callback(server, **headers):
    """Submit a review as the page does, without a browser."""
    submission = SUBMISSION.model_dump() | {"key": "k" * 32, "attempt": 1}
    body = {
        "output": "submission-answer.data",
        "outputs": {"id": "submission-answer", "property": "data"},
        "inputs": [{"id": "submission", "property": "data", "value": submission}],
        "changedPropIds": ["submission.data"],
    }
    return server.test_client().post("/_dash-update-component", json=body, headers=headers)


def test_a_text_is_scored(sentiment_model):
    score = sentiment_model.score("great lovely")
    assert (score.label, score.rating, score.model_version) == ("good", 5, "7.1")


def test_a_text_is_explained(sentiment_model):
    words = sentiment_model.explain("great but slow").words
    assert [(word.text, word.start) for word in words] == [("great", 0), ("but", 6), ("slow", 10)]


def test_a_service_that_is_down_is_unavailable(model, sentiment_model):
    model.is_down = True
    with pytest.raises(UnavailableError):
        sentiment_model.score("great")


def test_a_service_that_is_not_there_is_unavailable():
    upstream = connect("model-server", NOWHERE, timeout=1)
    with pytest.raises(UnavailableError):
        SentimentModel(upstream).score("great")


def test_an_answer_of_another_shape_is_unavailable(api):
    upstream = connect("model-server", api.url, timeout=5)
    with pytest.raises(RefusedError) as refusal:
        SentimentModel(upstream).score("great")
    assert refusal.value.status == 404
    upstream.session.close()


def test_a_review_is_saved_with_its_visitor_and_key(api, review_api):
    review_api.save_review(SUBMISSION, VISITOR, "key-1")
    review_api.save_review(SUBMISSION, VISITOR, "key-1")
    [saved] = api.reviews
    assert saved["ip_address"] == "203.0.113.7"
    assert saved["user_agent"] == "browser/1.0"
    assert api.requests[0].headers["Authorization"] == "Bearer the-ui-token"


def test_a_lost_answer_is_asked_for_again_under_the_same_key(api, review_api):
    api.lost_answers = 1
    review_api.save_review(SUBMISSION, VISITOR, "key-1")
    assert len(api.reviews) == 1
    assert [call.headers["Idempotency-Key"] for call in api.requests] == ["key-1", "key-1"]


def test_a_login_is_not_kept_for_the_next_caller(api, review_api):
    set_cookie = review_api.log_in("owner", api.PASSWORD, None)
    assert "HttpOnly" in set_cookie
    review_api.random_brand()
    assert "Cookie" not in api.requests[-1].headers


def test_an_unknown_session_has_ended(review_api):
    with pytest.raises(SessionEndedError):
        review_api.owner("stale")


def test_pages_have_cursors(api, review_api):
    for number in range(5):
        api.add(review=f"text {number}", rating=3, brand="IKEA")
    api.sessions.add("s")
    page = review_api.find_reviews("s", {"limit": 2, "cursor": "2"})
    assert (page.total, page.previous, page.next) == (5, "0", "4")
    assert [review.review for review in page.items] == ["text 2", "text 1"]


def test_deleting_what_is_gone_is_no_error(api, review_api):
    api.sessions.add("s")
    review_api.delete_review("s", 99)


def test_what_changes_something_is_not_sent_twice(api):
    upstream = connect("review-api", api.url, timeout=5, repeats=False)
    api.lost_answers = 1
    with pytest.raises(UnavailableError):
        upstream.call(
            "POST", "/api/review", json=SUBMISSION.model_dump(), headers={"Idempotency-Key": "k"}
        )
    assert len(api.reviews) == len(api.requests) == 1
    upstream.session.close()


def test_a_list_without_a_count_is_no_list(api):
    upstream = connect("review-api", api.url, timeout=5)
    calls = OwnerCalls(upstream, upstream, "s")
    calls.get(TypeAdapter(dict[str, str | None]), "/api/companies/random")
    with pytest.raises(UnavailableError):
        calls.list(TypeAdapter(dict[str, str | None]), "/api/companies/random")
    upstream.session.close()


def test_the_request_id_travels(settings, api):
    server = create_server(settings)
    save_by_callback(server, **{"X-Request-ID": "trace-7"})
    assert api.requests[-1].headers["X-Request-ID"] == "trace-7"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "127.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "unknown", None),
    ],
)
def test_the_visitors_address_comes_through_trusted_proxies_only(
    settings, api, proxies, forwarded, address
):
    server = create_server(settings.model_copy(update={"trusted_proxies": proxies}))
    save_by_callback(server, **{"X-Forwarded-For": forwarded})
    assert api.reviews[-1]["ip_address"] == address


def test_without_a_token_none_is_sent(api, model):
    server = create_server(
        Settings(review_api_url=api.url, model_server_url=model.url, log_level="ERROR")
    )
    save_by_callback(server)
    assert "Authorization" not in api.requests[-1].headers


def test_an_export_needs_a_login(ui):
    answer = requests.get(f"{ui}/admin/reviews.csv", allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin"


def test_an_export_hands_on_what_the_filters_find(ui, api):
    api.sessions.add("s")
    api.add(review="a", rating=5, brand="IKEA")
    api.add(review="b", rating=1, brand="IKEA")
    answer = requests.get(
        f"{ui}/admin/reviews.csv?rating=5", cookies={"candor_session": "s"}, timeout=5
    )
    assert answer.text.splitlines() == ["brand,rating", "IKEA,5"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="reviews.csv"'


def test_a_failed_export_leads_back_to_the_page(ui, api):
    api.is_down = True
    answer = requests.get(
        f"{ui}/admin/reviews.csv",
        cookies={"candor_session": "s"},
        allow_redirects=False,
        timeout=5,
    )
    assert answer.headers["Location"] == "/admin?export=failed"


@pytest.mark.parametrize("cookie", ["", "a b", "ü", 'x"; other="y'])
def test_a_strange_cookie_is_no_session(ui, cookie):
    headers = {"Cookie": f"candor_session={cookie}".encode()}
    answer = requests.get(
        f"{ui}/admin/reviews.csv", headers=headers, allow_redirects=False, timeout=5
    )
    assert answer.headers["Location"] == "/admin"
