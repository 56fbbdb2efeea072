"""The inpainter's engine beside OpenCV's Telea and Navier-Stokes, on the same faces and holes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from train import grid, metrics
from train.data.faces import TURNED, FaceCrops
from train.data.holes import hole
from train.data.spread import spread
from train.lights import EVERY, LIGHTS
from train.ways import as_shown, by_engine, shown_to
from unmask_live.runtime.engine import Engine

SHARES = (0.0, 0.15, 0.2, 0.25, 0.3, 1.0)
"""Borders of the bins of masked share of the crop."""
SHOWN = "ours, as shown"
"""With what the program adds to a fill; the other rows are of networks alone."""


def share_of(inside: NDArray[np.bool_]) -> str:
    """Return the name of the bin that a hole's share of the crop falls into."""
    place = int(np.searchsorted(SHARES[1:-1], inside.mean(), side="right"))
    return f"masked {SHARES[place]:.2f} to {SHARES[place + 1]:.2f}"


def measure(
    made: NDArray[np.uint8], truth: NDArray[np.uint8], inside: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the figures of one crop.

    ``psnr`` (dB), ``ssim`` and ``l1`` are of the whole crop, as the papers have them: most of it
    was never touched. ``hole_psnr``, ``hole_ssim``, ``hole_l1`` and ``sharpness`` (gradient over
    the truth's) are of the hole alone.

    Parameters
    ----------
    made, truth : (H, W, 3) uint8 RGB
    inside : (H, W) bool, the hole
    """
    a, b = made / 255.0, truth / 255.0
    whole_ssim, hole_ssim = metrics.ssim(a, b, inside)
    return {
        "psnr": metrics.psnr(a, b),
        "ssim": whole_ssim,
        "l1": float(np.abs(a - b).mean()),
        "hole_psnr": metrics.hole_psnr(a, b, inside),
        "hole_ssim": hole_ssim,
        "hole_l1": metrics.hole_l1(a, b, inside),
        "sharpness": metrics.gradient_ratio(a, b, inside),
    }


def evaluate(
    engine: Engine, faces: FaceCrops, *, count: int, sheet: Path | None = None
) -> dict[str, dict[str, float]]:
    """Return mean scores by method, also by masked share and source, of turned heads, in `LIGHTS`.

    A blind network sees a mask painted over the hole; `train.ways` says how that is made fair.
    What the program then adds to a fill is measured in a row of its own, `SHOWN`.
    A crop whose drawn mask lies wholly beyond the photograph has nothing to fill and is left out.
    """
    fill = by_engine(engine)
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    pictures = []
    for index, sample in spread(faces, count):
        cover = hole(sample, np.random.default_rng(index))
        inside = cover > 0.5
        if not inside.any():
            continue
        share = share_of(inside)
        marked = (cover * 255).astype(np.uint8)
        ours = fill(sample, cover, index)
        for name, made in (
            ("ours", ours),
            ("telea", cv2.inpaint(sample.image, marked, 3, cv2.INPAINT_TELEA)),
            ("navier-stokes", cv2.inpaint(sample.image, marked, 3, cv2.INPAINT_NS)),
        ):
            row = measure(np.asarray(made, np.uint8), sample.image, inside)
            groups = [name, f"{name}, {share}", f"{name}, from {sample.source}"]
            if abs(sample.landmarks.turn()) >= TURNED:
                groups.append(f"{name}, head turned")
            for group in groups:
                rows[group].append(row)
        rows[SHOWN].append(measure(as_shown(ours, sample, cover), sample.image, inside))
        if index % EVERY == 0:
            for name, light in LIGHTS.items():
                lit = replace(sample, image=light(sample.image))
                made = fill(lit, cover, index)
                rows[f"ours, {name}"].append(measure(made, lit.image, inside))
        if len(pictures) < 32:
            pictures.append([shown_to(engine, sample, cover, index), ours, sample.image])
    if sheet is not None:
        grid.write(sheet, grid.grid(pictures))
    if not rows:
        return {}
    out = {
        name: {key: float(np.mean([r[key] for r in scored])) for key in scored[0]}
        | {"crops": float(len(scored))}
        for name, scored in sorted(rows.items())
    }
    ours_, telea = out["ours"], out["telea"]
    out["ours against telea"] = {
        "psnr_over": ours_["psnr"] - telea["psnr"],
        "hole_l1_share": ours_["hole_l1"] / telea["hole_l1"],
    }
    return out
