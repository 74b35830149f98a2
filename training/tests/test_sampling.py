import numpy as np
import pytest

from charcnn.inference import Interface
from trainer import config
from trainer.batches import Batches, Shard
from trainer.data.corpus import TRAINING
from trainer.data.prepare import prepare
from trainer.sampling import batches_of_like_length, draw, epoch_batches, epoch_size, row_weights

RANDOM = np.random.default_rng


@pytest.fixture
def chosen(write_reviews, tmp_path):
    path = write_reviews(tmp_path / "reviews.csv", 120)
    values = {"data": {"data": [str(path)]}, "network": {"network": "tiny"}}
    return config.make(values | {"run": {"batch_size": 16}})


@pytest.fixture
def corpus(chosen, tmp_path):
    return prepare(chosen.data, chosen.split, tmp_path / "corpus", lambda _rows: None)


def test_balanced_classes_are_drawn_equally_often_and_rows_by_weight():
    labels = np.array([0] * 90 + [1] * 9 + [2])
    weights = np.ones(100)
    weights[0] = 1000
    rows = draw(labels, weights, 3000, balanced=True, random=RANDOM(0))
    assert np.bincount(labels[rows]).tolist() == [1000, 1000, 1000]
    assert (rows == 0).sum() > 800


def test_files_get_their_shares_of_every_class(write_reviews, tmp_path):
    paths = [
        write_reviews(tmp_path / f"{n}.csv", count, seed=n) for n, count in ((1, 300), (2, 60))
    ]
    chosen = config.make({"data": {"data": [str(path) for path in paths]}})
    corpus = prepare(chosen.data, chosen.split, tmp_path / "corpus", lambda _rows: None)
    rows = corpus.rows(TRAINING)
    weights = row_weights(corpus, rows, (1.0, 2.0), balanced=True)
    drawn = rows[draw(corpus.labels[rows], weights, 9000, balanced=True, random=RANDOM(0))]
    for label in range(3):
        files = corpus.files[drawn[corpus.labels[drawn] == label]]
        assert (files == 1).mean() == pytest.approx(2 / 3, abs=0.03)
    assert row_weights(corpus, rows, (), balanced=True).tolist() == [1.0] * len(rows)


def test_unbalanced_rows_of_equal_weight_are_all_drawn_before_one_comes_again():
    rows = draw(np.zeros(10, int), np.ones(10), 25, balanced=False, random=RANDOM(0))
    assert sorted(rows[:10]) == sorted(rows[10:20]) == list(range(10))


def test_an_epoch_shows_the_rarest_class_once_where_classes_are_balanced():
    labels = np.array([0] * 50 + [1] * 5 + [2] * 20)
    assert epoch_size(labels, balanced=True) == 15
    assert epoch_size(labels, balanced=False) == 75


def test_every_drawn_row_is_in_exactly_one_batch_of_like_length():
    lengths = RANDOM(1).integers(1, 1000, 500)
    batches = batches_of_like_length(np.arange(500), lengths, 32, RANDOM(0))
    assert sorted(row for batch in batches for row in batch) == list(range(500))
    spreads = [lengths[batch].max() / lengths[batch].min() for batch in batches if len(batch) == 32]
    assert np.median(spreads) < 1.8


def test_an_epoch_is_the_same_whenever_it_is_drawn_and_unlike_the_next(corpus, chosen):
    first, again, second = (
        epoch_batches(corpus, corpus.rows(TRAINING), chosen, epoch) for epoch in (0, 0, 1)
    )
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))
    assert set(np.concatenate(first)) <= set(corpus.rows(TRAINING))


def test_the_shards_of_a_batch_are_the_batch(corpus, chosen):
    drawn, reading = epoch_batches(corpus, corpus.rows(TRAINING), chosen, 0), Interface()
    network = config.NETWORKS["tiny"]
    whole = Batches(corpus, drawn, reading, network, Shard())[0]
    parts = [Batches(corpus, drawn, reading, network, Shard(rank, 2))[0] for rank in range(2)]
    assert whole.labels.tolist() == whole.all_labels.tolist() == parts[1].all_labels.tolist()
    assert whole.labels[::2].tolist() == parts[0].labels.tolist()
    assert whole.labels[1::2].tolist() == parts[1].labels.tolist()


def test_codes_are_those_of_the_texts_and_dropped_ones_are_blank(corpus, chosen):
    drawn, reading = epoch_batches(corpus, corpus.rows(TRAINING), chosen, 0), Interface()
    network = config.NETWORKS["tiny"]
    plain = Batches(corpus, drawn, reading, network, Shard())[1].codes.numpy()
    first = reading.encode_one(corpus.texts[drawn[1][0]])
    assert plain[0, : len(first)].tolist() == first.tolist()
    dropping = Batches(corpus, drawn, reading, network, Shard(), None, 0.3, (1, 0))
    dropped = dropping[1].codes.numpy()
    assert np.array_equal(dropped, dropping[1].codes.numpy())
    changed = plain != dropped
    assert (dropped[changed] == 0).all()
    assert 0.2 < changed.sum() / (plain != 0).sum() < 0.4


def test_rows_are_drawn_by_their_own_weights(tmp_path):
    texts = [f"review number {number} of {'many' * number}" for number in range(30)]
    lines = ["text,rating,often"]
    lines += [
        f"{text},{1 + 2 * (row % 3)},{9 if row < 3 else ''}" for row, text in enumerate(texts)
    ]
    (tmp_path / "reviews.csv").write_text("\n".join(lines))
    chosen = config.make(
        {
            "data": {"data": [str(tmp_path / "reviews.csv")], "weight_column": "often"},
            "split": {"validation": 0, "near_duplicates": False},
        }
    )
    corpus = prepare(chosen.data, chosen.split, tmp_path / "corpus", lambda _rows: None)
    rows = corpus.rows(TRAINING)
    weights = row_weights(corpus, rows, (), balanced=True)
    assert weights.tolist() == [9.0] * 3 + [1.0] * 27
    drawn = draw(corpus.labels[rows], weights, 9000, balanced=True, random=RANDOM(0))
    assert (drawn < 3).mean() == pytest.approx(0.5, abs=0.03)
    shares = row_weights(corpus, rows, (2.0,), balanced=True)
    assert shares[0] == pytest.approx(9 * shares[3])
