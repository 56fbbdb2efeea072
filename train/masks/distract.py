"""Harmless things round a bare mouth that are no mask: what a segmenter must not fire on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.data.landmarks import Landmarks
from train.masks import hand, light, palette, relief, skin_hand, textures
from train.masks.curves import fill, ribbon, smooth
from train.masks.grid import FaceGrid
from train.masks.layout import Layout, coverage
from train.masks.noise import Rng
from train.masks.shapes import choose
from train.masks.surface import surface_of

Image = NDArray[np.uint8]
Field = NDArray[np.float32]
Floats = NDArray[np.floating]

WHAT = (("hand", 0.27), ("beard", 0.18), ("collar", 0.25), ("microphone", 0.1), ("cup", 0.1),
        ("phone", 0.1))  # fmt: skip


def distract(image: Image, landmarks: Landmarks, rng: Rng, *, what: str | None = None) -> Image:
    """Paint a hand, dark beard, collar or hood, microphone, cup or phone at a bare mouth.

    Parameters
    ----------
    image : (H, W, 3) uint8 RGB; not changed
    what : a name from `WHAT`; drawn by its share if None

    Raises
    ------
    ValueError
        on an unknown name, or landmarks that lack nose, chin or oval
    """
    if what is not None and what not in dict(WHAT):
        raise ValueError(f"what {what!r}, wanted one of {tuple(dict(WHAT))}")
    grid = FaceGrid(landmarks)
    what = what or choose(WHAT, rng)
    out = image.copy()
    height, width = image.shape[:2]
    # A stand-in layout: the lower face gives the coordinates and the light.
    s = np.linspace(-1, 1, 9)
    frame = Layout("none", what, [], tops=grid.at(s, 0.25), bottoms=grid.at(s, 1.05))
    surface = surface_of(grid, frame, (0, 0, width, height))
    lit = light.read(image, grid, surface, rng)
    zero = np.zeros(2)
    if what == "hand":
        for cover, colour in skin_hand.render(
            hand.draw(grid, rng), zero, (height, width), grid, lit, rng
        ):
            _lay(out, cover, colour)
    elif what == "beard":
        _beard(out, grid, rng, surface.round, surface.down)
    elif what == "collar":
        _collar(out, grid, lit, rng)
    else:
        _thing(out, what, grid, lit, rng)
    return out


def _lay(out: Image, cover: Image, colour: Field) -> None:
    """Blend colours over the picture in place where the coverage says."""
    x, y, w, h = cv2.boundingRect(cover)
    if w == 0:
        return
    weight = cover[y : y + h, x : x + w, None].astype(np.float32) * np.float32(1 / 255)
    part = out[y : y + h, x : x + w].astype(np.float32)
    part += weight * (colour[y : y + h, x : x + w] - part)
    out[y : y + h, x : x + w] = np.clip(part + 0.5, 0, 255).astype(np.uint8)


def _beard(out: Image, grid: FaceGrid, rng: Rng, x: Field, y: Field) -> None:
    """Dark strands over jaw and lip, thin towards the rim, free round the mouth."""
    high = rng.uniform(0.5, 0.62)
    s = np.linspace(-1.0, 1.0, 9)
    bow = high - rng.uniform(-0.05, 0.1) * np.abs(s)
    upper, lower = grid.at(s, bow), grid.at(s, 1.0 + rng.uniform(0.0, 0.15))
    outline = np.concatenate([smooth(upper), smooth(lower)[::-1]])
    cover = coverage([outline], out.shape[:2])
    lips = smooth(
        grid.at(np.array([-0.35, 0, 0.35, 0]), np.array([0.66, 0.56, 0.66, 0.76])), closed=True
    )
    cv2.fillPoly(cover, [np.rint(lips).astype(np.int32)], 0)
    cover = cv2.GaussianBlur(cover, (0, 0), max(0.8, grid.size * 0.03))
    strands = relief.fold(int(rng.integers(relief.FOLDS)))
    grain = relief.material(3 + 6 * int(rng.integers(0, 6)))
    zoom = grid.size * rng.uniform(0.6, 1.4)
    field = cv2.remap(
        grain, x * np.float32(zoom), y * np.float32(zoom), cv2.INTER_LINEAR, borderMode=3
    )
    field += 0.5 * cv2.remap(strands, x * 90, y * 190, cv2.INTER_LINEAR, borderMode=3)
    tone = rng.uniform(15, 70) * np.array([1.1, 1.0, 0.9])
    if rng.random() < 0.2:
        tone = np.full(3, rng.uniform(120, 190))  # grey
    share = np.clip(rng.uniform(0.5, 1.1) + 0.35 * field, 0, 1) * rng.uniform(0.6, 1.0)
    weight = (cover.astype(np.float32) * share).astype(np.uint8)
    colour = (tone * np.clip(1 + 0.3 * field, 0.3, 2)[..., None]).astype(np.float32)
    _lay(out, weight, colour)


def _collar(out: Image, grid: FaceGrid, lit: light.Light, rng: Rng) -> None:
    """Coloured cloth from below the chin down: shirt, roll neck, scarf worn low, hood."""
    chin = grid.at(0.0, 1.0)[0] + grid.down * grid.size * rng.uniform(0.04, 0.25)
    size, down, across = grid.size, grid.down, grid.across
    wide, drop = rng.uniform(0.35, 0.9), rng.uniform(-0.25, 0.3)
    far_out = across * size * 3
    near_out = across * size * wide
    sink, low = down * size * drop, down * size * (drop + 0.4)
    edge = np.stack(
        [
            chin - far_out + low,
            chin - near_out + sink,
            chin,
            chin + near_out + sink,
            chin + far_out + low,
        ]
    )
    edge[2] += down * size * rng.uniform(0, 0.2)
    far = np.stack([edge[-1] + down * size * 4, edge[0] + down * size * 4])
    parts = [np.concatenate([smooth(edge), far])]
    cover = coverage(parts, out.shape[:2])
    if rng.random() < 0.25:  # a hood round the head
        u = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        ring = np.stack([np.cos(u), np.sin(u)], 1) @ np.stack([across, down])
        heart = grid.at(0.0, rng.uniform(0.1, 0.3))[0]
        opening = size * np.array([rng.uniform(0.58, 0.7), rng.uniform(0.72, 0.9)])
        inner = (np.stack([np.cos(u), np.sin(u)], 1) * opening) @ np.stack([across, down])
        hood = coverage([heart + ring * size * rng.uniform(1.0, 1.5)], out.shape[:2])
        fill(hood, heart + inner, 0)
        cover = np.maximum(cover, hood)
    main = palette.base("cloth", rng, lit.skin)
    height, width = out.shape[:2]
    if rng.random() < 0.5:
        tile = palette.inks(main, rng)[textures.tile(int(rng.integers(textures.BANK)))]
        zoom = rng.uniform(0.6, 1.6)
        matrix = np.array([[zoom, 0.3, rng.uniform(0, 256)], [-0.3, zoom, rng.uniform(0, 256)]])
        cloth = cv2.warpAffine(tile, matrix, (width, height), borderMode=cv2.BORDER_WRAP)
        colour = cloth.astype(np.float32)
    else:
        colour = np.empty((height, width, 3), np.float32)
        colour[:] = main
    folds = cv2.resize(relief.fold(int(rng.integers(relief.FOLDS))), (width, height))
    colour *= (1 + rng.uniform(0, 0.25) * folds)[..., None] * np.float32(lit.level * 0.95)
    _lay(out, cover, colour)


def _thing(out: Image, what: str, grid: FaceGrid, lit: light.Light, rng: Rng) -> None:
    """A microphone, cup or phone held to the mouth, with fingers round it."""
    size = grid.size
    mouth = grid.at(float(rng.uniform(-0.5, 0.5)), float(rng.uniform(0.62, 0.9)))[0]
    angle = rng.uniform(0.2, 0.8) * np.pi
    way = np.array([np.cos(angle), np.sin(angle)])  # from the mouth to the hand
    reach = size * rng.uniform(0.5, 1.5)
    if what == "microphone":
        head = ribbon(
            np.stack([mouth + way * k * size for k in (-0.1, -0.08, 0.0, 0.12, 0.2, 0.22)]),
            size * rng.uniform(0.14, 0.3) * np.array([0.5, 0.8, 1.0, 1.0, 0.75, 0.5]),
        )
        stick = ribbon(
            np.stack([mouth + way * size * 0.2, mouth + way * (reach + size)]), size * 0.1
        )
        parts, tones = [stick, head], [np.full(3, 30.0), np.full(3, rng.uniform(25, 150))]
    elif what == "cup":
        line = np.stack([mouth, mouth + way * reach * 0.5])
        cup = ribbon(line, size * rng.uniform(0.3, 0.5) * np.array([1.0, 0.8]))
        parts, tones = [cup], [palette.vivid(rng) if rng.random() < 0.6 else np.full(3, 235.0)]
    else:
        line = np.stack([mouth + way * size * 0.1, mouth + way * (size * 0.1 + reach)])
        parts, tones = [ribbon(line, size * rng.uniform(0.3, 0.5))], [palette.vivid(rng) * 0.3]
    ramp = np.linspace(0.75, 1.2, out.shape[1], dtype=np.float32)[None, :, None]
    for polygon, tone in zip(parts, tones, strict=True):
        cover = coverage([polygon], out.shape[:2])
        soft = cv2.GaussianBlur(cover, (0, 0), max(1.0, size * 0.05)).astype(np.float32) / 255
        colour = (
            tone.astype(np.float32) * np.float32(lit.level) * ramp * (0.5 + 0.6 * soft)[..., None]
        )
        _lay(out, cover, colour)
    if rng.random() < 0.7:
        grip = mouth + way * reach * 0.6
        fingers = [p - p.mean(0) * 0 + (grip - p.mean(0)) for p in hand.draw(grid, rng)[-3:]]
        shape = out.shape[:2]
        for cover, field in skin_hand.render(fingers, np.zeros(2), shape, grid, lit, rng):
            _lay(out, cover, field)
