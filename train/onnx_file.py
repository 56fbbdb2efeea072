"""PyTorch to ONNX and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import helper, numpy_helper
from torch import Tensor, nn

from unmask_live.errors import UserError


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


def sign(model: onnx.ModelProto, recipe: str, settings: str) -> None:
    """Note in a file who made it, so that its network can be built anew.

    Parameters
    ----------
    settings : of the training, TOML
    """
    helper.set_model_props(model, {"recipe": recipe, "settings": settings})


def signature(path: Path) -> tuple[str, str]:
    """Return what `sign` noted: recipe and settings; older files have none, "" and ""."""
    noted = {prop.key: prop.value for prop in _loaded(path).metadata_props}
    return noted.get("recipe", ""), noted.get("settings", "")


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a file by their PyTorch names, float32.

    Raises
    ------
    UserError
        if there is no such file, or it is not ONNX
    """
    return {
        tensor.name.removesuffix(".fp16"): torch.from_numpy(
            numpy_helper.to_array(tensor).astype(np.float32)
        )
        for tensor in _loaded(path).graph.initializer
    }


def _loaded(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(str(path))
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: name an ONNX file") from error
    except DecodeError as error:
        raise UserError(f"{path} is not ONNX: name a file of train.export") from error
