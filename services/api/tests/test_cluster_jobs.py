"""What a cluster says about runs, read without one: states, reasons, logs and errors.

The objects are those of a real cluster, cut to what matters; tests/cluster has the cluster itself.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from kubernetes import client

from review_api.jobs import cluster_state
from review_api.jobs.cluster import KubernetesJobs
from review_api.jobs.cluster_client import ClusterClient
from review_api.jobs.interface import BusyError, JobsAwayError, RefusedError, UnknownJobError

CREATED = "2026-11-24T10:00:00Z"
LABELS = {"app.kubernetes.io/instance": "candor", "candor.dev/job": "training"}
SPEC = {"backoffLimit": 3, "template": {"spec": {"containers": [{"name": "train", "new": 1}]}}}
CRON_JOB = {
    "metadata": {"name": "candor-training", "uid": "u-1", "labels": LABELS},
    "spec": {
        "schedule": "0 3 * * *",
        "suspend": True,
        "jobTemplate": {"metadata": {"labels": LABELS}, "spec": SPEC},
    },
}


def job(name="candor-training-1", condition=None, reason=None, **more):
    conditions = [{"type": condition, "status": "True", "lastTransitionTime": CREATED}]
    conditions[0] |= {"reason": reason, "message": "Job has reached the limit"}
    metadata = {"name": name, "uid": f"uid of {name}", "creationTimestamp": CREATED}
    metadata["ownerReferences"] = [{"uid": "u-1"}]
    return {
        "metadata": metadata | more,
        "spec": {"activeDeadlineSeconds": 60},
        "status": {"startTime": CREATED, "conditions": conditions if condition else []},
    }


def pod(*containers, before=(), of="candor-training-1", **status):
    return {
        "metadata": {
            "name": f"{of}-x",
            "creationTimestamp": CREATED,
            "ownerReferences": [{"uid": f"uid of {of}"}],
        },
        "status": {
            "initContainerStatuses": list(before),
            "containerStatuses": list(containers),
            **status,
        },
    }


def container(name="train", **state):
    return {"name": name, "state": state, "containerID": f"containerd://{name}"}


RUNNING = container(running={"startedAt": "2026-11-24T10:00:05Z"})
DONE = container(terminated={"exitCode": 0, "reason": "Completed", "startedAt": CREATED})
PULLED_NOT = container(waiting={"reason": "ImagePullBackOff", "message": "Back-off pulling"})
BEGINS = container(waiting={"reason": "PodInitializing"})


def ended(code, reason="Error", name="train", message=None):
    return container(name, terminated={"exitCode": code, "reason": reason, "message": message})


@pytest.mark.parametrize(
    ("one", "pods", "state"),
    [
        (job(), [], "waiting"),
        (job(), [pod(BEGINS)], "waiting"),
        (job(), [pod(BEGINS, before=[RUNNING])], "running"),
        (job(), [pod(ended(1)), pod(BEGINS)], "running"),
        (job(condition="Complete"), [pod(DONE)], "succeeded"),
        (job(condition="Failed"), [pod(ended(1))], "failed"),
        (job(condition="FailureTarget"), [pod(RUNNING)], "running"),
        (job(deletionTimestamp=CREATED), [pod(RUNNING)], "stopped"),
    ],
)
def test_the_state_of_a_run(one, pods, state):
    assert cluster_state.state(one, pods) == state


UNSCHEDULABLE = {"reason": "Unschedulable", "message": "0/1 nodes are available"}
FAILED = job(condition="Failed", reason="BackoffLimitExceeded")


@pytest.mark.parametrize(
    ("one", "pods", "warning", "reason"),
    [
        (FAILED, [pod(ended(2))], None, "train: exit code 2: no reviews"),
        (FAILED, [pod(ended(137, "OOMKilled"))], None, "train: OOMKilled (exit code 137)"),
        (FAILED, [pod(ended(2, message="its own words\n"))], None, "its own words"),
        (FAILED, [pod(BEGINS, before=[ended(4, name="first")])], None, "first: exit code 4"),
        (FAILED, [pod(ended(1), reason="Evicted", message="low on memory")], None, "Evicted: low"),
        (FAILED, [], None, "Job has reached the limit"),
        (FAILED, [], "Failed: no image", "Failed: no image"),
        (job(condition="Failed", reason="DeadlineExceeded"), [], None, "longer than 60 s"),
        (
            job(condition="Failed", reason="DeadlineExceeded"),
            [],
            "FailedScheduling: no node",
            "it took longer than 60 s; FailedScheduling: no node",
        ),
        (job(), [pod(PULLED_NOT)], None, "train: ImagePullBackOff: Back-off pulling"),
        (job(), [pod(conditions=[UNSCHEDULABLE])], None, "unschedulable: 0/1 nodes"),
        (job(), [], "FailedCreate: quota", "FailedCreate: quota"),
        (job(), [pod(RUNNING)], "BackOff: of long ago", None),
        (job(), [pod(BEGINS)], None, None),
    ],
)
def test_why_a_run_failed_or_waits(one, pods, warning, reason):
    said = "no reviews" if pods else ""
    found = cluster_state.trouble(one, pods, said, warning)
    assert found is None if reason is None else reason in found


def test_a_run_says_who_started_it_and_when():
    by_hand = {"annotations": {"candor.dev/started-by": "ada"}}
    by_clock = {"annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": CREATED}}
    runs = [cluster_state.run_info("training", job(**notes), []) for notes in (by_hand, by_clock)]
    assert [run.by for run in runs] == ["ada", "schedule"]
    assert cluster_state.run_info("training", job(), []).by == "unknown"
    run = cluster_state.run_info("training", job(condition="Complete"), [pod(RUNNING)])
    assert (run.started.second, run.finished.second) == (5, 0)


def test_the_newest_warning_is_about_the_run_alone():
    def event(name, reason, message, time):
        about = {"involvedObject": {"name": name}, "lastTimestamp": time}
        return about | {"reason": reason, "message": message}

    events = [
        event("candor-training-1", "FailedCreate", "old", "2026-11-24T10:00:00Z"),
        event("candor-training-1-abc", "Failed", "no such image", "2026-11-24T10:00:01Z"),
        event("candor-training-1-abc", "Failed", "Error: ErrImagePull", "2026-11-24T10:00:02Z"),
        event("candor-training-1", "BackoffLimitExceeded", "limit", "2026-11-24T10:00:03Z"),
        event("candor-training-12", "Failed", "another's", "2026-11-24T10:00:04Z"),
    ]
    found = cluster_state.newest_warning("candor-training-1", events)
    assert found == "Failed: no such image"
    assert cluster_state.newest_warning("candor-training-2", events) is None


class FakeClient:
    """A cluster with one CronJob; its container's log grows with each look."""

    def __init__(self):
        self.own, self.pod_list, self.lines, self.asked = [], [], [], []
        self.away = 0

    def cron_jobs(self, selector):
        return (
            [CRON_JOB] if "=training," in selector or selector.startswith("candor.dev/job,") else []
        )

    def jobs(self, _selector):
        return self.own

    def job(self, name):
        if self.away:
            self.away -= 1
            message = "the cluster does not answer"
            raise JobsAwayError(message)
        return next(one for one in self.own if one["metadata"]["name"] == name)

    def create_job(self, body):
        self.own = [job(**body["metadata"])]
        self.created = body
        return self.own[0]

    def delete_job(self, name):
        self.own = [one for one in self.own if one["metadata"]["name"] != name]

    def pods(self, _selector):
        return self.pod_list

    def warnings(self):
        return []

    def log(self, _pod, _container, sinceTime=None, tailLines=None):  # noqa: N803 (Kubernetes' names)
        self.asked.append(sinceTime)
        second = (sinceTime or "")[:19]
        lines = [line for line in self.lines if line.decode()[:19] >= second]
        return iter(lines[-tailLines:] if tailLines else lines)


