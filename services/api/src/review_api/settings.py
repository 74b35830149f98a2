"""Every setting of the review API, read once from the environment."""

from typing import Annotated, Literal

from flask import current_app
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from review_api.addresses import Policy

PerMinute = Annotated[int, Field(ge=0, le=1_000_000)]


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


def current_settings() -> Settings:
    """Return the settings of the application that handles this request."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def complaints(error: ValidationError) -> str:
    """Return what is wrong with the settings, on one line."""
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}"
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    )
