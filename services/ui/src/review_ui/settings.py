"""What can be set from the environment, each setting under its upper-case name."""

from typing import Literal

from pydantic import Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The environment, read once when the server is made."""

    # Pydantic would otherwise keep names that begin with `model_` for itself.
    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, hide_input_in_errors=True, protected_namespaces=()
    )

    review_api_url: HttpUrl = Field(
        HttpUrl("http://127.0.0.1:8000"), description="Where the UI's server reaches the review API"
    )
    model_server_url: HttpUrl = Field(
        HttpUrl("http://127.0.0.1:8080"),
        description="Where the UI's server reaches TorchServe's inference",
    )
    canary_server_url: HttpUrl | None = Field(
        None, description="Where the canary's TorchServe answers; without it there is none"
    )
    api_public_url: HttpUrl = Field(
        HttpUrl("http://127.0.0.1:8000"),
        description="The review API's address as people's browsers see it, for links",
    )
    ui_token: SecretStr = Field(
        SecretStr(""),
        description="Token (scope reviews:attest) by which the API believes the visitor's address",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many proxies in front may state the visitor's address"
    )
    api_timeout_seconds: float = Field(
        5.0, gt=0, description="How long the review API may take to begin an answer"
    )
    model_timeout_seconds: float = Field(
        5.0, gt=0, description="How long TorchServe may take to begin an answer"
    )
    canary_timeout_seconds: float = Field(
        2.0, gt=0, description="How long the canary may take before production is asked instead"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important level that is logged"
    )
    ui_bind: str = Field("127.0.0.1:8050", description="Address and port gunicorn listens on")
    ui_threads: int = Field(16, ge=1, description="Requests that gunicorn answers at once")


def complaints(error: ValidationError) -> str:
    """What is wrong with the settings, on one line."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()
    )
