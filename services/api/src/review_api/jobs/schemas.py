"""What is said of jobs and their runs."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from review_api.schemas import Query

State = Literal["waiting", "running", "succeeded", "failed", "stopped"]
MOST_LINES = 100_000


class RunInfo(BaseModel):
    """A run of a job; ``reason`` says why it failed, or what it waits for."""

    model_config = ConfigDict(frozen=True)

    id: str
    job: str
    state: State
    by: str = Field(description='A user, a token, or "schedule".')
    created: AwareDatetime
    started: AwareDatetime | None = None
    finished: AwareDatetime | None = None
    reason: str | None = None

    @property
    def is_active(self) -> bool:
        """Say whether the run has yet to end."""
        return self.state in {"waiting", "running"}


class JobInfo(BaseModel):
    """A job, and its last run."""

    model_config = ConfigDict(frozen=True)

    name: str
    schedule: str | None = Field(description="As cron writes it.")
    suspended: bool = Field(description="The schedule is off; it can still be run.")
    running: bool
    last: RunInfo | None


class LogQuery(Query):
    """How much of a log, and whether to wait for more."""

    follow: bool = Field(default=False, description="Goes on while the run does.")
    tail: int | None = Field(None, ge=1, le=MOST_LINES, description="Only the last lines.")


def stopped_by(who: str) -> str:
    """Return the reason of a run that somebody stopped."""
    return f"stopped by {who}"
