"""Every setting of the review API, read once from the environment."""

from pathlib import Path
from typing import Annotated, Literal, Self

from flask import current_app
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from review_api.addresses import Policy
from review_api.jobs.commands_file import read_commands

PerMinute = Annotated[int, Field(ge=0, le=1_000_000)]
Cap = Annotated[int, Field(ge=0, le=1_000_000_000)]


class Settings(BaseSettings):
    """The settings; each is the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, hide_input_in_errors=True, protected_namespaces=()
    )

    database_url: str = Field(
        description="Postgres, as postgresql://user:password@host:port/name.",
        pattern="^postgresql://",
    )
    model_server_url: str = Field(
        "http://127.0.0.1:8080", description="Where TorchServe answers predictions."
    )
    canary_server_url: str | None = Field(
        None, description="Where the canary's TorchServe answers; without it there is none."
    )
    gate_required: bool = Field(
        default=True,
        description="Refuse aliases for versions that the gate has not passed.",
    )
    model_timeout_seconds: float = Field(
        5, gt=0, description="How long a prediction may take before the answer is 503."
    )
    ui_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="The UI's service token; `migrate` registers its hash with reviews:attest.",
    )
    scraper_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="The scraper's service token; `migrate` registers it with scrape:write.",
    )
    training_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Training's service token; `migrate` registers it with training:read, "
        "models:read and models:write.",
    )
    model_sync_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="The model sync's service token; `migrate` registers it with models:read.",
    )
    admin_user: str = Field("admin", description="The first admin's name, made by `migrate`.")
    admin_password: SecretStr | None = Field(
        None, description="The first admin's password; without it `migrate` makes no admin."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many proxies in front may state the client's address."
    )
    client_address: Policy = Field(
        "full", description="How client addresses are kept: full, truncated (/24, /48) or none."
    )
    writes_per_minute: PerMinute = Field(
        60, description="Reviews a client address may write a minute; 0 is no limit."
    )
    predictions_per_minute: PerMinute = Field(
        600, description="Predictions a client address may ask for a minute; 0 is no limit."
    )
    logins_per_minute: PerMinute = Field(
        10, description="Wrong passwords a client address may try a minute; 0 is no limit."
    )
    session_hours: int = Field(12, ge=1, le=720, description="How long a login lasts, in hours.")
    cookie_secure: bool = Field(
        default=False, description="Send the session cookie over HTTPS only; turn on behind TLS."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important level that is logged."
    )
    api_bind: str = Field("127.0.0.1:8000", description="Address and port gunicorn listens on.")
    api_workers: int = Field(2, ge=1, le=64, description="gunicorn worker processes.")
    api_threads: int = Field(8, ge=1, le=256, description="Threads of each worker.")
    work_interval_seconds: float = Field(
        1, gt=0, description="How often `review-api work` looks for reviews to score."
    )
    training_address_cap: Cap = Field(
        100,
        description="Reviews of a client address and day that are trained on; 0 is no limit, and "
        "no hash of the address is kept.",
    )
    training_brand_cap: Cap = Field(
        10_000, description="Reviews of a brand that are trained on, the latest; 0 is no limit."
    )
    training_burst: Cap = Field(
        200,
        description="Reviews of a brand in an hour above which all of them wait for the owner "
        "before they are trained on; 0 holds none back.",
    )
    training_disagreement: float = Field(
        0.9,
        ge=0,
        le=1,
        description="How sure, from 0 to 1, the model must be of bad where the person says good, "
        "or the reverse, for the review to wait for the owner; 0 holds none back.",
    )
    training_people_weight: float = Field(
        1,
        gt=0,
        le=100,
        description="What a person's review weighs in training against a scraped one's 1.",
    )
    drift_days: int = Field(
        7, ge=1, le=366, description="Days of reviews that are compared with the training data."
    )
    drift_interval_seconds: float = Field(
        300, gt=0, description="How often `review-api work` makes that comparison."
    )
    work_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Where `review-api work` answers /healthz, /readyz and /metrics, at the "
        "address of API_BIND; 0 is off.",
    )
    jobs: Literal["off", "processes", "kubernetes"] = Field(
        "off", description="What runs scraping and training for an admin, if anything."
    )
    jobs_namespace: str | None = Field(
        None, description="The namespace of the CronJobs; without it the pod's own."
    )
    jobs_release: str = Field(
        "candor", description="The release whose CronJobs are run: app.kubernetes.io/instance."
    )
    jobs_file: Path | None = Field(
        None, description="For processes: a JSON file of the jobs' commands."
    )
    jobs_home: Path | None = Field(
        None, description="For processes: the folder of their logs, one of this machine alone."
    )
    jobs_log_bytes: int = Field(
        4 * 1024 * 1024,
        ge=4096,
        description="For processes: how long a log may be; then its beginning goes.",
    )
    jobs_kept: int = Field(
        20, ge=1, le=1000, description="For processes: how many runs of a job are remembered."
    )
    jobs_grace_seconds: float = Field(
        10, gt=0, description="For processes: how long one may take to end before it is killed."
    )
    jobs_follow_seconds: float = Field(
        600, gt=0, description="How long a log is followed by one request."
    )

    @model_validator(mode="after")
    def _processes_are_known(self) -> Self:
        """Complain of what is wrong with the jobs' file before anything is served."""
        if self.jobs == "processes":
            if self.jobs_file is None or self.jobs_home is None:
                message = "JOBS=processes needs JOBS_FILE and JOBS_HOME"
                raise ValueError(message)
            read_commands(self.jobs_file)
        return self


def current_settings() -> Settings:
    """Return the settings of the application that handles this request."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def complaints(error: ValidationError) -> str:
    """Return what is wrong with the settings, on one line."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(_complaint(one["loc"], one["msg"]) for one in found)


def _complaint(place: tuple[int | str, ...], message: str) -> str:
    """Return one complaint; what concerns several settings names them itself."""
    names = [".".join(map(str, place)).upper()] if place else []
    return ": ".join([*names, message.removeprefix("Value error, ")])
