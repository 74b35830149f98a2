import hashlib
from pathlib import Path

import numpy as np
import pytest

from charcnn.hashed_words import hash_words
from trainer import config, device, run
from trainer.batches import Shard
from trainer.data.corpus import TRAINING
from trainer.data.prepare import prepare
from trainer.interruption import Request
from trainer.loop import Training
from trainer.teacher import Teacher, Writer, key_of

WIDTH = 6


class Losses:
    """A listener that notes the losses."""

    def __init__(self):
        self.seen = []

    def on_batch(self, report):
        self.seen.append(report.loss)

    def on_epoch(self, report):
        pass


@pytest.fixture(scope="module")
def chosen(write_reviews, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    values = {
        "data": {"data": [str(write_reviews(folder / "reviews.csv", 240))]},
        "loss": {"teacher": str(folder / "teacher"), "states_weight": 1.0, "stars_weight": 0.2},
        "network": {"network": "words"},
        "run": {"batch_size": 32, "epochs": 2, "precision": "fp32"},
    }
    return config.make(values)


@pytest.fixture(scope="module")
def corpus(chosen, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus") / "corpus"
    return prepare(chosen.data, chosen.split, folder, lambda _rows: None)


@pytest.fixture(scope="module")
def views(corpus):
    """What a teacher thinks of every second training review: certain of it, with random states."""
    random = np.random.default_rng(0)
    rows = corpus.rows(TRAINING)[::2]
    logits = (6.0 * np.eye(3)[corpus.labels[rows]]).astype(np.float32)
    lengths = np.array([len(hash_words(text)) for text in corpus.texts_at(rows)])
    states = [random.normal(3, 2, (n, WIDTH)).astype(np.float32) for n in lengths]
    states[0][0] = np.nan
    return rows, lengths, logits, states


@pytest.fixture(scope="module")
def teacher(chosen, corpus, views):
    folder = Path(chosen.loss.teacher)
    folder.mkdir()
    rows, lengths, logits, states = views
    texts = [corpus.texts.raw(row) for row in rows]
    sample = np.concatenate(states[1:])
    writer = Writer(folder, texts, lengths, 3, sample)
    for place, row in enumerate(writer.order):
        writer.add(place, logits[row], states[row])
    return Teacher.open(folder, corpus)


def test_a_lesson_has_what_was_written_of_its_reviews(teacher, views):
    rows, lengths, logits, states = views
    chosen = np.array([5, 0, 17])
    lesson = teacher.lesson(rows[chosen], 9)
    assert lesson.logits.tolist() == logits[chosen].tolist()
    assert lesson.known.sum(1).tolist() == [lengths[5], lengths[0] - 1, lengths[17]]
    everything = np.concatenate(states[1:])
    known = np.concatenate([states[5], states[0][1:], states[17]])
    expected = (known - everything.mean(0)) / everything.std(0)
    assert np.abs(lesson.states.numpy() - expected.clip(-4, 4)).max() < 0.05


def test_reviews_that_the_teacher_has_not_read_are_not_trained_on(
    teacher, views, corpus, chosen, tmp_path
):
    training = Training(
        corpus,
        chosen,
        run.make_network(chosen),
        tmp_path,
        device.choose(chosen.run),
        Shard(),
        teacher=teacher,
    )
    assert sorted(training.rows) == sorted(views[0])


def test_a_network_learns_from_its_teacher(teacher, chosen, tmp_path):
    assert teacher.width == WIDTH
    begun = run.begin(
        tmp_path / "run", chosen, device.choose(chosen.run), Shard(), "a", lambda _rows: None
    )
    listener = Losses()
    begun.train(Request(), listener)
    assert np.mean(listener.seen[-3:]) < 0.7 * np.mean(listener.seen[:3])


def test_a_folder_without_a_teacher_is_refused_by_name(corpus, tmp_path):
    with pytest.raises(config.ConfigError, match="no teacher is there"):
        Teacher.open(tmp_path / "nobody", corpus)


def test_a_teacher_of_other_reviews_is_refused(corpus, tmp_path):
    Writer(tmp_path, [b"another review"], np.array([2]), 3, np.ones((4, WIDTH), np.float32))
    with pytest.raises(config.ConfigError, match="has read none of these reviews"):
        Teacher.open(tmp_path, corpus)


def test_the_key_of_a_text_is_the_head_of_its_sha256():
    # Other languages' tools give the same: printf 'great shop' | sha256sum
    assert key_of(b"great shop") == int(hashlib.sha256(b"great shop").hexdigest()[:16], 16)
