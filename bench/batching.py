"""TorchServe's batch settings compared: the same archive, registered anew under each."""

from collections import defaultdict

from bench import torchserve
from bench.figures import Figure, Say, compared
from bench.load import Load, post, send_all, together
from bench.sample import REVIEW
from bench.sizes import Sizes
from bench.torchserve import BatchSetting, TorchServe

SETTINGS = tuple(BatchSetting(*pair) for pair in ((1, 0), (4, 1), (8, 2), (8, 10), (16, 5)))
BASE = SETTINGS[0]
CLIENTS = (1, 16)
REQUEST = post("/predictions/sentiment", {"review": REVIEW})

Loads = dict[tuple[int, BatchSetting], Load]
"""What so many clients saw under a setting."""


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return throughput and latency under each setting, with their ratios to no batching."""
    say("starting TorchServe")
    with torchserve.running() as server:
        loads = _measure_all(server, sizes, say)
    return [
        figure
        for clients in CLIENTS
        for setting in SETTINGS
        for figure in _figures(loads, clients, setting)
    ]


def _measure_all(server: TorchServe, sizes: Sizes, say: Say) -> Loads:
    """Return what was seen in all rounds; in each, every setting has its turn."""
    seen = defaultdict(list)
    for number in range(sizes.rounds):
        for setting in SETTINGS:
            say(f"round {number + 1} of {sizes.rounds}: {setting}")
            server.register(setting)
            send_all(server.port, REQUEST, max(CLIENTS), sizes.predictions // 4)
            for clients in CLIENTS:
                load = send_all(server.port, REQUEST, clients, sizes.predictions)
                seen[clients, setting].append(load)
    return {key: together(loads) for key, loads in seen.items()}


def _figures(loads: Loads, clients: int, setting: BatchSetting) -> list[Figure]:
    load, base = loads[clients, setting], loads[clients, BASE]
    name = f"{setting}, {clients} client{'s' if clients > 1 else ''}"
    return [
        compared(name, load.rate, "reviews/s", base.rate, str(BASE)),
        compared(f"{name}, p50", load.milliseconds(50), "ms", base.milliseconds(50), str(BASE)),
        compared(f"{name}, p99", load.milliseconds(99), "ms", base.milliseconds(99), str(BASE)),
    ]
