from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, pairwise

import pytest

from demo_site import truth
from demo_site.calendar import REFERENCE_DAY
from demo_site.config import HAZARDS, Config
from demo_site.site import Site

ALL = frozenset(HAZARDS)
PRAISE = {"love", "excellent", "wonderful", "perfect", "best", "brilliant", "friendly", "fair"}
BLAME = {"never", "awful", "worst", "rude", "useless", "nightmare", "terrible", "avoid", "poor"}


def site(**changes):
    return Site(replace(Config(REFERENCE_DAY), **changes))


def rows(of):
    return {row["id"]: row for row in truth.reviews(of) if row["id"]}


def leaning(text):
    words = text.lower().replace(".", " ").replace(",", " ").split()
    return sum(word in PRAISE for word in words) - sum(word in BLAME for word in words)


def test_equal_configurations_make_equal_sites():
    assert list(truth.reviews(site(hazards=ALL))) == list(truth.reviews(site(hazards=ALL)))
    assert list(truth.companies(site())) == list(truth.companies(site()))


def test_another_seed_makes_another_site():
    assert not rows(site()).keys() & rows(site(seed=2)).keys()
    assert {c.name for c in site().companies()} != {c.name for c in site(seed=2).companies()}


@pytest.mark.parametrize(
    ("companies", "reviews"), [(10, 300), (1, 7), (30, 4), (10_000, 1_000_000)]
)
def test_on_the_reference_day_there_is_what_was_asked_for(companies, reviews):
    summary = truth.summary(site(companies=companies, reviews=reviews))
    assert (summary["companies"], summary["reviews"]) == (companies, reviews)


def test_every_later_day_has_what_the_earlier_one_had_and_in_time_more_of_all():
    days = [site(today=REFERENCE_DAY + timedelta(days)) for days in range(-3, 22)]
    for earlier, later in pairwise(days):
        assert rows(earlier).items() <= rows(later).items()
        companies = [c.slug for c in earlier.companies()]
        assert [c.slug for c in later.companies()][: len(companies)] == companies
    counts = [truth.summary(day)["reviews"] for day in days]
    assert sum(more > few for few, more in pairwise(counts)) >= 20
    assert truth.summary(days[-1])["companies"] == 13


def test_a_review_appears_on_its_day():
    for days in range(1, 5):
        today = REFERENCE_DAY + timedelta(days)
        later = site(reviews=1000, today=REFERENCE_DAY + timedelta(5))
        ids = {row["id"] for row in truth.reviews(later) if row["date"] <= today.isoformat()}
        assert ids == rows(site(reviews=1000, today=today)).keys()


def test_new_companies_open_one_after_the_other():
    later = site(today=REFERENCE_DAY + timedelta(40))
    first_days = [[*later.reviews(later.company(index))][-1].moment for index in (10, 11, 12)]
    assert first_days == sorted(first_days)
    for first_day, opening in zip(
        first_days, ("2026-11-25", "2026-12-02", "2026-12-09"), strict=True
    ):
        assert first_day >= opening


def test_reviews_are_of_today_or_before_and_pages_begin_with_the_newest():
    shown = site(reviews=3000)
    for company in shown.companies():
        moments = [review.moment for review in shown.reviews(company)]
        assert moments == sorted(moments, reverse=True)
        assert moments[0] <= "2026-11-24T23:59:59Z"


def test_before_the_site_opened_there_were_companies_without_reviews():
    young = site(today=date(2020, 1, 1))
    assert truth.summary(young)["reviews"] == 0
    assert young.page(young.company(0), 1).reviews == ()


def test_the_pages_of_a_company_hold_each_of_its_reviews_once():
    shown = site()
    for company in shown.companies():
        pages = [shown.page(company, 1)]
        while pages[-1].has_next:
            pages.append(shown.page(company, len(pages) + 1))
        found = [review.id for page in pages for review in page.reviews]
        assert found == [review.id for review in shown.reviews(company)]
        assert len(set(found)) == pages[0].total
        assert shown.page(company, len(pages) + 1) is None


@pytest.mark.parametrize("companies", [1, 10, 500])
def test_the_lists_hold_each_company_once(companies):
    shown = site(companies=companies)
    slugs = [
        card.slug
        for of in shown.lists
        for page in range(1, shown.list_pages(of) + 1)
        for card in shown.cards(of, page)
    ]
    assert sorted(slugs) == sorted(company.slug for company in shown.companies())


def test_a_small_site_has_each_way_of_showing_more_and_more_to_show():
    assert {of.way for of in site().lists if site().list_pages(of) > 1} == {
        "pages",
        "button",
        "scroll",
    }


def test_names_lead_back_to_their_companies_and_are_never_shared():
    big = site(companies=20_000)
    slugs = [company.slug for company in big.companies()]
    assert len(set(slugs)) == 20_000
    assert [big.find_company(slug).index for slug in slugs] == list(range(20_000))
    assert big.find_company("nobody-co") is None
    assert site().find_company(slugs[10]) is None


def test_ratings_show_in_the_words():
    big = site(companies=50, reviews=5000)
    leanings = {rating: [] for rating in range(1, 6)}
    for company in big.companies():
        for review in big.reviews(company):
            leanings[review.rating].append(leaning(f"{review.title} {review.text}"))
    means = [sum(values) / len(values) for values in leanings.values()]
    assert means == sorted(means)
    assert all(len(values) > 250 for values in leanings.values())
    assert sum(value > 0 for value in leanings[5]) > 0.8 * len(leanings[5])
    assert sum(value < 0 for value in leanings[1]) > 0.8 * len(leanings[1])


def test_texts_are_as_good_as_unique_and_leave_no_slot_open():
    big = site(companies=50, reviews=5000)
    texts = [review.text for company in big.companies() for review in big.reviews(company)]
    assert len(set(texts)) > 0.99 * len(texts)
    assert not any("{" in text or "  " in text or " a a" in text for text in texts)
    assert all(text == text.strip() and text.encode("latin-1") for text in texts)


def test_a_review_of_a_big_site_costs_no_walk_to_it():
    big = site(companies=10_000, reviews=1_000_000)
    last = big.page(big.company(0), 500)
    assert last.number * 20 == last.total == 10_000
    assert len(list(islice(truth.reviews(big), 1000))) == 1000


def test_all_hazards_are_somewhere_on_a_site_of_ten_companies():
    found = {row["hazard"] for row in truth.hazards(site(hazards=ALL))}
    assert found == ALL
    assert list(truth.hazards(site())) == []


def test_an_edited_review_keeps_its_id_and_changes_its_text_and_date_every_day():
    days = [site(hazards=ALL, today=REFERENCE_DAY + timedelta(days)) for days in (0, 1)]
    path = next(r["path"] for r in truth.hazards(days[0]) if r["hazard"] == "edited")
    first, second = (next(iter(d.reviews(d.find_company(path.rpartition("/")[2])))) for d in days)
    assert first.id == second.id
    assert first.rating == second.rating
    assert (first.moment[:10], second.moment[:10]) == ("2026-11-24", "2026-11-25")
    assert first.text != second.text
    assert "Update of 2026-11-25" in second.text
