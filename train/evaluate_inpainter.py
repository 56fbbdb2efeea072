"""The inpainter's engine beside OpenCV's Telea and Navier-Stokes, on the same faces and holes."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from train import grid, metrics
from train.data.faces import FaceCrops
from train.data.holes import hole
from train.evaluate_segmenter import _some
from unmask_live.runtime.engine import Engine
from unmask_live.vision.inpaint import Inpainter

SHARES = (0.0, 0.15, 0.2, 0.25, 0.3, 1.0)
"""Borders of the bins of masked share of the crop."""


def composite(
    image: NDArray[np.uint8], filled: NDArray[np.floating], cover: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Return the crop with its hole filled (M-CSAM eq. 1), rounded to 8 bits as it is shown."""
    whole = image * (1 - cover[..., None]) + filled * cover[..., None]
    return np.asarray(np.clip(whole + 0.5, 0, 255), np.uint8)


def measure(
    made: NDArray[np.uint8], truth: NDArray[np.uint8], inside: NDArray[np.bool_]
) -> dict[str, float]:
    """Whole-crop PSNR, SSIM and L1 as the papers have them, and L1 and sharpness in the hole."""
    a, b = made / 255.0, truth / 255.0
    return {
        "psnr": metrics.psnr(a, b),
        "ssim": float(structural_similarity(made, truth, channel_axis=2)),
        "l1": float(np.abs(a - b).mean()),
        "hole_l1": metrics.hole_l1(a, b, inside),
        "sharpness": metrics.gradient_ratio(a, b, inside),
    }


def evaluate(
    engine: Engine, faces: FaceCrops, *, count: int, sheet: Path | None = None
) -> dict[str, dict[str, float]]:
    """Return mean scores by method; ours also by masked share and by source."""
    inpaint = Inpainter(engine)
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    pictures = []
    for index, sample in _some(faces, count):
        cover = hole(sample, np.random.default_rng(index))
        inside = cover > 0.5
        marked = (cover * 255).astype(np.uint8)
        ours = composite(sample.image, inpaint(sample.image, cover), cover)
        for name, made in (
            ("ours", ours),
            ("telea", cv2.inpaint(sample.image, marked, 3, cv2.INPAINT_TELEA)),
            ("navier-stokes", cv2.inpaint(sample.image, marked, 3, cv2.INPAINT_NS)),
        ):
            row = measure(np.asarray(made, np.uint8), sample.image, inside)
            rows[name].append(row)
            if name != "navier-stokes":
                bin_ = int(np.searchsorted(SHARES, inside.mean(), side="right")) - 1
                rows[f"{name}, masked {SHARES[bin_]:.2f} to {SHARES[bin_ + 1]:.2f}"].append(row)
                rows[f"{name}, from {sample.source}"].append(row)
        if len(pictures) < 32:
            cut = np.asarray(sample.image * (1 - cover[..., None]), np.uint8)
            pictures.append([cut, ours, sample.image])
    if sheet is not None:
        grid.write(sheet, grid.grid(pictures))
    out = {
        name: {key: float(np.mean([r[key] for r in group])) for key in group[0]}
        | {"crops": float(len(group))}
        for name, group in sorted(rows.items())
    }
    ours_, telea = out["ours"], out["telea"]
    out["ours against telea"] = {
        "psnr_over": ours_["psnr"] - telea["psnr"],
        "hole_l1_share": ours_["hole_l1"] / telea["hole_l1"],
    }
    return out
