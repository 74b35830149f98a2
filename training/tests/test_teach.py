import string
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from charcnn.encoding import Reading
from charcnn.hashed_words import words_of
from charcnn.inference import Interface
from trainer import config, device, pretrained
from trainer.data.corpus import TRAINING
from trainer.data.prepare import prepare
from trainer.pretrained import TeachingConfig
from trainer.teacher import Teacher
from trainer.teaching import Teaching

LETTERS = string.ascii_lowercase + string.digits + string.punctuation


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A BERT of two small layers with fresh weights, whose tokens are letters."""
    folder = tmp_path_factory.mktemp("encoder")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary += [*LETTERS, *(f"##{letter}" for letter in LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    sizes = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(sizes).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def corpus(write_reviews, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    path = str(write_reviews(folder / "reviews.csv", 300))
    chosen = config.make({"data": {"data": [path]}})
    return prepare(chosen.data, chosen.split, folder / "corpus", lambda _rows: None)


@pytest.fixture(scope="module")
def teaching(encoder, corpus):
    compute = device.choose(config.LoopConfig(precision="fp32"))
    settings = TeachingConfig(epochs=4, batch_size=16, learning_rate=3e-3)
    return Teaching(encoder, corpus, Interface(unit="words"), settings, compute)


def test_every_token_knows_its_word(encoder):
    text = "Not bad,  it's GREAT!"
    (tokens,) = pretrained.tokenise(encoder, [text], Reading())
    owners = words_of(text.lower())
    expected = [-1, *(int(owner) for owner in owners if owner >= 0), -1]
    assert tokens.words.tolist() == expected


def test_of_a_long_review_the_end_is_read(encoder):
    (tokens,) = pretrained.tokenise(encoder, ["word " * 400 + "awful"], Reading())
    assert len(tokens.numbers) == pretrained.MOST_TOKENS
    assert tokens.words.max() == max(words_of(("word " * 400 + "awful")[-1014:]))


def test_a_words_state_is_the_mean_over_its_tokens():
    states = np.arange(8.0, dtype=np.float32).reshape(4, 2)
    means = pretrained._by_word(states, np.array([-1, 2, 2, 0]))
    assert means[0].tolist() == [6, 7]
    assert np.isnan(means[1]).all()
    assert means[2].tolist() == [3, 4]


def test_an_encoder_that_is_fine_tuned_teaches_what_it_learnt(teaching, corpus, tmp_path):
    torch.set_num_threads(1)
    learnt = teaching.fine_tune()
    assert teaching.validate(learnt).accuracy > 0.8
    count = teaching.write(learnt, 50, tmp_path / "teacher")
    assert count == 150
    teacher = Teacher.open(tmp_path / "teacher", corpus)
    rows = np.flatnonzero(teacher.read)
    assert set(rows) <= set(corpus.rows(TRAINING))
    lesson = teacher.lesson(rows, 16)
    assert (lesson.logits.argmax(1).numpy() == corpus.labels[rows]).mean() > 0.8
    # "great shop 123": three words, each read by the teacher.
    assert lesson.known.sum(1).tolist() == [len(text.split()) for text in texts(corpus, rows)]
    assert lesson.states.shape == (int(lesson.known.sum()), 32)
    assert lesson.states.mean().abs() < 0.2
    assert 0.5 < lesson.states.std() < 1.5


def test_a_teacher_goes_on_from_what_another_has_learnt(teaching, tmp_path):
    torch.set_num_threads(1)
    teaching.write(teaching.fine_tune(), 20, tmp_path / "first")
    barely = TeachingConfig(epochs=1, batch_size=16, learning_rate=1e-7, epoch_size=16)
    fresh = replace(teaching, config=barely)
    taught = replace(fresh, start_from=tmp_path / "first")
    assert taught.validate(taught.fine_tune()).accuracy > 0.8
    assert fresh.validate(fresh.fine_tune()).accuracy < 0.6


def test_a_folder_without_a_teacher_is_nothing_to_start_from(teaching, tmp_path):
    lost = replace(teaching, start_from=tmp_path)
    with pytest.raises(config.ConfigError, match=r"encoder\.pt"):
        lost.fine_tune()


def test_a_teacher_reads_more_of_the_files_with_more_weight(encoder, write_reviews, tmp_path):
    few, many = (
        write_reviews(tmp_path / "few.csv", 60),
        write_reviews(tmp_path / "many.csv", 600, 2),
    )
    options = {"data": [str(few), str(many)], "weight": [20.0, 1.0]}
    chosen = config.make({"data": options, "split": {"validation": 0}})
    both = prepare(chosen.data, chosen.split, tmp_path / "corpus", lambda _rows: None)
    compute = device.choose(config.LoopConfig(precision="fp32"))
    settings = TeachingConfig(shares=chosen.data.weight)
    teaching = Teaching(encoder, both, Interface(unit="words"), settings, compute)
    files = both.files[teaching._choose(30)]
    assert len(files) == 90
    assert np.count_nonzero(files == 0) > 50


def test_a_teacher_takes_the_options_of_the_run_that_will_learn_from_it(
    encoder, run_script, write_reviews, tmp_path
):
    options = tmp_path / "words.toml"
    options.write_text("[loss]\nteacher_share = 0.8\nstates_weight = 1.0\n[run]\nepoch_size = 64\n")
    reviews, out = write_reviews(tmp_path / "reviews.csv", 150), tmp_path / "teacher"
    ended = run_script(
        "teach",
        *("--config", options),
        *("--data", reviews),
        *("--out", out),
        *("--encoder", encoder),
        "--teaching-epochs",
        1,
        "--precision",
        "fp32",
    )
    assert ended.code == 0, ended.err
    assert (out / "logits.npy").exists()


def texts(corpus, rows):
    return [text.replace("so-so", "so - so") for text in corpus.texts_at(rows)]
