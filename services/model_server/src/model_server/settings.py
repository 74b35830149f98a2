"""Where TorchServe listens, reads and writes; from the environment, read once."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Folder = Annotated[Path, AfterValidator(Path.absolute)]
"""TorchServe runs in a folder of its own, so that relative paths would change their meaning."""


class Settings(BaseSettings):
    """Every setting can be given as an environment variable of the same name."""

    model_config = SettingsConfigDict(frozen=True)

    model_store: Folder = Field(
        Path("model-store"), description="Folder with the archive to serve."
    )
    model_archive: str = Field("sentiment.mar", description="File name of the archive to serve.")
    model_host: str = Field(
        "127.0.0.1", description="Address that predictions and metrics listen on."
    )
    model_port: int = Field(8080, description="Port of predictions and explanations.")
    management_port: int = Field(8081, description="Port of the management API, loopback only.")
    metrics_port: int = Field(8082, description="Port of the Prometheus metrics.")
    model_workers: int = Field(1, ge=1, description="Worker processes, best one a core.")
    model_heap: str = Field("192m", description="Java heap of TorchServe's front end.")
    model_server_home: Folder = Field(
        Path(".candor/model-server"), description="The only folder that is written to."
    )
