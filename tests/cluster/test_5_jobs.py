"""The review API's jobs on a real cluster, with the rights that the chart gives to the API."""

import json
import re
import time
from pathlib import Path

import pytest
from kubernetes import client, config

from review_api.jobs.cluster import KubernetesJobs
from review_api.jobs.cluster_client import ClusterClient
from review_api.jobs.interface import BusyError, JobsAwayError, RefusedError, UnknownJobError

pytestmark = pytest.mark.cluster

CHECKOUT = Path(__file__).parents[2]
RELEASE = "trial"
NAME = "trial-candor"
PATIENCE = 120
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def eventually(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    return found


def says(script, name="main", **more):
    """Return a container that runs a shell script."""
    command = ["sh", "-c", script]
    given = {"image": "busybox:1.35", "command": command, "securityContext": RESTRICTED}
    return {"name": name, **given, **more}


@pytest.fixture(scope="module")
def chart(empty_cluster, run_command):
    """Return a function that renders some templates of the chart."""
    files = ("k8s/kind/values.yaml", "tests/cluster/values.yaml")
    values = [word for file in files for word in ("-f", CHECKOUT / file)]
    helm = ("helm", "-n", empty_cluster.namespace, "template", RELEASE, CHECKOUT / "charts/candor")

    def render(*templates):
        shown = [word for one in templates for word in ("-s", f"templates/{one}.yaml")]
        return run_command(*helm, "--kube-version", "1.34", *values, *shown)

    return render


@pytest.fixture(scope="module")
def rights(empty_cluster, chart):
    """The API's ServiceAccount with its Role, as the chart has it."""
    empty_cluster.kubectl("create", "serviceaccount", f"{NAME}-api")
    empty_cluster.kubectl("apply", "-f", "-", stdin=chart("jobs/role"))
    return empty_cluster


@pytest.fixture(scope="module")
def cluster_client(rights):
    """The API's client, which may do what the API's ServiceAccount may."""
    settings = client.Configuration()
    config.load_kube_config(client_configuration=settings)
    settings.cert_file = settings.key_file = None
    token = rights.kubectl("create", "token", f"{NAME}-api").strip()
    settings.api_key = {"BearerToken": f"Bearer {token}"}
    with client.ApiClient(settings) as api:
        yield ClusterClient(api, rights.namespace)


@pytest.fixture
def jobs(cluster_client):
    found = KubernetesJobs(RELEASE, None)
    found._client = cluster_client
    return found


@pytest.fixture
def template(rights):
    """Return a function that makes the training CronJob of containers."""
    made = []

    def make(*containers, before=(), pod=None, job=None, release=RELEASE):
        name = f"{NAME}-training"
        labels = {"app.kubernetes.io/instance": release, "candor.dev/job": "training"}
        spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1}
        spec |= {"containers": list(containers), **(pod or {})}
        if before:
            spec["initContainers"] = list(before)
        pods = {"metadata": {"labels": labels}, "spec": spec}
        rights.apply(
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": name, "labels": labels},
                "spec": {
                    "schedule": "0 3 * * *",
                    "suspend": True,
                    "jobTemplate": {
                        "metadata": {"labels": labels},
                        "spec": {"backoffLimit": 0, "template": pods, **(job or {})},
                    },
                },
            }
        )
        made.append(name)

    yield make
    for name in made:
        rights.kubectl("delete", "cronjob", name, "--ignore-not-found", "--cascade=foreground")


def known(jobs, run):
    return next(one for one in jobs.runs("training") if one.id == run.id)


def ended(jobs, run):
    return eventually(lambda: (one := known(jobs, run)).finished and one)


def followed(jobs, run):
    """Return a log that is read while it is written, and how many pieces came."""
    pieces = []
    for piece in jobs.log("training", run.id):
        pieces.append(piece)
        if not piece:
            time.sleep(0.3)
    return b"".join(pieces).decode(), len([piece for piece in pieces if piece])


