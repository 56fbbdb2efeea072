"""Open the window on the demo clip and leave as soon as it shows a picture.

``python -m unmask_live.commands.first_picture BACKEND FINDER INPAINTER``, for `bench_start`, which
times it from outside.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from unmask_live.commands.bench_start import PICTURE
from unmask_live.commands.live_watch import playing, wait_for_picture
from unmask_live.errors import UserError
from unmask_live.video.demo_clip import demo_clip


def main(words: list[str]) -> None:
    """Print `PICTURE` when there is one; with the run's own error where none comes."""
    backend, finder, inpainter = words
    try:
        _show(backend, finder, inpainter)
    except UserError as error:
        sys.exit(f"error: {error}")


def _show(backend: str, finder: str, inpainter: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        playing(
            demo_clip(), backend=backend, finder=finder, inpainter=inpainter, scratch=Path(folder)
        ) as (window, pump),
    ):
        wait_for_picture(window, pump)
        print(PICTURE, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
