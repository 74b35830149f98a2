"""What the charts render: the API server takes all of it, and pods are as they should be."""

import json
import shutil

import pytest
import yaml

pytestmark = pytest.mark.cluster

VARIANTS = {
    "as it is": [],
    "fixed pods": [f"{part}.autoscaling.enabled=false" for part in ("api", "ui", "modelServer")],
    "behind TLS": ["ingress.host=reviews.example.com", "ingress.tlsSecret=certificate"],
    "a store elsewhere": ["modelStore.uri=s3://bucket/models"],
    "own secrets": ["secrets.generate=false"],
    "no policies": ["networkPolicy.enabled=false", "ingress.enabled=false"],
    "a class and a node": ["priorityClassName=high", "nodeSelector.disk=ssd"],
    "a canary": ["canary.enabled=true", "training.alias=canary"],
    "signed models": ["modelSigning.existingSecret=signing", "gate.required=false"],
    "no jobs": ["jobs.enabled=false"],
    "a dashboard": ["monitoring.dashboards.enabled=true"],
    "redirects": [
        "ingress.host=reviews.example.com",
        "ingress.tlsSecret=certificate",
        "ingress.redirects.www=true",
        "ingress.redirects.https=true",
    ],
    "in development": ["development.enabled=true"],
}
HELMS = ["helm", "helm4"]


@pytest.fixture(scope="module")
def render(run_command, checkout):
    def render(chart, *settings, helm="helm"):
        options = [word for setting in settings for word in ("--set", setting)]
        where = ("--kube-version", "1.34.0")  # Else that which this helm was built with.
        chart = checkout / "charts" / chart
        text = run_command(helm, "template", "trial", chart, *where, *options)
        return [thing for thing in yaml.safe_load_all(text) if thing]

    return render


def pods_of(things):
    """Every pod that the objects are or make, with its name."""
    for thing in things:
        spec = thing.get("spec", {})
        if thing["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        pod = spec if thing["kind"] == "Pod" else spec.get("template", {}).get("spec")
        if pod:
            yield f"{thing['kind']} {thing['metadata']['name']}", pod


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_api_server_takes_what_is_rendered(empty_cluster, render, variant):
    # Not the test's pod: a pod may only be made where its service account is.
    items = [thing for thing in render("candor", *VARIANTS[variant]) if thing["kind"] != "Pod"]
    listed = {"apiVersion": "v1", "kind": "List", "items": items}
    # A pod that is not restricted would be a warning.
    options = ("--dry-run=server", "--validate=strict", "--warnings-as-errors")
    empty_cluster.kubectl("create", *options, "-f", "-", stdin=json.dumps(listed))


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("chart", ["candor", "postgres"])
def test_both_helms_find_nothing_wrong_and_would_install(
    empty_cluster, run_command, checkout, helm, chart
):
    if not shutil.which(helm):
        pytest.skip(f"{helm} is not installed")
    folder = checkout / "charts" / chart
    assert "0 chart(s) failed" in run_command(helm, "lint", "--strict", folder)
    options = ("-n", empty_cluster.namespace, "--dry-run=server")
    assert "STATUS: pending-install" in run_command(helm, "install", chart, folder, *options)


def test_both_helms_render_the_same(render):
    if not shutil.which("helm4"):
        pytest.skip("helm4 is not installed")
    first, second = (render("candor", "secrets.generate=false", helm=helm) for helm in HELMS)
    assert first == second


@pytest.mark.parametrize("chart", ["candor", "postgres"])
def test_no_container_can_write_to_its_image_or_is_without_a_memory_limit(render, chart):
    pods = dict(pods_of(render(chart)))
    assert len(pods) >= 3
    for name, pod in pods.items():
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"] + pod.get("initContainers", []):
            assert container["securityContext"]["readOnlyRootFilesystem"] is True, name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name


def test_the_number_of_pods_is_left_to_the_autoscaler_where_there_is_one(render):
    def counts(*settings):
        return {
            thing["metadata"]["name"]: "replicas" in thing["spec"]
            for thing in render("candor", *settings)
            if thing["kind"] == "Deployment"
        }

    scaled = ("trial-candor-api", "trial-candor-ui", "trial-candor-model-server")
    assert counts() == dict.fromkeys(scaled, False) | {"trial-candor-worker": True}
    assert all(counts(*VARIANTS["fixed pods"]).values())


def test_with_own_secrets_two_renderings_are_equal_and_make_none(render):
    first, second = (render("candor", "secrets.generate=false") for _ in range(2))
    assert first == second
    assert not [thing for thing in first if thing["kind"] == "Secret"]


def test_changed_configuration_rolls_the_pods_that_read_it(render):
    def checksums(*settings):
        return {
            thing["metadata"]["name"]: thing["spec"]["template"]["metadata"]["annotations"]
            for thing in render("candor", *settings)
            if thing["kind"] == "Deployment"
        }

    before, after = checksums(), checksums("ui.threads=3")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"trial-candor-ui"}


def test_without_jobs_the_api_has_no_token_of_kubernetes_and_no_role(render):
    def about_jobs(*settings):
        things = render("candor", *settings)
        tokens = {
            name
            for name, pod in pods_of(things)
            if "serviceAccountToken" in json.dumps(pod.get("volumes", []))
        }
        kinds = {"Role", "RoleBinding", "ValidatingAdmissionPolicy"}
        return tokens, {thing["kind"] for thing in things} & kinds

    tokens, kinds = about_jobs()
    assert tokens == {"Deployment trial-candor-api"}
    assert len(kinds) == 3
    assert about_jobs("jobs.enabled=false") == (set(), set())


def test_every_component_has_the_priority_class_that_is_its_own(render):
    own = {"api": "a", "worker": "b", "ui": "c", "modelServer": "d", "training": "e"}
    settings = [f"{part}.priorityClassName={name}" for part, name in own.items()]
    things = render("candor", "priorityClassName=other", *settings)
    classes = {name.split("-candor-")[1]: pod["priorityClassName"] for name, pod in pods_of(things)}
    assert classes == {
        "api": "a",
        "test": "a",
        "worker": "b",
        "ui": "c",
        "model-server": "d",
        "training": "e",
        "scraping": "other",
    }


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (["ingress.redirects.www=true"], "needs ingress.host"),
        (["ingress.redirects.https=true", "ingress.host=a.example"], "needs ingress.tlsSecret"),
        (["httpRoute.enabled=true"], "needs httpRoute.parentRefs"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_a_reason(render, settings, reason):
    with pytest.raises(AssertionError, match=reason):
        render("candor", *settings)


def test_a_value_that_the_schema_does_not_know_is_refused(render):
    with pytest.raises(AssertionError, match=r"(?i)additional properties.*replica"):
        render("candor", "api.replica=3")
