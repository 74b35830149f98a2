"""What is written down of a page, and which pages follow."""

import itertools

import pytest

from review_scraper.database import open_database
from review_scraper.extraction import Found, Link
from review_scraper.frontier import Frontier
from review_scraper.items import Company, Reject, Review
from review_scraper.profile import load_profile
from review_scraper.recorder import Recorder, Rules
from review_scraper.shards import Shard
from review_scraper.tally import Tally

SITE = "http://site.example"
ACME = f"{SITE}/review/acme"


class Walk:
    """A pass over a site whose pages the test makes up."""

    def __init__(self, file, rules=None):
        self.profile = load_profile("demo", base_url=SITE)
        self.connection = open_database(file)
        self.frontier = Frontier(self.connection, self.profile)
        self.tally = Tally()
        self.rules = rules or Rules()
        self.begin()

    def begin(self):
        self.pass_ = self.frontier.begin()
        self.recorder = Recorder(
            self.connection, self.profile, self.frontier, self.pass_.id, self.rules, self.tally
        )

    def next(self):
        return self.frontier.take(browser=True) or self.frontier.take(browser=False)

    def lead_to(self, *urls):
        """Read the start page, which leads to companies."""
        self.recorder.found(self.next(), Found(links=tuple(Link("company", url) for url in urls)))

    def read(self, *numbers, more=True, **found):
        """Read the next page of a company: it has reviews of these numbers, and maybe a next."""
        page = self.next()
        number = page.place.number + 1
        following = Link("company", f"{page.place.series}?page={number}") if more else None
        reviews = tuple(review(one, page.link.url) for one in numbers)
        self.recorder.found(page, Found(reviews=reviews, next=following, **found))

    def waiting(self):
        query = "SELECT url FROM page WHERE state = 'waiting' ORDER BY priority, id"
        return [row[0].removeprefix(SITE) for row in self.connection.execute(query)]

    def again(self):
        """Finish the pass and begin the next one."""
        assert self.frontier.finish()
        self.begin()
        assert not self.pass_.resumed


def review(number, page_url, text="It is good."):
    return Review(
        site="demo",
        site_id=f"r-{number}",
        company_url=ACME,
        company="Acme",
        text=text,
        rating=4,
        page_url=page_url,
    )


@pytest.fixture
def walk(tmp_path):
    walk = Walk(tmp_path / "state.sqlite")
    yield walk
    walk.connection.close()


def test_a_company_is_read_to_its_last_page(walk):
    walk.lead_to(ACME)
    walk.read(6, 5, 4)
    assert walk.waiting() == ["/review/acme?page=2"]
    walk.read(3, 2, 1, more=False)
    assert walk.waiting() == []
    assert walk.frontier.finish()
    assert (walk.tally.reviews, walk.tally.new_reviews, walk.tally.companies) == (6, 6, 1)


def test_a_later_pass_stops_at_the_first_page_with_a_known_review(walk):
    walk.lead_to(ACME)
    walk.read(4, 3)
    walk.read(2, 1, more=False)
    walk.again()
    walk.lead_to(ACME)
    walk.read(6, 5)
    assert walk.waiting() == ["/review/acme?page=2"]
    walk.read(4, 3)
    assert walk.waiting() == []
    assert walk.tally.new_reviews == 6


def test_a_pass_that_did_not_come_to_the_end_of_a_company_is_no_reason_to_stop(walk):
    walk.lead_to(ACME)
    walk.read(4, 3)
    walk.recorder.failed(walk.next(), "status 500")
    walk.again()
    walk.lead_to(ACME)
    walk.read(4, 3)
    assert walk.waiting() == ["/review/acme?page=2"]
    walk.read(2, 1, more=False)
    assert walk.tally.new_reviews == 4


def test_all_pages_are_read_again_where_that_is_asked_for(walk):
    walk.lead_to(ACME)
    walk.read(2, 1, more=False)
    walk.rules = Rules(full=True)
    walk.again()
    walk.lead_to(ACME)
    walk.read(2, 1)
    assert walk.waiting() == ["/review/acme?page=2"]


