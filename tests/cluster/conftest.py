"""The charts, installed once on a real cluster as a reader would, with restricted pods enforced.

These tests are collected only when CLUSTER_TESTS is set, because they install into whatever
cluster KUBECONFIG names. They need kubectl, helm, openssl, and the images of
`make images test-store` on the cluster's nodes. Helm 4 is tried
beside Helm 3 where there is a program helm4.
"""

import base64
import json
import os
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

CHECKOUT = Path(__file__).parents[2]
POSTGRES = "15"
"""The oldest version that is supported."""
PATIENCE = 240
UNROUTED = (404, 502, 503)
"""What an ingress controller answers for a host or pods that it does not know yet."""

collect_ignore_glob = [] if os.environ.get("CLUSTER_TESTS") else ["test_*.py"]


@dataclass(frozen=True)
class Cluster:
    """A namespace of the cluster, with the product in it."""

    namespace: str
    helm_program: str = "helm"

    def kubectl(self, *arguments, stdin=None):
        return run("kubectl", "-n", self.namespace, *arguments, stdin=stdin)

    def objects(self, kind, *arguments):
        return json.loads(self.kubectl("get", kind, "-o", "json", *arguments))["items"]

    def apply(self, thing):
        self.kubectl("apply", "-f", "-", stdin=json.dumps(thing))

    def helm(self, *arguments):
        return run(self.helm_program, "-n", self.namespace, *arguments)

    def install(self, verb="install", *options):
        """Install the product, or upgrade it, and wait until its pods are ready."""
        values = values_files("k8s/kind/values.yaml", "tests/cluster/values.yaml")
        chart = CHECKOUT / "charts/candor"
        self.helm(verb, "candor", chart, *values, "--wait", "--timeout", "8m", *options)

    def install_postgres(self, verb="install", *options):
        values = values_files("k8s/kind/postgres.yaml", "tests/cluster/postgres.yaml")
        chart = (CHECKOUT / "charts/postgres", "--set-string", f"image.tag={POSTGRES}")
        self.helm(verb, "postgres", *chart, *values, "--wait", "--timeout", "5m", *options)

    def secret(self, name):
        data = json.loads(self.kubectl("get", "secret", name, "-o", "json"))["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def run_job(self, cron_job, patience=PATIENCE):
        """Run a CronJob's job now; return its log."""
        name = f"{cron_job}-{uuid.uuid4().hex[:6]}"
        self.kubectl("create", "job", name, f"--from=cronjob/{cron_job}")
        deadline = time.monotonic() + patience
        while not (ends := self._ends(name)):
            assert time.monotonic() < deadline, self.story(f"job/{name}")
            time.sleep(1)
        log = self.kubectl("logs", f"job/{name}", "--all-containers")
        assert ends == {"Complete"}, log
        return log

    def _ends(self, job):
        """How a job ended, once it has.

        SuccessCriteriaMet and FailureTarget only announce the end: a job may have them for a
        second before its pods are gone and it is Complete or Failed.
        """
        path = "jsonpath={.status.conditions[?(@.status=='True')].type}"
        return {"Complete", "Failed"} & set(self.kubectl("get", "job", job, "-o", path).split())

    def wait_until_gone(self, pods):
        """Wait until the pods of these names have ended."""
        deadline = time.monotonic() + PATIENCE
        while left := pods & {pod["metadata"]["name"] for pod in self.objects("pods")}:
            assert time.monotonic() < deadline, left
            time.sleep(1)

    def wait_until_routed(self):
        """Wait until the ingress controller, which hears of it later than helm, knows both ways."""
        deadline = time.monotonic() + PATIENCE
        while not self._is_routed():
            assert time.monotonic() < deadline, self.story("ingress")
            time.sleep(0.5)

    def _is_routed(self):
        address = self.address
        rooms = (f"{address}/", f"{address}/api/reviews")
        return address != "http://" and not any(
            requests.get(room, timeout=30).status_code in UNROUTED for room in rooms
        )

    def story(self, what):
        return self.kubectl("describe", what) + self.kubectl("get", "pods,events")

    @property
    def address(self):
        """Where the ingress controller listens, as it says itself."""
        path = "jsonpath={.status.loadBalancer.ingress[0].ip}"
        return "http://" + self.kubectl("get", "ingress", "candor-ingress", "-o", path)


def values_files(*paths):
    """The options of helm for values files of the checkout."""
    return [word for path in paths for word in ("-f", CHECKOUT / path)]


def run(*command, stdin=None):
    words = [str(word) for word in command]
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def empty_cluster():
    """A namespace in which nothing but restricted pods may run."""
    cluster = Cluster(f"candor-test-{uuid.uuid4().hex[:6]}")
    run("kubectl", "create", "namespace", cluster.namespace)
    for mode in ("enforce", "warn"):
        label = f"pod-security.kubernetes.io/{mode}=restricted"
        run("kubectl", "label", "namespace", cluster.namespace, label)
    yield cluster
    # Not everything of a release is in its namespace.
    for release in ("candor", "postgres"):
        cluster.helm("uninstall", release, "--ignore-not-found")
    run("kubectl", "delete", "namespace", cluster.namespace, "--wait=false")


@pytest.fixture(scope="session")
def cluster(empty_cluster):
    empty_cluster.install_postgres()
    begun = time.monotonic()
    empty_cluster.install()
    empty_cluster.wait_until_routed()
    print(f"\nready {time.monotonic() - begun:.0f} s after helm install")
    return empty_cluster


@pytest.fixture(scope="session")
def store(empty_cluster):
    """A server that speaks S3, with a bucket."""
    empty_cluster.kubectl("apply", "-f", CHECKOUT / "tests/cluster/store/store.yaml")
    empty_cluster.kubectl("wait", "--for=condition=Ready", "pod/store", "--timeout=120s")
    keys = ("env", "AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any")
    aws = ("aws", "--endpoint-url", "http://127.0.0.1:5000", "--region", "eu-central-1", "s3")

    def ask(*words):
        return empty_cluster.kubectl("exec", "store", "--", *keys, *aws, *words)

    ask("mb", "s3://candor")
    return ask


class Site(requests.Session):
    """The product as it is seen through the ingress."""

    def __init__(self, address):
        super().__init__()
        self.address = address

    def request(self, method, path, **options):
        options.setdefault("timeout", 30)
        return super().request(method, f"{self.address}{path}", **options)


@pytest.fixture
def site(cluster):
    return Site(cluster.address)


@pytest.fixture
def owner(cluster):
    """The site, for the owner."""
    site = Site(cluster.address)
    answer = site.post("/api/session", json=cluster.secret("candor-admin"))
    answer.raise_for_status()
    return site


@pytest.fixture
def write_review(site):
    """Write a review with a word that no other has; gives the word."""

    def write():
        mark = uuid.uuid4().hex
        review = {"review": f"It fits well {mark}", "rating": 5, "brand": "Acme"}
        site.post("/api/review", json=review).raise_for_status()
        return mark

    return write


@pytest.fixture
def find_reviews(owner):
    def find(mark):
        answer = owner.get("/api/reviews", params={"text": mark})
        answer.raise_for_status()
        return answer.json()

    return find


@pytest.fixture
def score_of(find_reviews):
    """Wait until the review with a word is scored by the model; give the review."""

    def wait(mark):
        deadline = time.monotonic() + PATIENCE
        while (found := find_reviews(mark))[0]["model_version"] is None:
            assert time.monotonic() < deadline, found
            time.sleep(0.5)
        (review,) = found
        return review

    return wait


@pytest.fixture
def train(cluster, owner, site):
    """Run the training CronJob's job now; give the version that TorchServe then serves."""

    def run_now():
        # A minute where two cores have nothing else to do.
        log = cluster.run_job("candor-training", patience=900)
        version = owner.get("/api/model-aliases/production").json()["model"]["version"]
        assert "going on from" in log
        assert f"sentiment {version}" in log
        deadline = time.monotonic() + PATIENCE
        while served(site) != version:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        return version

    def served(site):
        return site.post("/predictions/sentiment", json={"review": "fine"}).json()["model_version"]

    return run_now


@pytest.fixture(name="run_command", scope="session")
def run_command_fixture():
    return run
