"""What cameras and codecs do to a picture: soft, noisy, squeezed, too dark, off-colour.

Each effect is drawn on its own, so that a picture has none, one or several of them; about one in
eight stays as it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Rng = np.random.Generator
_NOISE_SIDE = 512


def degrade(image: Image, rng: Rng) -> Image:
    """Return a picture as a worse camera would give it: same shape, a new array.

    Parameters
    ----------
    image : (H, W, 3) uint8 RGB

    Raises
    ------
    ValueError
        on a picture of another type or shape, or an empty one
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ValueError(f"image {image.dtype} {image.shape}, wanted uint8 (H, W, 3)")
    if rng.random() < 0.12:
        return image.copy()
    out = image
    if rng.random() < 0.6:
        out = tone(out, rng)
    luck = rng.random()
    if luck < 0.22:
        out = cv2.GaussianBlur(out, (0, 0), min(4.0, 0.5 + rng.gamma(1.2, 0.7)))
    elif luck < 0.3:
        out = motion(out, rng)
    elif luck < 0.45:
        out = low_resolution(out, rng)
    elif luck < 0.5:
        soft = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.8, 2))
        out = cv2.addWeighted(out, 1 + (k := rng.uniform(0.3, 1.5)), soft, -k, 0)  # sharpened
    if rng.random() < 0.4:
        out = noise(out, rng)
    if rng.random() < 0.45:
        out = jpeg(out, rng)
    return out.copy() if out is image else out


def tone(image: Image, rng: Rng) -> Image:
    """Change exposure, gamma, contrast, white balance and saturation."""
    x = np.arange(256) / 255
    gain = np.exp(rng.normal(0, 0.22))
    gamma = np.exp(rng.normal(0, 0.2))
    lift = max(0.0, rng.normal(0, 0.05))
    white = np.exp(rng.normal(0, 0.07, 3) * (rng.random() < 0.6))
    curves = lift + (1 - lift) * (x[:, None] * gain * white) ** gamma
    table = np.clip(curves * 255, 0, 255).astype(np.uint8)
    out: Image = cv2.LUT(image, table[None])
    if rng.random() < 0.2:
        grey = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        share = 1.0 if rng.random() < 0.15 else rng.uniform(-0.3, 0.6)
        out = cv2.addWeighted(out, 1 - share, grey, share, 0)
    return out


def motion(image: Image, rng: Rng) -> Image:
    """Smear along a short straight line, as a moving head or camera does."""
    length = int(rng.integers(3, 12)) | 1
    kernel = np.zeros((length, length), np.float32)
    middle, angle = length // 2, rng.uniform(0, np.pi)
    way = (round(middle * np.cos(angle)), round(middle * np.sin(angle)))
    cv2.line(kernel, (middle - way[0], middle - way[1]), (middle + way[0], middle + way[1]), 1.0)
    out: Image = cv2.filter2D(image, -1, kernel / kernel.sum())
    return out


def low_resolution(image: Image, rng: Rng) -> Image:
    """Lose detail to few pixels and blow it up again."""
    height, width = image.shape[:2]
    share = rng.uniform(0.22, 0.8)
    size = (max(2, int(width * share)), max(2, int(height * share)))
    down = (cv2.INTER_AREA, cv2.INTER_LINEAR)[int(rng.random() < 0.3)]
    up = (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[int(rng.random() < 0.5)]
    small = cv2.resize(image, size, interpolation=down)
    out: Image = cv2.resize(small, (width, height), interpolation=up)
    return out


def noise(image: Image, rng: Rng) -> Image:
    """Add sensor noise: fine or blotchy, grey or coloured, cut from a bank."""
    height, width = image.shape[:2]
    bank = _noise_bank()
    grain = bank[int(rng.integers(len(bank)))]
    times = -(-max(height, width) // (_NOISE_SIDE // 2))
    if times > 1:
        grain = np.tile(grain, (times, times, 1))
    y = int(rng.integers(0, grain.shape[0] - height + 1))
    x = int(rng.integers(0, grain.shape[1] - width + 1))
    part = grain[y : y + height, x : x + width]
    sigma = min(22.0, rng.gamma(1.4, 4.5))
    scaled = cv2.convertScaleAbs(part, alpha=sigma / 32.0)
    sign = part > 0
    return np.where(sign, cv2.add(image, scaled), cv2.subtract(image, scaled))


_BANK: list[NDArray[np.int8]] = []


def _noise_bank() -> list[NDArray[np.int8]]:
    """Make the noise once a process: int8 with a spread of 32, sharp to soft, grey or colour."""
    if not _BANK:
        rng = np.random.default_rng(76)
        for sigma in (0.0, 0.0, 0.6, 1.1):
            for grey in (False, True):
                shape = (_NOISE_SIDE, _NOISE_SIDE, 1 if grey else 3)
                field = rng.standard_normal(shape, np.float32)
                if sigma:
                    field = cv2.GaussianBlur(field, (0, 0), sigma).reshape(shape)
                field *= 32 / field.std()
                _BANK.append(
                    np.clip(np.repeat(field, 4 - shape[2], 2)[..., :3], -127, 127).astype(np.int8)
                )
    return _BANK


def jpeg(image: Image, rng: Rng) -> Image:
    """Squeeze through JPEG at a quality from bad to good."""
    quality = int(rng.uniform(18, 92))
    _, code = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    out: Image = cv2.imdecode(code, cv2.IMREAD_COLOR_RGB)
    return out
