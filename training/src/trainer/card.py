"""The model card, after Mitchell et al. 2019, https://arxiv.org/abs/1810.03993.

`render` makes the page from the figures that the archiving script gathers and keeps as JSON.
"""

from collections.abc import Mapping
from typing import Any

from charcnn.scoring import LABELS


def render(card: Mapping[str, Any]) -> str:
    """Return the card as Markdown."""
    sections = [_head(card), _data(card), _results(card), _precision(card), _limits(), _again(card)]
    return "\n\n".join(sections) + "\n"


def _head(card: Mapping[str, Any]) -> str:
    return f"""# Model card: sentiment {card["version"]}

A character-level convolutional network (the small one of Zhang, Zhao and LeCun 2015) that calls
an English customer review bad (1-2 stars), average (3) or good (4-5). Made on {card["created"]}
by code revision `{card["code_revision"]}`.

| | |
|---|---|
| parameters | {card["parameters"]:,} |
| precision shipped | {card["precision"]} |
| size of the archive | {card["megabytes"]:.1f} MB |
| one review, one thread | {card["milliseconds"][card["precision"]]:.2f} ms ({_other(card)}) |
| reads | the last 1014 characters |"""


def _other(card: Mapping[str, Any]) -> str:
    return f"fp32 {card['milliseconds']['fp32']:.2f} ms, same run"


def _data(card: Mapping[str, Any]) -> str:
    rows = "\n".join(
        f"| {name} | {counts['training']:,} | {counts['validation']:,} |"
        for name, counts in card["rows"].items()
    )
    return f"""## Data and split

| file | rows to train on | rows to validate on |
|---|---|---|
{rows}

Digest of all rows: `{card["data_sha256"]}`.
Rows that name a company are held out by company (20 of 100), others by their text (2 of 100),
both by hash, so that the split is the same wherever it is made; within each file the validation
rows are balanced over the classes. The best epoch was chosen on these same validation reviews,
so that the figures are slightly flattering."""


def _results(card: Mapping[str, Any]) -> str:
    shipped = card["metrics"][card["precision"]]
    parts = "\n".join(
        f"| {name} | {m['reviews']:,} | {m['accuracy']:.4f} | {m['weighted_f1']:.4f} "
        f"| {m['bad_versus_good']:.4f} |"
        for name, m in {"all": shipped, **card["by_file"]}.items()
    )
    classes = "\n".join(
        f"| {label} | {m['precision']:.3f} | {m['recall']:.3f} | {m['f1']:.3f} | {m['support']} |"
        for label, m in shipped["classes"].items()
    )
    return f"""## Results on the validation reviews

| reviews of | reviews | accuracy | weighted F1 | bad versus good |
|---|---|---|---|---|
{parts}

| class | precision | recall | F1 | reviews |
|---|---|---|---|---|
{classes}

Confusion matrix (rows: what the reviews are; columns: what they were called):

{confusion_table(shipped["confusion"])}"""


def confusion_table(matrix: list[list[int]]) -> str:
    """Return the confusion matrix as a Markdown table."""
    head = f"| | {' | '.join(LABELS)} |\n|---|{'---|' * len(LABELS)}"
    rows = [
        f"| {label} | {' | '.join(str(count) for count in counts)} |"
        for label, counts in zip(LABELS, matrix, strict=True)
    ]
    return "\n".join([head, *rows])


def _precision(card: Mapping[str, Any]) -> str:
    rows = "\n".join(
        f"| {name} | {m['accuracy']:.4f} | {m['weighted_f1']:.4f} "
        f"| {card['milliseconds'][name]:.2f} | {card['graph_megabytes'][name]:.1f} |"
        for name, m in card["metrics"].items()
    )
    return f"""## int8 against fp32

| graph | accuracy | weighted F1 | ms a review | MB |
|---|---|---|---|---|
{rows}

int8 is shipped only where it loses at most 0.005 of weighted F1."""


def _limits() -> str:
    return """## Limits

English only. Trained on public reviews of shops, apps, places and companies; other kinds of text
will be called wrongly with confidence. Average reviews are the hardest: many read as plain
complaints. Characters outside the alphabet (accents, other scripts, emoji) are not seen. The score
is a help for a person who rates, not a judgement to act on alone."""


def _again(card: Mapping[str, Any]) -> str:
    return f"""## The same figures again

```sh
{card["training_command"]}
{card["archiving_command"]}
{card["evaluation_command"]}
```

In place of the archive, the last command takes the address of a running TorchServe."""
