"""What a profile may say, and how it is told what is wrong with it."""

import tomllib
from importlib import resources

import pytest

from review_scraper.profile import ProfileError, load_profile, profile_names

GOOD = """
name = "shop"
description = "Reviews of shops"
start_urls = ["https://reviews.example/all"]
allowed_domains = ["reviews.example"]

[pages.categories]
address = "/all"
links = [{ kind = "company", each = { css = "a.shop" } }]

[pages.company]
address = "/shops/[^/]+"
companies = { name = { css = "h1" } }

[pages.company.reviews]
each = { css = "li.review" }
text = { css = "p" }
rating = { css = "::attr(data-stars)" }
"""


@pytest.fixture
def load(tmp_path):
    def load(text, **options):
        path = tmp_path / "shop.toml"
        path.write_text(text, encoding="utf-8")
        return load_profile(path, **options)

    return load


def test_every_shipped_profile_is_named_and_loads():
    assert {"demo", "trustpilot"} <= set(profile_names())
    for name in profile_names():
        assert load_profile(name).name == name


def test_only_the_demo_site_needs_no_consent_to_terms():
    needs = {name: load_profile(name).needs_consent for name in profile_names()}
    assert needs == {name: name != "demo" for name in profile_names()}
    assert all(load_profile(name).terms_url for name, wanted in needs.items() if wanted)


def test_no_shipped_profile_names_who_wrote_a_review():
    for name in profile_names():
        text = (resources.files("review_scraper") / "profiles" / f"{name}.toml").read_text("utf-8")
        reviews = str(tomllib.loads(text)["pages"]["company"]["reviews"]).lower()
        assert not [word for word in ("author", "consumer", "displayname") if word in reviews]


def test_a_profile_needs_consent_unless_it_says_otherwise(load):
    assert load(GOOD).needs_consent
    assert load(GOOD).limits.concurrency == 1


def test_another_origin_takes_the_place_of_the_sites(load):
    profile = load(GOOD, base_url="http://127.0.0.1:9090")
    assert profile.start_urls == ("http://127.0.0.1:9090/all",)
    assert profile.allowed_domains == ("127.0.0.1",)


def test_a_page_is_known_by_its_address_on_its_own_site(load):
    profile = load(GOOD)
    assert profile.kind_of("https://reviews.example/shops/a?page=2") == "company"
    assert profile.kind_of("https://www.reviews.example/all") == "categories"
    assert profile.kind_of("https://reviews.example/shops/a/edit") is None
    assert profile.kind_of("https://evil-reviews.example/all") is None
    assert profile.kind_of("https://reviews.example.evil.example/all") is None
    assert profile.kind_of("http://[bad") is None


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('name = "shop"', 'name = "shop"\ncolour = "red"', "colour: unknown key"),
        ('text = { css = "p" }', 'text = { css = "p" }\nauthor = { css = "b" }',
         "pages.company.reviews.author: unknown key"),
        ('{ css = "p" }', '{ css = "p..x" }',
         "pages.company.reviews.text.css: bad selector 'p..x': Expected ident"),
        ('{ css = "p" }', '{ css = "p::foo" }',
         "text.css: bad selector 'p::foo': The pseudo-element ::foo is unknown"),
        ('{ css = "p" }', '{ xpath = "p[" }', "text.xpath: bad XPath 'p[': XPath error"),
        ('{ css = "p" }', '{ script = "script#x", path = "a..b" }',
         "text.path: bad JMESPath 'a..b': Expecting"),
        ('{ css = "p" }', '{ css = "p", pattern = "(a)(b)" }',
         "text.pattern: bad pattern '(a)(b)': it has more than one group"),
        ('{ css = "p" }', '{ css = "p", pattern = "(" }',
         "text.pattern: bad pattern '(': missing )"),
        ('{ css = "p" }', '{ css = "p", value = "x" }', "text: name exactly one of css, xpath"),
        ('{ css = "p" }', '{ pattern = "x" }', "text: name exactly one of css, xpath"),
        ('{ css = "p" }', '{ css = "p", path = "x" }', "text: path goes with script, json_ld"),
        ('{ css = "p" }', '{ path = "text" }',
         "pages.company.reviews: text: path alone needs records that are JSON"),
        ('{ css = "p" }', "[]", "text: Tuple should have at least 1 item"),
        ('{ css = "p" }', '"p"', "text: write where it is, such as { css = 'p' }"),
        ('text = { css = "p" }\n', "", "pages.company.reviews.text: Field required"),
        ('address = "/all"', 'address = "["', "pages.categories.address: bad pattern '['"),
        ('address = "/all"', 'address = "/any"',
         "https://reviews.example/all is no categories page"),
        ('address = "/all"', 'address = "/all"\nready = "p"', 'need render = "browser"'),
        ('address = "/all"', 'address = "/all"\nrender = "browser"\nready = "p::text"',
         "pages.categories.ready: bad selector 'p::text': it must select elements"),
        ('address = "/all"', 'address = "/all"\nmore = [{ way = "magic" }]',
         "pages.categories.more: Input tag 'magic'"),
        ('address = "/all"', 'address = "/all"\nmore = [{ way = "next", urk = "x" }]',
         "pages.categories.more.url: Field required"),
        ('kind = "company"', 'kind = "companies"',
         "pages.categories.links: there is no page companies"),
        ("[pages.company]", "[pages.firm]", "pages.firm: Input should be 'categories'"),
        ('companies = { name = { css = "h1" } }\n', "", "reviews need companies without each"),
        ('rating = {', 'optional = ["text"]\nrating = {', "pages.company.reviews.optional: "),
        ('["reviews.example"]', '["https://reviews.example"]',
         "allowed_domains: String should match"),
        ('"https://reviews.example/all"', '"/all"', "start_urls: is not a web address"),
        ('name = "shop"', 'name = "shop"\nneeds_consent = "no"', "needs_consent: Input should be"),
        ('each = { css = "li.review" }\n', "", "pages.company.reviews.each: Field required"),
        ('name = "shop"', "name = shop", "not TOML: Invalid value"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_profile_is_said_in_one_line_that_names_it(
    load, right, wrong, message
):
    assert right in GOOD
    with pytest.raises(ProfileError) as error:
        load(GOOD.replace(right, wrong))
    said = str(error.value)
    assert message in said
    assert "shop.toml: " in said
    assert "\n" not in said


def test_what_is_no_profile_is_said_with_what_there_is(tmp_path):
    with pytest.raises(ProfileError, match="there is no profile nosuch: name one of demo, "):
        load_profile("nosuch")
    with pytest.raises(ProfileError, match="cannot be read"):
        load_profile(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match="cannot be read"):
        load_profile(binary)


def test_a_base_that_is_no_address_is_refused():
    with pytest.raises(ProfileError, match="localhost is not a web address"):
        load_profile("demo", base_url="localhost")