@pytest.fixture
def cluster():
    return FakeClient()


@pytest.fixture
def jobs(cluster):
    found = KubernetesJobs("candor", None)
    found._client = cluster
    return found


def line(second, nanosecond, text):
    return f"2026-11-24T10:00:{second:02}.{nanosecond:09}Z {text}\n".encode()


def test_a_run_is_the_template_with_its_owner_and_who_started_it(jobs, cluster):
    run = jobs.start("training", "ada")
    metadata = cluster.created["metadata"]
    assert cluster.created["spec"] == SPEC
    assert metadata["labels"] == LABELS
    assert metadata["ownerReferences"] == [
        {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": "candor-training",
            "uid": "u-1",
            "controller": True,
        }
    ]
    assert metadata["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
    assert (run.by, run.state) == ("ada", "waiting")
    with pytest.raises(BusyError):
        jobs.start("training", "bob")
    jobs.stop("training", run.id, "bob")
    assert jobs.runs("training") == []


def test_a_job_of_somebody_else_is_none_of_ours(jobs, cluster):
    cluster.own = [
        job("hostile", ownerReferences=[{"uid": "u-2"}]),
        job("orphan", ownerReferences=None),
    ]
    assert jobs.runs("training") == []
    with pytest.raises(UnknownJobError):
        jobs.log("training", "hostile")
    with pytest.raises(UnknownJobError):
        jobs.stop("training", "orphan", "ada")


def test_a_log_is_gone_on_with_where_it_was_left(jobs, cluster):
    cluster.own, cluster.pod_list = [job()], [pod(RUNNING)]
    cluster.lines = [line(1, 5, "one"), line(1, 50, "two")]
    pieces = jobs.log("training", "candor-training-1")
    assert [next(pieces), next(pieces)] == [
        b"one\ntwo\n",
        b"",
    ]
    cluster.lines += [line(1, 500, "three"), line(2, 0, "four")]
    cluster.away = 1
    assert [next(pieces), next(pieces)] == [b"three\nfour\n", b""]
    cluster.own = [job(condition="Complete")]
    cluster.lines.append(line(2, 1, "five"))
    assert list(pieces) == [b"five\n"]
    assert cluster.asked[:2] == [None, "2026-11-24T10:00:01.000000050Z"]


def test_the_tail_of_a_log_spans_its_containers(jobs, cluster):
    cluster.own = [job(condition="Complete")]
    cluster.pod_list = [pod(DONE, before=[container("before", terminated={"exitCode": 0})])]
    cluster.lines = [line(1, 1, "one"), line(2, 1, "two")]
    assert b"".join(jobs.log("training", "candor-training-1", 3)) == b"two\none\ntwo\n"


class Recorded(BaseHTTPRequestHandler):
    """Plays the answers of its server."""

    def do_GET(self):
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def api_server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorded) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cluster_client(api_server):
    settings = client.Configuration(host=f"http://127.0.0.1:{api_server.server_port}")
    with client.ApiClient(settings) as api:
        yield ClusterClient(api, "candor")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, UnknownJobError),
        (409, BusyError),
        (403, RefusedError),
        (422, RefusedError),
        (500, JobsAwayError),
        (429, JobsAwayError),
    ],
)
def test_an_error_of_the_cluster_is_told_in_its_words(api_server, cluster_client, status, error):
    api_server.answer = status, json.dumps({"message": "policy denied it"}).encode()
    with pytest.raises(error, match="policy denied it"):
        cluster_client.create_job({"kind": "Job"})
    api_server.answer = status, b"<html>a proxy</html>"
    with pytest.raises(error, match="a proxy"):
        cluster_client.jobs("a=b")


@pytest.mark.integration
def test_a_log_is_split_at_its_lines_whatever_is_in_them(api_server, cluster_client):
    api_server.answer = 200, b"1 a\n2 \xff\r\x00\n\n" + b"3 " + b"x" * 100_000 + b"\n4 unfinished"
    lines = list(cluster_client.log("pod", "train"))
    assert lines[:3] == [b"1 a\n", b"2 \xff\r\x00\n", b"\n"]
    assert (len(lines), len(lines[3]), lines[4]) == (5, 100_003, b"4 unfinished")
