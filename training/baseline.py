"""Train TF-IDF with logistic regression on a run's reviews: what a network has to beat.

python training/baseline.py runs/first
python training/baseline.py runs/first --json baseline.json
python training/baseline.py runs/first --mixture 25 --mixture 8 --mixture 67
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from charcnn.inference import Probabilities, spread
from trainer import checkpoint, command_line, evaluation, evaluation_page, mixture
from trainer.data.corpus import TRAINING, VALIDATION, Corpus
from trainer.errors import ConfigError
from trainer.files import replace_text
from trainer.sampling import Rows, row_weights

STRENGTH = 3.0
"""The inverse of the penalty."""


def answers(corpus: Corpus, held_out: Rows, shares: tuple[float, ...]) -> Probabilities:
    """Return the probabilities for `held_out`; classes weigh the same, files as the run says."""
    rows = corpus.rows(TRAINING)
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float32)
    known = words.fit_transform(corpus.texts_at(rows))
    weights = row_weights(corpus, rows, shares, balanced=True)
    totals = np.bincount(corpus.labels[rows], weights)
    weights /= totals[corpus.labels[rows]]
    model = LogisticRegression(C=STRENGTH, max_iter=300)
    model.fit(known, corpus.labels[rows], sample_weight=weights / weights.mean())
    asked = words.transform(corpus.texts_at(held_out))
    return spread(model.predict_proba(asked), corpus.label_names)


def main(
    run: Annotated[Path, typer.Argument(help="Folder of the run whose reviews to take.")],
    *,
    source: Annotated[
        str | None, typer.Option(help="Measure on the reviews of this source alone.")
    ] = None,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Measure on as many reviews of each class.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures to this file, too.")
    ] = None,
    shares: mixture.Option = None,
) -> None:
    """Train TF-IDF with logistic regression on a run's reviews and measure it like the network."""
    chosen, expected = checkpoint.load_config(run), mixture.shares_of(shares)
    corpus = Corpus.open(run / checkpoint.CORPUS)
    rows = corpus.rows_of([VALIDATION], source)
    rows = corpus.balanced(rows) if balanced else rows
    if not len(rows):
        raise ConfigError(f"the run in {run} has no validation reviews")
    found = mixture.adjust(answers(corpus, rows, chosen.data.weight), expected)
    figures = evaluation.evaluate(corpus, rows, found)
    compared = f"{evaluation_page.compared(figures)}{mixture.noted(expected)}"
    typer.echo(f"TF-IDF and logistic regression, {compared}\n")
    typer.echo(evaluation_page.render(figures))
    if json_file:
        replace_text(json_file, json.dumps(figures.as_dict(), indent=2) + "\n")


if __name__ == "__main__":
    command_line.run(main)
