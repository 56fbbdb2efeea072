"""``unmask-live demo``: the shipped clip, unmasked, and a picture of how; offline."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from unmask_live import Unmasked, Unmasker, UserError
from unmask_live.commands.console import remark, reported
from unmask_live.commands.options import FinderOption
from unmask_live.commands.progress import progress_bar
from unmask_live.types import Face, Frame, Image
from unmask_live.unmasker import Seen
from unmask_live.video.clip import Clip
from unmask_live.video.convert import convert_video
from unmask_live.video.demo_clip import demo_clip
from unmask_live.video.overlay import paint_mattes, side_by_side
from unmask_live.video.pictures import Picture, write_picture

MOMENTS = (0.05, 0.2, 0.4, 0.58, 0.76, 0.93)
"""Where in the clip the picture's rows are taken, as shares of its length."""
PANEL = 320
"""Side of one panel of the picture, pixels."""
HEADER = 34


@dataclass
class Moments:
    """Collects before | matte | after at a few moments of a clip."""

    frames: int = 1
    rows: list[Image] = field(default_factory=list)

    def begin(self, clip: Clip) -> None:
        """Learn how long the clip is."""
        self.frames = clip.frames or 1

    def look(self, index: int, before: Image, result: Unmasked) -> None:
        """Take a row if this frame is one of the moments."""
        if index in {int(share * self.frames) for share in MOMENTS}:
            window = _around(max(result.faces, key=_size, default=None), before)
            matte = paint_mattes(before, result.faces)
            panels = [_cut(image, window) for image in (before, matte, result.image)]
            self.rows.append(side_by_side(*panels))

    def picture(self) -> Image:
        """Return all rows below a header, H×W×3 uint8 RGB."""
        return np.vstack([_header(), *self.rows])


@reported
def demo(
    folder: Annotated[
        Path, typer.Option("--out", help="Where to write; replaced if there.")
    ] = Path("unmask-demo"),
    backend: Annotated[str, typer.Option(help="What runs the networks.")] = "auto",
    finder: FinderOption = "ours",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the paths only.")] = False,
) -> None:
    """Unmask the clip that comes with the program and show what was done.

    Writes demo-unmasked.mp4 and demo.png (before, matte, after) and prints where they are.
    """
    clip = demo_clip()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror}") from error
    moments = Moments()
    video, picture = folder / "demo-unmasked.mp4", folder / "demo.png"
    with (
        Unmasker(backend=backend, finder=finder, overlapped=True) as unmasker,
        progress_bar(quiet) as bar,
    ):
        if not quiet:
            for name, text in unmasker.backends.items():
                remark(f"{name}: {text}")
        task = bar.add_task(clip.name, total=None)

        def process(frame: Frame, seen: Seen) -> Image:
            result = unmasker.fill(seen)
            moments.look(frame.index, frame.image, result)
            return result.image

        def begin(found: Clip) -> None:
            moments.begin(found)
            bar.update(task, total=found.frames)

        convert_video(
            clip,
            video,
            process,
            see=lambda frame: unmasker.see(frame.image, frame.seconds),
            force=True,
            begin=begin,
            after=lambda _: bar.advance(task),
        )
    write_picture(picture, Picture(moments.picture()), force=True)
    typer.echo(str(video.resolve()))
    typer.echo(str(picture.resolve()))


def _size(face: Face) -> float:
    return face.box[2] - face.box[0]


def _around(face: Face | None, image: Image) -> tuple[int, int, int]:
    """Return a square (x, y, side) within the picture, around a face or in the middle."""
    height, width = image.shape[:2]
    if face is None:
        x, y, side = width / 2, height / 2, float(min(height, width))
    else:
        x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
        side = 1.7 * max(face.box[2] - face.box[0], face.box[3] - face.box[1])
    whole = max(1, int(min(side, height, width)))
    left = int(np.clip(x - whole / 2, 0, width - whole))
    top = int(np.clip(y - whole / 2, 0, height - whole))
    return left, top, whole


def _cut(image: Image, window: tuple[int, int, int]) -> Image:
    x, y, side = window
    way = cv2.INTER_AREA if side > PANEL else cv2.INTER_CUBIC
    panel = cv2.resize(image[y : y + side, x : x + side], (PANEL, PANEL), interpolation=way)
    return panel.astype(np.uint8, copy=False)


def _header() -> Image:
    strip = np.full((HEADER, 3 * PANEL, 3), 255, np.uint8)
    for column, text in enumerate(("before", "matte", "after (invented)")):
        place = (column * PANEL + 10, HEADER - 11)
        cv2.putText(
            strip, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.65, (20, 20, 20), 1, cv2.LINE_AA
        )
    return strip
