import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import TRAINING, VALIDATION
from trainer.data.errors import DataError
from trainer.data.prepare import prepare

STARS = [1, 3, 5]
WORDS = [f"word{number}" for number in range(300)]


def split(folder, rows, **options):
    path = folder / "r.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = DataConfig(data=(str(path),))
    return prepare(config, SplitConfig(**options), folder / "corpus", lambda _rows: None)


def made_rows(count, seed=1, stars=STARS, **columns):
    maker = random.Random(seed)
    return [
        {
            "text": " ".join(maker.choices(WORDS, k=8)),
            "rating": maker.choice(stars),
            **{name: make(number) for name, make in columns.items()},
        }
        for number in range(count)
    ]


def held_out(corpus):
    return Counter(corpus.texts_at(corpus.rows(VALIDATION)))


def shares(corpus):
    held = Counter(corpus.labels[corpus.rows(VALIDATION)].tolist())
    return [held[label] / count for label, count in sorted(Counter(corpus.labels.tolist()).items())]


def test_every_class_has_its_share_held_out(tmp_path):
    rows = made_rows(2000, stars=[1, 1, 3, 5, 5, 5, 5])
    assert shares(split(tmp_path, rows, validation=0.2)) == pytest.approx([0.2] * 3, abs=0.003)


def test_another_seed_holds_out_other_rows(tmp_path):
    rows = made_rows(1000)
    one, other = (held_out(split(tmp_path, rows, split_seed=seed)) for seed in (0, 1))
    assert (one & other).total() < 0.3 * one.total()


def test_rows_of_one_file_alone_are_held_out(tmp_path):
    rows = made_rows(900)
    for name, part in (("one", rows[:600]), ("other", rows[300:])):
        lines = "".join(json.dumps(row) + "\n" for row in part)
        (tmp_path / f"{name}.ndjson").write_text(lines)
    config = DataConfig(data=(str(tmp_path / "one.ndjson"), str(tmp_path / "other.ndjson")))
    chosen = SplitConfig(validation=0.2, validation_file="other.ndjson")
    corpus = prepare(config, chosen, tmp_path / "corpus", lambda _rows: None)
    rows_held_out = corpus.rows(VALIDATION)
    assert {corpus.file_names[file] for file in corpus.files[rows_held_out]} == {"other.ndjson"}
    # The texts that the first file has as well cannot be held out.
    assert len(rows_held_out) == pytest.approx(0.2 * 300, abs=4)
    assert not held_out(corpus) & Counter(corpus.texts_at(corpus.rows(TRAINING)))


def test_a_file_to_validate_on_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"--validation-file x\.csv: the files are r\.ndjson"):
        split(tmp_path, made_rows(30), validation_file="x.csv")


def test_nothing_is_held_out_when_nothing_is_asked_for(tmp_path):
    rows = made_rows(2) + [
        {"text": text, "rating": star} for text, star in zip("abc", STARS, strict=True)
    ]
    corpus = split(tmp_path, rows, validation=0)
    assert corpus.rows(TRAINING).tolist() == [0, 1, 2, 3, 4]


def test_new_rows_move_few_others_to_the_other_side(tmp_path):
    rows = made_rows(2000)
    before = held_out(split(tmp_path, rows))
    after = held_out(split(tmp_path, rows + made_rows(200, seed=2)))
    assert (before & after).total() > 0.9 * before.total()


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(STARS), st.integers(0, 40)),
        min_size=60,
        max_size=120,
    ),
    share=st.floats(0.05, 0.6),
    order=st.randoms(use_true_random=False),
    grouped=st.booleans(),
)
def test_equal_texts_and_groups_stay_together_in_any_order(
    tmp_path_factory, texts, share, order, grouped
):
    folder = tmp_path_factory.mktemp("split")
    rows = [
        {"text": f"text {text}", "rating": star, "company": f"c{company}" if company else None}
        for text, star, company in texts
    ]
    rows += made_rows(60, company=lambda _: None)
    options = {"validation": share, "group_column": "company" if grouped else None}
    try:
        corpus = split(folder, rows, **options)
    except DataError:
        # Then all reviews of a class belong together.
        return
    sides = {}
    for row, side in zip(rows, corpus.sides.tolist(), strict=True):
        keys = ["text " + row["text"]]
        if grouped and row["company"]:
            keys.append("company " + row["company"])
        for key in keys:
            assert sides.setdefault(key, side) == side
    shuffled = order.sample(rows, k=len(rows))
    assert held_out(split(folder, shuffled, **options)) == held_out(corpus)


