"""``unmask-live file``: a video, a picture or a folder of either in, the same without masks out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import Progress

from unmask_live import Unmasked, Unmasker, UserError
from unmask_live.commands.console import complain, describe, remark, reported
from unmask_live.commands.options import InpainterOption
from unmask_live.commands.progress import progress_bar
from unmask_live.quality import INPAINTER
from unmask_live.types import Frame, Image
from unmask_live.unmasker import Seen
from unmask_live.video import names
from unmask_live.video.badge import Badge
from unmask_live.video.clip import Clip
from unmask_live.video.convert import convert_video
from unmask_live.video.overlay import paint_mattes, side_by_side
from unmask_live.video.pictures import Picture, read_picture, write_picture
from unmask_live.video.whole import check_target


@dataclass(frozen=True)
class Options:
    """What was asked for besides the paths; see the command's help."""

    force: bool = False
    compare: bool = False
    show_matte: bool = False
    quality: int = 18
    salvage: bool = False
    badge: bool = False

    @property
    def columns(self) -> int:
        """How many pictures wide a result is."""
        return 2 if self.compare else 1

    @property
    def invented(self) -> bool:
        """Whether results may show invented faces: not the matte on the original alone."""
        return self.compare or not self.show_matte

    def view(self, before: Image, result: Unmasked, label: Badge) -> Image:
        """Return what is written for one frame; ``label`` goes on a face that is invented."""
        left = paint_mattes(before, result.faces) if self.show_matte else before
        if self.show_matte and not self.compare:
            return left
        filled = any(face.matte.any() for face in result.faces)
        right = label(result.image, result.faces) if self.badge and filled else result.image
        return side_by_side(left, right) if self.compare else right


@dataclass
class Tally:
    """What was seen in one file."""

    frames: int = 0
    masked_frames: int = 0
    most: int = 0
    """Masked faces in one frame at most: one who leaves and comes back counts once."""
    begun: float = field(default_factory=time.perf_counter)

    def count(self, result: Unmasked) -> None:
        """Take one frame's result in."""
        masked = sum(face.masked for face in result.faces)
        self.frames += 1
        self.masked_frames += bool(masked)
        self.most = max(self.most, masked)

    def __str__(self) -> str:
        speed = self.frames / max(1e-9, time.perf_counter() - self.begun)
        frames = f"{self.frames} frames at {speed:.1f} a second" if self.frames > 1 else "1 picture"
        if not self.most:
            return f"{frames}, no mask found"
        faces = "1 face" if self.most == 1 else f"{self.most} faces"
        if self.frames > 1:
            at_once = "" if self.most == 1 else "up to "
            faces = f"{at_once}{faces} at a time, in {self.masked_frames} of them"
        return f"{frames}, mask taken off {faces}; what is beneath is invented"


@reported
def file(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A video, a picture, or a folder of either.")
    ],
    out: Annotated[
        Path | None,
        typer.Argument(
            metavar="OUT",
            help="Where to; by default <name>-unmasked beside IN. The suffix chooses the container:"
            " .mp4 .m4v .mov .mkv .webm.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace what exists.")] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Write before and after side by side.")
    ] = False,
    show_matte: Annotated[
        bool, typer.Option("--show-matte", help="Paint what is taken for mask on the original.")
    ] = False,
    quality: Annotated[
        int,
        typer.Option(min=0, max=51, help="H.264 rate factor: lower is better and larger."),
    ] = 18,
    salvage: Annotated[
        bool, typer.Option("--salvage", help="Of a file that is cut short, take what there is.")
    ] = False,
    badge: Annotated[
        bool,
        typer.Option("--badge/--no-badge", help="Write AI-reconstructed into pictures that are."),
    ] = False,
    backend: Annotated[
        str, typer.Option(help="What runs the networks; `unmask-live doctor` lists what can.")
    ] = "auto",
    finder: Annotated[
        str, typer.Option(help="What looks for faces: ours, mediapipe, or mediapipe:FILE.")
    ] = "ours",
    inpainter: InpainterOption = INPAINTER,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Take the masks off a video, a picture, or a folder of either.

    Sound, subtitles and frame times are kept. A file gets its name only when it is whole.
    """
    options = Options(force, compare, show_matte, quality, salvage, badge)
    if not source.exists():
        raise UserError(f"there is no file or folder {source}")
    make = partial(Unmasker, backend=backend, finder=finder, inpainter=inpainter, overlapped=True)
    if source.is_dir():
        _folder(source, out, options, make, quiet)
        return
    target = names.target_for(source, out)
    check_target(target, force=force)  # before the networks load: a wrong name is told at once
    with make() as unmasker, progress_bar(quiet) as bar:
        say = _one(source, target, unmasker, options, bar)
    if not quiet:
        _print_result(target, say)


def _folder(
    source: Path, out: Path | None, options: Options, make: Callable[[], Unmasker], quiet: bool
) -> None:
    """Do every file; one that fails is reported and the others go on."""
    files = names.media_in(source)
    folder = names.folder_for(source, out)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {folder}: {error.strerror}") from error
    failed = 0
    with make() as unmasker:
        for path in files:
            target = folder / names.name_in_folder(path)
            try:
                check_target(target, force=options.force)
                with progress_bar(quiet) as bar:
                    say = _one(path, target, unmasker, options, bar)
            except UserError as error:
                complain(str(error))
                failed += 1
            except Exception as error:  # whatever one file does, the others get their turn
                complain(f"{path} failed ({describe(error)})")
                failed += 1
            else:
                if not quiet:
                    _print_result(target, say)
    if failed:
        raise UserError(
            f"{failed} of {len(files)} files in {source} failed; the rest is in {folder}"
        )


def _one(
    source: Path, target: Path, unmasker: Unmasker, options: Options, bar: Progress
) -> list[str]:
    """Do one file; return the lines to say about it."""
    unmasker.reset()
    tally, label = Tally(), Badge()
    if names.is_picture(source):
        picture = read_picture(source)
        result = unmasker(picture.image)
        tally.count(result)
        alpha = picture.alpha
        if alpha is not None and options.compare:
            alpha = np.hstack([alpha, alpha])
        image = options.view(picture.image, result, label)
        lost = write_picture(
            target,
            Picture(image, alpha, picture.profile),
            force=options.force,
            invented=options.invented,
        )
        return [str(tally), *picture.notes, *lost]

    task = bar.add_task(source.name, total=None)

    def process(frame: Frame, seen: Seen) -> Image:
        result = unmasker.fill(seen)
        tally.count(result)
        return options.view(frame.image, result, label)

    def begin(clip: Clip) -> None:
        bar.update(task, total=clip.frames)

    report = convert_video(
        source,
        target,
        process,
        see=lambda frame: unmasker.see(frame.image, frame.seconds),
        columns=options.columns,
        quality=options.quality,
        invented=options.invented,
        force=options.force,
        salvage=options.salvage,
        begin=begin,
        after=lambda _: bar.advance(task),
    )
    return [str(tally), *report.notes]


def _print_result(target: Path, lines: list[str]) -> None:
    """Print the path on stdout for scripts, the rest on stderr for people."""
    typer.echo(str(target))
    for line in lines:
        remark(f"  {line}")
