"""Train one network: ``python -m train.fit inpainter --data DIR --minutes 60``.

A recipe's settings are its ``Config`` in ``train/recipes``; ``--config FILE.toml`` and ``--set
KEY=VALUE`` change them (``train/recipes/*.toml`` are those for a GPU), and ``--show`` prints them.
With ``torchrun --nproc-per-node N -m train.fit RECIPE ...`` several GPUs share one training.
"""

from __future__ import annotations

import argparse
import gc
import importlib
from pathlib import Path
from types import ModuleType

import cv2
import torch

from train import config as settings
from train.checkpoint import start_from
from train.command import Command
from train.config import Common
from train.loop import Loop
from train.machine import Machine
from train.memory import keep_memory
from unmask_live.errors import UserError

RECIPES = (
    "inpainter", "inpainter-small", "inpainter-residual", "segmenter", "finder", "mcsam", "unet",
    "features", "ganmasker-seg", "ganmasker", "raunet", "gatedconv", "glcic", "rn", "pconv",
)  # fmt: skip
SHORT = ("minutes", "steps", "every", "batch", "seed")
"""Settings that have an option of their own."""


def module_of(name: str) -> ModuleType:
    """Return the module of a recipe by its name on the command line."""
    return importlib.import_module(f"train.recipes.{name.replace('-', '_')}")


def options() -> Command:
    """Return the command line's options."""
    parser = Command("train.fit", __doc__)
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("--data", type=Path, help="the face data's folder")
    parser.add_argument("--out", type=Path, help="checkpoints, logs, pictures (runs/RECIPE)")
    parser.add_argument("--config", type=Path, help="settings as TOML")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="single settings")
    parser.add_argument("--show", action="store_true", help="print the settings and end")
    parser.add_argument("--minutes", type=float, help="training time, all runs added")
    parser.add_argument("--steps", type=int, help="length in steps instead")
    parser.add_argument("--every", type=float, help="minutes between checkpoints")
    parser.add_argument("--batch", type=int, help="pictures a step (the recipe's own)")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--threads", type=int, help="CPU threads of PyTorch (its own choice)")
    parser.add_argument(
        "--start-from", type=Path, help="weights to begin with: a checkpoint or a shipped ONNX"
    )
    parser.add_argument("--resume", action="store_true", help="go on from --out's checkpoint")
    parser.add_argument(
        "--slim", action="store_true", help="also write slim.pt: averaged weights alone, as fp16"
    )
    return parser


def configured(arguments: argparse.Namespace, kind: type[Common], out: Path) -> Common:
    """Return the settings: those of the training that goes on, a file's, then the options'.

    Raises
    ------
    UserError
        as `train.config.read`
    """
    before = out / "config.toml"
    file = arguments.config or (before if arguments.resume and before.exists() else None)
    config = settings.read(file, kind) if file else kind()
    config = settings.parsed(config, arguments.set)
    short = {k: getattr(arguments, k) for k in SHORT if getattr(arguments, k) is not None}
    return settings.changed(config, short, "the command line")


def train(arguments: argparse.Namespace, out: Path, config: Common) -> None:
    """Build the recipe and run the loop."""
    module = module_of(arguments.recipe)
    cv2.setNumThreads(1)
    keep_memory()
    torch.manual_seed(config.seed)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    machine = Machine(config.precision, clip=config.clip, patience=config.patience)
    try:
        recipe = module.Recipe(arguments.data, config, machine)
    except ValueError as error:  # a network says what sizes and forms it can have
        raise UserError(f"{arguments.recipe}: {error}") from error
    if arguments.start_from:
        start_from(recipe.nets["net"], arguments.start_from)
    loop = Loop(recipe, out, config, machine=machine, resume=arguments.resume, slim=arguments.slim)
    if machine.main:
        (out / "config.toml").write_text(settings.text(config), encoding="utf-8")
        print(f"{arguments.recipe} on {machine.describe()}, into {out}", flush=True)
    loop.run()


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = options()
    arguments = parser.parse_args(argv)
    out = arguments.out or Path("runs") / arguments.recipe
    begun = (out / "last.pt").exists()
    try:
        with parser.refusing():
            config = configured(arguments, module_of(arguments.recipe).Config, out)
            if arguments.show:
                print(settings.text(config), end="")
                return
            if arguments.data is None:
                parser.error("--data is missing: the face data's folder")
            if begun and not arguments.resume:
                parser.error(f"{out} holds a training: go on with --resume, or name another --out")
            if arguments.resume and not begun:
                parser.error(f"{out} holds no checkpoint to resume from: leave --resume out")
            train(arguments, out, config)
    finally:
        # A recipe and its stream hold each other, and with them gigabytes of crops: those of the
        # next training in this process would come on top.
        gc.collect()


if __name__ == "__main__":
    main()
