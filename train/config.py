"""A recipe's settings: a frozen dataclass, as TOML in a file, key by key on the command line.

Each recipe has its own ``Config`` that adds to `Common`. What is not a setting of the recipe is
refused, and so is a value of another type: a misspelt key would otherwise be found out after hours.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from unmask_live.errors import UserError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Common:
    """What every recipe can be told; its own settings follow.

    Attributes
    ----------
    seed : of weights, data and masks
    batch : pictures a step in each process
    minutes : training time in all, resumed runs included
    steps : the length in steps instead, where it is above 0: then a resumed run repeats exactly
    every : minutes between checkpoints, validations and pictures
    every_steps : the same in steps instead, where it is above 0
    validation : held-out pictures that are measured at each checkpoint
    ema : decay of the averaged weights, for each step
    clip : gradient norm at most
    patience : steps in a row without a finite loss or gradient after which the training stops
    precision : "auto" is bf16 where the GPU has it and fp32 elsewhere; "fp32"; "bf16"
    workers : processes that prepare data; -1 is one for each core but one
    compile : compile the network, which takes a minute and is faster from then on
    cache : folder of the decoded crops; "" is the usual one
    in_memory : read the crops (6.8 GB for 27,500 faces) instead of mapping the file
    subset : train on the labelled pictures that are there, where archives were left behind
    side : of the crops, pixels; what is exported, and the program, have 256
    turned : how many times more often heads that are turned aside are drawn, 0 as others
    cut : how faces are cut out, "eyes" as the program does or "middle", see `train.data.cut`
    """

    seed: int = 0
    batch: int = 16
    minutes: float = 60.0
    steps: int = 0
    every: float = 4.0
    every_steps: int = 0
    validation: int = 160
    ema: float = 0.998
    clip: float = 1.0
    patience: int = 20
    precision: str = "auto"
    workers: int = -1
    compile: bool = False
    cache: str = ""
    in_memory: bool = False
    subset: bool = False
    side: int = 256
    cut: str = "eyes"
    turned: float = 0.0


C = TypeVar("C", bound=Common)
COUNTS = {"batch", "validation", "patience"}
"""Settings that make no sense below 1."""


def read(path: Path, kind: type[C]) -> C:
    """Read settings from TOML; those it does not name keep their defaults.

    Raises
    ------
    UserError
        where the file is missing, is no TOML, or has a key or a type that the recipe has not
    """
    try:
        with path.open("rb") as stream:
            content = tomllib.load(stream)
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing: --config must name a TOML file") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is no TOML: {error}") from error
    return changed(kind(), content, str(path))


def of_text(written: str, kind: type[C], where: str) -> C:
    """Return the settings that `text` wrote; as `read`."""
    return changed(kind(), tomllib.loads(written), where)


def changed(config: C, values: Mapping[str, object], where: str) -> C:
    """Return the settings with some of them changed.

    Parameters
    ----------
    where : what named the values, for the message

    Raises
    ------
    UserError
        as `read`
    """
    hints = get_type_hints(type(config))
    kept = {}
    for key, value in values.items():
        if key not in hints:
            near = difflib.get_close_matches(key, hints, 1)
            advice = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(hints)}"
            raise UserError(f"{where}: {key!r} is no setting of this recipe; {advice}")
        kept[key] = _typed(value, hints[key], f"{where}: {key}")
        if key in COUNTS and kept[key] < 1:  # type: ignore[operator]
            raise UserError(f"{where}: {key} is {value}, wanted at least 1")
    return dataclasses.replace(config, **kept)


def parsed(config: C, words: list[str]) -> C:
    """Return the settings changed by words such as ``width=32``, as --set takes them.

    Raises
    ------
    UserError
        as `read`
    """
    values: dict[str, object] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise UserError(f"--set {word}: write it as KEY=VALUE")
        try:
            values[key] = tomllib.loads(f"v = {text}")["v"]
        except tomllib.TOMLDecodeError:
            values[key] = text  # a bare word: quotes do not survive a shell
    return changed(config, values, "--set")


def text(config: Common) -> str:
    """Return the settings as TOML, every one of them."""
    rows = dataclasses.asdict(config).items()
    return "".join(f"{key} = {_literal(value)}\n" for key, value in rows)


def differences(one: Common, other: Common) -> list[str]:
    """Return the keys whose values differ."""
    a, b = dataclasses.asdict(one), dataclasses.asdict(other)
    return [key for key in a if a[key] != b.get(key)]


def _typed(value: object, hint: Any, where: str) -> object:
    """Return the value as the hint wants it: whole numbers serve as decimals, lists as tuples."""
    wrong = UserError(f"{where} is {value!r}, wanted {getattr(hint, '__name__', hint)}")
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise wrong
        return tuple(_typed(v, get_args(hint)[0], where) for v in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not hint or (isinstance(value, float) and not math.isfinite(value)):
        raise wrong
    return value


def _literal(value: object) -> str:
    """Return a TOML literal."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_literal(v) for v in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