def test_a_run_is_made_exactly_from_the_template_and_told_of(jobs, template, rights):
    template(says("echo fits"))
    (listed,) = jobs.jobs()
    assert (listed.name, listed.schedule, listed.suspended) == ("training", "0 3 * * *", True)
    assert (listed.running, listed.last) == (False, None)
    run = jobs.start("training", "ada")
    assert (run.by, run.state, run.reason) == ("ada", "waiting", None)
    done = ended(jobs, run)
    assert (done.state, done.reason) == ("succeeded", None)
    assert done.created <= done.started <= done.finished
    (listed,) = jobs.jobs()
    assert (listed.running, listed.last) == (False, done)
    (made,) = (job for job in rights.objects("job") if job["metadata"]["name"] == run.id)
    cron_job = json.loads(rights.kubectl("get", "cronjob", f"{NAME}-training", "-o", "json"))
    wanted = cron_job["spec"]["jobTemplate"]["spec"]
    assert made["spec"]["template"]["spec"] == wanted["template"]["spec"]
    assert made["metadata"]["ownerReferences"][0]["uid"] == cron_job["metadata"]["uid"]
    notes = made["metadata"]["annotations"]
    assert notes["candor.dev/started-by"] == "ada"
    assert notes["cronjob.kubernetes.io/instantiate"] == "manual"


def test_a_log_is_read_as_it_is_written_container_after_container(jobs, template):
    template(
        says("echo publish", "publish"),
        before=[says("for n in 1 2 3 4; do echo train $n; sleep 1; done", "train")],
    )
    run = jobs.start("training", "ada")
    text, pieces = followed(jobs, run)
    assert text == "train 1\ntrain 2\ntrain 3\ntrain 4\npublish\n"
    assert pieces > 2
    assert followed(jobs, run)[0] == text
    tail = jobs.log("training", run.id, tail=2)
    assert b"".join(tail) == b"train 4\npublish\n"


def test_a_long_log_is_whole(jobs, template):
    # What a container says just before it ends, the node's runtime may lose (containerd 1.6).
    template(says("seq 1 100000; sleep 3"))
    run = jobs.start("training", "ada")
    ended(jobs, run)
    lines = followed(jobs, run)[0].split()
    assert lines == [str(number) for number in range(1, 100_001)]


def test_one_run_at_a_time_and_a_stop_that_lasts(jobs, template, rights):
    template(says("echo begun; trap 'echo tidied; exit 0' TERM; sleep 600 & wait"))
    run = jobs.start("training", "ada")
    eventually(lambda: known(jobs, run).state == "running")
    with pytest.raises(BusyError, match="training runs already"):
        jobs.start("training", "bob")
    assert jobs.stop("training", run.id, "bob").state == "running"
    eventually(lambda: not jobs.runs("training"))
    assert not [job for job in rights.objects("job") if job["metadata"]["name"] == run.id]
    with pytest.raises(UnknownJobError):
        jobs.log("training", run.id)


def test_a_run_that_has_ended_is_not_stopped(jobs, template):
    template(says("true"))
    done = ended(jobs, jobs.start("training", "ada"))
    with pytest.raises(BusyError, match="has ended"):
        jobs.stop("training", done.id, "bob")
    assert known(jobs, done) == done


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        # The node's runtime reads both streams at once, and may lose what is said at the very end.
        (
            says("echo hello; sleep 1; echo no reviews >&2; sleep 1; exit 3"),
            "main: exit code 3: no reviews",
        ),
        (
            says(
                "x=a; while true; do x=$x$x; done",
                resources={"limits": {"memory": "16Mi"}, "requests": {"memory": "16Mi"}},
            ),
            r"main: OOMKilled \(exit code 137\)",
        ),
        (says("true", command=["/no/such/program"]), "main: (ContainerCannotRun|StartError)"),
    ],
    ids=["exit code", "memory", "program"],
)
def test_a_run_that_failed_says_why(jobs, template, container, reason):
    template(container)
    done = ended(jobs, jobs.start("training", "ada"))
    assert done.state == "failed"
    assert re.match(reason, done.reason)


def test_a_step_that_failed_before_the_others_is_named(jobs, template):
    template(says("echo never"), before=[says("echo bad data; exit 4", "train")])
    assert ended(jobs, jobs.start("training", "ada")).reason == "train: exit code 4: bad data"


def test_a_run_that_takes_too_long_says_so(jobs, template):
    template(says("sleep 600"), job={"activeDeadlineSeconds": 2})
    done = ended(jobs, jobs.start("training", "ada"))
    assert (done.state, done.reason) == ("failed", "it took longer than 2 s")


