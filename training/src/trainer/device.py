"""What a run computes on, and in which precision."""

import os
import platform
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from trainer.config import LoopConfig
from trainer.errors import ConfigError

BF16_FLAGS = ("amx_bf16", "avx512_bf16", "bf16")
"""How Linux names the instructions, on x86 and on ARM; without them bf16 is slower than fp32."""


@dataclass(frozen=True)
class Compute:
    """A device and the type that products are computed in; weights stay in fp32."""

    device: torch.device
    type: torch.dtype

    def autocast(self) -> AbstractContextManager[None]:
        """Return the context in which the network runs."""
        mixed = self.type != torch.float32
        return torch.autocast(self.device.type, self.type if mixed else None, enabled=mixed)

    def __str__(self) -> str:
        return f"{self.device}, {str(self.type).removeprefix('torch.')}"


def start(config: LoopConfig) -> Compute:
    """Set torch up as the options say, and return what is computed on."""
    if config.threads:
        torch.set_num_threads(config.threads)
    # Numbers next to zero are computed many times slower than zero.
    torch.set_flush_denormal(True)
    return choose(config, int(os.environ.get("LOCAL_RANK", "0")))


def choose(config: LoopConfig, local_rank: int = 0) -> Compute:
    """Return what the options mean on this machine.

    Raises:
        ConfigError: the machine lacks what is asked for.
    """
    cuda = torch.cuda.is_available()
    if config.device == "cuda" and not cuda:
        raise ConfigError("--device cuda: torch finds no CUDA device here")
    device = torch.device("cuda", local_rank) if cuda and config.device != "cpu" else None
    if config.precision == "fp16" and not device:
        raise ConfigError("--precision fp16 is for CUDA devices: use bf16 or fp32")
    return Compute(device or torch.device("cpu"), _type(config.precision, device))


def _type(
    precision: Literal["auto", "bf16", "fp16", "fp32"], device: torch.device | None
) -> torch.dtype:
    named = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
    if precision != "auto":
        return named[precision]
    fast = torch.cuda.is_bf16_supported() if device else _processor_has_bf16()
    return torch.bfloat16 if fast else torch.float32


def _processor_has_bf16() -> bool:
    if platform.system() != "Linux":
        return False
    words = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    return any(flag in words for flag in BF16_FLAGS)
