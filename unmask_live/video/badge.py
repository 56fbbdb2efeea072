"""The badge that says, in the picture itself, that faces are invented."""

from __future__ import annotations

from collections.abc import Sequence

from unmask_live.types import Face, Image

TEXT = "AI-reconstructed"


def add_badge(image: Image, faces: Sequence[Face] = (), *, text: str = TEXT) -> Image:
    """Return a copy of the H×W×3 uint8 RGB ``image`` with ``text`` in a corner.

    Bottom left, or the first of bottom right, top left and top right where no face lies.
    """
    raise NotImplementedError
