"""The values of every environment: the API server takes what they render, and names are right."""

import json
import re

import pytest
import yaml

# It comes before what installs: nothing of the names of an installed release can be made.
pytestmark = pytest.mark.cluster

EKS_HOST = "ingress.host=reviews.example.com"
ENVIRONMENTS = {
    "kind": ("candor", "k8s/kind/values.yaml"),
    "kind, in development": ("candor", "k8s/kind/values.yaml", "k8s/kind/development.yaml"),
    "kind's Postgres": ("postgres", "k8s/kind/postgres.yaml"),
    "EKS": ("candor", "k8s/eks/values.yaml"),
    "EKS, Postgres in the cluster": ("postgres", "k8s/eks/postgres.yaml"),
}
OF_CONTROLLERS = {"aws-load-balancer-controller", "external-dns"}


@pytest.fixture
def render(run_command, checkout):
    def render(chart, *files):
        values = [word for file in files for word in ("-f", checkout / file)]
        host = ("--set", EKS_HOST) if "k8s/eks/values.yaml" in files else ()
        where = ("--kube-version", "1.34.0")  # Else that which this helm was built with.
        command = ("helm", "template", chart, checkout / "charts" / chart, *where, *values, *host)
        return [thing for thing in yaml.safe_load_all(run_command(*command)) if thing]

    return render


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_api_server_takes_what_an_environment_renders(empty_cluster, render, environment):
    # Not the test's pod: a pod may only be made where its service account is.
    items = [thing for thing in render(*ENVIRONMENTS[environment]) if thing["kind"] != "Pod"]
    assert items
    listed = {"apiVersion": "v1", "kind": "List", "items": items}
    options = ("--dry-run=server", "--validate=strict")
    empty_cluster.kubectl("create", *options, "-f", "-", stdin=json.dumps(listed))


def test_pod_identity_names_service_accounts_that_the_charts_make(render, checkout):
    text = (checkout / "k8s/eks/cluster.yaml").read_text()
    named = set(re.findall(r"serviceAccountName: (\S+)", text)) - OF_CONTROLLERS
    things = render(*ENVIRONMENTS["EKS"]) + render(*ENVIRONMENTS["EKS, Postgres in the cluster"])
    made = {thing["metadata"]["name"] for thing in things if thing["kind"] == "ServiceAccount"}
    assert named
    assert named <= made


def test_the_load_balancer_asks_what_every_part_behind_it_answers(render):
    things = render(*ENVIRONMENTS["EKS"])
    ingresses = [thing for thing in things if thing["kind"] == "Ingress"]
    assert len(ingresses) == 1
    annotations = ingresses[0]["metadata"]["annotations"]
    assert annotations["alb.ingress.kubernetes.io/healthcheck-path"] == "/healthz"
    behind = {
        path["backend"]["service"]["name"]
        for rule in ingresses[0]["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    # TorchServe, which has no such path, stays inside.
    assert behind == {"candor-ui", "candor-api", "candor-redirect"}
