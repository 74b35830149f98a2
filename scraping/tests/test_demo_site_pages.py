import json
from dataclasses import replace
from hashlib import sha256
from itertools import islice

import pytest
from parsel import Selector
from protego import Protego

from demo_site import truth
from demo_site.answers import Answers
from demo_site.calendar import REFERENCE_DAY
from demo_site.config import HAZARDS, Config
from demo_site.site import Site

BASE = "http://127.0.0.1:8090"


class Visitor:
    """Asks a site without a network between, and knows what is true of it."""

    def __init__(self, *hazards, crawl_delay=None, **changes):
        config = replace(Config(REFERENCE_DAY), hazards=frozenset(hazards), **changes)
        self.site = Site(config)
        self._answers = Answers(self.site, BASE, crawl_delay)

    def ask(self, path, page=1):
        return self._answers.answer(path, page)

    def see(self, path, page=1):
        return Selector(self.ask(path, page).body.decode())

    def where(self, hazard):
        return [row["path"] for row in truth.hazards(self.site) if row["hazard"] == hazard]

    def count(self, path):
        return self.site.review_count(self.site.find_company(path.removeprefix("/review/")))

    def true_reviews(self, path):
        slug = path.removeprefix("/review/")
        return [row for row in truth.reviews(self.site) if row["company"] == slug]


def ids(page):
    return page.css("article.review::attr(data-review-id)").getall()


def shown_rows(page, slug):
    return [
        {
            "id": review.attrib.get("data-review-id"),
            "company": slug,
            "rating": int(review.css(".stars").attrib["data-rating"]),
            "date": review.css("time").attrib["datetime"][:10],
            "sha256": sha256(review.css(".text::text").get("").encode()).hexdigest(),
        }
        for review in page.css("article.review")
    ]


