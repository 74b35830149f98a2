"""A prediction over HTTP beside a bare fp32 forward pass of the reference network."""

import time
from collections.abc import Callable

import torch

from bench import product
from bench.figures import Figure, Say, compared, milliseconds
from bench.load import Load, Request, post, send_all
from bench.sample import REVIEW
from bench.sizes import Sizes
from candor_local.settings import read_settings
from charcnn.encoding import Reading
from charcnn.network import NETWORKS

BASE = "bare fp32 pass"
CLIENTS = 8


def measure(sizes: Sizes, say: Say) -> list[Figure]:
    """Return the latency of one client, the throughput of eight, and their ratios."""
    say("starting the product")
    with product.running() as candor:
        request = post("/predictions/sentiment", {"review": REVIEW})
        send_all(candor.model_port, request, CLIENTS, sizes.predictions)
        say("one client, in turns with the bare network")
        bare, alone = _take_turns(candor.model_port, request, sizes)
        say(f"{CLIENTS} clients")
        together = send_all(candor.model_port, request, CLIENTS, sizes.predictions * sizes.rounds)
    return _figures(bare, alone, together)


def _take_turns(port: int, request: Request, sizes: Sizes) -> tuple[list[float], list[float]]:
    """Return the seconds of bare passes and of requests."""
    forward = _bare_network()
    bare: list[float] = []
    alone: list[float] = []
    for _ in range(sizes.rounds):
        bare += [forward() for _ in range(sizes.predictions)]
        alone += send_all(port, request, 1, sizes.predictions).seconds
    return bare, alone


def _bare_network() -> Callable[[], float]:
    """Return a function that runs the network once, on one thread, and returns the seconds."""
    torch.set_num_threads(1)
    network = NETWORKS["reference"].build().eval()
    codes = torch.from_numpy(Reading().encode([REVIEW])).long()

    def forward() -> float:
        started = time.perf_counter()
        with torch.inference_mode():
            network(codes)
        return time.perf_counter() - started

    forward()
    return forward


def _figures(bare: list[float], alone: list[float], together: Load) -> list[Figure]:
    archive = read_settings().model_store / "sentiment.mar"
    passes = [
        Figure(f"{BASE}, {name}", milliseconds(bare, percentile), "ms")
        for name, percentile in (("p50", 50), ("p99", 99))
    ]
    requests = [
        compared(f"HTTP, 1 client, {name}", milliseconds(alone, percentile), "ms", one.value, BASE)
        for (name, percentile), one in zip((("p50", 50), ("p99", 99)), passes, strict=True)
    ]
    rate = len(bare) / sum(bare)
    return [
        Figure("size of the archive served", archive.stat().st_size / 1e6, "MB"),
        *passes,
        *requests,
        compared(f"HTTP, {CLIENTS} clients", together.rate, "reviews/s", rate, BASE),
        Figure(f"HTTP, {CLIENTS} clients, p99", together.milliseconds(99), "ms"),
    ]
