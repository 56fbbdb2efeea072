"""Knowledge distillation: a trained network, the teacher, shows another what to make of a hole.

The truth under a mask is one of many that would do, so what it teaches is mostly noise; a teacher's
answer is what is left when that is averaged out (Hinton et al., "Distilling the Knowledge in a
Neural Network", 2015). Its weight falls to nothing well before the end: a student that followed it
to the last could at best become it. Features are compared by where they are strong, so that the
two need not have as many channels (Zagoruyko and Komodakis, "Paying More Attention to Attention",
2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from train.machine import Machine
from train.torch_engine import INPAINTER, load_onnx, load_run, shapes_of
from unmask_live.errors import UserError


class Watched:
    """Keeps what a part of a network gave in its last forward pass."""

    def __init__(self, part: nn.Module) -> None:
        self.maps: Tensor | None = None
        part.register_forward_hook(self._keep)

    def _keep(self, _part: nn.Module, _given: tuple[Tensor, ...], out: Tensor) -> None:
        self.maps = out


class Teacher:
    """A network that learns no more.

    Parameters
    ----------
    net : takes picture and matte and, for `features`, has a ``middle``
    """

    def __init__(self, net: nn.Module, machine: Machine) -> None:
        self.net = machine.place(net.eval().requires_grad_(False))
        self._middle = Watched(net.middle) if hasattr(net, "middle") else None

    @torch.no_grad()
    def fill(self, image: Tensor, matte: Tensor) -> Tensor:
        """Return what it makes: N×3×H×W in 0..1, from inputs as every inpainter takes them."""
        made: Tensor = self.net(image, matte).float()
        return made

    @property
    def features(self) -> Tensor:
        """The maps of its middle in the last `fill`, N×C×h×w."""
        assert self._middle is not None and self._middle.maps is not None
        return self._middle.maps


class Mean(nn.Module):
    """Several networks as one: the mean of what they make, which errs less than each of them."""

    def __init__(self, nets: Sequence[nn.Module]) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)

    def forward(self, image: Tensor, matte: Tensor) -> Tensor:
        """As every inpainter."""
        return torch.stack([net(image, matte) for net in self.nets]).mean(0)


def open_teacher(names: str, machine: Machine, *, features: bool) -> Teacher:
    """Open a training's folder, or an ONNX file that `train.export` wrote.

    Parameters
    ----------
    names : where it is; several, parted by commas, teach what they make in the mean
    features : whether its features are wanted too

    Raises
    ------
    UserError
        where one is missing or neither, is blind to the matte, or has no middle to compare
    """
    nets = [_network(Path(name.strip())) for name in names.split(",")]
    net = Mean(nets) if len(nets) > 1 else nets[0]
    if features and not hasattr(net, "middle"):
        raise UserError(f"teacher {names} has no middle to compare: set distil_features=0")
    return Teacher(net, machine)


def _network(path: Path) -> nn.Module:
    if not path.exists():
        raise UserError(f"teacher {path} is missing: name a training's folder or an ONNX file")
    recipe, net = load_onnx(path) if path.suffix == ".onnx" else load_run(path)
    if shapes_of(recipe) != INPAINTER:
        raise UserError(f"teacher {path} is of {recipe}, which fills no hole it is told of")
    return net


def fading(progress: float, until: float) -> float:
    """Return the share of a teacher's weight that is left: 1 at first, 0 from ``until`` on."""
    return max(0.0, 1 - progress / until) if until > 0 else 0.0


def attention(maps: Tensor) -> Tensor:
    """Return where maps are strong: N×C×h×w to N×(h·w) of length 1 (their equation 1, p = 2)."""
    return nn.functional.normalize(maps.float().square().mean(1).flatten(1), dim=1)


def of_attention(student: Tensor, teacher: Tensor) -> Tensor:
    """Return the mean distance of two attentions, 0..√2 (their equation 2).

    Parameters
    ----------
    student, teacher : maps of the same height and width
    """
    distance: Tensor = (attention(student) - attention(teacher)).norm(dim=1).mean()
    return distance
