"""What the policy makes of evidence: chance decides nothing, and too little of it neither."""

import random
from collections import Counter

import pytest

from review_api.agreement import Scored
from review_api.canary_schemas import CanaryPolicy
from review_api.measurements import Call, Calls
from review_api.policy import Evidence, judge

POLICY = CanaryPolicy()
MIX = {"bad": 0.2, "average": 0.1, "good": 0.7}
"""The classes of people's ratings: most are content."""


def calls(fast=0, slow=0, failed=0):
    took = {5.0: fast, 900.0: slow, None: failed}
    return Calls(
        {Call("", "canary", 0, milliseconds).bucket: count for milliseconds, count in took.items()}
    )


def scored(rated, agreeing):
    return Scored(Counter(), Counter(good=rated), Counter(good=agreeing))


def evidence(fast=400, slow=0, failed=0, rated=400, agreeing=320):
    return Evidence(calls(fast, slow, failed), scored(rated, agreeing))


OLD = evidence()


@pytest.mark.parametrize(
    ("new", "old", "verdict"),
    [
        (evidence(), OLD, "good"),
        (evidence(agreeing=400), OLD, "good"),
        (evidence(agreeing=200), OLD, "worse"),
        (evidence(agreeing=301), OLD, "good"),
        (evidence(agreeing=290), OLD, "wait"),
        (evidence(fast=199), OLD, "wait"),
        (evidence(fast=199, agreeing=0), OLD, "wait"),
        (evidence(rated=49, agreeing=0), OLD, "wait"),
        (evidence(rated=50, agreeing=0), OLD, "worse"),
        (evidence(agreeing=0), evidence(fast=199), "wait"),
        (evidence(agreeing=0), evidence(rated=49, agreeing=49), "wait"),
        (evidence(fast=0, failed=199, rated=0, agreeing=0), OLD, "wait"),
        (evidence(fast=0, failed=200, rated=0, agreeing=0), OLD, "worse"),
        (evidence(fast=396, failed=4), OLD, "good"),
        (evidence(fast=395, failed=5), OLD, "worse"),
        (evidence(fast=396, slow=4), OLD, "good"),
        (evidence(fast=395, slow=5), OLD, "worse"),
    ],
)
def test_each_figure_has_its_limit(new, old, verdict):
    judgement = judge(POLICY, new, old)
    assert (judgement.verdict, bool(judgement.reason)) == (verdict, True)


def test_the_policys_own_limits_count():
    patient = POLICY.model_copy(update={"least_answers": 401})
    assert judge(patient, evidence(agreeing=0), OLD).verdict == "wait"
    generous = POLICY.model_copy(update={"agreement_drop": 0.5})
    assert judge(generous, evidence(agreeing=200), OLD).verdict == "good"
    slow = POLICY.model_copy(update={"p99_ms": 1000})
    assert judge(slow, evidence(fast=300, slow=100), OLD).verdict == "good"


class Model:
    """Agrees with people as often as it does, by class, if it does not say the same always."""

    def __init__(self, dice, agreement=0.8, always=None):
        self.dice, self.agreement, self.always = dice, agreement, always
        self.rated, self.agreeing = Counter(), Counter()

    def score(self, count):
        for person in self.dice.choices(list(MIX), list(MIX.values()), k=count):
            self.rated[person] += 1
            agrees = person == self.always if self.always else self.dice.random() < self.agreement
            self.agreeing[person] += agrees

    def evidence(self):
        total = self.rated.total()
        return Evidence(calls(total), Scored(Counter(), self.rated, self.agreeing))


def verdicts_while_it_runs(seed, share=0.05, looks=100, **canary):
    """Return the verdicts until one is final, looking after every ten reviews of the canary."""
    dice = random.Random(seed)
    new, old = Model(dice, **canary), Model(dice)
    for _ in range(looks):
        new.score(10)
        old.score(int(10 / share) - 10)
        verdict = judge(POLICY, new.evidence(), old.evidence()).verdict
        if verdict != "wait":
            return verdict
    return "wait"


def test_a_model_that_always_says_good_is_found_out_20_of_20_times_though_most_people_are_content():
    found = [verdicts_while_it_runs(seed, always="good") for seed in range(20)]
    assert found == ["worse"] * 20


def test_a_model_as_good_as_production_is_hardly_ever_taken_for_a_worse_one():
    found = Counter(verdicts_while_it_runs(seed) for seed in range(500))
    assert found["worse"] <= 2
    assert found["wait"] <= 2


def test_a_better_model_is_never_taken_for_a_worse_one():
    found = Counter(verdicts_while_it_runs(seed, agreement=0.85) for seed in range(200))
    assert found == {"good": 200}


def test_a_clearly_worse_model_is_not_taken_for_a_good_one():
    found = Counter(verdicts_while_it_runs(seed, agreement=0.6) for seed in range(200))
    assert found["good"] <= 2
