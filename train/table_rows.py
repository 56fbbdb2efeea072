"""The rows of `train.table`: which recipe trains a row, in which size, with which settings.

A recipe whose module has ``ROWS`` is in the table: that, its network's file and its name in
`train.fit.RECIPES` are all that a new method needs. Networks are made as large as costs the same.
"""

from __future__ import annotations

import dataclasses
import functools
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from train import config as settings
from train.config import Common
from train.fit import RECIPES, module_of
from train.macs import crop_macs, matched
from train.networks.inpainter import LiveInpainter
from train.recipes.inpainter import PREFILLED
from unmask_live.errors import UserError

LIVE = "M-CSAM, live"
OLDER: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "inpainter": (
        "inpainter",
        {
            LIVE: (),
            f"{LIVE}, shortcuts": ("shortcuts=true",),
            f"{LIVE}, prefilled": PREFILLED,
        },
    ),
    "mcsam": ("inpainter", {"M-CSAM": ()}),
}
"""``ENGINE`` and ``ROWS`` of the recipes that were there before the table."""
INCIDENTAL = {
    "minutes", "every", "every_steps", "validation", "cache", "workers", "in_memory", "compile",
}  # fmt: skip
"""Settings that may change between runs of one training: they do not change what it learns."""


@dataclass(frozen=True)
class Row:
    """One method.

    Attributes
    ----------
    name : in the table
    recipe : name of the recipe
    sets : what is set beside its own values, as words for ``--set``
    blind : whether the network is given no mask
    """

    name: str
    recipe: str
    sets: tuple[str, ...]
    blind: bool

    @property
    def module(self) -> Any:
        """The recipe's module."""
        return module_of(self.recipe)

    def config(self, words: list[str]) -> Common:
        """Return the settings that words make of the recipe's own."""
        config: Common = self.module.Config()
        return settings.parsed(config, words)

    def fields(self) -> set[str]:
        """Return the names of the recipe's settings."""
        return {field.name for field in dataclasses.fields(self.module.Config)}


