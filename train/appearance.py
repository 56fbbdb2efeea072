"""FID, NIQE and BRISQUE, by the libraries that others use, where their weights are at hand.

These three judge by networks or models that somebody else fitted, so their files are needed:
``pip install torch-fidelity pyiqa`` and, in `FOLDER`, the files that `FILES` names. Nothing is
downloaded here: a measurement must not hang on a machine without a network. What is not at hand is
left out of the tables, with one sentence that says why.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

FOLDER = Path("~/.cache/unmask_live/metrics").expanduser()
_IQA = "https://huggingface.co/chaofengc/IQA-PyTorch-Weights/resolve/main"
_FIDELITY = "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0"
FILES = {
    "fid": ("torch_fidelity", f"{_FIDELITY}/weights-inception-2015-12-05-6726825d.pth"),
    "niqe": ("pyiqa", f"{_IQA}/niqe_modelparameters.mat"),
    "brisque": ("pyiqa", f"{_IQA}/brisque_svm_weights.pth"),
}
"""Figure to the module that computes it and where its file comes from."""
FEWEST = 2
"""Pictures below which a distance of distributions means nothing at all."""

Image = NDArray[np.uint8]


class _Pictures(Dataset[torch.Tensor]):
    """(H, W, 3) uint8 RGB as torch-fidelity takes them."""

    def __init__(self, pictures: Sequence[Image]) -> None:
        self._pictures = pictures

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(self._pictures[index].transpose(2, 0, 1)))


def missing(name: str, folder: Path | None = None) -> str | None:
    """Return why a figure cannot be measured here and what to do, or None where it can.

    Parameters
    ----------
    name : one of `FILES`
    folder : where the weights are; `FOLDER` if None
    """
    module, url = FILES[name]
    try:
        importlib.import_module(module)
    except ImportError:
        package = module.replace("_", "-")
        return f"{name} is left out, since {package} is not installed: pip install {package}"
    if not _file(name, folder).is_file():
        return f"{name} is left out for want of its weights: put {url} into {folder or FOLDER}"
    return None


def without_reference(folder: Path | None = None) -> dict[str, Callable[[Image], float]]:
    """Return what judges a picture by itself, NIQE and BRISQUE, as far as they are at hand.

    Each takes (H, W, 3) uint8 RGB, at least 96 pixels a side; smaller results are better.
    """
    judges = {}
    for name in ("niqe", "brisque"):
        if missing(name, folder) is None:
            path = str(_file(name, folder))
            pyiqa: Any = importlib.import_module("pyiqa")
            judges[name] = _of_picture(pyiqa.create_metric(name, pretrained_model_path=path))
    return judges


def fid(made: Sequence[Image], true: Sequence[Image], folder: Path | None = None) -> float | None:
    """Return the Fréchet Inception distance of two sets; None where it cannot be measured.

    Few pictures give a large number whatever they show: compare only equal counts.
    """
    if min(len(made), len(true)) < FEWEST or missing("fid", folder) is not None:
        return None
    fidelity: Any = importlib.import_module("torch_fidelity")
    figures = fidelity.calculate_metrics(
        input1=_Pictures(made),
        input2=_Pictures(true),
        fid=True,
        cuda=torch.cuda.is_available(),
        feature_extractor_weights_path=str(_file("fid", folder)),
        verbose=False,
    )
    return float(figures["frechet_inception_distance"])


def _file(name: str, folder: Path | None) -> Path:
    return (folder or FOLDER) / FILES[name][1].rpartition("/")[2]


def _of_picture(metric: Any) -> Callable[[Image], float]:
    def judge(picture: Image) -> float:
        tensor = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].float()
        with torch.no_grad():
            return float(metric(tensor / 255))

    return judge
