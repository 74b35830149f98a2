"""Checks of what an archive costs: time, size, and what int8 loses."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from charcnn.inference import Classifier
from trainer.archive import milliseconds_a_review
from trainer.gate.check import Check, at_least, at_most, skipped
from trainer.gate.limits import Limits

ROUNDS = 10


def quickest_milliseconds(models: Sequence[Classifier], texts: Sequence[str]) -> list[float]:
    """Return each model's time for a review alone: the mean over `texts` in the quickest round.

    The models take turns, and the quickest round is the one that others disturbed least.
    """
    rounds = [[milliseconds_a_review(model, texts) for model in models] for _ in range(ROUNDS)]
    return [float(one) for one in np.min(rounds, axis=0)]


def latency(candidate: float, production: float | None, limits: Limits) -> Check:
    """Return the check of the milliseconds that a review takes."""
    limit = limits.milliseconds
    if production is not None:
        limit = min(limit, max(limits.quick, limits.slowdown * production))
    detail = f"{candidate:.2f} ms a review on one thread, where {limit:.2f} are allowed"
    return at_most("latency", candidate, limit, detail)


def size(megabytes: float, limits: Limits) -> Check:
    """Return the check of the archive's size."""
    detail = f"{megabytes:.2f} MB, where {limits.megabytes:g} are allowed"
    return at_most("size", megabytes, limits.megabytes, detail)


def precision(card: dict[str, Any] | None, limits: Limits) -> Check:
    """Return the check of int8 against fp32, which the card was measured by.

    Cards have on how many validation reviews both name the same class; older ones the F1 alone.
    """
    name = "int8 against fp32"
    if card is None:
        return skipped(name, "the archive has no card")
    if card["precision"] == "fp32":
        return skipped(name, "the archive computes in fp32")
    if "agreement" in card:
        agreement, least = float(card["agreement"]), limits.precision_agreement
        detail = f"the same class on {agreement:.4f} of the validation reviews, {least:g} needed"
        return at_least(name, agreement, least, detail)
    int8, fp32 = (float(card["metrics"][one]["weighted_f1"]) for one in ("int8", "fp32"))
    detail = f"{fp32 - int8:.4f} of weighted F1 lost, where {limits.precision_loss:g} are allowed"
    return at_most(name, fp32 - int8, limits.precision_loss, detail)
