"""What a backend can do at best here: a large matrix product, the yardstick for networks."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from unmask_live.commands.cost import FLOP_PER_MAC
from unmask_live.commands.lone import lone_engine
from unmask_live.commands.matmul_onnx import matmul_onnx
from unmask_live.commands.measure import time_calls
from unmask_live.errors import UserError

SIDE = 512
"""Of the square matrices: 0.27 GFLOP on 3 MB, which stay in the processor's caches as the layers of
networks this small do."""


def yardstick(backend: str) -> str:
    """Return the backend whose product a network is compared with: its own, fp32 for 8 bits.

    There is no 8-bit product: rounding is a matter of each network's own calibration. A share of an
    int8 network may therefore pass 1.
    """
    return "openvino:fp32" if backend == "openvino:int8" else backend


def measure_peak(
    backend: str, *, threads: int | None, seconds: float, runs: int | None = None, side: int = SIDE
) -> float | None:
    """Return the GFLOP/s of a matrix product through a backend, from the quickest run.

    The quickest, since a peak is what is possible; networks are told by their median.

    Parameters
    ----------
    backend : with its choice, such as "openvino:fp32"
    threads : as the networks have that are compared with it
    seconds : how long to measure
    runs : as many instead
    side : of the square matrices

    Returns
    -------
    10⁹ operations a second; None if the backend cannot run a matrix product alone
    """
    x = np.random.default_rng(1).random((1, side, side), np.float32)
    spent: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matmul.onnx"
        path.write_bytes(matmul_onnx(side))
        try:
            with lone_engine(path, backend=backend, threads=threads) as engine:

                def call() -> None:
                    begin = time.perf_counter()
                    engine(x=x)
                    spent.append(time.perf_counter() - begin)

                time_calls(call, seconds, runs)
        except UserError:
            return None
    return FLOP_PER_MAC * side**3 / min(spent) / 1e9
