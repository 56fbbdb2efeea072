"""Train one network: ``python -m train.fit inpainter --data DIR --minutes 60``.

The loop knows nothing of faces: a recipe (``train/recipes``) brings networks, data, losses and its
own validation. The loop brings time, EMA weights, checkpoints to resume from, logs and pictures.
The length is given in minutes of training because that is what a machine has to give; the learning
rate follows the share of them that has passed, over all resumed runs.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import json
import math
import time
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from train.memory import keep_memory
from train.onnx_file import read_weights


class Recipe(Protocol):
    """What a file in ``train/recipes`` must offer; see `train.recipes.inpainter` for an example.

    Beside the class the file has ``network()``, the untrained network that ships, and
    ``export(net, path)``, which writes it as ONNX with fixed shapes; `train.export` calls both.
    """

    name: str
    nets: dict[str, nn.Module]
    """``"net"`` is what ships; it is the one that gets EMA weights."""
    optimizers: dict[str, torch.optim.Optimizer]

    def step(self, progress: float) -> dict[str, float]:
        """Take one optimisation step; ``progress`` is 0..1 of the planned time."""

    def validate(self, net: nn.Module) -> dict[str, float]:
        """Measure on validation data, in seconds rather than minutes."""

    def picture(self, net: nn.Module) -> np.ndarray:
        """Return a sample sheet, H×W×3 uint8 RGB."""


class Ema:
    """Exponential moving average of a network's weights and buffers."""

    def __init__(self, net: nn.Module, decay: float = 0.998) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Move towards ``net``; faster during the first steps."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for ours, theirs in zip(
            self.net.state_dict().values(), net.state_dict().values(), strict=True
        ):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs, 1 - decay)
            else:
                ours.copy_(theirs)


def save(path: Path, recipe: Recipe, ema: Ema, state: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "nets": {k: n.state_dict() for k, n in recipe.nets.items()},
            "optimizers": {k: o.state_dict() for k, o in recipe.optimizers.items()},
            "ema": ema.net.state_dict(),
            "ema_steps": ema.steps,
            "rng": torch.get_rng_state(),
            "state": state,
        },
        partial,
    )
    partial.replace(path)


def load(path: Path, recipe: Recipe, ema: Ema) -> dict[str, Any]:
    """Restore what `save` wrote; returns the loop's state."""
    stored = torch.load(path, weights_only=True)
    for key, net in recipe.nets.items():
        net.load_state_dict(stored["nets"][key])
    for key, optimizer in recipe.optimizers.items():
        optimizer.load_state_dict(stored["optimizers"][key])
    ema.net.load_state_dict(stored["ema"])
    ema.steps = stored["ema_steps"]
    torch.set_rng_state(stored["rng"])
    state: dict[str, Any] = stored["state"]
    return state


def start_from(net: nn.Module, path: Path) -> None:
    """Give a network the EMA weights of a checkpoint, or those of a shipped ONNX file.

    Raises
    ------
    ValueError
        if the file lacks some of them
    """
    stored = (
        read_weights(path) if path.suffix == ".onnx" else torch.load(path, weights_only=True)["ema"]
    )
    wanted = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    missing = sorted(wanted.keys() - stored.keys())
    if missing:
        raise ValueError(f"{path} lacks {len(missing)} of the weights, {missing[0]} for one")
    weights = {key: stored[key].reshape(value.shape) for key, value in wanted.items()}
    net.load_state_dict(weights, strict=False)


def fit(
    recipe: Recipe, out: Path, *, minutes: float, resume: bool = False, every: float = 4.0
) -> Ema:
    """Run the loop and return the EMA weights.

    Parameters
    ----------
    minutes : training time in all, resumed runs included
    every : minutes between checkpoints, validations and pictures

    Raises
    ------
    FloatingPointError
        when a loss is no longer finite; the last checkpoint is still good
    """
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "last.pt"
    ema = Ema(recipe.nets["net"])
    state: dict[str, Any] = {"step": 0, "seconds": 0.0}
    if resume and checkpoint.exists():
        state = load(checkpoint, recipe, ema)
    log = SummaryWriter(str(out / "tensorboard"))
    lines = (out / "log.jsonl").open("a", encoding="utf-8")
    started, before = time.monotonic(), state["seconds"]
    due = before + every * 60
    sums: dict[str, list[float]] = {}

    def report() -> None:
        scores = recipe.validate(ema.net)
        means = {k: float(np.mean(v)) for k, v in sums.items()}
        sums.clear()
        row = {**state, **means, **{f"val_{k}": v for k, v in scores.items()}}
        lines.write(json.dumps(row) + "\n")
        lines.flush()
        for key, value in row.items():
            log.add_scalar(key, value, state["step"])
        sheet = recipe.picture(ema.net)
        cv2.imwrite(str(out / "sample.png"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
        left = minutes - state["seconds"] / 60
        print(
            f"{state['step']} steps, {left:.0f} min left: "
            + " ".join(f"{k} {v:.4g}" for k, v in row.items() if k not in ("step", "seconds")),
            flush=True,
        )
        save(checkpoint, recipe, ema, state)

    while state["seconds"] < minutes * 60:
        losses = recipe.step(min(1.0, state["seconds"] / (minutes * 60)))
        for key, value in losses.items():
            if not math.isfinite(value):
                raise FloatingPointError(f"{key} is {value} at step {state['step']}")
            sums.setdefault(key, []).append(value)
        ema.update(recipe.nets["net"])
        state["step"] += 1
        state["seconds"] = before + time.monotonic() - started
        if state["seconds"] >= due:
            report()
            due = state["seconds"] + every * 60
    report()
    lines.close()
    log.close()
    return ema


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m train.fit", description=__doc__)
    parser.add_argument("recipe", choices=["inpainter", "inpainter-small", "segmenter", "finder"])
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--out", type=Path, help="checkpoints, logs, pictures (runs/RECIPE)")
    parser.add_argument("--minutes", type=float, default=60.0, help="training time, all runs added")
    parser.add_argument("--every", type=float, default=4.0, help="minutes between checkpoints")
    parser.add_argument("--batch", type=int, help="pictures a step (the recipe's own)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="CPU threads of PyTorch (its own choice)")
    parser.add_argument(
        "--start-from", type=Path, help="weights to begin with: a checkpoint or a shipped ONNX"
    )
    parser.add_argument("--resume", action="store_true", help="go on from --out's checkpoint")
    arguments = parser.parse_args()
    out = arguments.out or Path("runs") / arguments.recipe
    begun = (out / "last.pt").exists()
    if begun and not arguments.resume:
        parser.error(f"{out} holds a training: go on with --resume, or name another --out")
    if arguments.resume and not begun:
        parser.error(f"{out} holds no checkpoint to resume from: leave --resume out")
    cv2.setNumThreads(1)
    keep_memory()
    torch.manual_seed(arguments.seed)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    module = importlib.import_module(f"train.recipes.{arguments.recipe.replace('-', '_')}")
    recipe = module.Recipe(arguments.data, batch=arguments.batch, seed=arguments.seed)
    if arguments.start_from:
        start_from(recipe.nets["net"], arguments.start_from)
    fit(
        recipe,
        out,
        minutes=arguments.minutes,
        resume=arguments.resume,
        every=arguments.every,
    )


if __name__ == "__main__":
    main()
