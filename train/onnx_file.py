"""PyTorch to ONNX and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn


def write(
    net: nn.Module, inputs: tuple[Tensor, ...], path: Path, *, names: tuple[list[str], list[str]]
) -> None:
    """Write a network with the fixed shapes of ``inputs`` and (input, output) names.

    Nothing is folded: every weight keeps its name, so that a shipped file can be trained on. The
    backends fold for themselves when they compile.
    """
    torch.onnx.export(
        net.eval(),
        inputs,
        str(path),
        input_names=names[0],
        output_names=names[1],
        opset_version=17,
        dynamo=False,
        do_constant_folding=False,
        training=torch.onnx.TrainingMode.PRESERVE,
    )


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a file by their PyTorch names, float32."""
    return {
        tensor.name.removesuffix(".fp16"): torch.from_numpy(
            numpy_helper.to_array(tensor).astype(np.float32)
        )
        for tensor in onnx.load(str(path)).graph.initializer
    }
