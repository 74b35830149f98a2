import csv
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline

from trainer import sample
from trainer.sample_grammar import CLOSINGS, PHRASES, SHOPS, TEMPLATES, TOPICS

ROOM = Path(__file__).parent.parent
CSV = ROOM / "sample" / "reviews.csv"
CLASSES = {1: "bad", 2: "bad", 3: "average", 4: "good", 5: "good"}
TOPIC_SLOTS = {"merit", "middling", "fault"}


def run_script(*options):
    command = [sys.executable, ROOM / "make_sample.py", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rows():
    with CSV.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def made():
    return sample.make(3600, seed=1)


def test_the_sample_in_the_checkout_is_what_the_script_makes(tmp_path):
    out = tmp_path / "reviews.csv"
    finished = run_script("--out", out)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == f"{out}: 3,600 reviews\n"
    assert out.read_bytes() == CSV.read_bytes()


def test_a_seed_makes_the_same_reviews_and_another_seed_others():
    one, same, other = (sample.make(300, seed) for seed in (1, 1, 2))
    assert one == same
    assert not {review.text for review in one} & {review.text for review in other}


def test_a_folder_that_is_not_there_is_one_readable_line(tmp_path):
    finished = run_script("--rows", 3, "--out", tmp_path / "absent" / "reviews.csv")
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: ")
    assert finished.stderr.count("\n") == 1


def test_more_rows_than_the_grammar_has_texts_for_are_refused(tmp_path):
    out = tmp_path / "reviews.csv"
    assert run_script("--rows", sample.MOST_ROWS + 1, "--out", out).returncode == 2
    assert not out.exists()


def test_all_texts_differ_and_have_the_length_of_a_review(rows):
    assert len({row["text"].lower() for row in rows}) == len(rows) == 3600
    assert all(30 <= len(row["text"]) <= 400 for row in rows)


def test_the_classes_are_balanced_and_both_their_stars_are_common(rows):
    stars = Counter(int(row["rating"]) for row in rows)
    assert stars[1] + stars[2] == stars[3] == stars[4] + stars[5] == 1200
    assert min(stars.values()) > 500


def test_every_class_has_its_own_templates_about_equally_often(rows):
    used = defaultdict(Counter)
    for row in rows:
        used[CLASSES[int(row["rating"])]][row["template"]] += 1
    for label, templates in used.items():
        assert len(templates) == len(TEMPLATES[label]) >= 40
        assert all(template.startswith(label) for template in templates)
        assert max(templates.values()) - min(templates.values()) <= 1


def test_a_company_sells_what_its_source_sells(rows):
    companies = {name: source for source, shop in SHOPS.items() for name in shop.companies}
    assert len(companies) == 40
    assert all(companies[row["company"]] == row["source"] for row in rows)
    assert {row["company"] for row in rows} == set(companies)


def test_every_slot_of_the_grammar_has_phrases():
    patterns = [template for templates in TEMPLATES.values() for template in templates]
    patterns += [phrase for phrases in PHRASES.values() for phrase in phrases]
    patterns += [closing for closings in CLOSINGS.values() for closing in closings]
    for topic in TOPICS.values():
        patterns += [*topic.merit, *topic.middling, *topic.fault]
    slots = {slot for pattern in patterns for slot in sample.SLOT.findall(pattern)}
    assert slots == {*PHRASES, *TOPIC_SLOTS, "closing", "company", "item"}


def test_no_slot_is_left_open_and_no_template_stands_twice(rows):
    assert not any(re.search(r"[{}]", row["text"]) for row in rows)
    templates = [template for templates in TEMPLATES.values() for template in templates]
    assert len(set(templates)) == len(templates)


def test_words_tell_the_class_of_most_reviews_of_templates_never_seen(made):
    texts = [review.text for review in made]
    labels = [CLASSES[review.rating] for review in made]
    templates = [review.template for review in made]
    splitter = GroupShuffleSplit(1, test_size=0.2, random_state=0)
    training, unseen = next(splitter.split(texts, labels, templates))
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=3, max_iter=500))
    model.fit([texts[row] for row in training], [labels[row] for row in training])
    truth = [labels[row] for row in unseen]
    accuracy = model.score([texts[row] for row in unseen], truth)
    majority = max(Counter(truth).values()) / len(truth)
    assert majority + 0.2 < accuracy < 0.97
