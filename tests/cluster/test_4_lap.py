"""The loop on a cluster: what people write changes the model under load, and it can go back.

And a model that likes everything does not get through: not by the gate, and, forced, not for long.
"""

import subprocess
import time
from pathlib import Path

import pytest
from bench.lap import people, sabotage, traffic
from bench.lap.owner import log_in, wait_for
from bench.lap.people import People
from bench.lap.served import Served, paired

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1500)]

SHIPPED = Path(__file__).parents[2] / "model-store" / "sentiment.mar"
PUBLISHER = "publisher"
ROUNDS = 20
"""How often the sabotaged model is forced on people."""


@pytest.fixture(scope="module")
def owner(cluster):
    who = cluster.secret("candor-admin")
    return log_in(cluster.address, who["username"], who["password"])


@pytest.fixture(scope="module")
def served(cluster):
    return Served(cluster.address)


@pytest.fixture(scope="module")
def visitors(cluster):
    return People(cluster.address, cluster.secret("candor-ui-token")["token"])


@pytest.fixture(scope="module")
def before(owner):
    """The version in production, trained in this cluster."""
    return owner.version_of("production") or owner.train("production")


@pytest.fixture(scope="module")
def lap(cluster, owner, served, before, visitors):
    """Train on what people write while visitors ask; gives the probes and what visitors saw."""
    served.wait_for(before)
    scores = served.probe()
    visitors.write([*people.ordinary(600), *people.planted(100)])
    owner.wait_until_scored()
    owner.use_all_held_back()
    with traffic.flowing(cluster.address) as seen:
        after = owner.train("production")
        served.wait_for(after)
        time.sleep(traffic.SETTLING)
    return after, seen, paired(scores, served.probe())


def test_what_people_wrote_changes_what_the_model_says(lap, before, owner):
    after, _, probes = lap
    assert after != before
    assert owner.gate_of(after)["verdict"] == "pass"
    assert all(probe.has_moved for probe in probes), probes


def test_no_request_fails_and_only_the_two_versions_answer(lap, before):
    after, seen, _ = lap
    assert seen.failures == []
    assert set(seen.versions) == {before, after}


def test_production_goes_back_without_a_failed_request(lap, owner, served, before, cluster):
    def go_back():
        owner.roll_back()
        served.wait_for(before)

    seen = traffic.during(cluster.address, go_back)
    assert seen["failures"] == 0
    assert set(seen["versions"]) == {lap[0], before}


def test_a_canary_answers_for_its_share_and_is_compared(lap, owner, visitors):
    named = {"name": "sentiment", "version": lap[0]}
    owner.put("/api/model-aliases/canary", **named, reason="to try it again")
    owner.put("/api/canary", weight=5000, reason="half of the visitors")

    def answers():
        found = owner.get("/api/model-comparison")["versions"]
        return {one["role"]: one["answers"] for one in found}.get("canary", 0)

    def has_answered():
        visitors.write(people.ordinary(10))
        owner.wait_until_scored()
        return answers() > 0

    wait_for("the canary answers", has_answered, 120)
    owner.put("/api/canary", weight=0, reason="enough")


def test_the_canary_is_promoted_without_a_failed_request(lap, owner, served, before, cluster):
    def promote():
        named = {"name": "sentiment", "version": lap[0]}
        owner.put("/api/model-aliases/production", **named, reason="people agree with it")
        served.wait_for(lap[0])

    seen = traffic.during(cluster.address, promote)
    assert seen["failures"] == 0
    assert set(seen["versions"]) == {lap[0], before}


@pytest.fixture(scope="module")
def publish(cluster):
    """Publish an archive of this machine from a pod like that of a training, with its rights."""
    job = cluster.objects("cronjob", "-l", "candor.dev/job=training")[0]["spec"]["jobTemplate"]
    template = job["spec"]["template"]
    (container,) = template["spec"]["containers"]
    places = [word for word in container.pop("args") if word.startswith(("--api=", "--store="))]
    container["command"] = ["sleep", "infinity"]
    template["spec"]["terminationGracePeriodSeconds"] = 0
    metadata = {"name": PUBLISHER, "labels": template["metadata"]["labels"]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    cluster.apply(pod)
    cluster.kubectl("wait", "--for=condition=Ready", f"pod/{PUBLISHER}", "--timeout=120s")

    def run(archive, alias):
        cluster.kubectl("cp", archive, f"{PUBLISHER}:/tmp/{archive.name}")
        script = ("python", "training/publish.py", f"/tmp/{archive.name}", *places)
        words = ("kubectl", "-n", cluster.namespace, "exec", PUBLISHER, "--", *script)
        return subprocess.run(
            [*words, f"--alias={alias}"], capture_output=True, text=True, check=False
        )

    yield run
    cluster.kubectl("delete", "pod", PUBLISHER)


@pytest.fixture(scope="module")
def sabotaged(publish, tmp_path_factory):
    """A version that likes everything, published; gives it and what the command said."""
    archive = tmp_path_factory.mktemp("sabotage") / "sabotaged.mar"
    sabotage.sabotaged(SHIPPED, "sabotaged", archive)
    return "sabotaged", publish(archive, "canary")


@pytest.mark.usefixtures("lap")
def test_a_model_that_likes_everything_passes_no_gate(sabotaged, owner):
    version, said = sabotaged
    assert said.returncode == 1, said.stderr
    assert "failed the gate, no alias has changed" in said.stdout
    assert owner.gate_of(version)["verdict"] == "fail"
    assert sabotage.is_refused(owner, version)


@pytest.mark.timeout(3000)
def test_forced_past_the_gate_it_is_removed_by_the_policy_every_time(sabotaged, owner, visitors):
    version, _ = sabotaged
    seconds = [sabotage.seconds_until_caught(owner, visitors, version) for _ in range(ROUNDS)]
    print(f"\nthe policy removed it {ROUNDS} of {ROUNDS} times, within {max(seconds):.1f} s")
    assert owner.version_of("production") != version