def test_near_duplicates_are_never_on_both_sides(tmp_path):
    rows = [{**row, "text": row["text"] * 4} for row in made_rows(1500)]
    twins = [{**row, "text": f"Well, {row['text']}!"} for row in rows]
    corpus = split(tmp_path, rows + twins, validation=0.3)
    assert corpus.sides[:1500].tolist() == corpus.sides[1500:].tolist()
    apart = split(tmp_path, rows + twins, validation=0.3, near_duplicates=False)
    assert apart.sides[:1500].tolist() != apart.sides[1500:].tolist()


@pytest.mark.parametrize("size", [300, 1000, 1800])
def test_a_giant_group_is_trained_on_and_the_shares_hold_as_far_as_they_can(tmp_path, size):
    rows = made_rows(2000, company=lambda number: "giant" if number < size else f"c{number}")
    corpus = split(tmp_path, rows, validation=0.1, group_column="company")
    assert not corpus.sides[:size].any()
    assert shares(corpus) == pytest.approx([0.1] * 3, abs=0.02)


def test_few_large_groups_come_as_near_to_the_share_as_they_can(tmp_path):
    rows = made_rows(3000, company=lambda number: f"c{number % 12}")
    corpus = split(tmp_path, rows, validation=0.15, group_column="company")
    assert shares(corpus) == pytest.approx([0.15] * 3, abs=0.05)


def test_groups_too_large_for_the_share_are_refused_with_what_to_do(tmp_path):
    rows = made_rows(300, company=lambda number: f"c{number % 3}")
    with pytest.raises(DataError, match="another --validation or another --group-column"):
        split(tmp_path, rows, validation=0.1, group_column="company")
    assert shares(split(tmp_path, rows, validation=0.3, group_column="company"))


def test_a_class_with_one_review_cannot_be_split(tmp_path):
    rows = [*made_rows(50, stars=[1, 5]), {"text": "the only one", "rating": 3}]
    with pytest.raises(DataError, match="no average review is left to validate on: give more data"):
        split(tmp_path, rows)


def test_a_class_whose_reviews_are_all_equal_cannot_be_split(tmp_path):
    rows = made_rows(50, stars=[1, 5]) + [{"text": "OK", "rating": 3}] * 10
    with pytest.raises(DataError, match="no average review is left to"):
        split(tmp_path, rows)


def test_a_rare_class_has_at_least_one_review_on_each_side(tmp_path):
    rows = made_rows(100, stars=[1, 5]) + made_rows(2, seed=2, stars=[3])
    corpus = split(tmp_path, rows, validation=0.1)
    assert sorted(corpus.sides[-2:].tolist()) == [TRAINING, VALIDATION]


def sites(number):
    return ["here", "there", "elsewhere"][number % 3]


def test_exactly_the_rows_named_are_held_out(tmp_path):
    rows = made_rows(90, site=sites)
    corpus = split(tmp_path, rows, hold_out=("site=there", "site=elsewhere"))
    assert corpus.rows(TRAINING).tolist() == list(range(0, 90, 3))
    assert not corpus.intake.left_out


def test_rows_are_held_out_where_all_columns_named_fit(tmp_path):
    rows = made_rows(90, site=sites, year=lambda number: 2019 + number % 2)
    corpus = split(tmp_path, rows, hold_out=("site=there", "year=2020"))
    assert corpus.rows(VALIDATION).tolist() == list(range(1, 90, 6))


def test_training_rows_nearly_equal_to_those_held_out_are_left_out_and_counted(tmp_path):
    rows = made_rows(90, site=sites)
    copies = [
        {**rows[1], "site": "here"},
        {**rows[4], "text": rows[4]["text"].upper() + "!", "site": "here"},
    ]
    longer = {"text": " ".join(WORDS[:40]), "rating": 1, "site": "there"}
    near = {**longer, "text": longer["text"] + " indeed", "site": "here"}
    corpus = split(tmp_path, [*copies, *rows, longer, near], hold_out=("site=there",))
    assert list(corpus.texts) == [row["text"] for row in [*rows, longer]]
    assert corpus.intake.left_out == {"a text (nearly) equal to one held out": 3}
    assert corpus.intake.used == len(corpus) == 91


def test_held_out_rows_that_leave_a_side_empty_are_refused(tmp_path):
    rows = made_rows(90, site=sites)
    with pytest.raises(DataError, match="--hold-out names no usable row"):
        split(tmp_path, rows, hold_out=("site=nowhere",))
    with pytest.raises(DataError, match="left to train on: hold out other rows"):
        split(tmp_path, rows, hold_out=tuple(f"site={sites(number)}" for number in range(3)))
