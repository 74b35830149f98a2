"""A run's folder: its weights and, beside them, all that rebuilds the network and the run."""

import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from charcnn.inference import Interface
from charcnn.network import NETWORKS, Network
from trainer import config
from trainer.errors import CheckpointError
from trainer.files import replace_file, replace_text

WEIGHTS = "weights.pt"
NETWORK = "network.json"
CONFIG = "config.json"
RUN = "run.json"
CORPUS = "corpus"
"""The folder within a run's with the reviews it is trained and validated on."""


@dataclass(frozen=True)
class Trained:
    """A network with trained weights, and how it reads and answers."""

    name: str
    network: Network
    interface: Interface


def save_network(trained: Trained, folder: Path) -> None:
    """Write what rebuilds the network, without its weights."""
    described = {
        "name": trained.name,
        "sizes": asdict(trained.network.config),
        "interface": json.loads(trained.interface.as_json()),
    }
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / NETWORK, json.dumps(described, indent=2) + "\n")


def save_weights(weights: dict[str, torch.Tensor], folder: Path) -> None:
    """Write the weights of the best epoch, whole or not at all."""
    write(weights, folder / WEIGHTS)


def write(values: dict[str, Any], path: Path) -> None:
    """Write tensors and plain values to `path`, whole or not at all.

    Raises:
        OSError: they cannot be written, such as on a full disk.
    """
    # torch's own writing to a path hides what the system says behind an error of its format.
    buffer = io.BytesIO()
    torch.save(values, buffer)
    with replace_file(path) as beside:
        beside.write_bytes(buffer.getbuffer())


def load(folder: Path) -> Trained:
    """Return the network that a run left, ready to answer.

    Raises:
        CheckpointError: there is no checkpoint in `folder`.
    """
    if not (folder / WEIGHTS).is_file():
        raise CheckpointError(f"there is no {WEIGHTS} in {folder}")
    described: dict[str, Any] = json.loads((folder / NETWORK).read_text())
    sizes = {name: _hashable(value) for name, value in described["sizes"].items()}
    network = type(NETWORKS[described["name"]])(**sizes).build()
    network.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    interface = Interface.from_json(json.dumps(described["interface"]))
    return Trained(described["name"], network.eval(), interface)


def save_config(chosen: config.TrainConfig, folder: Path) -> None:
    """Write the run's whole configuration; `train.py --config` takes it back."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / CONFIG, json.dumps(config.as_values(chosen), indent=2) + "\n")


def load_config(folder: Path) -> config.TrainConfig:
    """Return the configuration of the run in `folder`.

    Raises:
        CheckpointError: `folder` is no run's.
    """
    if not (folder / CONFIG).is_file():
        raise CheckpointError(f"there is no {CONFIG} in {folder}: is it a run's folder?")
    return config.make(config.read_values(folder / CONFIG))


def save_run(run: dict[str, Any], folder: Path) -> None:
    """Write what is known of a finished run beside its weights."""
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


def _hashable(value: Any) -> Any:  # noqa: ANN401  # JSON has lists where the sizes have tuples.
    return tuple(value) if isinstance(value, list) else value
