import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional

from trainer.batches import Batch
from trainer.config import LossConfig
from trainer.losses import make_loss
from trainer.student import Outputs
from trainer.teacher import Lesson

LABELS = torch.tensor([0, 1, 2, 2, 2, 1])
LOGITS = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))


STARS = torch.tensor([1, 3, 5, 4, 0, 0])


def batch(part=slice(None), lesson=None):
    return Batch(torch.zeros(6, 4)[part], LABELS[part], STARS[part], LABELS, lesson)


def value(config, stars=None, states=None, lesson=None):
    outputs = Outputs(LOGITS, stars, states)
    return make_loss(config, LABELS.numpy(), 3)(outputs, batch(lesson=lesson))


def test_plain_cross_entropy_is_torchs():
    expected = functional.cross_entropy(LOGITS, LABELS, label_smoothing=0.1)
    torch.testing.assert_close(value(LossConfig(label_smoothing=0.1)), expected)


def test_balanced_weights_are_those_of_scikit_learn():
    config = LossConfig(class_weights="balanced", balanced_sampler=False, label_smoothing=0)
    weights = compute_class_weight("balanced", classes=np.arange(3), y=LABELS.numpy())
    expected = functional.cross_entropy(LOGITS, LABELS, torch.tensor(weights).float())
    torch.testing.assert_close(value(config), expected)


def test_focal_loss_follows_its_formula():
    config = LossConfig(loss="focal", focal_gamma=1.5, label_smoothing=0)
    sure = LOGITS.softmax(1)[range(6), LABELS]
    torch.testing.assert_close(value(config), (-((1 - sure) ** 1.5) * sure.log()).mean())


def test_focal_loss_with_gamma_0_is_cross_entropy():
    config = LossConfig(loss="focal", focal_gamma=0.0, label_smoothing=0)
    torch.testing.assert_close(value(config), functional.cross_entropy(LOGITS, LABELS))


def test_a_teacher_has_its_share():
    lesson = Lesson(torch.randn(6, 3), torch.zeros(0, 4), torch.zeros(6, 2, dtype=torch.bool))
    config = LossConfig(teacher="a", teacher_share=0.25, temperature=3.0, label_smoothing=0)
    hard = functional.cross_entropy(LOGITS, LABELS)
    wanted, given = (lesson.logits / 3).softmax(1), (LOGITS / 3).softmax(1)
    soft = 9 * (wanted * (wanted / given).log()).sum(1).mean()
    torch.testing.assert_close(value(config, lesson=lesson), 0.75 * hard + 0.25 * soft)


def test_only_reviews_with_stars_teach_the_stars():
    stars = torch.randn(6, 5)
    config = LossConfig(stars_weight=0.5, label_smoothing=0)
    known = functional.cross_entropy(stars[:4], STARS[:4] - 1, reduction="sum") / 6
    plain = functional.cross_entropy(LOGITS, LABELS)
    torch.testing.assert_close(value(config, stars=stars), plain + 0.5 * known)


def test_only_words_that_the_teacher_knows_are_compared():
    known = torch.zeros(6, 2, dtype=torch.bool)
    known[0, 1] = known[3, 0] = True
    states, wanted = torch.randn(6, 2, 4), torch.randn(2, 4)
    config = LossConfig(teacher="a", teacher_share=0.0, states_weight=2.0, label_smoothing=0)
    missed = ((states[known] - wanted) ** 2).mean()
    lesson = Lesson(LOGITS, wanted, known)
    expected = functional.cross_entropy(LOGITS, LABELS) + 2 * missed
    torch.testing.assert_close(value(config, states=states, lesson=lesson), expected)


@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_the_shares_of_two_processes_add_up_to_the_loss_of_one(weights):
    loss = make_loss(
        LossConfig(class_weights=weights, balanced_sampler=weights == "none"), LABELS.numpy(), 3
    )
    halves = [slice(n, None, 2) for n in range(2)]
    parts = [loss(Outputs(LOGITS[part], None, None), batch(part)) for part in halves]
    torch.testing.assert_close(sum(parts), loss(Outputs(LOGITS, None, None), batch()))
