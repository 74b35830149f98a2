"""What is read from a page: values in all their places, items, rejects, links, what is missing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_scraper.extraction import Found, Link, read_page
from review_scraper.items import hashed_id
from review_scraper.profile import Profile

TODAY = dt.date(2026, 11, 24)
SITE = "https://reviews.example"
FIRM = f"{SITE}/firms/acme"
HEAD = "<h1>Acme</h1>"
REVIEW = '<li data-id="r1"><b>Good</b><p>It works.</p><i title="4"></i><time>2026-11-03</time></li>'

COMPANY_PAGE = {
    "address": "/firms/[^/]+",
    "more": [{"way": "next", "url": {"css": "a.next::attr(href)"}}],
    "companies": {"name": {"css": "h1"}},
    "reviews": {
        "each": {"css": "li[data-id]"},
        "empty": ".nothing",
        "total": {"css": ".total"},
        "optional": ["language"],
        "site_id": {"css": ":scope::attr(data-id)"},
        "title": {"css": "b"},
        "text": {"css": "p"},
        "rating": {"css": "i::attr(title)"},
        "date": {"css": "time"},
        "language": {"xpath": "ancestor-or-self::*[@lang][1]/@lang"},
    },
}
LIST_PAGE = {
    "address": "/list/[^/]+",
    "links": [
        {
            "kind": "company",
            "each": {"css": "a.firm"},
            "empty": ".nothing",
            "context": {"sub_category": {"css": ":scope"}},
        }
    ],
}


def profile(company=None, listing=None):
    return Profile.model_validate(
        {
            "name": "shops",
            "description": "Shops",
            "start_urls": [f"{SITE}/list/all"],
            "start_kind": "companies",
            "allowed_domains": ["reviews.example"],
            "pages": {
                "company": COMPANY_PAGE | (company or {}),
                "companies": LIST_PAGE | (listing or {}),
            },
        }
    )


def read(html, url=FIRM, context=None, company=None, listing=None):
    rules = profile(company, listing)
    return read_page(rules, Link(rules.kind_of(url), url, context or {}), url, html, today=TODAY)


def reviews_with(**fields):
    return {"reviews": COMPANY_PAGE["reviews"] | fields}


def company_with(**fields):
    return {"companies": COMPANY_PAGE["companies"] | fields}


def test_a_review_has_all_that_its_page_says_of_it():
    (review,) = read(f'<html lang="en-GB">{HEAD}{REVIEW}', url=f"{FIRM}?page=2").reviews
    assert review.model_dump() == {
        "site": "shops",
        "site_id": "r1",
        "company_url": FIRM,
        "company": "Acme",
        "title": "Good",
        "text": "It works.",
        "rating": 4,
        "date": dt.date(2026, 11, 3),
        "language": "en-GB",
        "page_url": f"{FIRM}?page=2",
    }


def test_a_text_is_read_as_people_see_it():
    markup = (
        "<p> One&nbsp;<b>bo</b>ld &lt;word&gt; &amp;amp; caf&eacute;<br>two<script>no()</script>"
        "<!-- no --><span>three<div>four</div>five</span>\n</p>"
    )
    (review,) = read(HEAD + REVIEW.replace("<p>It works.</p>", markup)).reviews
    assert review.text == "One bold <word> &amp; café twothree four five"


def test_the_nearest_language_counts():
    html = HEAD + REVIEW.replace("<li", '<ul lang="en"><li lang="de"') + "</ul>"
    assert read(f'<html lang="fr">{html}').reviews[0].language == "de"
    assert read(HEAD + REVIEW).reviews[0].language is None


def test_a_review_without_an_id_of_its_site_gets_the_hash_of_its_content():
    found = read(HEAD + REVIEW, company=reviews_with(site_id={"css": ".id"}, optional=["site_id"]))
    assert found.reviews[0].site_id == hashed_id(FIRM, "It works.", dt.date(2026, 11, 3))
    assert found.reviews[0].site_id.startswith("sha256:")
    assert found.missed == ()


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("It works.", "  ", "text is missing"),
        ("It works.", "é" * 32_769, "text is longer than 64 KiB"),
        ('title="4"', 'title="0"', "rating is not 1 to 5"),
        ('title="4"', 'title="4.5"', "rating is not whole stars"),
        ('title="4"', 'title="good"', "rating is not a number"),
        ('title="4"', "", "rating is missing"),
        ("2026-11-03", "soon", "date is not a date"),
        ("2026-11-03", "2999-01-01", "date is in the future"),
        ("Good", "g" * 1001, "title is longer than 1000 characters"),
        ("r1", "r" * 201, "site_id is longer than 200 characters"),
    ],
)
def test_what_does_not_fit_is_rejected_with_its_reason_and_what_was_read(right, wrong, reason):
    found = read(HEAD + REVIEW + REVIEW.replace(right, wrong))
    assert len(found.reviews) == 1
    (reject,) = found.rejects
    assert (reject.kind, reject.reason, reject.page_url) == ("review", reason, FIRM)
    assert {"title", "text", "rating", "date", "site_id"} >= set(reject.raw)
    assert found.missed == ()


def test_the_longest_text_and_tomorrows_date_fit():
    html = REVIEW.replace("It works.", "é" * 32_768).replace("2026-11-03", "2026-11-25")
    assert len(read(HEAD + html).reviews) == 1


def test_a_page_without_its_company_rejects_its_reviews_and_says_what_is_missing():
    found = read(REVIEW)
    assert [(one.kind, one.reason) for one in found.rejects] == [
        ("company", "name is missing"),
        ("review", "company is missing"),
    ]
    assert found.missed == ("companies: name is not there for the company (h1)",)


def test_a_page_without_its_reviews_has_missed_them():
    assert read(HEAD).missed == ("reviews: li[data-id] matched nothing",)
    assert read(HEAD + '<p class="total">1,057 reviews</p>').missed == (
        "reviews: li[data-id] matched nothing, though the page says 1057",
    )


@pytest.mark.parametrize("said", ['<p class="nothing">None yet</p>', '<p class="total">0</p>'])
def test_a_page_that_says_it_has_no_reviews_misses_nothing(said):
    assert read(HEAD + said).missed == ()


def test_a_field_that_no_review_has_is_missed():
    html = REVIEW.replace("<b>Good</b>", "")
    assert read(HEAD + html * 3).missed == ("reviews: title is in none of 3 reviews (b)",)
    assert read(HEAD + html * 3 + REVIEW).missed == ()
    assert read(HEAD + html * 2).missed == ()  # Two may well have none.
    optional = reviews_with(optional=["title", "language"])
    assert read(HEAD + html * 3, company=optional).missed == ()


@pytest.mark.parametrize(
    "html", ["", "\0", "<", "no markup", "<p>" * 5000 + "deep", "\ud800", "{}"]
)
def test_any_content_is_read_without_an_error(html):
    assert read(html).missed
    assert read(html, url=f"{SITE}/list/all").missed


@given(st.text() | st.text(alphabet="<>/\"'=&;{}[]: lidataph1b\0"))
def test_no_content_is_an_error(html):
    assert isinstance(read(HEAD + html), Found)


def test_a_company_has_what_its_page_and_the_link_to_it_say():
    rules = company_with(
        website={"css": ".site"},
        logo_url={"css": "img::attr(src)"},
        category={"css": ".crumb"},
        sub_category=[{"css": ".leaf"}, {"context": "sub_category"}],
    )
    crumbs = "<i class=site>acme.example</i><img src=a.png><i class=crumb>X</i>"
    html = f"<base href='/static/'>{HEAD}{crumbs}{REVIEW}"
    (company,) = read(html, company=rules, context={"sub_category": "Pans"}).companies
    assert company.model_dump() == {
        "site": "shops",
        "url": FIRM,
        "name": "Acme",
        "website": "https://acme.example",
        "logo_url": f"{SITE}/static/a.png",
        "category": "X",
        "sub_category": "Pans",
    }


def test_what_is_no_web_address_is_no_website_and_loses_no_company():
    rules = company_with(website={"css": "a::attr(href)"}, optional=["website"])
    found = read(f'{HEAD}<a href="mailto:a@b.example">x</a>{REVIEW}', company=rules)
    assert found.companies[0].website is None


def test_the_address_of_a_company_is_that_of_its_first_page_however_it_was_reached():
    found = read(HEAD + REVIEW, url=f"{FIRM}?utm_source=x&page=3#top")
    assert found.companies[0].url == found.reviews[0].company_url == FIRM
    assert found.reviews[0].page_url == f"{FIRM}?page=3&utm_source=x"


def test_a_company_may_be_told_apart_by_a_parameter():
    rules = {"query": ["id"]}
    found = read(HEAD + REVIEW, url=f"{SITE}/firms/show?page=2&id=7", company=rules)
    assert found.companies[0].url == f"{SITE}/firms/show?id=7"
    link = '<a class="firm" href="/firms/show?from=list&id=7">Acme</a>'
    (link,) = read(link, url=f"{SITE}/list/all", company=rules).links
    assert link.url == f"{SITE}/firms/show?id=7"


def test_a_company_may_name_its_own_address():
    rules = company_with(url={"css": "link[rel=canonical]::attr(href)"})
    html = f'<link rel="canonical" href="/firms/acme-ltd?page=2">{HEAD}{REVIEW}'
    found = read(html, company=rules)
    assert found.companies[0].url == found.reviews[0].company_url == f"{SITE}/firms/acme-ltd"


def test_links_are_absolute_unique_and_carry_what_is_known():
    html = """<a class="firm" href="/firms/a?ref=list">A</a><a class="firm" href="../firms/a">A</a>
    <a class="firm" href="//reviews.example/firms/b#reviews">B</a>"""
    found = read(html, url=f"{SITE}/list/all", context={"category": "Home"})
    assert found.links == (
        Link("company", f"{SITE}/firms/a", {"category": "Home", "sub_category": "A"}),
        Link("company", f"{SITE}/firms/b", {"category": "Home", "sub_category": "B"}),
    )
    assert found.missed == ()


def test_links_elsewhere_and_to_other_pages_are_ignored():
    html = """<a class="firm" href="https://other.example/firms/x">X</a>
    <a class="firm" href="/trap/1">T</a><a class="firm" href="javascript:x()">J</a>
    <a class="firm">N</a><a class="firm" href="/firms/a">A</a><a href="/firms/hidden">H</a>"""
    found = read(html, url=f"{SITE}/list/all")
    assert [link.url for link in found.links] == [f"{SITE}/firms/a"]
    assert found.missed == ()


def test_a_list_without_links_has_missed_them_unless_it_says_so():
    url = f"{SITE}/list/all"
    assert read("<p>", url=url).missed == ("links to company: a.firm matched nothing",)
    assert read('<a class="firm" href="/shops/a">A</a>', url=url).missed == (
        "links to company: a.firm matched 1, but no such page",
    )
    assert read('<p class="nothing">', url=url).missed == ()


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("?page=2", f"{FIRM}?page=2"),
        ("/firms/acme?page=2", f"{FIRM}?page=2"),
        ("?", None),
        ("#top", None),
        ("https://other.example/firms/acme?page=2", None),
        ("/trap/2", None),
    ],
)
def test_the_next_page_is_another_page_of_this_list_on_this_site(href, url):
    found = read(f'{HEAD}{REVIEW}<a class="next" href="{href}">more</a>', context={"category": "X"})
    assert found.next == (url and Link("company", url, {"category": "X"}))


def test_a_page_after_redirects_counts_as_where_it_was_in_the_end():
    rules = profile()
    link = Link("company", f"{SITE}/firms/old", {"category": "X"})
    found = read_page(rules, link, FIRM, HEAD + REVIEW, today=TODAY)
    assert found.companies[0].url == FIRM


def test_the_real_day_is_today_unless_given():
    html = HEAD + REVIEW.replace("2026-11-03", "2999-01-01")
    found = read_page(profile(), Link("company", FIRM), FIRM, html)
    assert found.rejects[0].reason == "date is in the future"


JSON_LD_REVIEWS = {
    "companies": {"name": {"json_ld": "LocalBusiness", "path": "name"}},
    "reviews": {
        "each": {"json_ld": "Review"},
        "text": {"path": "reviewBody"},
        "rating": {"path": "reviewRating.ratingValue"},
        "date": {"path": "datePublished"},
        "language": [{"path": "inLanguage"}, {"css": "html::attr(lang)"}],
    },
}


def test_reviews_are_read_from_json_ld_in_any_of_its_shapes():
    html = """<html lang="en"><script type="application/ld+json; charset=utf-8">
    [{"@context": "https://schema.org", "@graph": [
      {"@type": ["Store", "http://schema.org/LocalBusiness"], "name": "Tom &amp; Co", "review": [
        {"@type": "Review", "reviewBody": "Fine &lt;3\n<br>again", "datePublished": "2026-11-01",
         "reviewRating": {"@type": "Rating", "ratingValue": "4"}, "inLanguage": "de",
         "author": {"@type": "Person", "name": "Nobody Inparticular"}}]},
      {"@type": "schema:Review", "reviewBody": "Poor.", "reviewRating": {"ratingValue": 1.0}}]}]
    </script><script type="application/ld+json">{broken</script>"""
    found = read(html, company=JSON_LD_REVIEWS)
    assert found.companies[0].name == "Tom & Co"
    assert [(one.text, one.rating, one.language) for one in found.reviews] == [
        ("Poor.", 1, "en"),
        ("Fine <3 <br>again", 4, "de"),
    ]
    assert "Nobody" not in str(found)


@pytest.mark.parametrize("data", ["{}", '{"reviews": null}', '{"reviews": [null]}'])
def test_json_without_the_reviews_that_should_be_in_it_is_missed(data):
    rules = reviews_with(
        each={"script": "#data", "path": "reviews"}, text={"path": "text"}, rating={"path": "stars"}
    )
    found = read(f'{HEAD}<script id="data">{data}</script>', company=rules)
    assert found.rejects == ()
    assert found.missed == ("reviews: #data reviews matched nothing",)


def test_an_address_in_json_keeps_its_parameters():
    rules = company_with(
        name={"json_ld": "Shop", "path": "name"}, website={"json_ld": "Shop", "path": "url"}
    )
    data = '{"@type": "Shop", "name": "A&#38;B &lt;3", "url": "https://a.example/?x=1&copy=2"}'
    found = read(f'<script type="application/ld+json">{data}</script>{REVIEW}', company=rules)
    assert found.companies[0].name == "A&B <3"
    assert found.companies[0].website == "https://a.example/?x=1&copy=2"


@pytest.mark.parametrize(
    "script",
    [
        '{"shop": {"name": "Acme"}}',
        'window.__STATE__ = {"shop": {"name": "Acme"}}; more();',
        '\n//<![CDATA[\nvar s={"shop": {"name": "Acme"}}\n//]]>',
        '<!-- {"shop": {"name": "Acme"}} -->',
        'const f = () => { g([1]) }; window.a = {"b": 1}; store({"shop": {"name": "Acme"}});',
    ],
)
def test_json_is_read_from_scripts_of_any_kind(script):
    rules = company_with(name={"script": "script#state", "path": "shop.name"})
    found = read(f'<script id="state">{script}</script>{REVIEW}', company=rules)
    assert found.companies[0].name == "Acme"


@pytest.mark.parametrize("script", ["", "no()", "{", "[" * 100_000, '{"shop": 1}', "null", "[1]"])
def test_a_script_without_the_json_that_should_be_there_is_missed(script):
    rules = company_with(name={"script": "script#state", "path": "join('', shop.name)"})
    found = read(f'<script id="state">{script}</script>{REVIEW}', company=rules)
    assert found.missed == (
        "companies: name is not there for the company (script#state join('', shop.name))",
    )


def test_the_first_place_that_has_a_value_counts():
    rules = company_with(name=[{"css": ".brand"}, {"css": "h1"}, {"value": "Unknown"}])
    assert read(HEAD + REVIEW, company=rules).companies[0].name == "Acme"
    assert read(REVIEW, company=rules).companies[0].name == "Unknown"
    brand = "<i class=brand> </i><i class=brand>Brand</i>"
    assert read(brand + HEAD + REVIEW, company=rules).companies[0].name == "Brand"


def test_a_pattern_keeps_a_part_of_a_value():
    rules = reviews_with(
        rating={"css": "i::attr(style)", "pattern": r"width:\s*(\d+)%"}, best_rating=100
    )
    html = REVIEW.replace('title="4"', 'style="width: 80%"')
    assert read(HEAD + html, company=rules).reviews[0].rating == 4
    assert read(HEAD + REVIEW, company=rules).rejects[0].reason == "rating is missing"


def test_dates_are_read_by_the_format_of_the_profile():
    rules = reviews_with(date_format="%d/%m/%Y")
    html = REVIEW.replace("2026-11-03", "03/11/2026")
    assert read(HEAD + html, company=rules).reviews[0].date == dt.date(2026, 11, 3)
