"""Put a laid-out mask into the photograph: cloth, light, shadow, straps, hand."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from train.masks import cloth as cloths
from train.masks import details, light, palette, skin_hand
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
        _lay(picture, straps, _strap_colour(main, rng) * (lit.level * lit.cast * 0.95), lit.field)
    colours = _cloth(layout, grid, surface, lit, main, near, rng)
    weight = body.astype(np.float32)[..., None] * np.float32(1 / 255)
    picture += weight * (colours - picture)
    for cover, fingers in skin_hand.render(layout.hand, offset, shape, grid, lit, rng):
        _lay_field(picture, cover, fingers)
    np.clip(picture, 0, 255, out=picture)
    painted = np.rint(picture).astype(np.uint8)
    part[:] = painted
    return out


def _cast_shadow(picture: Field, whole: Image, grid: FaceGrid, lit: Light, rng: Rng) -> Field:
    """Darken the skin along the mask's edge in place; return the blurred coverage, 0..1."""
    sigma = grid.size * rng.uniform(0.012, 0.04)
    soft = cv2.GaussianBlur(whole, (0, 0), max(0.6, sigma)).astype(np.float32)
    soft *= np.float32(1 / 255)
    dx = -np.sign(lit.side) * sigma * rng.uniform(0, 1.2)
    shift = (grid.down * sigma * rng.uniform(-0.3, 1.4) + grid.across * dx).astype(np.float32)
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    cast = cv2.warpAffine(soft, matrix, (soft.shape[1], soft.shape[0]))
    cast *= np.float32(-rng.uniform(0.05, 0.5))
    cast += 1
    picture *= cast[..., None]
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
    colours *= shade[..., None]
    colours *= (lit.level * lit.cast).astype(np.float32)
    if rng.random() < 0.3:  # sheen and veiling light lift the darks
        colours += np.float32(rng.uniform(0, 22))
    return colours


def _form(layout: Layout, surface: Surface, lit: Light, rng: Rng) -> Field:
    """Shade the cloth as the bulging body it is, in the light found on the skin."""
    u = np.clip(surface.u, -1.2, 1.2)
    f = np.clip(surface.f, -0.2, 1.2)
    side = 0.6 * lit.side + rng.normal(0, 0.1)
    # A ridge from the nose down: its two faces look left and right.
    ridge = np.tanh(u * np.float32(rng.uniform(2, 7))) * np.float32(rng.normal(0, 0.05))
    form = 1 - np.float32(rng.uniform(0, 0.38)) * u * u + np.float32(side) * u * 0.6 + ridge
    under = np.float32(rng.uniform(0.0, 0.3))
    form -= under * np.clip(f - 0.45, 0, 1) ** 2 * 2
    form += np.float32(rng.normal(0.02, 0.05)) * (0.5 - f)
    field = lit.field ** np.float32(rng.uniform(0.2, 1.0))
    out: Field = np.clip(form * field, 0.25, 1.6).astype(np.float32)
    return out


def _lay(picture: Field, cover: Image, colour: Floats, shade: Field) -> None:
    """Blend one colour, shaded, over the picture in place."""
    field = shade[..., None] * colour.astype(np.float32)
    _lay_field(picture, cover, field)


def _lay_field(picture: Field, cover: Image, field: Field) -> None:
    weight = cover.astype(np.float32)[..., None] * np.float32(1 / 255)
    picture += weight * (field - picture)
