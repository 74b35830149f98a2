"""The networks by name. Each is a frozen configuration that builds its own torch module."""

from charcnn.encoding import Reading
from charcnn.reference import CharCNN, ReferenceConfig
from charcnn.word_network import WordConfig, WordNetwork

NetworkConfig = ReferenceConfig | WordConfig
"""The sizes of any network."""

Network = CharCNN | WordNetwork
"""Any network: codes (batch, units, ...) to logits (batch, classes); it knows its `config`."""

NETWORKS: dict[str, NetworkConfig] = {
    "words": WordConfig(),
    "reference": ReferenceConfig(),
    "tiny": ReferenceConfig(channels=24, dense=32, dropout=0.1),
}
"""The best one, the small network of the 2015 paper, and one that a test trains in seconds."""


def configure(
    name: str, reading: Reading, classes: int, dropout: float | None = None
) -> NetworkConfig:
    """Return the configuration `name` for a way of reading and a number of classes."""
    base = NETWORKS[name]
    return base.adapted(reading, classes, base.dropout if dropout is None else dropout)
