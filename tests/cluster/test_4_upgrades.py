"""Upgrades, rollbacks and a new installation: nothing is lost, and no request fails."""

import shutil
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SECRETS = ("candor-admin", "candor-ui-token", "candor-training-token", "postgres")
CHANGES = ("--set", "api.threads=7", "--set", "ui.threads=15", "--set", "modelServer.heap=200m")


class Load:
    """Visitors who read pages, ask for scores and write reviews until they are told to stop."""

    def __init__(self, site):
        self.site = site
        self.answers = Counter()
        self._stopped = threading.Event()

    def visit(self):
        review = {"review": "It works under load", "rating": 4, "brand": "Acme"}
        calls = (
            ("GET", "/", {}),
            ("POST", "/api/predict", {"data": {"review": "I love it"}}),
            ("POST", "/predictions/sentiment", {"data": {"review": "I love it"}}),
            ("POST", "/api/review", {"json": review}),
        )
        while not self._stopped.wait(0.2):
            for method, path, options in calls:
                self.answers[self.outcome(method, path, options)] += 1

    def outcome(self, method, path, options):
        try:
            return method, path, self.site.request(method, path, **options).status_code
        except requests.RequestException as error:
            return method, path, type(error).__name__

    @contextmanager
    def running(self):
        visitor = threading.Thread(target=self.visit)
        visitor.start()
        try:
            yield
        finally:
            self._stopped.set()
            visitor.join()

    @property
    def failures(self):
        return {what: count for what, count in self.answers.items() if what[2] != 200}


def running_pods(cluster):
    ours = ("-l", "app.kubernetes.io/managed-by=Helm")
    pods = cluster.objects("pods", "--field-selector=status.phase=Running", *ours)
    return {pod["metadata"]["name"] for pod in pods}


def test_an_upgrade_and_a_rollback_replace_the_pods_and_drop_no_request(cluster, site):
    secrets = [cluster.secret(name) for name in SECRETS]
    load = Load(site)
    old = running_pods(cluster) - {"postgres-0"}
    with load.running():
        cluster.install("upgrade", *CHANGES)
        cluster.wait_until_gone(old)
        cluster.helm("rollback", "candor", "--wait", "--timeout", "8m")
    assert not load.failures
    assert sum(load.answers.values()) > 50
    assert [cluster.secret(name) for name in SECRETS] == secrets


def test_installed_again_by_helm_4_the_product_finds_its_reviews(
    cluster, write_review, find_reviews
):
    mark = write_review()
    secrets = [cluster.secret(name) for name in SECRETS]
    old = running_pods(cluster)
    cluster.helm("uninstall", "candor", "--wait")
    cluster.helm("uninstall", "postgres", "--wait")
    cluster.wait_until_gone(old)
    with_helm4 = replace(cluster, helm_program=shutil.which("helm4") or "helm")
    with_helm4.install_postgres()
    with_helm4.install()
    with_helm4.wait_until_routed()
    assert [cluster.secret(name) for name in SECRETS] == secrets
    assert len(find_reviews(mark)) == 1