def test_an_edited_review_is_stored_and_does_not_stop_the_visit(walk):
    walk.lead_to(ACME)
    walk.read(2, 1, more=False)
    walk.again()
    walk.lead_to(ACME)
    edited = review(1, ACME, "It broke.")
    page = walk.next()
    following = Link("company", f"{ACME}?page=2")
    walk.recorder.found(page, Found(reviews=(edited,), next=following))
    assert walk.waiting() == ["/review/acme?page=2"]
    assert (walk.tally.changed_reviews, walk.tally.new_reviews) == (1, 2)


def test_a_review_that_only_moved_to_another_page_has_not_changed(walk):
    walk.lead_to(ACME)
    walk.read(3, 2)
    walk.read(2, 1, more=False)
    assert (walk.tally.changed_reviews, walk.tally.new_reviews) == (0, 3)


def test_pages_that_only_repeat_themselves_end_a_company(walk):
    walk.lead_to(ACME)
    walk.read(2, 1)
    walk.read(2, 1)
    assert walk.waiting() == []
    assert walk.tally.notes["stopped at repeated reviews"] == 1
    assert walk.frontier.finish()


def test_a_page_where_something_is_missed_is_no_visit(walk):
    walk.lead_to(ACME)
    walk.read(missed=("reviews: nothing matched",))
    assert walk.waiting() == []
    assert walk.frontier.complaints("done", 5) == [(ACME, "reviews: nothing matched")]
    assert walk.connection.execute("SELECT count(*) FROM visit").fetchone()[0] == 0


def test_companies_never_read_come_first_and_then_those_longest_unread(walk):
    old, older = f"{SITE}/review/old", f"{SITE}/review/older"
    query = "INSERT INTO visit (url, pass, time) VALUES (?, 0, ?)"
    walk.connection.executemany(query, [(old, 2000), (older, 1000)])
    walk.lead_to(old, older, ACME)
    assert walk.waiting() == ["/review/acme", "/review/older", "/review/old"]


def test_links_to_other_sites_are_not_followed(walk):
    walk.lead_to("http://other.example/review/acme")
    assert walk.waiting() == []
    assert walk.tally.notes["link to another site"] == 1


def test_lists_of_another_shard_are_left_to_it(tmp_path):
    urls = [f"{SITE}/categories/home/list-{number}" for number in range(40)]
    found = []
    for index in range(3):
        walk = Walk(tmp_path / f"{index}.sqlite", Rules(Shard(index, 3)))
        page = walk.next()
        walk.recorder.found(page, Found(links=tuple(Link("companies", url) for url in urls)))
        found.append(walk.waiting())
        walk.connection.close()
    assert all(found)
    assert sorted(itertools.chain(*found)) == sorted(url.removeprefix(SITE) for url in urls)


def test_redirects_that_lead_in_a_circle_end_by_themselves(walk):
    walk.lead_to(ACME)
    walk.recorder.moved(walk.next(), f"{SITE}/review/b")
    walk.recorder.moved(walk.next(), ACME)
    assert walk.waiting() == []
    assert walk.frontier.finish()


def test_rejects_are_kept_until_the_next_pass(walk):
    walk.lead_to(ACME)
    reject = Reject("review", "rating is not 1 to 5", ACME, {"rating": "9"})
    walk.read(1, more=False, rejects=(reject,))
    assert walk.tally.rejected == {"rating is not 1 to 5": 1}
    count = "SELECT count(*) FROM reject"
    assert walk.connection.execute(count).fetchone()[0] == 1
    walk.again()
    assert walk.connection.execute(count).fetchone()[0] == 0


def test_a_company_keeps_its_first_category(walk):
    walk.lead_to(ACME)
    for category in ("Home", "Garden"):
        company = Company(site="demo", url=ACME, name="Acme", category=category)
        walk.recorder._collection.keep([company], walk.pass_.id)
    (body,) = walk.recorder._collection.bodies("company")
    assert '"category":"Home"' in body


def test_a_pass_that_was_not_finished_is_resumed(tmp_path):
    first = Walk(tmp_path / "state.sqlite")
    first.lead_to(ACME)
    first.next()
    first.connection.close()
    second = Walk(tmp_path / "state.sqlite")
    assert second.pass_.resumed
    assert second.next().link.url == ACME
    second.connection.close()


def test_pages_that_are_being_fetched_are_not_handed_out_again(walk):
    urls = [f"{SITE}/review/{number}" for number in range(50)]
    walk.lead_to(*urls)
    taken = []
    while page := walk.next():
        taken.append(page.link.url)
    assert taken == urls
    assert not walk.frontier.waits()
