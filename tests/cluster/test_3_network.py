"""Who reaches whom: every arrow of the design passes, and every other pair is dropped."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

MODELS = {"predictions", "canary"}
METRICS = {"metrics", "sync", "canary-metrics", "canary-sync"}
ARROWS = {
    "ui": {"api"} | MODELS,
    "api": {"postgres", "kubernetes"} | MODELS,
    "worker": {"postgres"} | MODELS,
    "model-server": {"api", "store"},
    "canary": {"api", "store"},
    "training": {"api", "store"},
    "scraping": {"api"},
    "test": {"api"},
    "backup": {"postgres", "store"},
    "prometheus": {"ui", "api", "worker"} | METRICS,
    "stranger": set(),
}
PORTS = {
    "ui": ("ui", 8050),
    "api": ("api", 8000),
    "worker": ("worker", 8000),
    "predictions": ("model-server", 8080),
    "management": ("model-server", 8081),
    "metrics": ("model-server", 8082),
    "sync": ("model-server", 8083),
    "canary": ("canary", 8080),
    "canary-management": ("canary", 8081),
    "canary-metrics": ("canary", 8082),
    "canary-sync": ("canary", 8083),
    "postgres": ("server", 5432),
}
VERSION = yaml.safe_load((CHECKOUT / "charts/candor/Chart.yaml").read_text())["appVersion"]
RUNNING = ("ui", "api", "worker", "model-server", "canary")
STRANGERS = {"stranger": {}, "prometheus": {"app": "prometheus"}}
"""Pods that are not ours, by their labels; no policy keeps them from others that are not ours."""

# Prints a line for each ADDRESS:PORT that takes a connection, and whether names are found.
TRY = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor
def reach(target):
    host, port = target.split(":")
    try:
        socket.create_connection((host, int(port)), 2).close()
        return target
    except OSError:
        return ""
with ThreadPoolExecutor(20) as pool:
    print("\\n".join(pool.map(reach, sys.argv[1:])))
socket.getaddrinfo("postgres", 5432)
print("names")
"""


def probe(component):
    """A pod with the labels of a component that runs only now and then."""
    product = "postgres" if component == "backup" else "candor"
    labels = {
        "app.kubernetes.io/name": product,
        "app.kubernetes.io/instance": product,
        "app.kubernetes.io/component": component,
    }
    container = {
        "name": "probe",
        "image": f"candor/api:{VERSION}",
        "command": ["sleep", "infinity"],
        "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"probe-{component}",
            "labels": STRANGERS.get(component, labels),
        },
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
        },
    }


@pytest.fixture(scope="module")
def probes(cluster):
    """The pods from which to try, by component."""
    asked = [component for component in ARROWS if component not in RUNNING]
    for component in asked:
        cluster.apply(probe(component))
    names = [f"pod/probe-{component}" for component in asked]
    cluster.kubectl("wait", "--for=condition=Ready", "--timeout=120s", *names)
    yield dict(zip(asked, names, strict=True)) | {
        component: f"deployment/candor-{component}" for component in RUNNING
    }
    cluster.kubectl("delete", *names, "--wait=false")


@pytest.fixture(scope="module")
def addresses(cluster, store):
    """Where the ports are, by their names."""
    pods = {
        pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod["status"]["podIP"]
        for pod in cluster.objects("pods", "-l", "app.kubernetes.io/component")
    }
    assert "candor" in store("ls")
    own = {name: f"{pods[component]}:{port}" for name, (component, port) in PORTS.items()}
    where = cluster.kubectl("get", "pod", "store", "-o", "jsonpath={.status.podIP}")
    return own | {"store": f"{where}:5000"}


@pytest.fixture(scope="module")
def kubernetes(run_command):
    service = json.loads(run_command("kubectl", "get", "service", "kubernetes", "-o", "json"))
    return f"{service['spec']['clusterIP']}:443"


@pytest.fixture(scope="module")
def reached(cluster, probes, addresses, kubernetes):
    """What each component reaches."""
    targets = {**addresses, "kubernetes": kubernetes}
    names = {address: name for name, address in targets.items()}

    def tried(component):
        command = ("python", "-c", TRY, *targets.values())
        container = ("-c", "sync") if component in {"model-server", "canary"} else ()
        said = cluster.kubectl("exec", probes[component], *container, "--", *command).split()
        return component, {names.get(line, line) for line in said}

    with ThreadPoolExecutor(len(ARROWS)) as pool:
        return dict(pool.map(tried, ARROWS))


@pytest.mark.parametrize("component", ARROWS)
def test_a_component_reaches_what_it_needs_and_nothing_else(reached, component):
    itself = {name for name, (owner, _) in PORTS.items() if owner == component}
    outside = {"kubernetes", "store"} if component in STRANGERS else set()
    assert reached[component] - itself == ARROWS[component] | outside | {"names"}
