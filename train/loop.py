"""The training loop. It knows nothing of faces: a recipe brings networks, data and losses.

The loop brings time, averaged weights, checkpoints to resume from, guards, logs and pictures. The
length is given in minutes because that is what a machine has to give, or in steps, because then a
training can be repeated; the learning rate follows the share of it that has passed.
"""

from __future__ import annotations

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

from train import checkpoint
from train.config import Common
from train.ema import Ema
from train.machine import Machine


class Recipe(Protocol):
    """What a file in ``train/recipes`` must offer; see `train.recipes.inpainter` for an example.

    Beside the class the file has ``Config``, its settings, and ``network()``, the untrained network
    that ships, and ``export(net, path)``, which writes it as ONNX with fixed shapes, where
    `train.export` is to know it.
    """

    name: str
    nets: dict[str, nn.Module]
    """``"net"`` is what ships; it is the one that gets averaged weights."""
    optimizers: dict[str, torch.optim.Optimizer]

    def step(self, progress: float) -> dict[str, float]:
        """Take one optimisation step; ``progress`` is 0..1 of the planned length."""

    def validate(self, net: nn.Module) -> dict[str, float]:
        """Measure on validation data, in seconds rather than minutes."""

    def picture(self, net: nn.Module) -> np.ndarray:
        """Return a sample sheet, H×W×3 uint8 RGB."""


class Loop:
    """One training of a recipe.

    Parameters
    ----------
    config : length, intervals and guards are taken from it
    machine : as the recipe got it
    resume : go on from ``out``'s checkpoint where there is one
    slim : also write ``slim.pt`` with every checkpoint, see `train.checkpoint.save_slim`
    """

    def __init__(
        self,
        recipe: Recipe,
        out: Path,
        config: Common,
        *,
        machine: Machine | None = None,
        resume: bool = False,
        slim: bool = False,
    ) -> None:
        self.recipe, self.out, self.config = recipe, out, config
        self.machine = machine or Machine()
        self._slim = slim
        self.ema = Ema(recipe.nets["net"], config.ema)
        self.state: dict[str, Any] = {"step": 0, "seconds": 0.0}
        out.mkdir(parents=True, exist_ok=True)
        if resume and (out / "last.pt").exists():
            self.state = checkpoint.load(out / "last.pt", recipe, self.ema)
            stream = getattr(recipe, "stream", None)
            if stream is not None:
                stream.seek(self.state["step"])
        self._sums: dict[str, list[float]] = {}
        self._bad = 0
        self._since = (self.state["step"], self.state["seconds"], 0.0)

    def run(self) -> Ema:
        """Train to the end and return the averaged weights.

        Raises
        ------
        FloatingPointError
            when losses stay no numbers; the last checkpoint is still good
        """
        log = SummaryWriter(str(self.out / "tensorboard")) if self.machine.main else None
        started, before = time.monotonic(), self.state["seconds"]
        self._mark_due()
        while self._progress() < 1:
            self._take(self.recipe.step(self._progress()))
            self.state["step"] += 1
            self.state["seconds"] = self.machine.agreed(before + time.monotonic() - started)
            if self._due():
                self._report(log)
                self._mark_due()
        if self.state["step"] > self._since[0] or not (self.out / "last.pt").exists():
            self._report(log)
        if log is not None:
            log.close()
        return self.ema

    def _progress(self) -> float:
        if self.config.steps:
            return float(min(1.0, self.state["step"] / self.config.steps))
        return float(min(1.0, self.state["seconds"] / (self.config.minutes * 60)))

    def _mark_due(self) -> None:
        self._next_step = self.state["step"] + self.config.every_steps
        self._next_second = self.state["seconds"] + self.config.every * 60

    def _due(self) -> bool:
        if self.config.every_steps:
            return bool(self.state["step"] >= self._next_step)
        return bool(self.state["seconds"] >= self._next_second)

    def _take(self, losses: dict[str, float]) -> None:
        """Add up a step's losses and average the weights, unless something went wrong."""
        wrong = [k for k, v in losses.items() if not math.isfinite(v)]
        if wrong:
            self._bad += 1
            if self._bad >= self.config.patience:
                raise FloatingPointError(
                    f"{wrong[0]} is {losses[wrong[0]]} at step {self.state['step']}, for the "
                    f"{self._bad}. time in a row; {self.out / 'last.pt'} is good"
                )
            return
        self._bad = 0
        for key, value in losses.items():
            self._sums.setdefault(key, []).append(value)
        self.ema.update(self.recipe.nets["net"])

    def _report(self, log: SummaryWriter | None) -> None:
        """Validate, write log, picture and checkpoint; nothing while the weights may be spoilt."""
        means = {k: float(np.mean(v)) for k, v in self._sums.items()}
        self._sums.clear()
        speed = self._speed()
        if self._bad:
            return
        if log is not None:
            scores = self.recipe.validate(self.ema.net)
            row = {**self.state, **means, **speed, **{f"val_{k}": v for k, v in scores.items()}}
            with (self.out / "log.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(row) + "\n")
            for key, value in row.items():
                log.add_scalar(key, value, self.state["step"])
            sheet = self.recipe.picture(self.ema.net)
            cv2.imwrite(str(self.out / "sample.png"), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
            log.add_image("sample", sheet, self.state["step"], dataformats="HWC")
            checkpoint.save(self.out / "last.pt", self.recipe, self.ema, self.state)
            if self._slim:
                checkpoint.save_slim(self.out / "slim.pt", self.ema.net, self.recipe.name)
            rest = {k: v for k, v in row.items() if k not in ("step", "seconds")}
            print(
                f"{self.state['step']} steps, {self._left():.0f} min left: "
                + " ".join(f"{k} {v:.4g}" for k, v in rest.items()),
                flush=True,
            )
        self.machine.wait()

    def _speed(self) -> dict[str, float]:
        """Return examples a second since the last report, and the share of it spent on data."""
        step, seconds, waited = self._since
        stream = getattr(self.recipe, "stream", None)
        now_waited = float(stream.waited) if stream is not None else 0.0
        self._since = (self.state["step"], self.state["seconds"], now_waited)
        passed = self.state["seconds"] - seconds
        if stream is None or passed <= 0:
            return {}
        made = (self.state["step"] - step) * stream.batch * self.machine.world
        # Validation and the first batch's workers are in it: the honest figure of the whole.
        return {
            "a_second": made / passed,
            "data_share": min(1.0, (now_waited - waited) / passed),
            "skipped": float(self.machine.skipped),
        }

    def _left(self) -> float:
        """Return the minutes that are left, by the speed so far where the length is in steps."""
        if not self.config.steps:
            return float(max(0.0, self.config.minutes - self.state["seconds"] / 60))
        each = self.state["seconds"] / max(1, self.state["step"])
        return float(each * (self.config.steps - self.state["step"]) / 60)
