"""Feature networks for the perceptual and the style loss, chosen by name.

"vgg16" is what the M-CSAM paper names (eqs. 8 and 9): Simonyan and Zisserman 2014, up to
``relu4_3``. Its weights are ImageNet's and come as a file of their own: torchvision's
``vgg16-397923af.pth`` (https://download.pytorch.org/models/vgg16-397923af.pth). "face" is our own,
trained on faces by ``python -m train.fit features``, for machines that cannot have that file.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from unmask_live.errors import UserError

NAMES = ("vgg16", "face")
VGG16 = (64, 64, "P", 128, 128, "P", 256, 256, 256, "P", 512, 512, 512)
"""Convolutions by their channels, and poolings."""
VGG16_TAKEN = (3, 8, 15, 22)
"""``relu1_2``, ``relu2_2``, ``relu3_3``, ``relu4_3``: the paper leaves the layers open, these are
the usual ones (Johnson et al. 2016)."""


class Vgg16(nn.Module):
    """RGB in 0..1, N×3×H×W, to four maps at strides 1, 2, 4 and 8."""

    channels = (64, 128, 256, 512)

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for step in VGG16:
            if isinstance(step, str):
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(before, step, 3, padding=1), nn.ReLU()]
                before = step
        self.features = nn.Sequential(*layers)
        # Not part of the weights' file: a buffer would be missed in it.
        self.mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
        self.spread = torch.tensor([0.229, 0.224, 0.225])[:, None, None]

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the maps named above."""
        x = (image - self.mean.to(image)) / self.spread.to(image)
        maps = []
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in VGG16_TAKEN:
                maps.append(x)
        return maps


class FaceFeatures(nn.Module):
    """Our own: as `Vgg16` offers, narrower, with batch norm so that it trains from scratch soon.

    Parameters
    ----------
    width : channels at full size; 2, 4 and 8 times as many below
    points : landmarks that its head tells; see `train.recipes.features`
    """

    def __init__(self, width: int = 32, points: int = 1) -> None:
        super().__init__()
        self.channels = (width, 2 * width, 4 * width, 8 * width)
        before = (3, *self.channels[:-1])
        self.stages = nn.ModuleList(
            _stage(i, o, pool=k > 0)
            for k, (i, o) in enumerate(zip(before, self.channels, strict=True))
        )
        self.broken = nn.Conv2d(8 * width, 1, 1)
        self.deep = _stage(8 * width, 8 * width, pool=True)
        # Place matters to landmarks, so the last maps are flattened, not averaged.
        self.landmarks = nn.Sequential(
            nn.AdaptiveAvgPool2d(8), nn.Conv2d(8 * width, 16, 1), nn.Flatten(),
            nn.Linear(16 * 64, 2 * points),
        )  # fmt: skip

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return maps at strides 1, 2, 4 and 8."""
        x = image * 2 - 1
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps

    def tasks(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return what it is trained by.

        Returns
        -------
        landmarks : N×points×2, -1..1 from edge to edge of the crop
        broken : N×1×(H/8)×(W/8) logits, where the picture is not as a camera took it
        """
        last = self(image)[-1]
        marks: Tensor = self.landmarks(self.deep(last))
        return marks.view(len(image), -1, 2), self.broken(last)


def _stage(channels_in: int, channels_out: int, *, pool: bool) -> nn.Sequential:
    layers: list[nn.Module] = [nn.MaxPool2d(2)] if pool else []
    for before in (channels_in, channels_out):
        layers += [
            nn.Conv2d(before, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)


def open_features(name: str, weights: Path | None) -> Vgg16 | FaceFeatures:
    """Return a frozen feature network with its weights.

    Parameters
    ----------
    name : one of `NAMES`
    weights : torchvision's file for "vgg16"; for "face" a checkpoint of ``train.fit features``

    Raises
    ------
    UserError
        on another name, or a file that is missing or is not that network's
    """
    if name not in NAMES:
        raise UserError(f"features is {name!r}: set it to one of {', '.join(NAMES)}")
    if weights is None or not weights.is_file():
        where = "features_weights names no file" if weights is None else f"{weights} is missing"
        have = (
            "download https://download.pytorch.org/models/vgg16-397923af.pth and name it there"
            if name == "vgg16"
            else "train them with 'python -m train.fit features' and name its last.pt there"
        )
        raise UserError(f"the feature network {name!r} has no weights, {where}: {have}")
    stored = torch.load(weights, map_location="cpu", weights_only=True)
    net: Vgg16 | FaceFeatures
    try:
        if name == "vgg16":
            net = Vgg16()
            kept = {k: v for k, v in stored.items() if k in net.state_dict()}
            net.load_state_dict(kept)
        else:
            net = _face_features(stored["ema"])
    except (KeyError, AttributeError, RuntimeError) as error:
        raise UserError(f"{weights} holds no weights of the feature network {name!r}") from error
    return net.eval().requires_grad_(False)


def _face_features(stored: dict[str, Tensor]) -> FaceFeatures:
    """Build the network in the size that its weights have."""
    width = stored["stages.0.0.weight"].shape[0]
    net = FaceFeatures(width, stored["landmarks.3.weight"].shape[0] // 2)
    net.load_state_dict(stored)
    return net
