"""How sure the gate's comparison is, on made answers whose truth is known."""

import numpy as np
import pytest

from charcnn.scoring import LABELS
from trainer.gate import paired, quality
from trainer.gate.labelled import Labelled
from trainer.gate.limits import Limits

LIMITS = Limits()
GOLDEN = np.repeat([0, 1, 2], 100)
ALIKE = 0.8
"""On how many reviews two models of equal making do the same; measured ones agree on more."""


def labelled(labels, name="golden"):
    return Labelled(name, ["a review"] * len(labels), labels, "")


def answers_of(called):
    """Return sure answers of the classes named."""
    return np.eye(len(LABELS))[called] * 0.9 + 0.1 / 3


def made_model(labels, accuracy, random):
    """Return the classes that a model of this accuracy names; its errors fall anywhere."""
    wrong = (labels + random.integers(1, 3, len(labels))) % 3
    return np.where(random.random(len(labels)) < accuracy, labels, wrong)


def made_pair(labels, accuracy, lost, seed):
    """Return the answers of two models, of which the first has lost so much accuracy."""
    random = np.random.default_rng(seed)
    both, *own = (made_model(labels, accuracy, random) for _ in range(3))
    together = random.random(len(labels)) < ALIKE
    ours, theirs = (np.where(together, both, one) for one in own)
    spoilt = random.random(len(labels)) < lost / accuracy
    return answers_of(np.where(spoilt, (labels + 1) % 3, ours)), answers_of(theirs)


def failures(labels, accuracy, lost, rounds, name="golden"):
    """Return in how many rounds the comparison fails the first model."""
    reviews = labelled(labels, name)
    verdicts = [
        {
            one.verdict
            for one in quality.drops(reviews, *made_pair(labels, accuracy, lost, n), LIMITS)
        }
        for n in range(rounds)
    ]
    return sum("fail" in found for found in verdicts)


def test_a_model_as_good_as_production_passes_nearly_always():
    assert failures(GOLDEN, accuracy=0.77, lost=0, rounds=100) <= 1


def test_a_model_as_good_as_production_passes_on_few_and_uneven_reviews():
    labels = np.repeat([0, 1, 2], [25, 5, 50])
    assert failures(labels, accuracy=0.8, lost=0, rounds=100, name="recent") <= 2


def test_a_model_that_is_far_worse_fails_nearly_always():
    assert failures(GOLDEN, accuracy=0.77, lost=0.2, rounds=50) >= 49


@pytest.mark.parametrize("always", range(3), ids=LABELS)
def test_a_model_that_always_says_the_same_fails_20_of_20(always):
    for seed in range(20):
        random = np.random.default_rng(seed)
        labels = random.permutation(GOLDEN)
        production = answers_of(made_model(labels, 0.77, random))
        sabotaged = answers_of(np.full(len(labels), always))
        alone = list(quality.floors(labelled(labels), sabotaged, LIMITS))
        beside = list(quality.drops(labelled(labels), sabotaged, production, LIMITS))
        assert "fail" in {one.verdict for one in alone}
        assert "fail" in {one.verdict for one in beside}


def test_the_floors_name_what_is_wrong():
    labels = GOLDEN
    checks = {
        one.name: one
        for one in quality.floors(labelled(labels), answers_of(np.full(300, 2)), LIMITS)
    }
    assert checks["golden: recall good"].verdict == "pass"
    assert checks["golden: recall bad"].verdict == "fail"
    assert checks["golden: recall bad"].measured == 0
    assert checks["golden: recall bad"].detail.startswith("0 of 100 are called what they are")
    assert checks["golden: balanced accuracy"].measured == pytest.approx(1 / 3)


def test_nothing_is_said_of_a_class_with_few_reviews():
    labels = np.repeat([0, 1, 2], [60, 60, 3])
    answers = answers_of(labels)
    checks = [*quality.floors(labelled(labels), answers, LIMITS)]
    checks += quality.drops(labelled(labels), answers, answers, LIMITS)
    skipped = {one.name: one.detail for one in checks if one.verdict == "skipped"}
    assert skipped == dict.fromkeys(
        ("golden: recall good", "golden: recall good against production"),
        "3 reviews are too few, 20 are the least",
    )


def test_a_class_that_is_forgotten_fails_though_the_accuracy_is_held():
    theirs = np.where(np.arange(300) % 100 < 70, GOLDEN, (GOLDEN + 1) % 3)
    ours = np.where(np.arange(300) % 100 < 88, GOLDEN, (GOLDEN + 1) % 3)
    ours[100:200] = np.where(np.arange(100) < 34, 1, 0)
    checks = {
        one.name: one
        for one in quality.drops(labelled(GOLDEN), answers_of(ours), answers_of(theirs), LIMITS)
    }
    assert checks["golden: balanced accuracy against production"].verdict == "pass"
    assert checks["golden: recall average against production"].verdict == "fail"


def test_the_difference_is_that_of_the_balanced_accuracies():
    labels = np.array([0, 0, 0, 0, 1, 1, 2])
    ours = np.array([1, 1, 0, 0, 1, 1, 0], bool)
    theirs = np.array([1, 0, 0, 0, 1, 0, 1], bool)
    counts = paired.count(labels, ours, theirs)
    gain = paired.difference(counts, paired.balanced_gain)
    assert counts.sum() == 7
    assert counts[0].tolist() == [[2, 0], [1, 1]]
    assert gain.value == pytest.approx((1 / 4 + 1 / 2 - 1) / 3)
    assert gain.interval.low < gain.value < gain.interval.high


def test_the_interval_is_the_same_every_time_and_that_of_pairs_drawn_again():
    random = np.random.default_rng(3)
    labels = GOLDEN
    ours, theirs = random.random(300) < 0.8, random.random(300) < 0.7
    counts = paired.count(labels, ours, theirs)
    gain = paired.difference(counts, paired.balanced_gain)
    assert gain == paired.difference(counts, paired.balanced_gain)
    rows = random.integers(0, 300, (2000, 300))
    drawn = [
        float(paired.balanced_gain(paired.count(labels[one], ours[one], theirs[one])))
        for one in rows
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    assert gain.interval.low == pytest.approx(low, abs=0.01)
    assert gain.interval.high == pytest.approx(high, abs=0.01)


def test_without_any_review_there_is_no_difference():
    none = np.zeros(0, bool)
    counts = paired.count(np.zeros(0, np.int64), none, none)
    gain = paired.difference(counts, paired.recall_gain(0))
    assert gain.value == 0
    assert paired.not_worse("nothing", gain, 0.02).verdict == "fail"
