"""Recording what is shown, live: H.264 at true times, with sound, playable whatever happens."""

from __future__ import annotations

from pathlib import Path

import av

from unmask_live.types import Image
from unmask_live.video.sink import COMMENT


class Recorder:
    """A recording that grows while the program runs; what was written before a kill can be played.

    Owned by one thread; only `sound` may be called from another.

    Parameters
    ----------
    path : where to; .mp4 or .mkv
    size : (width, height) of the pictures, pixels
    rate : frames a second to expect; the times given to `write` are what counts
    sound : whether `sound` will be called
    force : replace what exists
    comment : goes into the file's tags

    Attributes
    ----------
    path : as given
    frames : pictures written
    seconds : time of the last picture, from the first

    Raises
    ------
    UserError
        if the suffix is neither, the file exists (without ``force``) or cannot be written
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        *,
        rate: float = 30.0,
        sound: bool = False,
        force: bool = False,
        comment: str = COMMENT,
    ) -> None:
        self.path = path
        self.frames = 0
        self.seconds = 0.0
        raise NotImplementedError

    def write(self, image: Image, seconds: float) -> None:
        """Add an H×W×3 uint8 RGB picture shown at ``seconds`` on any clock that rises."""
        raise NotImplementedError

    def sound(self, frame: av.AudioFrame, seconds: float) -> None:
        """Hand over sound that begins at ``seconds`` on the pictures' clock; from any thread."""
        raise NotImplementedError

    def close(self) -> Path:
        """Finish the file and return its path. Safe to call twice."""
        raise NotImplementedError
