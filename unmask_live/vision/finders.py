"""Which finder looks for faces: our own, or MediaPipe's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from unmask_live.errors import UserError
from unmask_live.runtime.engine import Engine
from unmask_live.types import Detection, Image
from unmask_live.vision.find import FOLLOW, Finder

NAMES = ("ours", "mediapipe")


class AnyFinder(Protocol):
    """What looks for faces.

    Attributes
    ----------
    backend : what truly runs it
    """

    @property
    def backend(self) -> str: ...  # noqa: D102

    def __call__(self, image: Image) -> list[Detection]:
        """Return the faces of an H×W×3 uint8 RGB frame, surest first."""
        ...

    def close(self) -> None:
        """Free it."""
        ...


class OwnFinder(Finder):
    """Our finder together with the engine it runs on."""

    def __init__(self, engine: Engine, threshold: float) -> None:
        super().__init__(engine, threshold)
        self._owned = engine

    @property
    def backend(self) -> str:
        """What truly runs it."""
        return self._owned.backend

    def close(self) -> None:
        """Free the network."""
        self._owned.close()


def open_finder(
    name: str, open_engine: Callable[[str], Engine], threshold: float = FOLLOW
) -> AnyFinder:
    """Open a finder by name.

    Parameters
    ----------
    name : "ours", "mediapipe", or "mediapipe:FILE" with a model of the user's
    open_engine : opens a network of the manifest
    threshold : score from which a find counts, 0..1

    Raises
    ------
    UserError
        if there is no such finder, or it cannot be opened
    """
    kind, _, model = name.partition(":")
    if kind not in NAMES or (model and kind != "mediapipe"):
        raise UserError(f"there is no finder {name!r}: choose {' or '.join(NAMES)}")
    if kind == "ours":
        return OwnFinder(open_engine("finder"), threshold)
    from unmask_live.vision.mediapipe_find import MediaPipeFinder  # late: it is an extra

    return MediaPipeFinder(Path(model) if model else None, threshold)
