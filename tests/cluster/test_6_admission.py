"""What the API's ServiceAccount may do: run what the CronJobs are, and nothing else."""

import copy
import json

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

JOBS = ("scraping", "training")


@pytest.fixture(scope="module")
def as_api(cluster):
    """Try, with the rights of the API, to make an object; nothing is kept."""
    account = f"system:serviceaccount:{cluster.namespace}:candor-api"

    def make(thing, *options):
        words = ("create", "--as", account, "--dry-run=server", "-f", "-", *options)
        cluster.kubectl(*words, stdin=json.dumps(thing))

    return make


@pytest.fixture
def run_of(cluster):
    """A run of a CronJob, as the API makes it."""

    def make(job):
        cron_job = json.loads(cluster.kubectl("get", "cronjob", f"candor-{job}", "-o", "json"))
        owner = {key: cron_job[key] for key in ("apiVersion", "kind")}
        owner |= {key: cron_job["metadata"][key] for key in ("name", "uid")}
        template = cron_job["spec"]["jobTemplate"]
        metadata = {
            "generateName": f"candor-{job}-",
            "labels": template["metadata"]["labels"],
            "annotations": {"candor.dev/started-by": "ada"},
            "ownerReferences": [owner],
        }
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata} | {
            "spec": copy.deepcopy(template["spec"])
        }

    return make


def pod_of(job):
    return job["spec"]["template"]["spec"]


def container_of(job):
    return pod_of(job)["containers"][0]


HOSTILE = {
    "another command": lambda job: container_of(job).update(command=["sh", "-c", "id"]),
    "more arguments": lambda job: container_of(job)["args"].append("--help"),
    "another image": lambda job: container_of(job).update(image="busybox:1.35"),
    "a secret": lambda job: container_of(job)["env"].append(
        {"name": "X", "valueFrom": {"secretKeyRef": {"name": "postgres", "key": "url"}}}
    ),
    "another value": lambda job: container_of(job)["env"].append({"name": "PATH", "value": "/x"}),
    "a hook": lambda job: container_of(job).update(
        lifecycle={"postStart": {"exec": {"command": ["id"]}}}
    ),
    "more memory": lambda job: container_of(job)["resources"]["limits"].update(memory="64Gi"),
    "one more container": lambda job: pod_of(job)["containers"].append(
        container_of(job) | {"name": "more"}
    ),
    "a step before": lambda job: pod_of(job).update(
        initContainers=[{**container_of(job), "name": "before", "command": ["id"]}]
    ),
    "another account": lambda job: pod_of(job).update(serviceAccountName="default"),
    "its token": lambda job: pod_of(job).update(automountServiceAccountToken=True),
    "another volume": lambda job: pod_of(job)["volumes"].append(
        {"name": "x", "secret": {"secretName": "postgres"}}
    ),
    "another user": lambda job: pod_of(job)["securityContext"].update(runAsUser=999),
    "a node": lambda job: pod_of(job).update(nodeName="node0"),
    "the worker's labels": lambda job: job["spec"]["template"]["metadata"]["labels"].update(
        {"app.kubernetes.io/component": "worker"}
    ),
    "an annotation": lambda job: job["spec"]["template"]["metadata"].update(annotations={"x": "y"}),
    "a hundred pods": lambda job: job["spec"].update(parallelism=100),
    "no end": lambda job: job["spec"].pop("activeDeadlineSeconds"),
    "no owner": lambda job: job["metadata"].pop("ownerReferences"),
    "a strange owner": lambda job: job["metadata"]["ownerReferences"][0].update(name="other"),
}


@pytest.mark.parametrize("job", JOBS)
def test_the_api_may_run_what_a_cron_job_is(as_api, run_of, job):
    as_api(run_of(job))


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("change", HOSTILE)
def test_the_api_may_run_nothing_else(as_api, run_of, job, change):
    hostile = run_of(job)
    HOSTILE[change](hostile)
    with pytest.raises(AssertionError, match=r"ValidatingAdmissionPolicy .* denied request"):
        as_api(hostile)


def test_the_template_of_one_is_not_for_the_other(as_api, run_of):
    mixed = run_of("scraping") | {"metadata": run_of("training")["metadata"]}
    with pytest.raises(AssertionError, match="denied request"):
        as_api(mixed)


@pytest.mark.parametrize("kind", ["pods", "secrets", "deployments", "cronjobs", "pods/exec"])
def test_the_api_may_make_no_other_object(cluster, kind):
    account = f"system:serviceaccount:{cluster.namespace}:candor-api"
    with pytest.raises(AssertionError, match=r"(?m)^kubectl.*: no"):
        cluster.kubectl("auth", "can-i", "create", kind, "--as", account)


def test_the_policy_has_no_mistakes_of_type(cluster, run_command):
    name = f"{cluster.namespace}-candor-jobs"
    said = run_command("kubectl", "get", "validatingadmissionpolicy", name, "-o", "json")
    status = json.loads(said)["status"]
    assert status["typeChecking"].get("expressionWarnings", []) == []


def test_a_job_that_is_not_the_cron_jobs_is_not_the_apis_to_delete(cluster):
    other = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "somebody-elses"},
        "spec": {"suspend": True, "template": pod_template()},
    }
    cluster.apply(other)
    account = f"system:serviceaccount:{cluster.namespace}:candor-api"
    with pytest.raises(AssertionError, match="has to belong to one of the CronJobs"):
        cluster.kubectl("delete", "job", "somebody-elses", "--as", account)
    cluster.kubectl("delete", "job", "somebody-elses")


def pod_template():
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return {
        "spec": {
            "restartPolicy": "Never",
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{"name": "x", "image": "busybox:1.35", "securityContext": restricted}],
        }
    }
