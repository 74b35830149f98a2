import importlib.util
import json
import re
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import charcnn
from charcnn.inference import METADATA, Classifier
from charcnn.scoring import LABELS
from trainer import checkpoint
from trainer.archive import choose_precision, measure_graph, require_version
from trainer.card import rows_by_file
from trainer.checkpoint import Trained
from trainer.config import DataConfig, SplitConfig
from trainer.data.corpus import VALIDATION, Corpus
from trainer.data.prepare import prepare
from trainer.errors import ArchiveError, ModelError
from trainer.export import export
from trainer.models import open_model

MODEL_SERVER = Path(__file__).parents[2] / "services" / "model_server"
TEXTS = ["great shop 12345", "awful shop 34567", "so-so shop 56789", "é", "x" * 3000]


@pytest.fixture
def load_handler():
    """Give the function that makes the handler in a file, as TorchServe does."""

    def load(path):
        spec = importlib.util.spec_from_file_location("archived_handler", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.SentimentHandler()

    return load


@pytest.fixture(scope="module")
def card(small_mar):
    return json.loads(small_mar.with_suffix(".json").read_text())


@pytest.fixture(scope="module")
def page(small_mar):
    return small_mar.with_suffix(".md").read_text()


@pytest.fixture(scope="module")
def corpus(small_run):
    return Corpus.open(small_run / checkpoint.CORPUS)


def test_the_archive_holds_charcnn_byte_for_byte(small_mar):
    package = Path(charcnn.__file__).parent
    with zipfile.ZipFile(small_mar) as archived:
        names = {name for name in archived.namelist() if name.startswith("charcnn/")}
        assert names == {f"charcnn/{path.name}" for path in package.glob("*.py")}
        assert all(archived.read(n) == (package.parent / n).read_bytes() for n in names)
        for name in ("handler.py", "model-config.yaml"):
            assert archived.read(name) == (MODEL_SERVER / name).read_bytes()


def test_the_archive_has_the_runs_name_and_its_version(small_mar):
    with zipfile.ZipFile(small_mar) as archived:
        model = json.loads(archived.read("MAR-INF/MANIFEST.json"))["model"]
    assert (model["modelName"], model["modelVersion"]) == ("tiny-sentiment", "7.1")
    assert open_model(str(small_mar)).description == "tiny.mar version 7.1, int8"


def test_the_archived_graph_knows_how_texts_are_read(small_mar, small_run, tmp_path):
    with zipfile.ZipFile(small_mar) as archived:
        classifier = Classifier(Path(archived.extract("int8.onnx", tmp_path)))
    assert classifier.interface == checkpoint.load(small_run).interface
    assert METADATA == "charcnn"


def test_the_archive_answers_as_its_own_handler_does(small_mar, tmp_path, load_handler):
    with zipfile.ZipFile(small_mar) as archived:
        archived.extractall(tmp_path)
    manifest = json.loads((tmp_path / "MAR-INF" / "MANIFEST.json").read_text())
    handler = load_handler(tmp_path / "handler.py")
    handler.initialize(
        SimpleNamespace(manifest=manifest, system_properties={"model_dir": tmp_path})
    )
    context = SimpleNamespace(
        set_response_content_type=lambda *_: None, get_request_header=lambda *_: None
    )
    answers = handler.handle([{"body": {"review": text}} for text in TEXTS], context)
    served = [[answer["probabilities"][label] for label in LABELS] for answer in answers]
    np.testing.assert_allclose(
        served, open_model(str(small_mar)).probabilities(TEXTS), atol=1e-6, rtol=0
    )
    assert {answer["model_version"] for answer in answers} == {"7.1"}


def test_archive_and_run_answer_alike(small_mar, small_run):
    of_mar, of_run = (
        open_model(str(place)).probabilities(TEXTS) for place in (small_mar, small_run)
    )
    assert of_mar[:3].argmax(axis=1).tolist() == of_run[:3].argmax(axis=1).tolist() == [2, 0, 1]
    assert open_model(str(small_run)).description == "checkpoint small (tiny), fp32"


def test_the_cards_figures_are_those_of_the_archive_on_the_validation_reviews(
    card, small_mar, corpus
):
    rows = corpus.rows(VALIDATION)
    called = open_model(str(small_mar)).probabilities(corpus.texts_at(rows)).argmax(axis=1)
    shipped = card["metrics"]["int8"]
    assert shipped["reviews"] == len(rows) == 150
    assert shipped["accuracy"] == pytest.approx((called == corpus.labels[rows]).mean())
    assert card["intervals"]["accuracy"]["low"] <= shipped["accuracy"]
    assert shipped["accuracy"] <= card["intervals"]["accuracy"]["high"]
    assert card["sources"]["reviews.csv"]["reviews"] == 150
    assert 0 <= card["calibration"]["expected_calibration_error"] <= 1
    assert set(card["metrics"]) == set(card["milliseconds"]) == set(card["graph_megabytes"])


def test_the_card_tells_data_configuration_and_commands(card, page, corpus):
    assert (card["name"], card["version"], card["precision"]) == ("tiny-sentiment", "7.1", "int8")
    assert card["data_sha256"] == corpus.digest
    assert (
        card["rows"]
        == rows_by_file(corpus)
        == {"reviews.csv": {"training": 450, "validation": 150}}
    )
    assert card["options"]["data.data"] == ["reviews.csv"]
    assert card["options"]["text.length"] == 150
    assert "data.encoding" not in card["options"]
    for words in (
        "# Model card: tiny-sentiment 7.1",
        f"| accuracy          | {card['metrics']['int8']['accuracy']:.4f} |",
        corpus.digest,
        "`text.length` = 150",
        "Of every class 25 % are held out",
        "| expected calibration error ",
        "python training/train.py --data reviews.csv --out runs/small",
        "python training/evaluate.py tiny.mar --run small",
    ):
        assert words in page


def test_the_card_names_no_folder_of_this_machine(card, page, small_run):
    assert str(small_run.parent) not in page
    assert str(small_run.parent) not in json.dumps(card)


def test_the_comparison_is_a_section_of_the_card(page):
    section = "## Against the baselines\n\n| model | accuracy |\n|---|---|\n| a coin | 0.5 |\n\n## "
    assert section in page


@pytest.fixture(scope="module")
def measured(small_run, corpus, tmp_path_factory):
    """The run's graphs, and an int8 graph of a network that learnt nothing."""
    trained = checkpoint.load(small_run)
    folder = tmp_path_factory.mktemp("graphs")
    texts = corpus.texts_at(range(40))
    graphs = export(trained, folder, texts)
    torch.manual_seed(1)
    fresh = trained.network.config.build()
    fresh.train()(torch.from_numpy(trained.interface.reading.encode(texts)).int())
    (folder / "spoilt").mkdir()
    spoilt = export(Trained("tiny", fresh.eval(), trained.interface), folder / "spoilt", texts)
    done = []
    figures = [
        measure_graph(graph, corpus, done.append)
        for graph in (graphs.fp32, graphs.int8, spoilt.int8)
    ]
    assert sum(done) == 3 * 150
    return figures


def test_int8_is_taken_where_it_loses_little(measured):
    fp32, int8, _ = measured
    choice = choose_precision({"int8": int8, "fp32": fp32}, "auto")
    assert choice.precision == "int8"
    assert f"{int8.weighted_f1:.4f} in int8" in choice.reason
    assert choose_precision({"int8": int8, "fp32": fp32}, "fp32").precision == "fp32"


def test_fp32_is_taken_where_int8_loses_too_much_and_says_so(measured):
    fp32, _, spoilt = measured
    choice = choose_precision({"int8": spoilt, "fp32": fp32}, "auto")
    assert choice.precision == "fp32"
    assert f"a loss of {fp32.weighted_f1 - spoilt.weighted_f1:.4f} where 0.005 is allowed" in (
        choice.reason
    )


def test_int8_is_refused_where_it_loses_too_much(measured):
    fp32, _, spoilt = measured
    with pytest.raises(ArchiveError, match=r"int8 is refused: weighted F1 on 150 .*in fp32"):
        choose_precision({"int8": spoilt, "fp32": fp32}, "int8")


def test_measurements_tell_size_and_time(measured):
    fp32, int8, _ = measured
    assert 0 < int8.megabytes < fp32.megabytes
    assert int8.milliseconds > 0


def refused(run_script, *arguments):
    result = run_script("archive", *arguments)
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch("error: [^\n]+\n", result.err)
    return result.err


def test_a_run_without_validation_reviews_is_refused_with_advice(
    small_run, reviews, tmp_path, run_script
):
    folder = tmp_path / "run"
    shutil.copytree(small_run, folder)
    data = DataConfig(data=(str(reviews),))
    prepare(data, SplitConfig(validation=0), folder / checkpoint.CORPUS, lambda _rows: None)
    error = refused(run_script, folder, "--out", tmp_path / "x.mar")
    assert "--validation 0.1" in error
    assert not (tmp_path / "x.mar").exists()


def test_a_run_that_has_not_ended_is_refused(small_run, tmp_path, run_script):
    folder = tmp_path / "run"
    shutil.copytree(small_run, folder)
    (folder / checkpoint.RUN).unlink()
    assert "has the training run ended?" in refused(run_script, folder)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--version", "1/2"], "a version has letters"),
        (["--out", "x.json"], "NAME.mar"),
        (["--comparison", "absent.md"], "absent.md"),
        (["--precision", "int4"], "--precision"),
    ],
)
def test_options_that_make_no_sense_are_refused(small_run, run_script, options, reason):
    assert reason in refused(run_script, small_run, *options)


def test_a_folder_that_is_no_run_is_refused(tmp_path, run_script):
    assert "is it a run's folder?" in refused(run_script, tmp_path)


@pytest.mark.parametrize("version", ["1", "1.0.2-rc_3", "20261124-063000"])
def test_versions_may_be_what_an_address_can_hold(version):
    require_version(version)


def test_without_options_the_archive_goes_to_the_model_store(load_script):
    script = load_script("archive")
    assert script.target(None, "sentiment") == script.CHECKOUT / "model-store" / "sentiment.mar"
    assert script.from_checkout(script.target(None, "other")) == "model-store/other.mar"


def test_a_file_that_is_no_archive_of_ours_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.mar", "w") as archive:
        archive.writestr("readme", "nothing")
    with pytest.raises(ModelError, match="is no archive"):
        open_model(str(tmp_path / "x.mar"))
