"""Start a wider segmenter from a trained one: ``python -m train.widen OUT.pt --widths 16 32 ...``.

The network begins as the same function: what it had is copied, new filters are as a fresh network
has them, and what was there does not look at them yet (Chen et al., "Net2Net", 2016, has the idea;
there the new filters are copies). So hours of training are not thrown away with the old widths.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import torch
from torch import Tensor, nn

from train.checkpoint import averaged, save_slim, start_from
from train.command import Command
from train.networks.segmenter import LiveSegmenter
from train.onnx_file import read_weights
from unmask_live.errors import UserError


def widen(narrow: LiveSegmenter, widths: tuple[int, ...]) -> LiveSegmenter:
    """Return a network of ``widths`` that computes what ``narrow`` does.

    Raises
    ------
    UserError
        where ``widths`` has another number of levels, or one is narrower than what is there
    """
    have = narrow.widths
    if len(have) != len(widths) or any(a > b for a, b in zip(have, widths, strict=True)):
        raise UserError(f"{have} cannot become {widths}: name as many --widths, none of them less")
    wide = LiveSegmenter(widths)
    _block(narrow.first, wide.first, torch.arange(12))
    for level, (old, new) in enumerate(zip(narrow.down, wide.down, strict=True)):
        _block(_part(old, 1), _part(new, 1), torch.arange(have[level]))
    for level, (old, new) in enumerate(zip(narrow.narrow, wide.narrow, strict=True)):
        _copy(old, new, torch.arange(have[level + 1]))
    for level, (old, new) in enumerate(zip(narrow.up, wide.up, strict=True)):
        own = torch.arange(have[level])
        # What came up and the skip lie side by side: the skip begins where the new width ends.
        _block(old, new, torch.cat([own, own + widths[level]]))
    _copy(_part(narrow.head, 0), _part(wide.head, 0), torch.arange(have[0]))
    return wide


def widths_of(path: Path) -> tuple[int, ...]:
    """Return the widths of the segmenter in a checkpoint or an ONNX file.

    Raises
    ------
    UserError
        where the file holds another network
    """
    stored = read_weights(path) if path.suffix == ".onnx" else averaged(path)
    deeper = (f"down.{level}.1.0.weight" for level in itertools.count())
    if "first.0.weight" not in stored:
        raise UserError(f"{path} is not a segmenter: name one as --start-from")
    names = ["first.0.weight", *itertools.takewhile(stored.__contains__, deeper)]
    return tuple(len(stored[name]) for name in names)


def _block(old: nn.Module, new: nn.Module, inputs: Tensor) -> None:
    """Copy two conv–BN–ReLU; ``inputs`` says where in the new one's input the old one's lies."""
    _copy(_part(old, 0), _part(new, 0), inputs)
    _norm(_part(old, 1), _part(new, 1))
    _copy(_part(old, 3), _part(new, 3), torch.arange(_part(old, 0).weight.shape[0]))
    _norm(_part(old, 4), _part(new, 4))


def _copy(old: nn.Module, new: nn.Module, inputs: Tensor) -> None:
    count = old.weight.shape[0]
    with torch.no_grad():
        new.weight[:count] = 0
        new.weight[:count, inputs] = old.weight
        if old.bias is not None:
            new.bias[:count] = old.bias


def _norm(old: nn.Module, new: nn.Module) -> None:
    for name in ("weight", "bias", "running_mean", "running_var"):
        value = getattr(old, name)
        with torch.no_grad():
            getattr(new, name)[: len(value)] = value


def _part(block: nn.Module, index: int) -> nn.Module:
    assert isinstance(block, nn.Sequential)
    return block[index]


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    parser = Command("train.widen", __doc__)
    parser.add_argument("out", type=Path, help="a slim checkpoint, for train.fit --start-from")
    parser.add_argument(
        "--start-from", type=Path, default=Path("engines/segmenter.onnx"), help="the narrower one"
    )
    parser.add_argument("--widths", type=int, nargs="+", required=True, help="the new ones")
    arguments = parser.parse_args(argv)
    with parser.refusing():
        narrow = LiveSegmenter(widths_of(arguments.start_from))
        start_from(narrow, arguments.start_from)
        save_slim(arguments.out, widen(narrow, tuple(arguments.widths)), "segmenter")
    print(arguments.out)


if __name__ == "__main__":
    main()
