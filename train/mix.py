"""Mix two trainings of one network: ``python -m train.mix SMOOTH SHARP OUT --share 0.5``.

Deep network interpolation (Wang et al., 2019): between weights trained for L1 and the same weights
trained on with a judge lie networks between a smear and a scribble, so the balance can be chosen
afterwards by what validation says, without another training.

Where the first has been trained on since the second left it, ``--base`` names the weights that both
come from: what the second has learnt since is added to the first (Ilharco et al., "Editing Models
with Task Arithmetic", 2023).

The first's ``config.toml`` is put beside OUT, if there is none: a mix that is written to
``FOLDER/slim.pt`` can be evaluated and exported as a training can.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from torch import Tensor

from train.checkpoint import averaged, recipe_of, write
from train.command import Command
from unmask_live.errors import UserError


def mix(
    first: dict[str, Tensor],
    second: dict[str, Tensor],
    share: float,
    base: dict[str, Tensor] | None = None,
) -> dict[str, Tensor]:
    """Return ``first + share (second - base)``; what is no float is the first's.

    Parameters
    ----------
    base : by default the first, which lies between the two then

    Raises
    ------
    UserError
        if they are not weights of the same network
    """
    base = first if base is None else base
    shapes = [{k: v.shape for k, v in weights.items()} for weights in (first, second, base)]
    if any(shape != shapes[0] for shape in shapes):
        raise UserError("these are weights of different networks: name checkpoints of one training")
    return {
        key: value + share * (second[key] - base[key]) if value.dtype.is_floating_point else value
        for key, value in first.items()
    }


def main() -> None:
    """Command line."""
    parser = Command("train.mix", __doc__)
    parser.add_argument("first", type=Path, help="a checkpoint, whole or slim")
    parser.add_argument("second", type=Path, help="one that was trained on from it")
    parser.add_argument("out", type=Path, help="the checkpoint to write, for train.export")
    parser.add_argument("--base", type=Path, help="where both come from, if not the first")
    parser.add_argument("--share", type=float, default=0.5, help="of the second; over 1: beyond it")
    arguments = parser.parse_args()
    with parser.refusing():
        first, second = averaged(arguments.first), averaged(arguments.second)
        base = averaged(arguments.base) if arguments.base else None
        mixed = mix(first, second, arguments.share, base)
        write(arguments.out, {"recipe": recipe_of(arguments.first), "ema": mixed})
        settings = arguments.first.with_name("config.toml")
        beside = arguments.out.with_name("config.toml")
        if settings.exists() and not beside.exists():
            shutil.copyfile(settings, beside)


if __name__ == "__main__":
    main()
