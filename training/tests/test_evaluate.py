import csv
import json

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
)
from sklearn.metrics import precision_recall_fscore_support as scores_of

from charcnn.scoring import LABELS
from trainer import checkpoint, evaluation_page
from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import VALIDATION, Corpus
from trainer.data.prepare import prepare
from trainer.errors import EvaluationError
from trainer.evaluation import answer, evaluate
from trainer.markdown import table
from trainer.metrics import measure
from trainer.models import CHUNK, open_model

STARS = [1, 2, 3, 4, 5]


@pytest.fixture(scope="module")
def make_corpus(tmp_path_factory):
    """Give the function that makes a corpus of two sources with all stars."""

    def make(**options):
        folder = tmp_path_factory.mktemp("made")
        with (folder / "made.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["text", "rating", "source"])
            rows.writerows((f"text {n}", STARS[n % 5], "ab"[n % 3 > 0]) for n in range(300))
        data = DataConfig(data=(str(folder / "made.csv"),), **options)
        split = SplitConfig(validation=0, near_duplicates=False)
        return prepare(data, split, folder / "corpus", lambda _rows: None)

    return make


@pytest.fixture(scope="module")
def corpus(make_corpus):
    return make_corpus()


def made_answers(count, known=(0, 1, 2), seed=0):
    """Return random probabilities of the classes that are known, 0 for the others."""
    answers = np.zeros((count, 3))
    answers[:, known] = np.random.default_rng(seed).dirichlet(np.ones(len(known)), count)
    return answers


def test_metrics_are_those_of_scikit_learn(corpus):
    labels, answers = np.asarray(corpus.labels), made_answers(300)
    answers[:, 2] *= 0.01
    called = answers.argmax(axis=1)
    metrics = measure(labels, answers)
    assert metrics.accuracy == pytest.approx(accuracy_score(labels, called))
    assert metrics.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, called))
    assert metrics.weighted_f1 == pytest.approx(f1_score(labels, called, average="weighted"))
    assert metrics.confusion == confusion_matrix(labels, called).tolist()
    expected = np.transpose(scores_of(labels, called, zero_division=0))
    for one, row in zip(metrics.classes.values(), expected, strict=True):
        assert [one.precision, one.recall, one.f1, one.support] == pytest.approx(row)
    extreme = labels != 1
    forced = np.where(answers[extreme, 2] > answers[extreme, 0], 2, 0)
    assert metrics.bad_versus_good == pytest.approx(accuracy_score(labels[extreme], forced))


def test_a_class_that_is_never_called_counts_as_0():
    metrics = measure(np.array([0, 1, 2]), np.tile([0.8, 0.1, 0.1], (3, 1)))
    assert metrics.classes["good"].precision == metrics.classes["good"].f1 == 0
    assert metrics.classes["bad"].recall == 1


def test_sources_add_up_and_the_largest_comes_first(corpus):
    answers = made_answers(300)
    evaluation = evaluate(corpus, np.arange(300), answers)
    assert [(name, one.reviews) for name, one in evaluation.sources.items()] == [
        ("b", 200),
        ("a", 100),
    ]
    of_a = corpus.sources == corpus.source_names.index("a")
    right = answers.argmax(axis=1) == corpus.labels
    assert evaluation.sources["a"].accuracy == pytest.approx(right[of_a].mean())
    for one in evaluation.sources.values():
        assert one.interval.low <= one.accuracy <= one.interval.high


def test_only_the_rows_asked_for_are_measured(corpus):
    rows = np.array([7, 3, 250])
    answers = np.eye(3)[corpus.labels[rows]] * 0.9 + 0.03
    evaluation = evaluate(corpus, rows, answers)
    assert (evaluation.metrics.reviews, evaluation.metrics.accuracy) == (3, 1.0)


def test_intervals_surround_their_figures(corpus):
    evaluation = evaluate(corpus, np.arange(300), made_answers(300))
    for name, one in evaluation.intervals.items():
        assert one.low < getattr(evaluation.metrics, name) < one.high


