"""The TorchServes of the product: the one of production, and the canary's where there is one."""

from dataclasses import dataclass
from pathlib import Path

from candor_local.home import Home
from candor_local.settings import Settings


@dataclass(frozen=True)
class ModelServer:
    """A TorchServe and what keeps it at the version that its alias means."""

    alias: str
    name: str
    sync_name: str
    port: int
    management_port: int
    metrics_port: int
    sync_port: int
    home: Path


def production(settings: Settings, home: Home) -> ModelServer:
    """Return the one that answers everybody but the canary's visitors."""
    return ModelServer(
        alias="production",
        name="model-server",
        sync_name="model-sync",
        port=settings.model_port,
        management_port=settings.management_port,
        metrics_port=settings.metrics_port,
        sync_port=settings.sync_port,
        home=home.model_server,
    )


def canary(settings: Settings, home: Home) -> ModelServer:
    """Return the one that answers the canary's visitors."""
    return ModelServer(
        alias="canary",
        name="canary-server",
        sync_name="canary-sync",
        port=settings.canary_port,
        management_port=settings.canary_management_port,
        metrics_port=settings.canary_metrics_port,
        sync_port=settings.canary_sync_port,
        home=home.canary_server,
    )


def of(alias: str, settings: Settings, home: Home) -> ModelServer:
    """Return the one that serves what an alias means."""
    return {"production": production, "canary": canary}[alias](settings, home)


def running(settings: Settings, home: Home) -> tuple[ModelServer, ...]:
    """Return those that run."""
    both = (production(settings, home), canary(settings, home))
    return both if settings.canary else both[:1]
