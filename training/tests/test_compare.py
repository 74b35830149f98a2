import json

from trainer import checkpoint
from trainer.data.corpus import VALIDATION, Corpus


def test_the_baseline_is_measured_on_the_runs_own_split(run_script, small_run, tmp_path):
    out = tmp_path / "baseline.json"
    said = run_script("baseline", small_run, "--json", out)
    assert said.code == 0, said.err
    figures = json.loads(out.read_text())
    corpus = Corpus.open(small_run / checkpoint.CORPUS)
    assert figures["metrics"]["reviews"] == len(corpus.rows(VALIDATION))
    assert figures["metrics"]["accuracy"] > 0.9
    assert "TF-IDF and logistic regression" in said.out


def test_models_are_lines_of_one_table_and_draws_of_one_are_averaged(run_script, tmp_path):
    for name, right in (("a", 8), ("b", 6), ("c", 5)):
        wrong = 10 - right
        recall = {"recall": right / 10, "f1": right / 10}
        metrics = {
            "accuracy": right / 10,
            "balanced_accuracy": right / 10,
            "weighted_f1": wrong / 10,
            "bad_versus_good": 0.5,
            "classes": dict.fromkeys(("bad", "average", "good"), recall),
        }
        (tmp_path / f"{name}.json").write_text(json.dumps({"metrics": metrics}))
    pairs = [f"one={tmp_path}/a.json", f"two={tmp_path}/b.json", f"two={tmp_path}/c.json"]
    said = run_script("compare", *pairs)
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in said.out.splitlines()]
    assert said.code == 0
    assert lines[2][:4] == ["one", "0.8000", "0.8000", "0.2000"]
    assert lines[3][:2] == ["two", "0.5500 ± 0.0707"]


def test_a_pair_without_a_file_is_one_readable_line(run_script):
    said = run_script("compare", "words")
    assert said.code == 2
    assert said.err == "error: give NAME=FILE, not 'words'\n"
