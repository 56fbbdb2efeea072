"""What the finder is asked for: targets on the grid from lists of faces, and the losses.

Heat after CornerNet (Law and Deng, 2018, eq. 1) as CenterNet uses it; the box and the keypoints are
asked for not at the one centre cell but at all cells around it, weighted by the Gaussian (TTFNet,
Liu et al., 2020), which makes a short training go several times as far.
"""

from __future__ import annotations

import torch
from torch import Tensor

SPREAD = 0.11
"""Standard deviation of a face's heat, as a part of its box's sides."""
LEAST_SPREAD = 0.55
"""The same in cells, for the smallest faces."""
ASKED = 0.35
"""Gaussian from which a cell is asked for box and keypoints."""


def targets(
    boxes: Tensor, kinds: Tensor, grid: tuple[int, int], stride: int = 4
) -> tuple[Tensor, Tensor, Tensor]:
    """Return heat, weight of the heat loss, and which face each cell belongs to.

    Parameters
    ----------
    boxes : (N, F, 4) x0 y0 x1 y1 in pixels
    kinds : (N, F) 0 none, 1 face, 2 ignored
    grid : rows and columns

    Returns
    -------
    heat : (N, rows, columns), exactly 1 in the cell of each face's centre
    weight : (N, rows, columns), 0 inside ignored boxes and 1 elsewhere
    owner : (N, rows, columns) int64 index of the hottest face
    """
    rows, columns = grid
    x = torch.arange(columns, device=boxes.device, dtype=torch.float32)
    y = torch.arange(rows, device=boxes.device, dtype=torch.float32)
    cells = boxes / stride
    middle = ((cells[..., :2] + cells[..., 2:]) / 2).floor()
    spread = ((cells[..., 2:] - cells[..., :2]) * SPREAD).clamp(min=LEAST_SPREAD)
    fx = torch.exp(-((x - middle[..., :1]) ** 2) / (2 * spread[..., :1] ** 2))
    fy = torch.exp(-((y - middle[..., 1:]) ** 2) / (2 * spread[..., 1:] ** 2))
    each = fy[..., :, None] * fx[..., None, :] * (kinds == 1)[..., None, None]
    heat, owner = each.max(1)
    in_x = (x + 0.5 >= cells[..., :1]) & (x + 0.5 <= cells[..., 2:3])
    in_y = (y + 0.5 >= cells[..., 1:2]) & (y + 0.5 <= cells[..., 3:])
    ignored = in_y[..., :, None] & in_x[..., None, :] & (kinds == 2)[..., None, None]
    weight = 1 - (ignored.any(1) & (heat < ASKED)).float()
    return heat, weight, owner


def focal(logit: Tensor, heat: Tensor, weight: Tensor) -> Tensor:
    """Penalty-reduced focal loss over all cells, per face (CornerNet eq. 1: alpha 2, beta 4)."""
    p = torch.sigmoid(logit)
    log_p = torch.nn.functional.logsigmoid(logit)
    positive = heat >= 1
    hit = (1 - p) ** 2 * log_p * positive
    miss = (1 - heat) ** 4 * p**2 * (log_p - logit) * ~positive * weight
    return -(hit.sum() + miss.sum()) / positive.sum().clamp(min=1)


def shape_losses(
    geometry: Tensor, heat: Tensor, owner: Tensor, boxes: Tensor, keypoints: Tensor, stride: int = 4
) -> tuple[Tensor, Tensor]:
    """Return the box loss (1 - generalised IoU) and the keypoint loss (L1 over the box's size).

    Parameters
    ----------
    geometry : (N, 14, rows, columns) in cells, as the network gives it
    heat, owner : as `targets` returns them
    boxes, keypoints : (N, F, 4) and (N, F, 5, 2) in pixels
    """
    picture, row, column = torch.nonzero(heat >= ASKED, as_tuple=True)
    weight = heat[picture, row, column]
    face = owner[picture, row, column]
    total = weight.sum().clamp(min=1e-6)
    said = geometry[picture, :, row, column]
    here = torch.stack([column, row], 1).float() + 0.5
    true_box = boxes[picture, face] / stride
    box = torch.cat([here - said[:, 0:2], here + said[:, 2:4]], 1)
    size = (true_box[:, 2:] - true_box[:, :2]).mean(1)
    box_loss = ((1 - _giou(box, true_box)) * weight).sum() / total
    points = here[:, None] + said[:, 4:].reshape(-1, 5, 2)
    off = (points - keypoints[picture, face] / stride).abs().mean((1, 2)) / size
    return box_loss, (off * weight).sum() / total


def _giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalised IoU (Rezatofighi et al., 2019) of (N, 4) boxes."""
    shared = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0)
    hull = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    inside = shared.prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - inside
    area = hull.prod(1)
    return inside / union.clamp(min=1e-6) - (area - union) / area.clamp(min=1e-6)
