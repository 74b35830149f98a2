"""Every setting of the starter, read once from the environment and `.env`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from candor_local.errors import CandorError

CHECKOUT = Path(__file__).resolve().parents[3]
DOTENV = CHECKOUT / ".env"

Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """The settings; each is the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(
        frozen=True,
        env_file=DOTENV,
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    candor_home: Folder = Field(
        CHECKOUT / ".candor", description="Where the data, secrets and logs are kept."
    )
    model_store: Folder = Field(
        CHECKOUT / "model-store", description="The folder with the models to serve."
    )
    ui_port: Port = Field(8050, description="Port of the pages.")
    api_port: Port = Field(8000, description="Port of the review API.")
    model_port: Port = Field(8080, description="Port of TorchServe's predictions.")
    management_port: Port = Field(8081, description="Port of TorchServe's management.")
    metrics_port: Port = Field(8082, description="Port of TorchServe's metrics.")
    sync_port: Port = Field(
        8083, description="Port of what keeps TorchServe at the model in production."
    )
    canary: bool = Field(
        default=False, description="Whether a second TorchServe runs, for the canary (0.6 GB)."
    )
    canary_port: Port = Field(8084, description="Port of the canary's predictions.")
    canary_management_port: Port = Field(8085, description="Port of the canary's management.")
    canary_metrics_port: Port = Field(8086, description="Port of the canary's metrics.")
    canary_sync_port: Port = Field(
        8087, description="Port of what keeps the canary's TorchServe at the canary."
    )
    jobs: Literal["processes", "off"] = Field(
        "processes", description="Whether an admin may start scraping and training: processes, off."
    )
    training_recipe: str = Field(
        "retraining",
        min_length=1,
        description="How the training job trains: retraining, demonstration (quick), or a file.",
    )
    scraper_profile: str = Field(
        "demo",
        min_length=1,
        description="The site that `candor refresh` collects from; demo is the demo site.",
    )
    demo_site_port: Port = Field(
        8090, description="Port of the demo site while `candor refresh` runs."
    )
    admin_user: str = Field("admin", min_length=1, description="Name of the first admin.")
    admin_password: SecretStr | None = Field(
        None, description="Password of the first admin; without it one is made and shown once."
    )
    start_timeout: Seconds = Field(
        120, description="How many seconds a part may take until it is healthy."
    )
    stop_timeout: Seconds = Field(
        10, description="How many seconds a part may take to stop before it is killed."
    )

    @property
    def archive(self) -> Path:
        """The model that is served until one is published."""
        return self.model_store / "sentiment.mar"

    @property
    def ports(self) -> dict[str, int]:
        """Each port that the product listens on, by the name of its variable."""
        return {
            name.upper(): getattr(self, name)
            for name in type(self).model_fields
            if name.endswith("_port") and self._is_open(name)
        }

    def _is_open(self, port: str) -> bool:
        """Say whether the product listens on a port as long as it runs."""
        return port != "demo_site_port" and (self.canary or not port.startswith("canary_"))

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        owners: dict[int, str] = {}
        for variable, port in self.ports.items():
            other = owners.setdefault(port, variable)
            if other != variable:
                message = f"{other} and {variable} are both {port}"
                raise ValueError(message)
        return self


def read_settings(*, canary: bool | None = None) -> Settings:
    """Return the settings of this process; raise CandorError where one is wrong."""
    try:
        return Settings() if canary is None else Settings(canary=canary)
    except ValidationError as error:
        raise CandorError("; ".join(_explain(error))) from None


def _explain(error: ValidationError) -> list[str]:
    return [
        ": ".join([*(str(part).upper() for part in problem["loc"]), _plain(problem["msg"])])
        for problem in error.errors()
    ]


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def inherited_environment(dotenv: Path = DOTENV) -> Mapping[str, str]:
    """Return what every part inherits: `.env` under the environment.

    The admin's password is left out: only the migration is given it.
    """
    from_file = {key: value for key, value in dotenv_values(dotenv).items() if value is not None}
    merged = {**from_file, **os.environ}
    merged.pop("ADMIN_PASSWORD", None)
    return merged
