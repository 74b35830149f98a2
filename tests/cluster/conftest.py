"""The charts, installed once on a real cluster as a reader would, with restricted pods enforced.

These tests are collected only when CLUSTER_TESTS is set, because they install into whatever
cluster KUBECONFIG names. They need kubectl, helm, and the images on the cluster's nodes.
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

collect_ignore_glob = [] if os.environ.get("CLUSTER_TESTS") else ["test_*.py"]


@dataclass(frozen=True)
class Cluster:
    """A namespace of the cluster, with the product in it."""

    namespace: str

    def kubectl(self, *arguments, stdin=None):
        return run("kubectl", "-n", self.namespace, *arguments, stdin=stdin)

    def objects(self, kind, *arguments):
        return json.loads(self.kubectl("get", kind, "-o", "json", *arguments))["items"]

    def apply(self, thing):
        self.kubectl("apply", "-f", "-", stdin=json.dumps(thing))

    def helm(self, *arguments):
        return run("helm", "-n", self.namespace, *arguments)

    def install(self, verb="install", *options):
        """Install the product, or upgrade it, and wait until it is ready."""
        files = ("k8s/kind/values.yaml", "tests/cluster/values.yaml")
        values = [word for file in files for word in ("-f", CHECKOUT / file)]
        chart = CHECKOUT / "charts/candor"
        self.helm(verb, "candor", chart, *values, "--wait", "--timeout", "8m", *options)

    def install_postgres(self):
        values = CHECKOUT / "k8s/kind/postgres.yaml"
        options = ("--set-string", f"image.tag={POSTGRES}", "--wait", "--timeout", "5m")
        self.helm("install", "postgres", CHECKOUT / "charts/postgres", "-f", values, *options)

    def secret(self, name):
        data = json.loads(self.kubectl("get", "secret", name, "-o", "json"))["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def run_job(self, cron_job):
        """Run a CronJob's job now; return its log."""
        name = f"{cron_job}-{uuid.uuid4().hex[:6]}"
        self.kubectl("create", "job", name, f"--from=cronjob/{cron_job}")
        deadline = time.monotonic() + PATIENCE
        while not (status := self._conditions(name)):
            assert time.monotonic() < deadline, self.story(f"job/{name}")
            time.sleep(1)
        log = self.kubectl("logs", f"job/{name}", "--all-containers")
        assert "Complete" in status, log
        return log

    def _conditions(self, job):
        path = "jsonpath={.status.conditions[?(@.status=='True')].type}"
        return self.kubectl("get", "job", job, "-o", path)

    def story(self, what):
        return self.kubectl("describe", what) + self.kubectl("get", "pods,events")

    @property
    def address(self):
        """Where the ingress controller listens, as it says itself."""
        path = "jsonpath={.status.loadBalancer.ingress[0].ip}"
        return "http://" + self.kubectl("get", "ingress", "candor-ingress", "-o", path)


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
    label = "pod-security.kubernetes.io/enforce=restricted"
    run("kubectl", "label", "namespace", cluster.namespace, label)
    yield cluster
    run("kubectl", "delete", "namespace", cluster.namespace, "--wait=false")


@pytest.fixture(scope="session")
def cluster(empty_cluster):
    empty_cluster.install_postgres()
    begun = time.monotonic()
    empty_cluster.install()
    print(f"\nready {time.monotonic() - begun:.0f} s after helm install")
    return empty_cluster


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


@pytest.fixture(name="run_command", scope="session")
def run_command_fixture():
    return run
