"""Training in several processes, as torchrun starts them; alone, all of this does nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from trainer.batches import Shard


@contextmanager
def joined(device: torch.device) -> Iterator[Shard]:
    """Join the other processes while the block runs; give this one's part of the work."""
    if "TORCHELASTIC_RUN_ID" not in os.environ or int(os.environ["WORLD_SIZE"]) == 1:
        yield Shard()
        return
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Shard(distributed.get_rank(), distributed.get_world_size())
    finally:
        distributed.destroy_process_group()


def wrap(network: nn.Module, shard: Shard) -> nn.Module:
    """Return `network` so that its gradients are the mean over all processes."""
    if shard.world == 1:
        return network
    # The normalisation's statistics are those of all processes already.
    return DistributedDataParallel(network, forward_sync_buffers=False)


def add_up(values: NDArray[np.float64], shard: Shard, device: torch.device) -> NDArray[np.float64]:
    """Return the sum of `values` over all processes."""
    if shard.world == 1:
        return values
    tensor = torch.from_numpy(values).to(device)
    distributed.all_reduce(tensor)
    return tensor.cpu().numpy()


def highest(value: int, shard: Shard) -> int:
    """Return the highest `value` of all processes."""
    if shard.world == 1:
        return value
    tensor = torch.tensor(value)
    distributed.all_reduce(tensor, distributed.ReduceOp.MAX)
    return int(tensor)


def wait(shard: Shard) -> None:
    """Wait until every process is here."""
    if shard.world > 1:
        distributed.barrier()
