"""Jobs that are CronJobs of a cluster: a run is a Job made from the CronJob's template."""

from __future__ import annotations

import re
from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING

from review_api.jobs import cluster_state
from review_api.jobs.interface import BusyError, JobsAwayError, RefusedError, UnknownJobError
from review_api.jobs.schemas import JobInfo, RunInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from review_api.jobs.cluster_client import ClusterClient, Json
    from review_api.jobs.cluster_state import Container

JOB = "candor.dev/job"
INSTANCE = "app.kubernetes.io/instance"
OF_JOB = "batch.kubernetes.io/job-name"
MANUAL = "cronjob.kubernetes.io/instantiate"

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
LONGEST_PREFIX = 52
"""Characters of a CronJob's name, so that a Job's has room for its own."""

PIECE = 32 * 1024


class KubernetesJobs:
    """The CronJobs of a release that bear the label of a job.

    Attributes:
        forgets_stopped: a run is stopped by deleting its Job.
    """

    forgets_stopped = True

    def __init__(self, release: str, namespace: str | None) -> None:
        self._release = release
        self._namespace = namespace

    @cached_property
    def _client(self) -> ClusterClient:
        """The client, made when first needed: the library is large and its import slow."""
        from review_api.jobs.cluster_client import connected  # noqa: PLC0415 (see above)

        return connected(self._namespace)

    def jobs(self) -> list[JobInfo]:
        """Return the CronJobs as jobs, each with its last run."""
        found = self._client.cron_jobs(f"{JOB},{INSTANCE}={self._release}")
        jobs = self._client.jobs(f"{INSTANCE}={self._release}")
        named = sorted((one["metadata"]["labels"][JOB], one) for one in found)
        return [self._job_info(name, cron_job, jobs) for name, cron_job in named]

    def _job_info(self, name: str, cron_job: Json, jobs: list[Json]) -> JobInfo:
        own = _owned_by(cron_job, jobs)
        return JobInfo(
            name=name,
            schedule=cron_job["spec"]["schedule"],
            suspended=bool(cron_job["spec"].get("suspend")),
            running=any(_is_active(job) for job in own),
            last=next(iter(self._run_infos(name, own[:1])), None),
        )

    def runs(self, job: str) -> list[RunInfo]:
        """Return the Jobs of a CronJob, newest first."""
        return self._run_infos(job, self._jobs_of(self._cron_job(job)))

    def start(self, job: str, by: str) -> RunInfo:
        """Make a Job exactly from the CronJob's template."""
        cron_job = self._cron_job(job)
        if any(not cluster_state.has_ended(one) for one in self._jobs_of(cron_job)):
            message = f"{job} runs already"
            raise BusyError(message)
        return cluster_state.run_info(job, self._client.create_job(_job(job, cron_job, by)), [])

    def log(self, job: str, run: str, tail: int | None = None) -> Iterator[bytes]:
        """Yield what the run's containers write, one after the other."""
        self._job(job, run)
        return _joined(self._log(run, tail))

    def stop(self, job: str, run: str, by: str) -> RunInfo:  # noqa: ARG002 (the interface)
        """Delete the Job; its pods may end in order."""
        found = self._job(job, run)
        if not _is_active(found):
            message = f"the run {run} has ended"
            raise BusyError(message)
        before = self._run_infos(job, [found])[0]
        self._client.delete_job(run)
        return before

    def _cron_job(self, job: str) -> Json:
        if NAME.fullmatch(job):
            selector = f"{JOB}={job},{INSTANCE}={self._release}"
            if found := self._client.cron_jobs(selector):
                return found[0]
        message = f"there is no job {job[:100]}"
        raise UnknownJobError(message)

    def _jobs_of(self, cron_job: Json) -> list[Json]:
        return _owned_by(cron_job, self._client.jobs(f"{INSTANCE}={self._release}"))

    def _job(self, job: str, run: str) -> Json:
        """Return a run's Job, if it is one of this job."""
        for one in self._jobs_of(self._cron_job(job)):
            if one["metadata"]["name"] == run:
                return one
        message = f"there is no run {run[:100]} of {job}"
        raise UnknownJobError(message)

    def _run_infos(self, name: str, jobs: list[Json]) -> list[RunInfo]:
        if not jobs:
            return []
        names = ", ".join(job["metadata"]["name"] for job in jobs)
        pods = self._client.pods(f"{OF_JOB} in ({names})")
        return [self._run_info(name, job, _pods_of(job, pods)) for job in jobs]

    def _run_info(self, name: str, job: Json, pods: list[Json]) -> RunInfo:
        state = cluster_state.state(job, pods)
        reason = None if state in {"succeeded", "stopped"} else self._trouble(job, pods)
        return cluster_state.run_info(name, job, pods, reason)

    def _trouble(self, job: Json, pods: list[Json]) -> str | None:
        """Return why a run failed or waits; events are asked for only where pods say nothing."""
        failed = cluster_state.failed_container(pods)
        said = self._last_line(failed) if failed else ""
        if found := cluster_state.trouble(job, pods, said, None) if pods else None:
            return found
        warning = cluster_state.newest_warning(job["metadata"]["name"], self._client.warnings())
        return cluster_state.trouble(job, pods, said, warning)

    def _last_line(self, container: Container) -> str:
        try:
            lines = [text for _, text in self._read(container, None, 10) if text.strip()]
        except (UnknownJobError, RefusedError):
            return ""
        return lines[-1].decode(errors="replace").strip() if lines else ""

    def _log(self, run: str, tail: int | None) -> Iterator[bytes]:
        """Yield lines, and an empty one whenever there is nothing new.

        It asks again and again rather than keep a call open, which nobody could end while a
        container is silent; a cluster that is away for a moment has nothing new.
        """
        seen: dict[str, bytes] = {}
        lines: Iterable[bytes] = self._new_lines(run, seen, tail)
        yield from deque(lines, maxlen=tail) if tail else lines
        while not self._is_over(run):
            yield b""
            try:
                yield from self._new_lines(run, seen)
            except JobsAwayError:
                continue
        yield from self._new_lines(run, seen)

    def _is_over(self, run: str) -> bool:
        try:
            return cluster_state.has_ended(self._client.job(run))
        except UnknownJobError:
            return True
        except JobsAwayError:
            return False

    def _new_lines(
        self, run: str, seen: dict[str, bytes], tail: int | None = None
    ) -> Iterator[bytes]:
        """Yield the lines of all containers that have started, after those that were seen.

        Args:
            run: the Job.
            seen: the time of each container's last line; brought up to date.
            tail: how many lines a container need give.
        """
        for container in cluster_state.containers(self._client.pods(f"{OF_JOB}={run}")):
            if not (container.running or container.ended):
                continue
            try:
                for time, text in self._read(container, seen.get(container.id), tail):
                    seen[container.id] = time
                    yield text
            except (UnknownJobError, RefusedError):
                continue  # The pod, or what it wrote, is gone.

    def _read(
        self, container: Container, since: bytes | None, tail: int | None
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield the lines of a container with their times, which sort as text.

        The cluster knows "since" only by the second.
        """
        options = {"sinceTime": since.decode() if since else None, "tailLines": tail}
        for line in self._client.log(container.pod, container.name, **options):
            time, _, text = line.partition(b" ")
            if since is None or time > since:
                yield time, text


def _job(name: str, cron_job: Json, by: str) -> Json:
    """Return a Job to create; its spec is the template's, as it is."""
    metadata, template = cron_job["metadata"], cron_job["spec"]["jobTemplate"]
    given = template.get("metadata") or {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "generateName": f"{metadata['name'][:LONGEST_PREFIX]}-",
            "labels": (given.get("labels") or {})
            | {JOB: name, INSTANCE: metadata["labels"][INSTANCE]},
            "annotations": (given.get("annotations") or {})
            | {MANUAL: "manual", cluster_state.STARTED_BY: by},
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": metadata["name"],
                    "uid": metadata["uid"],
                    "controller": True,
                }
            ],
        },
        "spec": template["spec"],
    }


def _owned_by(cron_job: Json, jobs: Iterable[Json]) -> list[Json]:
    """Return a CronJob's Jobs, newest first."""
    uid = cron_job["metadata"]["uid"]
    own = [job for job in jobs if uid in _owners(job)]
    return sorted(own, key=cluster_state.created_first, reverse=True)


def _owners(job: Json) -> set[str]:
    return {owner["uid"] for owner in job["metadata"].get("ownerReferences") or []}


def _pods_of(job: Json, pods: Iterable[Json]) -> list[Json]:
    return [pod for pod in pods if job["metadata"]["uid"] in _owners(pod)]


def _is_active(job: Json) -> bool:
    return not cluster_state.has_ended(job) and not job["metadata"].get("deletionTimestamp")


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines in larger pieces, and empty ones as they are."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if not line or size >= PIECE:
            if size:
                yield b"".join(held)
            held, size = [], 0
        if not line:
            yield b""
    if size:
        yield b"".join(held)