def test_two_classes_of_data_force_a_choice_between_bad_and_good(make_corpus):
    corpus = make_corpus(grouping="binary")
    answers = made_answers(300)
    evaluation = evaluate(corpus, np.arange(300), answers)
    called = (answers[:, 2] > answers[:, 0]).astype(int)
    assert evaluation.classes == ("bad", "good")
    assert (evaluation.forced, evaluation.left_out) == (True, 0)
    assert evaluation.metrics.accuracy == pytest.approx((called == corpus.labels).mean())
    assert evaluation.metrics.accuracy == evaluation.metrics.bad_versus_good
    assert evaluation.metrics.confusion == confusion_matrix(corpus.labels, called).tolist()
    words = evaluation_page.compared(evaluation)
    assert words == "300 reviews; only bad and good may be answered, since the data has no average"


def test_a_model_of_two_classes_is_not_blamed_for_average_reviews(corpus):
    answers = made_answers(300, known=(0, 2))
    evaluation = evaluate(corpus, np.arange(300), answers)
    extreme = corpus.labels != 1
    right = answers.argmax(axis=1) == corpus.labels
    assert (evaluation.classes, evaluation.left_out) == (("bad", "good"), 60)
    assert not evaluation.forced
    assert evaluation.metrics.accuracy == pytest.approx(right[extreme].mean())
    words = evaluation_page.compared(evaluation)
    assert words == (
        "240 reviews; 60 average reviews are left out, since the model knows only bad and good"
    )


def test_two_classes_on_both_sides_are_compared_as_they_are(make_corpus):
    corpus = make_corpus(grouping="binary", ignore_middle=True)
    answers = made_answers(len(corpus), known=(0, 2))
    evaluation = evaluate(corpus, np.arange(len(corpus)), answers)
    called = answers[:, [0, 2]].argmax(axis=1)
    assert evaluation.metrics.accuracy == pytest.approx((called == corpus.labels).mean())
    assert not evaluation.forced
    assert evaluation.left_out == 0


def test_calibration_is_measured_on_what_may_be_answered(make_corpus):
    corpus = make_corpus(grouping="binary")
    certain = np.array([[0.6, 0.4, 0.0], [0.0, 0.4, 0.6]])[corpus.labels] + 1e-9
    calibration = evaluate(corpus, np.arange(300), certain).calibration
    assert calibration.expected_calibration_error == pytest.approx(0, abs=1e-6)
    assert calibration.brier_score == pytest.approx(0, abs=1e-6)


def test_nothing_to_measure_on_is_an_error(corpus):
    with pytest.raises(EvaluationError, match="no review to measure on"):
        evaluate(corpus, np.array([], dtype=int), np.empty((0, 3)))


def test_any_number_of_rows_is_answered_in_their_order(corpus):
    class Echo:
        """Answers with the number in the text."""

        description = "echo"

        def probabilities(self, texts):
            assert len(texts) <= CHUNK
            return np.array([[float(text.split()[1]), 0, 0] for text in texts])

    rows, done = np.tile(np.arange(299, -1, -1), 5), []
    answers = answer(Echo(), corpus, rows, done.append)
    assert answers[:, 0].tolist() == rows.tolist()
    assert sum(done) == len(rows)


def test_tables_line_up_and_are_markdown():
    shown = table(("name", "n"), [("a", 1), ("longer", 1000)])
    assert shown.splitlines() == [
        "| name   |    n |",
        "| ------ | ---: |",
        "| a      |    1 |",
        "| longer | 1000 |",
    ]


def figures_of(result, path):
    assert (result.code, result.err) == (0, "")
    return json.loads(path.read_text())


def test_a_run_is_measured_on_its_own_validation_reviews(small_run, run_script, tmp_path):
    path = tmp_path / "figures.json"
    result = run_script("evaluate", small_run, "--json", path)
    figures = figures_of(result, path)
    corpus = Corpus.open(small_run / checkpoint.CORPUS)
    rows = corpus.rows(VALIDATION)
    called = open_model(str(small_run)).probabilities(corpus.texts_at(rows)).argmax(axis=1)
    accuracy = accuracy_score(corpus.labels[rows], called)
    assert figures["metrics"]["accuracy"] == pytest.approx(accuracy)
    assert figures["model"] == "checkpoint small (tiny), fp32"
    interval = figures["intervals"]["accuracy"]
    for words in (
        "model: checkpoint small (tiny), fp32",
        "data: validation rows of the run small",
        "compared: 150 reviews\n",
        f"{accuracy:.4f} | {interval['low']:.4f} to {interval['high']:.4f} |",
        "| reviews.csv |     150 |",
        "| expected calibration error ",
        "| average |",
    ):
        assert words in result.out