@dataclass(frozen=True)
class Budget:
    """What every row gets.

    Attributes
    ----------
    pictures : that a training sees
    batch : of them in a step
    macs : aim of the cost of a crop, multiply-accumulates
    judge_width : of every judge; as wide as the papers' they would cost more than what they judge
    features, features_weights : as in `train.networks.features.open_features`; without weights the
        losses that need them are left out, in every row
    sets : further settings for all rows, of `Common`
    least_rate : what lower learning rates of recipes are raised to: published ones were set for
        networks ten times as wide that learn a hundred times as long
    """

    pictures: int
    batch: int
    macs: int
    judge_width: int = 24
    features: str = "face"
    features_weights: str = ""
    sets: tuple[str, ...] = ()
    least_rate: float = 0.0

    @property
    def steps(self) -> int:
        """Steps of a training."""
        return max(1, self.pictures // self.batch)

    def words(self, row: Row, seed: int) -> list[str]:
        """Return the settings of a training as words for ``--set``."""
        own = [f"batch={self.batch}", f"steps={self.steps}", f"seed={seed}"]
        for judge in ("judge_width", "feature_judge_width"):
            if judge in row.fields():
                own.append(f"{judge}={self.judge_width}")
        if row.config([*row.sets]).rate < self.least_rate:  # type: ignore[attr-defined]
            own.append(f"rate={self.least_rate}")
        words = [*self.sets, *row.sets, *own, *self._features(row)]
        width = width_of(row, self.macs)
        return words if width is None else [*words, f"width={width}"]

    def without(self, row: Row) -> list[str]:
        """Return the losses that a row does without, where there is no feature network."""
        return [word.removesuffix("=0") for word in self._features(row) if word.endswith("=0")]

    def _features(self, row: Row) -> list[str]:
        if "features_weights" not in row.fields():
            return []
        if self.features_weights:
            return [f"features={self.features}", f"features_weights={self.features_weights}"]
        needs = ["perceptual", "style"]
        if row.recipe == "mcsam":  # one of its judges sees feature maps
            needs.append("adversarial")
        own = row.config([*row.sets])
        return [f"{key}=0" for key in needs if getattr(own, key)]


def all_rows() -> dict[str, Row]:
    """Return the rows that can be trained, by name, ours first."""
    rows = {}
    for recipe in RECIPES:
        module = module_of(recipe)
        engine, named = OLDER.get(
            recipe, (getattr(module, "ENGINE", ""), getattr(module, "ROWS", {}))
        )
        for name, sets in named.items():
            rows[name] = Row(name, recipe, sets, engine == "blind")
    return rows


def variants() -> dict[str, Row]:
    """Return the live network's variants as rows, each at its own cost and without a judge."""
    alone = "adversarial_from=2.0"
    return {
        name: Row(name, recipe, (alone, *sets), blind=False)
        for recipe in ("inpainter", "inpainter-residual")
        for name, sets in module_of(recipe).VARIANTS.items()
    }


def live_macs() -> int:
    """Return the cost of the program's own network, which is the aim."""
    return crop_macs(LiveInpainter, blind=False)


@functools.cache
def width_of(row: Row, aim: int) -> float | None:
    """Return the width at which a row's network costs about the aim.

    None where it has none, or where the row says one: that it is to have whatever it costs.

    Raises
    ------
    UserError
        where no width comes within a tenth
    """
    if "width" not in row.fields() or any(word.startswith("width=") for word in row.sets):
        return None
    whole = isinstance(dataclasses.asdict(row.config([]))["width"], int)

    def cost(width: float) -> int:
        config = row.config([*row.sets, f"width={int(width) if whole else width}"])
        return crop_macs(lambda: row.module.network(config), blind=row.blind)

    try:
        width = matched(cost, aim, step=1 if whole else 0.125)
    except ValueError as error:
        raise UserError(f"{row.name}: {error} multiply-accumulates; set another --gmac") from error
    return int(width) if whole else width


FACES = "faces.txt"
"""In a training's folder: which faces it saw."""


def folder(out: Path, name: str, seed: int) -> Path:
    """Return where a row trains."""
    kept = "".join(c if c.isalnum() else "-" for c in name.lower())
    return out / "-".join(filter(None, kept.split("-"))) / f"seed-{seed}"


def check(run: Path, row: Row, words: list[str], faces: str = "") -> None:
    """See that a training that is there is the one that is wanted.

    Parameters
    ----------
    faces : tells the training faces from others, `train.data.sources.Source.digest`

    Raises
    ------
    UserError
        where it is of another budget or saw other faces
    """
    if not (run / "last.pt").exists():
        return
    saw = (run / FACES).read_text(encoding="utf-8") if (run / FACES).exists() else ""
    if faces and saw and saw != faces:
        raise UserError(f"{run} was trained on other faces: name another --out")
    config = row.config(words)
    before = settings.read(run / "config.toml", type(config))
    other = [key for key in settings.differences(before, config) if key not in INCIDENTAL]
    if other:
        raise UserError(
            f"{run} holds a training with another {', '.join(other)}: name another --out, or train "
            f"it anew with --only {row.name!r} --anew"
        )


def done(run: Path, steps: int) -> tuple[int, float]:
    """Return the steps that a training has taken, at most ``steps``, and its seconds."""
    if not (run / "last.pt").exists():
        return 0, 0.0
    # Mapped: nothing of the weights is read for two numbers.
    state = torch.load(run / "last.pt", weights_only=True, map_location="cpu", mmap=True)["state"]
    return min(steps, int(state["step"])), float(state["seconds"])


def forget(run: Path) -> None:
    """Remove a row's training, and nothing that is not one."""
    if (run / "config.toml").exists():
        shutil.rmtree(run)
