"""Small pictures and shapes that composed frames are made of.

All pictures are HxWx3 uint8 BGR, as OpenCV decodes them; sizes are (width, height).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]


def colour_table(rng: np.random.Generator, strength: float) -> Image:
    """Return a (1, 256, 3) table for `cv2.LUT`: gamma, contrast, brightness and white balance."""
    gamma = np.exp(rng.normal(0, 0.35 * strength))
    gain = np.exp(rng.normal(0, 0.22 * strength)) * np.exp(rng.normal(0, 0.09 * strength, 3))
    lift = rng.normal(0, 18 * strength)
    ramp = (np.arange(256)[:, None] / 255.0) ** gamma * 255
    return np.clip((ramp - 128) * gain + 128 + lift, 0, 255).astype(np.uint8)[None]


def head_polygon(outline: Floats, rng: np.random.Generator) -> Floats:
    """Return (36, 2) points around head and hair, from the first 36 of the face's outline.

    The oval runs clockwise from the forehead; it is widened by a random amount that is largest at
    the top (hair) and eases towards the chin, so that the cut never lies in the same place.
    """
    oval = outline[:36]
    centre = oval.mean(0)
    turn = np.cos(np.linspace(0, 2 * np.pi, 36, endpoint=False))  # 1 at forehead, -1 at chin
    top, side, chin = rng.uniform(1.15, 1.7), rng.uniform(1.08, 1.5), rng.uniform(1.08, 1.5)
    grow = np.where(turn > 0, side + (top - side) * turn, side + (chin - side) * -turn)
    grown: Floats = (centre + (oval - centre) * grow[:, None]).astype(np.float32)
    return grown


def shoulders(outline: Floats, bottom: float, rng: np.random.Generator) -> Floats:
    """Return (4, 2) points of neck and shoulders: from the jaw down to ``bottom``."""
    left, right = outline[:36, 0].min(), outline[:36, 0].max()
    width, middle = right - left, (left + right) / 2
    jaw = outline[:36, 1].max() - 0.15 * (outline[:36, 1].max() - outline[:36, 1].min())
    neck, spread = rng.uniform(0.35, 0.6) * width, rng.uniform(0.6, 1.5) * width
    corners = [[middle - neck, jaw], [middle + neck, jaw]]
    corners += [[middle + spread, bottom], [middle - spread, bottom]]
    return np.array(corners, np.float32)


def blur_kernel(rng: np.random.Generator) -> Floats:
    """Return a motion-blur kernel of 3 to 9 pixels in any direction, summing to 1."""
    side = int(rng.integers(1, 5)) * 2 + 1
    kernel = np.zeros((side, side), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * (side // 2)
    a, b = np.round(side // 2 - reach).astype(int), np.round(side // 2 + reach).astype(int)
    cv2.line(kernel, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), 1.0)
    return kernel / kernel.sum()


def distract(image: Image, rng: np.random.Generator) -> None:
    """Draw one thing into a picture that has fooled finders of faces but is none.

    Discs and rings (logos, wheels, clocks, lamps), skin-coloured ovals (hands, bald wood), writing,
    plain boxes. Drawn in place.
    """
    height, width = image.shape[:2]
    size = int(np.exp(rng.uniform(np.log(5), np.log(max(8, 0.45 * height)))))
    place = int(rng.integers(width)), int(rng.integers(height))
    colour = [int(v) for v in rng.integers(0, 256, 3)]
    other = [int(v) for v in rng.integers(0, 256, 3)]
    kind = rng.integers(5)
    if kind == 0:
        cv2.circle(image, place, size, colour, -1, cv2.LINE_AA)
        for _ in range(int(rng.integers(0, 4))):
            inner = max(1, int(size * rng.uniform(0.1, 0.9)))
            thick = -1 if rng.random() < 0.4 else max(1, size // 8)
            cv2.circle(image, place, inner, other, thick, cv2.LINE_AA)
    elif kind == 1:
        _skin(image, place, size, rng)
    elif kind == 2:
        letters = "".join(rng.choice(list("ABCDEGHKMNORSTabcdegknorst0345689 "), 6))
        font = int(rng.integers(0, 8))
        cv2.putText(image, letters, place, font, size / 24, colour, max(1, size // 12), cv2.LINE_AA)
    elif kind == 3:
        corner = place[0] + int(size * rng.uniform(0.5, 3)), place[1] + size
        cv2.rectangle(image, place, corner, colour, -1)
        cv2.rectangle(image, place, corner, other, max(1, size // 12), cv2.LINE_AA)
    else:
        spokes = int(rng.integers(3, 12))
        for angle in np.linspace(0, 2 * np.pi, spokes, endpoint=False):
            end = place[0] + int(size * np.cos(angle)), place[1] + int(size * np.sin(angle))
            cv2.line(image, place, end, colour, max(1, size // 10), cv2.LINE_AA)
        cv2.circle(image, place, size, other, max(1, size // 8), cv2.LINE_AA)


def _skin(image: Image, place: tuple[int, int], size: int, rng: np.random.Generator) -> None:
    """Draw an oval or three finger-like ones in a skin colour (blue is the smallest channel)."""
    tone = np.array([0.55, 0.7, 1.0]) * rng.uniform(60, 255) + rng.normal(0, 12, 3)
    for _ in range(1 if rng.random() < 0.5 else 3):
        shade = [int(v) for v in np.clip(tone * rng.uniform(0.85, 1.1), 0, 255)]
        axes = size, max(1, int(size * rng.uniform(0.3, 1)))
        shift = rng.normal(0, size * 0.3, 2).astype(int)
        middle = place[0] + int(shift[0]), place[1] + int(shift[1])
        cv2.ellipse(image, middle, axes, rng.uniform(0, 180), 0, 360, shade, -1, cv2.LINE_AA)


def spoil(image: Image, noise: Floats, rng: np.random.Generator) -> Image:
    """Send a whole frame through a bad camera: light, blur, coarse pixels, noise, JPEG.

    Parameters
    ----------
    noise : (H, W, 3) float32 grain of unit deviation, larger than the frame
    """
    height, width = image.shape[:2]
    if rng.random() < 0.75:
        image = cv2.LUT(image, colour_table(rng, 1.0))
    if rng.random() < 0.06:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        image = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    choice = rng.random()
    if choice < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 1.6)))
    elif choice < 0.23:
        image = cv2.filter2D(image, -1, blur_kernel(rng))
    elif choice < 0.33:
        factor = rng.uniform(1.3, 4)
        small = cv2.resize(
            image, (int(width / factor), int(height / factor)), interpolation=cv2.INTER_AREA
        )
        how = cv2.INTER_NEAREST if rng.random() < 0.5 else cv2.INTER_LINEAR
        image = cv2.resize(small, (width, height), interpolation=how)
    if rng.random() < 0.4:
        y = int(rng.integers(noise.shape[0] - height + 1))
        x = int(rng.integers(noise.shape[1] - width + 1))
        part = noise[y : y + height, x : x + width]
        strength = float(np.exp(rng.uniform(np.log(1.0), np.log(16.0))))
        image = cv2.addWeighted(image, 1.0, part, strength, 0, dtype=cv2.CV_8U)
    if rng.random() < 0.5:
        quality = int(rng.integers(18, 95))
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return image.astype(np.uint8, copy=False)
