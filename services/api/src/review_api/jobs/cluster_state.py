"""What a Job and its pods say about a run: its state, and why it failed or waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review_api.jobs.schemas import RunInfo, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from review_api.jobs.cluster_client import Json

STARTED_BY = "candor.dev/started-by"
SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
BEGINNINGS = {"PodInitializing", "ContainerCreating"}
"""What a container waits for that nothing is wrong with."""

OWN_ENDS = {"BackoffLimitExceeded", "DeadlineExceeded"}
LONGEST_REASON = 500


@dataclass(frozen=True)
class Container:
    """A container of a pod, as the pod's status has it."""

    pod: str
    status: Json

    @property
    def name(self) -> str:
        """Return its name in the pod."""
        name: str = self.status["name"]
        return name

    @property
    def id(self) -> str:
        """Return what it alone has, also when it is started again."""
        return f"{self.pod}/{self.status.get('containerID')}"

    @property
    def running(self) -> Json | None:
        """Return since when it runs, if it does."""
        return self._state("running")

    @property
    def ended(self) -> Json | None:
        """Return how it ended, if it has."""
        return self._state("terminated")

    @property
    def waits(self) -> Json | None:
        """Return what is wrong with it that it does not start."""
        waiting = self._state("waiting")
        return waiting if waiting and waiting.get("reason") not in {*BEGINNINGS, None} else None

    @property
    def has_failed(self) -> bool:
        """Say whether it ended with an error."""
        return bool(self.ended and self.ended.get("exitCode"))

    def _state(self, name: str) -> Json | None:
        found: Json | None = self.status.get("state", {}).get(name)
        return found


def containers(pods: Iterable[Json]) -> Iterator[Container]:
    """Yield the containers in the order in which they start, oldest pod first."""
    for pod in sorted(pods, key=created_first):
        status = pod.get("status", {})
        for kind in ("initContainerStatuses", "containerStatuses"):
            for one in status.get(kind) or []:
                yield Container(pod["metadata"]["name"], one)


def created_first(thing: Json) -> tuple[str, str]:
    """Return what sorts objects by age; times of one form sort as text."""
    return thing["metadata"]["creationTimestamp"], thing["metadata"]["name"]


def has_ended(job: Json) -> bool:
    """Say whether a Job will do nothing more."""
    return bool(_condition(job, "Complete") or _condition(job, "Failed"))


def run_info(name: str, job: Json, pods: list[Json], reason: str | None = None) -> RunInfo:
    """Return a Job as a run of the job of a name."""
    metadata = job["metadata"]
    notes = metadata.get("annotations") or {}
    return RunInfo.model_validate(
        {
            "id": metadata["name"],
            "job": name,
            "state": state(job, pods),
            "by": notes.get(STARTED_BY) or ("schedule" if SCHEDULED in notes else "unknown"),
            "created": metadata["creationTimestamp"],
            "started": _started(job, pods),
            "finished": _finished(job),
            "reason": reason,
        }
    )


def state(job: Json, pods: list[Json]) -> State:
    """Return the state of a run; one that is being deleted is stopped."""
    if job["metadata"].get("deletionTimestamp"):
        return "stopped"
    if _condition(job, "Complete"):
        return "succeeded"
    if _condition(job, "Failed"):
        return "failed"
    begun = any(one.running or one.ended for one in containers(pods))
    return "running" if begun else "waiting"


def _started(job: Json, pods: list[Json]) -> str | None:
    """Return when the first container started; a Job without pods knows when it began."""
    states = [one.running or one.ended for one in containers(pods)]
    times = [one["startedAt"] for one in states if one and one.get("startedAt")]
    began: str | None = job.get("status", {}).get("startTime")
    return min(times) if times else began if has_ended(job) else None


def _finished(job: Json) -> str | None:
    ending = _condition(job, "Complete") or _condition(job, "Failed")
    found: str | None = job.get("status", {}).get("completionTime")
    return found or (ending["lastTransitionTime"] if ending else None)


def _condition(thing: Json, kind: str) -> Any:  # noqa: ANN401 (JSON)
    conditions = thing.get("status", {}).get("conditions") or []
    return next(
        (one for one in conditions if one["type"] == kind and one["status"] == "True"), None
    )


def failed_container(pods: list[Json]) -> Container | None:
    """Return the container that failed last."""
    failed = [one for one in containers(pods) if one.has_failed]
    return failed[-1] if failed else None


def trouble(job: Json, pods: list[Json], last_line: str, warning: str | None) -> str | None:
    """Return why a run failed, or what keeps it from starting.

    Args:
        job: the Job.
        pods: its pods.
        last_line: what the container that failed last wrote last.
        warning: the newest warning about the Job and its pods.
    """
    found = _over_time(job) or _failure(pods, last_line) or _obstacle(pods)
    failed = _condition(job, "Failed")
    if failed:
        found = "; ".join(filter(None, [found, None if pods else warning])) or failed.get("message")
    elif not found and state(job, pods) == "waiting":
        found = warning
    return found[:LONGEST_REASON] if found else None


def _over_time(job: Json) -> str | None:
    failed = _condition(job, "Failed")
    if not failed or failed.get("reason") != "DeadlineExceeded":
        return None
    return f"it took longer than {job['spec'].get('activeDeadlineSeconds')} s"


def _failure(pods: list[Json], last_line: str) -> str | None:
    """Return how a container failed, or why its pod was ended."""
    for pod in sorted(pods, key=created_first, reverse=True):
        if why := pod.get("status", {}).get("reason"):
            return f"{why}: {pod['status'].get('message', '')}".strip(": ")
    container = failed_container(pods)
    if container is None or container.ended is None:
        return None
    why, code = container.ended.get("reason"), container.ended["exitCode"]
    how = f"exit code {code}" if why in {"Error", None} else f"{why} (exit code {code})"
    said = (container.ended.get("message") or "").strip() or last_line
    return ": ".join(filter(None, [container.name, how, said]))


def _obstacle(pods: list[Json]) -> str | None:
    """Return why a pod does not start."""
    for one in containers(pods):
        if one.waits:
            return ": ".join(
                filter(None, [one.name, one.waits["reason"], one.waits.get("message")])
            )
    for pod in pods:
        for condition in pod.get("status", {}).get("conditions") or []:
            if condition.get("reason") == "Unschedulable":
                return f"unschedulable: {condition.get('message')}"
    return None


def newest_warning(job: str, events: list[Json]) -> str | None:
    """Return the newest warning about a Job or its pods that says more than that it failed."""
    about = [event for event in events if _is_about(job, event)]
    if not about:
        return None
    event = max(about, key=_when)
    return f"{event.get('reason')}: {event.get('message')}"


def _is_about(job: str, event: Json) -> bool:
    name = event.get("involvedObject", {}).get("name", "")
    said = event.get("reason") not in OWN_ENDS and not event.get("message", "").startswith("Error:")
    return said and (name == job or name.startswith(f"{job}-"))


def _when(event: Json) -> str:
    return event.get("lastTimestamp") or event.get("eventTime") or ""
