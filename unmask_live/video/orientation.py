"""Rotated clips: phones store the picture lying down and a matrix that puts it up.

The networks need upright faces, the file must keep its stored form: so a frame is put upright
after decoding and laid down again before encoding, and the matrix is copied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from unmask_live.types import Image


@dataclass(frozen=True)
class Orientation:
    """One of the eight ways a picture can be stored.

    Attributes
    ----------
    transpose : swap rows and columns first
    flip_x, flip_y : then mirror left-right, up-down
    matrix : the nine numbers of the file (FFmpeg's display matrix), or None for upright
    """

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False
    matrix: tuple[int, ...] | None = None

    @classmethod
    def from_matrix(cls, data: bytes) -> Orientation:
        """Read FFmpeg's display matrix: nine native-endian int32, a b u c d v x y w.

        A stored pixel (x, y) is shown at (a x + c y, b x + d y), up to a shift. An angle that is
        no multiple of 90 degrees is taken as the nearest one.
        """
        if len(data) < 36:
            return cls()
        values = np.frombuffer(data[:36], np.int32).astype(np.int64)
        a, b, c, d = (int(values[i]) for i in (0, 1, 3, 4))
        matrix = tuple(int(value) for value in values)
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(transpose=True, flip_x=c < 0, flip_y=b < 0, matrix=matrix)
        return cls(transpose=False, flip_x=a < 0, flip_y=d < 0, matrix=matrix)

    def upright(self, stored: Image) -> Image:
        """Turn a stored H×W×3 picture the way it is shown; contiguous, copied only if turned."""
        shown = stored.transpose(1, 0, 2) if self.transpose else stored
        return np.ascontiguousarray(self._flip(shown))

    def stored(self, upright: Image) -> Image:
        """Undo `upright`."""
        lying = self._flip(upright)
        return np.ascontiguousarray(lying.transpose(1, 0, 2) if self.transpose else lying)

    def _flip(self, image: Image) -> Image:
        return image[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1]
