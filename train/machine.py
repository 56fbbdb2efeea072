"""Where a training runs: which device, in which precision, as one of how many processes.

Devices and distributed data-parallel training come from Accelerate, so that ``torchrun
--nproc-per-node N -m train.fit RECIPE`` needs nothing more; the rest is a few lines of torch.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Mapping
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch import Tensor, nn

from unmask_live.errors import UserError

PRECISIONS = ("auto", "fp32", "bf16")
MOST_WORKERS = 32


class Machine:
    """One process's share of the machine.

    Parameters
    ----------
    precision : one of `PRECISIONS`
    patience : steps in a row that may be skipped for a gradient that is no number
    clip : gradient norm at most

    Raises
    ------
    UserError
        on another precision
    """

    def __init__(self, precision: str = "auto", *, clip: float = 1.0, patience: int = 20) -> None:
        if precision not in PRECISIONS:
            raise UserError(f"precision is {precision!r}: set it to one of {', '.join(PRECISIONS)}")
        self._accelerator = Accelerator(cpu=not torch.cuda.is_available())
        self.device: torch.device = self._accelerator.device
        self.rank = int(self._accelerator.process_index)
        self.world = int(self._accelerator.num_processes)
        self.on_gpu = self.device.type == "cuda"
        able = self.on_gpu and torch.cuda.is_bf16_supported()
        self.bf16 = precision == "bf16" or (precision == "auto" and able)
        self.clip = clip
        self.patience = patience
        self.skipped = 0
        self._in_a_row = 0
        if self.on_gpu:
            torch.backends.cudnn.benchmark = True  # every batch has the same shape
            torch.set_float32_matmul_precision("high")

    @property
    def main(self) -> bool:
        """Whether this process writes files and speaks."""
        return self.rank == 0

    def describe(self) -> str:
        """Return what runs, for a person."""
        name = torch.cuda.get_device_name(self.device) if self.on_gpu else "CPU"
        processes = f", {self.world} processes" if self.world > 1 else ""
        return f"{name}, {'bf16' if self.bf16 else 'fp32'}{processes}"

    def workers(self, asked: int) -> int:
        """Return how many processes prepare data here; -1 asks for each core but one."""
        if asked >= 0:
            return asked
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        cores = cores or os.cpu_count() or 1
        return max(1, min(MOST_WORKERS, cores // self.world - 1))

    def place(self, net: nn.Module) -> nn.Module:
        """Move a network to the device, channels last where that is sound, in place."""
        if self.device.type == "cpu" and self.bf16 and _dilates(net):
            return net
        return net.to(device=self.device, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]

    def share(self, net: nn.Module, *, compiled: bool = False) -> nn.Module:
        """Return the network to call in a training step: gradients are averaged over processes.

        Weights stay those of ``net``. Call it once for each backward pass and leave nothing of it
        unused: that is what distributed training asks for.
        """
        wrapped: nn.Module = self._accelerator.prepare_model(net, device_placement=False)
        if compiled:
            wrapped.compile()
        return wrapped

    def autocast(self) -> contextlib.AbstractContextManager[Any]:
        """Return the context in which forward passes belong."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)

    def put(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the batch on the device; whole numbers stay bytes, which are quick to copy."""
        return {k: v.to(self.device, non_blocking=True) for k, v in batch.items()}

    def optimise(self, loss: Tensor, net: nn.Module, optimizer: torch.optim.Optimizer) -> float:
        """Take one optimisation step; return the gradient's norm before it was clipped.

        A gradient that is not finite changes nothing: the step is left out and counted.

        Raises
        ------
        FloatingPointError
            when ``patience`` steps in a row had to be left out
        """
        optimizer.zero_grad(set_to_none=True)
        self._accelerator.backward(loss)
        norm = float(nn.utils.clip_grad_norm_(net.parameters(), self.clip))
        if math.isfinite(norm):
            optimizer.step()
            self._in_a_row = 0
            return norm
        self.skipped += 1
        self._in_a_row += 1
        if self._in_a_row >= self.patience:
            raise FloatingPointError(
                f"no finite gradient in {self._in_a_row} steps: lower the learning rate, or train "
                "in fp32; the last checkpoint is good"
            )
        return norm

    def agreed(self, value: float) -> float:
        """Return the first process's value in all of them: clocks differ, decisions may not."""
        if self.world == 1:
            return value
        box = [value]
        broadcast_object_list(box)
        return float(box[0])

    def wait(self) -> None:
        """Wait for the other processes."""
        self._accelerator.wait_for_everyone()


class Through(nn.Module):
    """Calls another method of a network as ``forward``: only that is seen by `Machine.share`."""

    def __init__(self, net: nn.Module, method: str) -> None:
        super().__init__()
        self.net = net
        self._method = method

    def forward(self, *inputs: Tensor) -> Any:
        """Return what the method returns."""
        return getattr(self.net, self._method)(*inputs)


def _dilates(net: nn.Module) -> bool:
    """Tell whether a network has dilated convolutions.

    Their weights' gradients, in bf16 and channels last, are read from memory nobody wrote to by
    oneDNN on some processors (PyTorch 2.13, AVX-512 BF16, sides of 64 and more): mostly NaN.
    """
    return any(isinstance(m, nn.Conv2d) and max(m.dilation) > 1 for m in net.modules())