@pytest.mark.parametrize(
    ("container", "pod", "reason"),
    [
        (
            says("true", image="no-such-image:1"),
            {},
            ".*(ErrImagePull|ImagePullBackOff|Failed to pull)",
        ),
        (says("true"), {"nodeSelector": {"no": "node"}}, "unschedulable: 0/1 nodes"),
        (
            says(
                "true",
                env=[{"name": "X", "valueFrom": {"secretKeyRef": {"name": "no", "key": "k"}}}],
            ),
            {},
            'main: CreateContainerConfigError: secret "no" not found',
        ),
        (says("true", securityContext={}), {}, "FailedCreate: .*violates PodSecurity"),
    ],
    ids=["image", "node", "secret", "security"],
)
def test_a_run_that_cannot_start_says_why(jobs, template, container, pod, reason):
    template(container, pod=pod)
    run = jobs.start("training", "ada")
    found = eventually(lambda: (one := known(jobs, run)).reason and one)
    assert found.state == "waiting"
    assert re.match(reason, found.reason)
    jobs.stop("training", run.id, "ada")


def test_jobs_of_another_release_and_strange_names_are_unknown(jobs, template):
    template(says("true"), release="other")
    assert jobs.jobs() == []
    for job in ("training", "scraping", "x,y", "a in (b)", "\0", "x" * 300):
        with pytest.raises(UnknownJobError):
            jobs.start(job, "ada")
    template(says("true"))
    for run in ("", "\0", "no-such-run", "../../pods", "x" * 300):
        with pytest.raises(UnknownJobError):
            jobs.log("training", run)


def test_a_cluster_that_is_away_or_refuses_is_told_in_words(rights):
    settings = client.Configuration(host="https://127.0.0.1:9")
    settings.retries = 0
    away = KubernetesJobs(RELEASE, None)
    away._client = ClusterClient(client.ApiClient(settings), rights.namespace)
    with pytest.raises(JobsAwayError, match="does not answer"):
        away.jobs()
    config.load_kube_config(client_configuration=settings)
    settings.cert_file = settings.key_file = None
    away._client = ClusterClient(client.ApiClient(settings), rights.namespace)
    with pytest.raises(RefusedError, match="refuses"):
        away.jobs()


@pytest.fixture
def admitted(rights, chart):
    """The chart's own CronJob of scraping, and the policy that admits nothing else."""
    objects = chart("jobs/admission", "scraping/cronjob")
    rights.kubectl("apply", "-f", "-", stdin=objects)
    yield
    rights.kubectl("delete", "-f", "-", "--cascade=foreground", stdin=objects)


@pytest.mark.usefixtures("admitted")
def test_the_chart_admits_a_run_of_its_own_template_and_that_it_is_stopped(jobs, rights):
    def denied():
        account = f"system:serviceaccount:{rights.namespace}:{NAME}-api"
        words = ("create", "job", "hostile", "--image=busybox:1.35", "--dry-run=server")
        try:
            rights.kubectl(*words, "--as", account)
        except AssertionError as error:
            return "denied request" in str(error)
        return False

    eventually(denied)
    run = jobs.start("scraping", "ada")
    found = eventually(lambda: (one := jobs.runs("scraping")[0]).reason and one)
    assert (found.id, found.state) == (run.id, "waiting")
    assert f'serviceaccount "{NAME}-scraping" not found' in found.reason
    jobs.stop("scraping", run.id, "ada")
    eventually(lambda: not jobs.runs("scraping"))


@pytest.fixture
def scraping(owner):
    """A run of the installed product's scraping, started by its owner."""
    answer = owner.post("/api/jobs/scraping/runs")
    answer.raise_for_status()
    return f"/api/jobs/scraping/runs/{answer.json()['id']}"


def test_an_owner_runs_a_job_now_and_reads_its_log_through_the_ingress(owner, scraping):
    assert owner.post("/api/jobs/scraping/runs").status_code == 409
    with owner.get(f"{scraping}/log?follow=true", stream=True, timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        text = b"".join(answer.iter_content(None)).decode()
    run = next(one for one in owner.get("/api/jobs/scraping/runs").json() if one["id"] in scraping)
    assert (run["state"], run["by"]) == ("succeeded", "admin"), run
    assert text.strip()
    event = owner.get("/api/audit-events?action=job_started").json()[0]
    assert (event["who"], event["details"]) == ("admin", {"run": run["id"]})


def test_nobody_else_starts_a_job(site):
    assert site.post("/api/jobs/scraping/runs").status_code == 401
