"""Where TorchServe and the synchroniser listen, read and write; from the environment, read once."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Folder = Annotated[Path, AfterValidator(Path.absolute)]
"""TorchServe runs in a folder of its own, so that relative paths would change their meaning."""


class Settings(BaseSettings):
    """Every setting can be given as an environment variable of the same name."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, hide_input_in_errors=True, protected_namespaces=()
    )

    model_store: Folder = Field(
        Path("model-store"), description="Folder with the archive to serve."
    )
    model_archive: str = Field("sentiment.mar", description="File name of the archive to serve.")
    model_host: str = Field(
        "127.0.0.1", description="Address to listen on for all but the management API."
    )
    model_port: int = Field(8080, description="Port of predictions and explanations.")
    management_port: int = Field(8081, description="Port of the management API, loopback only.")
    metrics_port: int = Field(8082, description="Port of the Prometheus metrics.")
    model_workers: int = Field(1, ge=1, description="Worker processes, best one a core.")
    model_heap: str = Field("192m", description="Java heap of TorchServe's front end.")
    model_server_home: Folder = Field(
        Path(".candor/model-server"), description="The only folder that is written to."
    )
    review_api_url: str = Field(
        "http://127.0.0.1:8000", description="Where `sync` asks what its alias means."
    )
    model_sync_token: SecretStr | None = Field(
        None, description="The token that `sync` asks with; it has the scope models:read."
    )
    sync_alias: Literal["production", "canary"] = Field(
        "production", description="What TorchServe is kept at: production or canary."
    )
    model_signing_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="The key that versions are signed with; without the right signature none is "
        "served but the one in MODEL_STORE.",
    )
    sync_port: int = Field(8083, description="Port of the endpoints of `sync`.")
    sync_interval_seconds: float = Field(3, gt=0, description="How often `sync` looks.")
    sync_start_seconds: float = Field(
        120, gt=0, description="How long the workers of a new version may take to start."
    )
    sync_drain_seconds: float = Field(
        30,
        ge=0,
        description="How long a replaced version may answer the requests that it has; no worker "
        "has longer for one than responseTimeout in model-config.yaml.",
    )
    sync_largest_megabytes: int = Field(500, gt=0, description="A larger archive is not fetched.")

    @property
    def signing_key(self) -> bytes | None:
        """The key's bytes, None where signatures are not asked for."""
        key = self.model_signing_key
        return None if key is None else key.get_secret_value().encode()
