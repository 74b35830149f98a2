"""TorchServe's `config.properties`, from our settings.

The keys are those of https://pytorch.org/serve/configuration.html.
"""

from pathlib import Path

from model_server.settings import Settings

LARGEST_REQUEST = 512 * 1024
"""Bytes; a review may have 64 KiB, and JSON escapes can make six bytes of one."""


def properties(settings: Settings, store: Path) -> dict[str, str]:
    """Return the configuration as TorchServe's keys and values; models come from `store` alone."""
    return {
        "inference_address": f"http://{settings.model_host}:{settings.model_port}",
        # The management API can load any model: it never leaves the machine or pod.
        "management_address": f"http://127.0.0.1:{settings.management_port}",
        "metrics_address": f"http://{settings.model_host}:{settings.metrics_port}",
        # gRPC cannot be turned off; any free port of the loopback keeps it out of the way.
        "grpc_inference_address": "127.0.0.1",
        "grpc_inference_port": "0",
        "grpc_management_address": "127.0.0.1",
        "grpc_management_port": "0",
        "metrics_mode": "prometheus",
        "model_store": str(store),
        "allowed_urls": f"file://{store}/.*",
        "disable_token_authorization": "true",
        "enable_model_api": "true",
        "enable_envvars_config": "false",
        "install_py_dep_per_model": "false",
        "default_workers_per_model": str(settings.model_workers),
        "max_request_size": str(LARGEST_REQUEST),
        "max_response_size": str(8 * LARGEST_REQUEST),
        "job_queue_size": "1000",
        "number_of_netty_threads": "2",
        "netty_client_threads": "2",
    }


def write_properties(settings: Settings, store: Path, path: Path) -> None:
    """Write `config.properties` to `path`."""
    lines = [f"{key}={value}\n" for key, value in properties(settings, store).items()]
    path.write_text("".join(lines), encoding="utf-8")