def test_the_pages_show_what_the_truth_counts():
    visitor = Visitor()
    shown = []
    for company in visitor.site.companies():
        pages = -(-visitor.count(f"/review/{company.slug}") // 20)
        for number in range(1, pages + 1):
            page = visitor.see(f"/review/{company.slug}", number)
            shown += shown_rows(page, company.slug)
            assert bool(page.css("a[rel=next]")) == (number < pages)
        assert page.css(".total").attrib["data-total"] == str(visitor.count(company.slug))
        assert visitor.ask(f"/review/{company.slug}", pages + 1).status == 404
    assert shown == list(truth.reviews(visitor.site))
    assert len(shown) == truth.summary(visitor.site)["reviews"] == 300


def test_a_companys_page_says_who_it_is():
    visitor = Visitor()
    row = next(truth.companies(visitor.site))
    page = visitor.see(f"/review/{row['company']}")
    facts = json.loads(page.css('script[type="application/ld+json"]::text').get())
    assert facts["@type"] == "LocalBusiness"
    assert (facts["name"], facts["url"]) == (row["name"], row["website"])
    assert visitor.ask(facts["image"].removeprefix(BASE)).body.startswith(b"\x89PNG")
    crumbs = page.css("nav.breadcrumbs a::text").getall()
    assert crumbs == [row["category"], row["sub_category"]]


def test_the_reviews_have_all_their_parts():
    visitor = Visitor()
    review = visitor.see(f"/review/{visitor.site.names.slug(0)}").css("article.review")[0]
    assert review.attrib["lang"] == "en"
    assert review.css("h2.title::text").get()
    assert review.css("time").attrib["datetime"].startswith("2026-11-24T")
    assert review.css(".author::text").get().endswith(".")


def test_names_in_texts_are_escaped():
    visitor = Visitor()
    company = next(one for one in visitor.site.companies() if "&" in one.name)
    articles = visitor.ask(f"/review/{company.slug}").body.decode().partition("<article")[2]
    assert "&amp;" in articles
    assert " & " not in articles


def test_the_data_behind_the_lists_name_every_company():
    visitor = Visitor(companies=100)
    slugs = []
    for category in json.loads(visitor.ask("/data/categories.json").body):
        for entry in category["lists"]:
            assert visitor.ask(entry["path"]).status == 200
            source = f"/data/companies{entry['path'].removeprefix('/categories')}.json"
            pages = json.loads(visitor.ask(source).body)["pages"]
            for number in range(1, pages + 1):
                slugs += [
                    c["slug"] for c in json.loads(visitor.ask(source, number).body)["companies"]
                ]
            assert visitor.ask(source, pages + 1).status == 404
    assert sorted(slugs) == sorted(company.slug for company in visitor.site.companies())


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/review/", "/review/nobody-co", "/categories/home/nothing", "/truth/lies",
     "/data/companies/home/nothing.json", "/assets/x", "/review/broken-ivyland-daughters"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(path):
    assert Visitor().ask(path).status == 404


def test_robots_txt_forbids_the_traps_and_allows_one_page_among_them():
    robots = Protego.parse(Visitor().ask("/robots.txt").body.decode())
    for path in ("/trap/1", "/search?q=best", "/data/private/people", "/review/x-co/print"):
        assert not robots.can_fetch(BASE + path, "anybody")
    for path in ("/data/private/about.html", "/review/x-co", "/data/categories.json", "/"):
        assert robots.can_fetch(BASE + path, "anybody")
    assert robots.crawl_delay("anybody") is None


def test_robots_txt_asks_for_a_delay_when_told_to():
    robots = Protego.parse(Visitor(crawl_delay=2.5).ask("/robots.txt").body.decode())
    assert robots.crawl_delay("anybody") == 2.5


def test_a_changed_layout_shows_the_reviews_in_another_markup():
    visitor = Visitor(layout="changed")
    page = visitor.see(f"/review/{visitor.site.names.slug(0)}")
    assert ids(page) == []
    assert page.css(".no-reviews").get() is None
    assert page.css(".total").attrib["data-total"] == "94"
    assert len(page.css(".opinion-x7 .body-x7")) == 20


def test_duplicates_are_on_two_pages():
    visitor = Visitor("duplicates")
    [path] = visitor.where("duplicates")
    first, second = (ids(visitor.see(path, number)) for number in (1, 2))
    assert first[-1] == second[0]
    assert set(first + second) == {row["id"] for row in visitor.true_reviews(path)}


def test_endless_pages_repeat_the_last_reviews():
    visitor = Visitor("endless")
    [path] = visitor.where("endless")
    last = -(-visitor.count(path) // 20)
    for number in (last, last + 1, 1_000_000):
        page = visitor.see(path, number)
        assert ids(page) == ids(visitor.see(path, last))
        assert page.css("a[rel=next]").attrib["href"] == f"?page={number + 1}"


def test_the_edited_review_comes_first_and_no_other_is_missing():
    visitor = Visitor("edited")
    [path] = visitor.where("edited")
    calm = Visitor().true_reviews(path)
    edited = visitor.true_reviews(path)
    assert edited[1:] == calm[:-1]
    assert edited[0]["id"] == calm[-1]["id"]
    assert edited[0]["sha256"] != calm[-1]["sha256"]
    assert shown_rows(visitor.see(path), calm[0]["company"]) == edited[:20]


def test_an_empty_company_says_so():
    visitor = Visitor("empty")
    [path] = visitor.where("empty")
    page = visitor.see(path)
    assert page.css(".no-reviews").get()
    assert page.css(".total").attrib["data-total"] == "0"
    assert visitor.true_reviews(path) == []


def test_invalid_reviews_are_shown_but_are_not_true():
    visitor = Visitor("invalid")
    [path] = visitor.where("invalid")
    pages = -(-visitor.count(path) // 20)
    shown = [
        review
        for number in range(1, pages + 1)
        for review in visitor.see(path, number).css("article.review")
    ]
    true = visitor.true_reviews(path)
    assert (
        len(true)
        == len(shown) - 4
        == next(
            row["reviews"] for row in truth.companies(visitor.site) if path.endswith(row["company"])
        )
    )
    nameless, future, six, zero, textless = shown[-5:]
    assert "data-review-id" not in nameless.attrib
    assert true[-1]["id"] is None
    assert future.css("time").attrib["datetime"].startswith("2999")
    assert six.css(".stars").attrib["data-rating"] == "6"
    assert zero.css(".stars").attrib["data-rating"] == "0"
    assert textless.css(".text::text").get() is None


def test_a_failing_page_fails_twice_and_a_company_has_more_than_one():
    visitor = Visitor("failing", reviews=3000)
    [path] = visitor.where("failing")
    for number in (1, 2):
        assert [visitor.ask(path, number).status for _ in range(4)] == [500, 500, 200, 200]


def test_an_unavailable_page_asks_to_wait_a_second():
    visitor = Visitor("unavailable")
    [path] = visitor.where("unavailable")
    first = visitor.ask(path)
    assert (first.status, first.headers) == (503, (("Retry-After", "1"),))
    assert visitor.ask(path).status == 200


def test_a_slow_page_takes_seconds_and_the_next_one_does_not():
    visitor = Visitor("slow")
    [path] = visitor.where("slow")
    assert [visitor.ask(path, number).delay for number in (1, 2)] == [3.0, 0.0]


def test_a_broken_page_never_works():
    visitor = Visitor("broken")
    [path] = visitor.where("broken")
    assert {visitor.ask(path).status for _ in range(5)} == {500}


def test_redirects_lead_to_a_company_in_a_circle_and_to_another_host():
    visitor = Visitor("redirect", "loop", "elsewhere")
    slug = visitor.site.names.slug(0)
    [old], [loop], [elsewhere] = map(visitor.where, ("redirect", "loop", "elsewhere"))
    assert visitor.ask(old).status == 301
    assert visitor.ask(old).headers == (("Location", f"/review/{slug}"),)
    assert visitor.ask(loop, 1).headers == (("Location", f"{loop}?page=2"),)
    assert visitor.ask(loop, 2).headers == (("Location", f"{loop}?page=1"),)
    assert visitor.ask(elsewhere).headers == (("Location", f"http://127.0.0.2:8090/review/{slug}"),)


def test_decoys_stand_in_the_lists_and_are_no_companies():
    visitor = Visitor("broken", "redirect", "loop", "elsewhere", "huge")
    listed = {
        card.slug
        for of in visitor.site.lists
        for page in range(1, visitor.site.list_pages(of) + 1)
        for card in visitor.site.cards(of, page)
    }
    companies = {row["company"] for row in truth.companies(visitor.site)}
    assert len(listed - companies) == 5
    assert companies < listed
    assert truth.summary(visitor.site)["companies"] == 10


def test_a_huge_page_goes_on_for_two_gigabytes_a_chunk_at_a_time():
    visitor = Visitor("huge")
    [path] = visitor.where("huge")
    assert all(len(chunk) < 100_000 for chunk in islice(visitor.ask(path).chunks, 100))
    assert 1.9e9 < sum(map(len, visitor.ask(path).chunks)) < 2.2e9


def test_odd_encodings_keep_every_character():
    visitor = Visitor("encoding")
    kinds = set()
    for row in truth.hazards(visitor.site):
        answer = visitor.ask(row["path"])
        page = Selector(answer.body.decode(row["codec"]))
        assert shown_rows(page, row["path"][8:]) == visitor.true_reviews(row["path"])[:20]
        assert "Señor Müller" in page.css(".text::text").get()
        assert b"charset" not in answer.body
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
        kinds.add((row["codec"], answer.content_type))
    assert kinds == {
        ("iso-8859-1", "text/html; charset=iso-8859-1"),
        ("iso-8859-1", "text/html; charset=utf-8"),
        ("iso-8859-1", "text/html"),
        ("windows-1252", "text/html; charset=windows-1252"),
        ("windows-1252", "text/html; charset=utf-8"),
        ("windows-1252", "text/html"),
        ("utf-16", "text/html"),
    }


def test_traps_are_hidden_on_many_pages_and_lead_ever_deeper():
    visitor = Visitor("trap")
    slug = visitor.site.names.slug(0)
    for path in ("/", "/categories", "/categories/home/kitchen", f"/review/{slug}"):
        [trap] = visitor.see(path).css('a[style="display:none"]')
        assert trap.attrib["href"].startswith("/trap/")
    assert visitor.see("/trap/7").css("li a::attr(href)").getall() == ["/trap/15", "/trap/16"]
    assert visitor.ask("/trap/" + "9" * 5000).status == 200
    assert Visitor().see("/").css('a[href^="/trap/"]').get() is None


def test_every_page_refers_to_a_picture_a_font_and_trackers():
    visitor = Visitor(*HAZARDS)
    for path in ("/", "/categories", "/categories/home/kitchen", "/categories/home/curiosities"):
        page = visitor.see(path)
        sources = page.css("img::attr(src), script::attr(src)").getall()
        assert {"/tracker.js", "/assets/logo/plain-words.png"} <= set(sources)
        assert sources[-1].startswith("/beacon?")
        assert "/assets/font.woff2" in page.css("style::text").get()
        for source in (
            "/tracker.js",
            "/assets/logo/plain-words.png",
            "/beacon",
            "/assets/font.woff2",
        ):
            assert visitor.ask(source).status == 200
