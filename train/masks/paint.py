"""Put a laid-out mask into the photograph: cloth, light, shadow, straps, hand."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks import cloth as cloths
from train.masks import details, light, mix, palette, skin_hand
from train.masks.grid import FaceGrid
from train.masks.layout import Layout, coverage
from train.masks.light import Light
from train.masks.noise import Rng
from train.masks.surface import Surface, box_of, surface_of

Field = NDArray[np.float32]
Floats = NDArray[np.floating]
Image = NDArray[np.uint8]


def paint(image: Image, layout: Layout, grid: FaceGrid, rng: Rng) -> Image:
    """Return a copy of the picture with the mask on; only the mask, its shadow and hand differ."""
    out = image.copy()
    polygons = layout.body + layout.straps + layout.hand
    box = box_of(polygons, image.shape[:2], 0.12 * grid.size)
    if box is None:
        return out
    surface = surface_of(grid, layout, box)
    lit = light.read(image, grid, surface, rng)
    offset = np.array(box[:2], float)
    shape = surface.u.shape
    body = coverage([p - offset for p in layout.body], shape)
    straps = coverage([p - offset for p in layout.straps], shape) if layout.straps else None
    part = out[box[1] : box[3], box[0] : box[2]]
    picture = part.astype(np.float32)
    whole = body if straps is None else np.maximum(body, straps)
    near = _cast_shadow(picture, whole, grid, lit, rng)
    main = palette.base(layout.kind, rng, lit.skin)
    if straps is not None:
        loop = mix.flood(shape, _strap_colour(main, rng) * (lit.level * lit.cast * 0.95))
        mix.scale(loop, surface.blow_up(lit.field))
        mix.over(picture, loop, straps)
    mix.over(picture, _cloth(layout, grid, surface, lit, main, near, rng), body)
    for cover, fingers in skin_hand.render(layout.hand, offset, shape, grid, lit, rng):
        mix.over(picture, fingers, cover)
    np.clip(picture, 0, 255, out=picture)
    painted = np.rint(picture).astype(np.uint8)
    part[:] = painted
    return out


def _cast_shadow(picture: Field, whole: Image, grid: FaceGrid, lit: Light, rng: Rng) -> Field:
    """Darken the skin along the mask's edge in place; return the blurred coverage, 0..1."""
    sigma = grid.size * rng.uniform(0.012, 0.04)
    height, width = whole.shape
    times = 2 if sigma > 2 else 1
    small = cv2.resize(whole, (max(1, width // times), max(1, height // times)), interpolation=3)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.6, sigma / times))
    dx = -np.sign(lit.side) * sigma * rng.uniform(0, 1.2)
    shift = (grid.down * sigma * rng.uniform(-0.3, 1.4) + grid.across * dx) / times
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    cast = cv2.warpAffine(blurred, matrix, (small.shape[1], small.shape[0]))
    depth = np.float32(rng.uniform(0.05, 0.5) / 255)
    factor = cv2.resize(1 - depth * cast.astype(np.float32), (width, height))
    mix.scale(picture, factor)
    soft: Field = cv2.resize(blurred, (width, height)).astype(np.float32) * np.float32(1 / 255)
    return soft


def _strap_colour(main: Floats, rng: Rng) -> Floats:
    """Loops are white, black or of the mask's colour."""
    luck = rng.random()
    if luck < 0.5:
        return np.full(3, rng.uniform(215, 250))
    if luck < 0.75:
        return np.full(3, rng.uniform(15, 60))
    return main


def _cloth(layout: Layout, grid: FaceGrid, surface: Surface, lit: Light, main: Floats, near: Field,
           rng: Rng) -> Field:  # fmt: skip
    """Return the lit cloth over the whole box: (h, w, 3) float32."""
    kind = layout.kind
    colours = cloths.colour_field(kind, layout.style, main, lit.skin, surface, rng)
    shade = details.lines(layout, grid, surface, rng)
    shade *= cloths.fold_field(kind, surface, rng)
    material = cloths.material_field(surface, grid.size, rng)
    if material is not None:
        shade *= material
    if rng.random() < (0.3 if kind in ("surgical", "cloth", "printed") else 0.12):
        edge = np.full(3, 240.0) if rng.random() < 0.5 else palette.base("cloth", rng, lit.skin)
        details.binding(colours, layout, grid, surface, edge, rng)
    if rng.random() < {"n95": 0.3, "cloth": 0.1}.get(kind, 0.02):
        tone = palette.base("cloth", rng, lit.skin) if rng.random() < 0.4 else main * 0.9
        details.valve(colours, shade, grid, surface, tone, rng)
    if rng.random() < {"n95": 0.35, "scarf": 0.05}.get(kind, 0.12):
        ink = np.full(3, 30.0 if main.mean() > 110 else 235.0)
        ink = palette.vivid(rng) if rng.random() < 0.3 else ink
        details.logo(colours, grid, surface, ink, rng)
    shade *= _form(layout, surface, lit, rng)
    # Cloth bends under at its edge and gets less light there.
    rim = np.float32(rng.uniform(0.0, 0.6))
    shade *= 1 - rim * np.clip(1 - near, 0, 0.5)
    mix.scale(colours, shade)
    mix.tint(colours, lit.level * lit.cast)
    if rng.random() < 0.3:  # sheen and veiling light lift the darks
        colours += np.float32(rng.uniform(0, 22))
    return colours


def _form(layout: Layout, surface: Surface, lit: Light, rng: Rng) -> Field:
    """Shade the cloth as the bulging body it is, in the light found on the skin."""
    u = np.clip(surface.coarse[..., 0], -1.2, 1.2)
    f = np.clip(surface.coarse[..., 1], -0.2, 1.2)
    side = 0.6 * lit.side + rng.normal(0, 0.1)
    # A ridge from the nose down: its two faces look left and right.
    ridge = np.tanh(u * np.float32(rng.uniform(2, 7))) * np.float32(rng.normal(0, 0.05))
    form = 1 - np.float32(rng.uniform(0, 0.38)) * u * u + np.float32(side) * u * 0.6 + ridge
    under = np.float32(rng.uniform(0.0, 0.3))
    form -= under * np.clip(f - 0.45, 0, 1) ** 2 * 2
    form += np.float32(rng.normal(0.02, 0.05)) * (0.5 - f)
    field = lit.field ** np.float32(rng.uniform(0.2, 1.0))
    return surface.blow_up(np.clip(form * field, 0.25, 1.6).astype(np.float32))