@pytest.mark.parametrize(("rows", "count"), [("validation", 150), ("training", 450), ("all", 600)])
def test_any_side_of_a_run_can_be_measured(small_run, small_mar, run_script, rows, count):
    result = run_script("evaluate", small_mar, "--run", small_run, "--rows", rows)
    assert result.code == 0
    assert f"data: {rows} rows of the run small\ncompared: {count} reviews\n" in result.out


def test_other_reviews_in_other_formats_are_measured_whole(
    small_mar, run_script, tmp_path, write_reviews
):
    lines = write_reviews(tmp_path / "r.csv", 90, seed=5).read_text().splitlines()
    path, figures = tmp_path / "r.ndjson", tmp_path / "figures.json"
    rows = [
        {"words": row["text"], "stars": row["rating"], "shop": "x"} for row in csv.DictReader(lines)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    options = ["--text-column", "words", "--label-column", "stars", "--label-kind", "stars"]
    result = run_script(
        "evaluate",
        small_mar,
        "--data",
        path,
        *options,
        "--source-column",
        "shop",
        "--json",
        figures,
    )
    measured = figures_of(result, figures)
    assert measured["metrics"]["reviews"] == 90
    assert measured["metrics"]["accuracy"] > 0.9
    assert list(measured["sources"]) == ["x"]


def test_a_part_of_other_reviews_can_be_split_off(small_mar, run_script, reviews):
    options = ["--validation", "0.5", "--no-near-duplicates"]
    result = run_script("evaluate", small_mar, "--data", reviews, *options)
    assert "compared: 300 reviews\n" in result.out
    assert "data: validation rows of" in result.out


def test_binary_data_is_compared_with_a_model_of_three_classes(small_mar, run_script, reviews):
    options = ["--grouping", "binary", "--ignore-middle"]
    result = run_script("evaluate", small_mar, "--data", reviews, *options)
    assert "compared: 400 reviews; only bad and good may be answered" in result.out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["MAR"], "name the reviews to measure on with --data or --run"),
        (["MAR", "--data", "CSV", "--run", "RUN"], "not both"),
        (["RUN", "--grouping", "binary"], "need --data"),
        (["nowhere", "--data", "CSV"], "neither an address, a .mar file nor"),
        (["MAR", "--data", "absent.csv"], "absent.csv"),
        (["MAR", "--data", "CSV", "--keep", "x"], "COLUMN=VALUE"),
        (["MAR", "--data", "CSV", "--ignore-middle"], "add --grouping binary"),
        (["MAR", "--data", "CSV", "--label-column", "score"], "no column `score`"),
        (["MAR", "--run", "nowhere"], "no prepared reviews in nowhere"),
        (["MAR", "--run", "RUN", "--rows", "some"], "--rows"),
    ],
)
def test_a_mistake_is_one_readable_line(
    small_mar, small_run, reviews, run_script, arguments, reason
):
    places = {"MAR": small_mar, "RUN": small_run, "CSV": reviews}
    result = run_script("evaluate", *[places.get(word, word) for word in arguments])
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("error: ")
    assert reason in result.err


@pytest.mark.integration
def test_an_address_that_does_not_answer_is_one_readable_line(reviews, run_script):
    result = run_script("evaluate", "http://127.0.0.1:9", "--data", reviews)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "http://127.0.0.1:9/predictions/sentiment does not answer" in result.err


@pytest.mark.parametrize("label", LABELS)
def test_every_class_has_a_row(small_run, run_script, label):
    assert f"\n| {label.ljust(7)} |" in run_script("evaluate", small_run).out
