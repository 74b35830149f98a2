"""A run's weights and, beside them, the configuration that rebuilds the network."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from charcnn.network import CharCNN, NetworkConfig
from trainer.files import replace_file, replace_text

WEIGHTS = "weights.pt"
NETWORK = "network.json"
RUN = "run.json"


class CheckpointError(RuntimeError):
    """There is no checkpoint to load; the message says what is missing."""


def save(network: CharCNN, folder: Path) -> None:
    """Write weights and configuration into `folder`, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / NETWORK, json.dumps(asdict(network.config), indent=2) + "\n")
    with replace_file(folder / WEIGHTS) as path:
        torch.save(network.state_dict(), path)


def save_run(run: dict[str, Any], folder: Path) -> None:
    """Write what is known of a training run beside its weights."""
    replace_text(folder / RUN, json.dumps(run, indent=2) + "\n")


def load_run(folder: Path) -> dict[str, Any]:
    """Return what `save_run` wrote.

    Raises:
        CheckpointError: the run has not ended, or `folder` is no checkpoint.
    """
    path = folder / RUN
    if not path.is_file():
        raise CheckpointError(f"{path} is missing: has the training run ended?")
    run: dict[str, Any] = json.loads(path.read_text())
    return run


def load(folder: Path) -> CharCNN:
    """Return the network that `save` wrote, ready to answer.

    Raises:
        CheckpointError: there is no checkpoint in `folder`.
    """
    if not (folder / WEIGHTS).is_file():
        raise CheckpointError(f"there is no {WEIGHTS} in {folder}")
    values: dict[str, Any] = json.loads((folder / NETWORK).read_text())
    config = NetworkConfig(**{name: _hashable(value) for name, value in values.items()})
    network = CharCNN(config)
    network.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    return network.eval()


def _hashable(value: Any) -> Any:  # noqa: ANN401  # JSON has lists where the configuration has tuples.
    return tuple(value) if isinstance(value, list) else value
