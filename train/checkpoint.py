"""What a training leaves on disk and goes on from.

A checkpoint is one file: weights, optimisers, averaged weights, random state and the loop's place.
It is read on any device. A slim one has the averaged weights alone, as fp16: an eighth of the size
or less, enough to export, to evaluate and to start another training from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from train.ema import Ema
from train.onnx_file import read_weights
from unmask_live.errors import UserError

TELLING = ("guess.known",)
"""Stored where a network has a form that its weights alone would not tell."""


class Trained(Protocol):
    """What of a recipe goes into a checkpoint."""

    name: str
    nets: dict[str, nn.Module]
    optimizers: dict[str, torch.optim.Optimizer]


def save(path: Path, recipe: Trained, ema: Ema, state: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all.

    Parameters
    ----------
    state : the loop's own; `load` gives it back
    """
    content: dict[str, Any] = {
        "recipe": recipe.name,
        "nets": {k: n.state_dict() for k, n in recipe.nets.items()},
        "optimizers": {k: o.state_dict() for k, o in recipe.optimizers.items()},
        "ema": ema.net.state_dict(),
        "ema_steps": ema.steps,
        "rng": torch.get_rng_state(),
        "state": state,
    }
    if torch.cuda.is_available():
        content["cuda_rng"] = torch.cuda.get_rng_state()
    write(path, content)


def load(path: Path, recipe: Trained, ema: Ema) -> dict[str, Any]:
    """Restore what `save` wrote, on whatever device; returns the loop's state.

    Raises
    ------
    UserError
        where the file is slim, or another network's
    """
    stored = _read(path)
    if "nets" not in stored:
        raise UserError(f"{path} is a slim checkpoint: begin from it with --start-from instead")
    try:
        for key, net in recipe.nets.items():
            net.load_state_dict(stored["nets"][key])
        ema.net.load_state_dict(stored["ema"])
    except (KeyError, RuntimeError) as error:
        raise UserError(
            f"{path} holds another network: resume with the recipe and settings it was made with"
        ) from error
    for key, optimizer in recipe.optimizers.items():
        optimizer.load_state_dict(stored["optimizers"][key])
    ema.steps = stored["ema_steps"]
    torch.set_rng_state(stored["rng"])
    if "cuda_rng" in stored and torch.cuda.is_available():
        torch.cuda.set_rng_state(stored["cuda_rng"])
    state: dict[str, Any] = stored["state"]
    return state


def save_slim(path: Path, net: nn.Module, recipe: str) -> None:
    """Write a network's weights alone, decimals as fp16, and the recipe's name."""
    small = {k: v.half() if v.dtype == torch.float32 else v for k, v in net.state_dict().items()}
    write(path, {"recipe": recipe, "ema": {k: v.cpu() for k, v in small.items()}})


def recipe_of(path: Path) -> str:
    """Return the name of the recipe that made a checkpoint; "" where an early one does not say."""
    stored = _read(path)
    return str(stored.get("recipe", ""))


def averaged(path: Path) -> dict[str, Tensor]:
    """Return the averaged weights of a checkpoint, slim or whole, as float32 on the CPU.

    Raises
    ------
    UserError
        if there is no such file, or it is no checkpoint
    """
    weights = _read(path)["ema"]
    return {k: v.float() if v.dtype == torch.float16 else v for k, v in weights.items()}


def start_from(net: nn.Module, path: Path) -> None:
    """Give a network the averaged weights of a checkpoint, or those of a shipped ONNX file.

    Raises
    ------
    UserError
        if the file lacks some of them, or is of another size or form of the network
    """
    stored = read_weights(path) if path.suffix == ".onnx" else averaged(path)
    wanted = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    missing = sorted(wanted.keys() - stored.keys())
    if missing:
        raise UserError(f"{path} lacks {len(missing)} of the weights, {missing[0]} for one")
    # An ONNX file has constants of the graph beside the weights; what is told by them counts.
    more = sorted(k for k in stored.keys() - wanted.keys() if k in TELLING)
    if more:
        raise UserError(f"{path} is of another form of this network: it has {more[0]}")
    sizes = [key for key, value in wanted.items() if stored[key].numel() != value.numel()]
    if sizes:
        raise UserError(f"{path} is of another size of this network: {sizes[0]} differs")
    weights = {key: stored[key].reshape(value.shape) for key, value in wanted.items()}
    net.load_state_dict(weights, strict=False)


def go_on(net: nn.Module, run: Path, name: str) -> None:
    """Give a network the weights that one of a training's networks ended with.

    Parameters
    ----------
    run : the training's folder, or a whole checkpoint
    name : which of its networks

    Raises
    ------
    UserError
        where there is none of that name and size
    """
    path = run / "last.pt" if run.is_dir() else run
    weights = _read(path).get("nets", {}).get(name)
    if weights is None:
        raise UserError(f"{path} has no {name}: name a training whose checkpoint is whole")
    try:
        net.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(f"the {name} of {path} is of another size") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: name a checkpoint of train.fit") from error
    except Exception as error:  # on foreign bytes the unpickler fails in a dozen ways
        raise UserError(f"{path} cannot be read: name a checkpoint of train.fit") from error
    if not isinstance(stored, dict) or "ema" not in stored:
        raise UserError(f"{path} is no checkpoint of train.fit: it has no averaged weights")
    return stored


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a file that `averaged` reads, whole or not at all: ``content`` has them as "ema".

    Its folder is made if it is not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)
