"""Is the data fast enough? ``python -m train.throughput inpainter --data DIR``.

Three figures of a recipe: what one example costs one core in CPU time, which other programs hardly
change; examples a second that worker processes make with nothing to wait for; and examples a second
of the whole training, with the share of its time that it waits for data. Settings as for
`train.fit`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from train import config as settings
from train.command import Command
from train.data.stream import Make, Stream
from train.fit import RECIPES, module_of
from train.machine import Machine
from train.memory import keep_memory

WARM = 3
"""Batches or steps before the clock starts: workers start, kernels are chosen."""


def cost(make: Make, count: int) -> float:
    """Return the CPU seconds of one example."""
    make(np.random.default_rng(0))
    started = time.process_time()
    for number in range(count):
        make(np.random.default_rng(number))
    return (time.process_time() - started) / count


def rate(take: Callable[[], object], examples: int, seconds: float) -> float:
    """Return examples a second of something that takes so many a time."""
    for _ in range(WARM):
        take()
    started, taken = time.monotonic(), 0
    while (passed := time.monotonic() - started) < seconds or not taken:
        take()
        taken += 1
    return taken * examples / passed if passed else float("inf")


def alone(make: Make, workers: int, batch: int, seconds: float, seed: int = 0) -> float:
    """Return examples a second of worker processes, with nothing else to do."""
    stream = Stream(make, batch=batch, seed=seed, workers=workers)
    return rate(lambda: next(stream), batch, seconds)


def trained(recipe: Any, machine: Machine, seconds: float) -> tuple[float, float]:
    """Return examples a second of the whole training, and the share of time spent on data."""
    for _ in range(WARM):
        recipe.step(1.0)
    waited, started = recipe.stream.waited, time.monotonic()
    made = rate(lambda: recipe.step(1.0), recipe.stream.batch * machine.world, seconds)
    if machine.on_gpu:
        torch.cuda.synchronize()
    passed = time.monotonic() - started
    return made, (recipe.stream.waited - waited) / passed


def measure(name: str, data: Path, config: settings.Common, seconds: float) -> dict[str, float]:
    """Return the figures by name; the last of the three is the slow one."""
    machine = Machine(config.precision, clip=config.clip)
    recipe = module_of(name).Recipe(data, config, machine)
    workers = machine.workers(config.workers)
    each = cost(recipe.example, max(8, config.batch))
    figures = {
        "CPU milliseconds an example": 1000 * each,
        "examples a second and core": 1 / each,
        f"data alone, {workers} workers, a second": alone(
            recipe.example, workers, config.batch, seconds, config.seed
        ),
    }
    made, waiting = trained(recipe, machine, seconds)
    figures[f"training on {machine.describe()}, a second"] = made
    figures["of that, waiting for data, %"] = 100 * waiting
    return figures


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.throughput", __doc__)
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("--data", type=Path, required=True, help="the face data's folder")
    parser.add_argument("--config", type=Path, help="settings as TOML")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="single settings")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each of the two rates")
    given = parser.parse_args(argv)
    cv2.setNumThreads(1)
    keep_memory()
    with parser.refusing():
        kind = module_of(given.recipe).Config
        config = settings.read(given.config, kind) if given.config else kind()
        config = settings.parsed(config, given.set)
        figures = measure(given.recipe, given.data, config, given.seconds)
    for what, value in figures.items():
        print(f"{value:10.1f}  {what}")


if __name__ == "__main__":
    main()
