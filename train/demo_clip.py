"""Make the clip that ships: ``python -m train.demo_clip assets/demo.mp4``.

A real face that may be given away: NASA's public-domain portrait of Eileen Collins, which
scikit-image carries. Masks of several kinds are painted on with our own synthesiser, then the
whole moves: the head turns and nods by warps, the camera drifts, light and noise vary by frame.
"""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from train.command import Command
from train.data.landmarks import OVAL, Landmarks
from train.masks import put_on
from train.masks.sheet import astronaut
from unmask_live.errors import UserError

WIDTH, HEIGHT, RATE = 1280, 720, 30
SCALE = 2.75
"""Enlargement of the 512² portrait: its face is then about 260 px wide."""
SCENES: tuple[tuple[str | None, int, float], ...] = (
    (None, 0, 1.2),
    ("surgical", 3, 2.2),
    ("cloth", 11, 2.0),
    ("n95", 5, 2.0),
    ("printed", 8, 2.0),
    ("scarf", 2, 1.6),
)
"""Kind of mask (None: bare), seed of its drawing, seconds."""

Array = NDArray[np.float32]


def portrait() -> tuple[NDArray[np.uint8], Landmarks]:
    """Return the enlarged portrait (RGB) and its landmarks."""
    picture, landmarks = astronaut()
    big = cv2.resize(picture, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_LANCZOS4)
    soft = cv2.GaussianBlur(big, (0, 0), 2.0)
    crisp = cv2.addWeighted(big, 1.5, soft, -0.5, 0)  # enlarging blurs; give some of it back
    return np.asarray(crisp, np.uint8), Landmarks(landmarks.points * np.float32(SCALE))


def motion(seconds: float, landmarks: Landmarks) -> tuple[Array, Array]:
    """Return the maps (H×W each) from a frame's pixels to the portrait's."""
    oval = landmarks[OVAL]
    centre, radius = oval.mean(0), (oval.max(0) - oval.min(0)) / 2
    top = max(0.0, float(centre[1]) - 330)
    left = max(0.0, float(centre[0]) - 560)
    y, x = (4 * np.mgrid[0 : HEIGHT // 4, 0 : WIDTH // 4] + 1.5).astype(np.float32)
    drift = 14 * np.sin(0.9 * seconds), 8 * np.sin(1.3 * seconds + 1)
    zoom = 1 + 0.035 * np.sin(0.7 * seconds)
    x = (x - WIDTH / 2) / zoom + WIDTH / 2 + left + drift[0]
    y = (y - HEIGHT / 2) / zoom + HEIGHT / 2 + top + drift[1]
    # The head: nods and tilts about the neck, strongest at the crown, none at the shoulders.
    away = ((x - centre[0]) / (2.4 * radius[0])) ** 2 + ((y - centre[1]) / (2.1 * radius[1])) ** 2
    head = np.exp(-(away**2)).astype(np.float32)
    tilt = np.deg2rad(3.0) * np.sin(1.7 * seconds)
    neck = centre[1] + 1.6 * radius[1]
    dx = head * tilt * (y - neck)
    dy = head * (-tilt * (x - centre[0]) + 9 * np.sin(2.1 * seconds + 0.5))
    # The face: a turn shifts what stands out (the nose) more than what lies back (the ears).
    bump = np.clip(
        1
        - ((x - centre[0]) / (1.25 * radius[0])) ** 2
        - ((y - centre[1]) / (1.3 * radius[1])) ** 2,
        0,
        1,
    )
    dx = dx + 17 * np.sin(1.2 * seconds + 0.3) * bump
    dy = dy + 7 * np.sin(1.9 * seconds) * bump
    # The motion is smooth, so a quarter of the resolution is enough to work it out.
    maps = (cv2.resize(m.astype(np.float32), (WIDTH, HEIGHT)) for m in (x + dx, y + dy))
    return next(maps), next(maps)


def grain(rng: np.random.Generator) -> Array:
    """Return a sheet of webcam noise larger than a frame, to be cut from anew for each."""
    return rng.normal(0, 1.6, (HEIGHT + 64, WIDTH + 64, 3)).astype(np.float32)


def light(
    frame: NDArray[np.uint8], seconds: float, noise: Array, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Vary exposure and warmth slowly, and add the noise of a webcam."""
    top, left = rng.integers(0, 64, 2)
    noise = noise[top : top + HEIGHT, left : left + WIDTH]
    gain = 1 + 0.10 * np.sin(0.8 * seconds) + np.array([0.03, 0, -0.03]) * np.sin(0.5 * seconds)
    side = 1 + 0.08 * np.sin(0.6 * seconds) * np.linspace(-1, 1, WIDTH)[None, :, None]
    bright = (gain * side).astype(np.float32)
    return np.asarray(np.clip(frame * bright + noise + 0.5, 0, 255), np.uint8)


def make(path: Path) -> None:
    """Write the clip (H.264, 1280×720, 30 frames a second).

    Raises
    ------
    UserError
        if there is no such folder
    """
    if not path.parent.is_dir():
        raise UserError(f"{path.parent} is not a folder: make it, or name another PATH")
    bare, landmarks = portrait()
    rng = np.random.default_rng(0)
    noise = grain(rng)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "23", "preset": "medium"}
        container.metadata["comment"] = "From NASA's portrait of Eileen Collins (public domain)"
        index = 0
        for kind, seed, seconds in SCENES:
            picture = bare
            if kind is not None:
                drawn = put_on(bare, landmarks, np.random.default_rng(seed), kind=kind)
                picture = drawn.image
            for _ in range(round(seconds * RATE)):
                now = index / RATE
                moved = cv2.remap(
                    picture, *motion(now, landmarks), cv2.INTER_LINEAR, None, cv2.BORDER_REFLECT
                )
                frame = av.VideoFrame.from_ndarray(light(moved, now, noise, rng), format="rgb24")
                frame.pts = index
                container.mux(stream.encode(frame))
                index += 1
        container.mux(stream.encode())


def main() -> None:
    """Command line."""
    parser = Command("train.demo_clip", __doc__)
    parser.add_argument("path", type=Path, nargs="?", default=Path("assets/demo.mp4"))
    with parser.refusing():
        make(parser.parse_args().path)


if __name__ == "__main__":
    main()
