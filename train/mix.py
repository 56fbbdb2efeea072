"""Mix two trainings of one network: ``python -m train.mix SMOOTH SHARP OUT --share 0.5``.

Deep network interpolation (Wang et al., 2019): between weights trained for L1 and the same weights
trained on with a judge lie networks between a smear and a scribble, so the balance can be chosen
afterwards by what validation says, without another training.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor

from train.checkpoint import averaged


def mix(first: dict[str, Tensor], second: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Return ``(1 - share) first + share second``; what is no float is the first's.

    Raises
    ------
    ValueError
        if they are not weights of the same network
    """
    shapes = [{k: v.shape for k, v in weights.items()} for weights in (first, second)]
    if shapes[0] != shapes[1]:
        raise ValueError("these are weights of different networks")
    return {
        key: value.lerp(second[key], share) if value.dtype.is_floating_point else value
        for key, value in first.items()
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m train.mix", description=__doc__)
    parser.add_argument("first", type=Path, help="a checkpoint, whole or slim")
    parser.add_argument("second", type=Path, help="one that was trained on from it")
    parser.add_argument("out", type=Path, help="the checkpoint to write, for train.export")
    parser.add_argument("--share", type=float, default=0.5, help="of the second; over 1: beyond it")
    arguments = parser.parse_args()
    weights = [averaged(path) for path in (arguments.first, arguments.second)]
    torch.save({"ema": mix(*weights, arguments.share)}, arguments.out)


if __name__ == "__main__":
    main()
