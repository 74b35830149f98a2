"""Whether the default version of the model has a worker that can answer.

TorchServe's own `/ping` is healthy with no model at all, so we ask its management API.
"""

import requests

from model_server.store import MODEL


def is_ready(management_url: str, timeout: float = 2.0) -> bool:
    """Return True when the default version of the model has a ready worker."""
    try:
        response = requests.get(f"{management_url}/models/{MODEL}", timeout=timeout)
        response.raise_for_status()
        return has_ready_worker(response.json())
    except (requests.RequestException, ValueError):
        return False


def has_ready_worker(description: object) -> bool:
    """Read TorchServe's answer to `GET /models/<name>`: a list with the default version."""
    versions = description if isinstance(description, list) else []
    return any(
        worker.get("status") == "READY"
        for version in versions
        for worker in version.get("workers", [])
    )
