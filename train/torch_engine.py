"""A training's network behind the interface of an engine, so that it is measured as what ships is.

Larger networks than those that ship need no export to be compared with them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from train import config as settings
from train.checkpoint import averaged, recipe_of, start_from
from train.fit import RECIPES, module_of
from train.onnx_file import signature
from unmask_live.errors import UserError
from unmask_live.runtime.engine import Shape
from unmask_live.runtime.owned import OwnedEngine
from unmask_live.types import Floats
from unmask_live.vision.align import CROP

PICTURE: Shape = (1, 3, CROP, CROP)
MATTE: Shape = (1, 1, CROP, CROP)
INPAINTER = ({"image": PICTURE, "matte": MATTE}, {"image_out": PICTURE})
SEGMENTER = ({"image": PICTURE}, {"matte": MATTE})
BLIND = ({"image": PICTURE}, {"image_out": PICTURE})
KINDS = {"inpainter": INPAINTER, "segmenter": SEGMENTER, "blind": BLIND}
"""Inputs and outputs by what a recipe's ``ENGINE`` says it is."""
SHAPES = {
    "inpainter": INPAINTER,
    "inpainter-small": INPAINTER,
    "mcsam": INPAINTER,
    "segmenter": SEGMENTER,
    "unet": SEGMENTER,
}
"""Inputs and outputs of the recipes without an ``ENGINE`` whose networks look at crops."""


def shapes_of(recipe: str) -> tuple[dict[str, Shape], dict[str, Shape]] | None:
    """Return inputs and outputs of a recipe's network; None where it does not look at crops."""
    if recipe in SHAPES or recipe not in RECIPES:
        return SHAPES.get(recipe)
    return KINDS.get(getattr(module_of(recipe), "ENGINE", ""))


class TorchEngine(OwnedEngine):
    """One network on the CPU or the first GPU.

    Parameters
    ----------
    recipe : one that `shapes_of` knows
    """

    def __init__(self, recipe: str, net: nn.Module) -> None:
        shapes = shapes_of(recipe)
        if shapes is None:
            raise ValueError(f"recipe {recipe!r} is of no network that looks at crops")
        inputs, outputs = shapes
        super().__init__(recipe, inputs, outputs, 1)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._net: nn.Module | None = net.to(self._device).eval()

    @property
    def backend(self) -> str:
        """PyTorch's release and device."""
        gpu = self._device.type == "cuda"
        where = torch.cuda.get_device_name(self._device) if gpu else "CPU"
        return f"PyTorch {torch.__version__} {where} FP32"

    def _run(self, inputs: Mapping[str, Floats], count: int) -> dict[str, Floats]:
        assert self._net is not None
        given = [torch.from_numpy(inputs[name]).to(self._device) for name in self.inputs]
        with torch.inference_mode():
            made = self._net(*given)
        return {next(iter(self.outputs)): made.float().cpu().numpy()}

    def _free(self) -> None:
        self._net = None


def open_run(out: Path) -> TorchEngine:
    """Open what `train.fit` left in a folder: ``config.toml`` and ``last.pt``, or ``slim.pt``.

    Raises
    ------
    UserError
        where they are missing, or are of a recipe without crops
    """
    return TorchEngine(*load_run(out))


def load_run(out: Path) -> tuple[str, nn.Module]:
    """Return the recipe's name and the network with its averaged weights; as `open_run`."""
    files = [out / name for name in ("last.pt", "slim.pt") if (out / name).exists()]
    if not files or not (out / "config.toml").exists():
        raise UserError(f"{out} is no training: it needs config.toml and last.pt or slim.pt")
    name = recipe_of(files[0])
    if shapes_of(name) is None:
        wanted = ", ".join(r for r in RECIPES if shapes_of(r) is not None)
        raise UserError(f"{files[0]} is of {name or 'an unknown recipe'}, wanted {wanted}")
    return name, network_in(files[0], name)


def load_onnx(path: Path) -> tuple[str, nn.Module]:
    """Return the recipe's name and the network of a file that `train.export` wrote.

    An older one does not say who made it: it is taken for its name's recipe, as that has it.

    Raises
    ------
    UserError
        where it is missing, or no recipe here made it
    """
    if not path.exists():
        raise UserError(f"{path} is missing: name an ONNX file that train.export wrote")
    recipe, written = signature(path)
    recipe = recipe or path.stem
    if recipe not in RECIPES:
        raise UserError(f"{path} is of no network that is trained here")
    module = module_of(recipe)
    config = settings.of_text(written, module.Config, str(path))
    net = _network(module, config)
    start_from(net, path)
    return recipe, net


def network_in(checkpoint: Path, recipe: str) -> nn.Module:
    """Return a recipe's network with a checkpoint's averaged weights.

    It is as large as ``config.toml`` beside the checkpoint says, or as the recipe's own settings
    where there is none.

    Raises
    ------
    UserError
        where the checkpoint is of another recipe or size
    """
    module, file = module_of(recipe), checkpoint.with_name("config.toml")
    made_by = recipe_of(checkpoint)
    if made_by not in ("", recipe):
        raise UserError(f"{checkpoint} is of {made_by}, wanted {recipe}")
    config = settings.read(file, module.Config) if file.exists() else module.Config()
    net = _network(module, config)
    try:
        net.load_state_dict(averaged(checkpoint))
    except RuntimeError as error:
        raise UserError(
            f"{checkpoint} is of another size than {recipe} as {file} has it: "
            "keep the training's own config.toml beside it"
        ) from error
    return net


def _network(module: Any, config: settings.Common) -> nn.Module:
    sized = {"width", "widths"} & {field.name for field in dataclasses.fields(config)}
    net: nn.Module = module.network(config) if sized else module.network()
    return net
