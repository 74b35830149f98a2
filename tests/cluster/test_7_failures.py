"""What happens when parts die, and when there is more to do than usual."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

COMPONENTS = ("ui", "api", "worker", "model-server", "canary", "server")
PATIENCE = 240


def pods_of(cluster, component):
    selector = f"app.kubernetes.io/component={component}"
    found = cluster.objects("pods", "-l", selector, "--field-selector=status.phase=Running")
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in found}


def is_ready(pod):
    conditions = {one["type"]: one["status"] for one in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]


def wait_for_others(cluster, component, killed):
    """Wait until pods are ready that are not those that were killed."""
    deadline = time.monotonic() + PATIENCE
    selector = f"app.kubernetes.io/component={component}"
    while True:
        pods = cluster.objects("pods", "-l", selector)
        if any(is_ready(pod) and pod["metadata"]["uid"] not in killed for pod in pods):
            return
        assert time.monotonic() < deadline, pods
        time.sleep(0.5)


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_pods_of_a_component_may_be_killed_and_nothing_is_lost(
    cluster, component, write_review, score_of
):
    written = write_review()
    killed = pods_of(cluster, component)
    cluster.kubectl("delete", "pod", *killed, "--force", "--grace-period=0")
    wait_for_others(cluster, component, set(killed.values()))
    deadline = time.monotonic() + PATIENCE
    while not (mark := attempt(write_review)):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert score_of(written)["model_score"] is not None
    assert score_of(mark)["model_score"] is not None


def attempt(write_review):
    """Write a review, unless the ingress has not yet learnt where the pods are."""
    try:
        return write_review()
    except requests.RequestException:
        return None


class Crowd:
    """Visitors who ask for pages of the API as fast as they come."""

    def __init__(self, site):
        self.site = site
        self.gone = threading.Event()

    def visit(self):
        while not self.gone.is_set():
            try:
                self.site.get("/api/openapi.json")
            except requests.RequestException:
                time.sleep(0.2)


def wanted_pods(cluster):
    scaler = json.loads(cluster.kubectl("get", "hpa", "candor-api", "-o", "json"))
    return scaler["status"]["desiredReplicas"]


def wait_for_pods(cluster, count):
    deadline = time.monotonic() + PATIENCE
    while wanted_pods(cluster) != count:
        assert time.monotonic() < deadline, cluster.kubectl("describe", "hpa", "candor-api")
        time.sleep(2)
    cluster.kubectl("rollout", "status", "deployment/candor-api", f"--timeout={PATIENCE}s")


def test_the_api_grows_under_load_and_shrinks_after(cluster, site):
    wait_for_pods(cluster, 1)
    crowd = Crowd(site)
    with ThreadPoolExecutor(4) as visitors:
        try:
            for _ in range(4):
                visitors.submit(crowd.visit)
            wait_for_pods(cluster, 2)
        finally:
            crowd.gone.set()
    wait_for_pods(cluster, 1)
