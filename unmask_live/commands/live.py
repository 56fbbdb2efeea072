"""``unmask-live live``: a camera, a file or a stream, unmasked as it comes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from unmask_live.commands.console import reported
from unmask_live.commands.headless import run_headless
from unmask_live.commands.options import (
    WindowBackendOption,
    WindowFinderOption,
    WindowInpainterOption,
)
from unmask_live.errors import UserError
from unmask_live.inpainters import choose
from unmask_live.quality import INPAINTER
from unmask_live.settings import Settings
from unmask_live.video import pictures
from unmask_live.video.capture import is_camera, open_live
from unmask_live.video.devices import camera_problem, cameras
from unmask_live.video.whole import check_target


@reported
def live(
    source: Annotated[
        str | None,
        typer.Option(
            help="demo, a camera's index or name, a file or a URL; by default the first camera."
        ),
    ] = None,
    virtual_camera: Annotated[
        bool,
        typer.Option(
            "--virtual-camera/--no-virtual-camera", help="Be a camera that other programs can pick."
        ),
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="Which virtual camera, such as /dev/video10 (headless only).")
    ] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Without a window; Ctrl-C ends it.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(metavar="OUT.mp4", help="Record into this file, .mp4 or .mkv.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", "-f", help="Let --record replace a file.")
    ] = False,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Ask this of the camera; by default 1280x720.")
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(min=1, max=240, help="Ask so many frames a second of it; by default 30."),
    ] = None,
    mirror: Annotated[
        bool | None,
        typer.Option("--mirror/--no-mirror", help="Swap left and right, as in a mirror."),
    ] = None,
    badge: Annotated[
        bool,
        typer.Option(
            "--badge/--no-badge",
            help="Write AI-reconstructed into what leaves (headless; the window has a setting).",
        ),
    ] = True,
    backend: WindowBackendOption = None,
    finder: WindowFinderOption = None,
    inpainter: WindowInpainterOption = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="End after so many seconds (headless only).")
    ] = None,
) -> None:
    """Take the masks off a camera, a file or a stream, live, in a window or without one.

    In the window, what is not asked for here is as it was last set there.
    """
    asked = parse_size(size)
    _check_asked(source, asked, fps)
    if inpainter is not None:
        choose(inpainter)  # a wrong name is told before a camera is switched on
    if record is not None and record.exists():
        check_target(record, force=force)  # before a camera is switched on and a window comes up
    if not headless:
        only = {"--seconds": seconds, "--device": device}
        if given := [name for name, value in only.items() if value is not None]:
            raise UserError(f"{' and '.join(given)} without --headless: add it, or leave them out")
        from unmask_live.app.main import run  # late: the window is an extra

        code = run(
            source,
            size=asked,
            fps=fps,
            mirror=mirror,
            backend=backend,
            finder=finder,
            inpainter=inpainter,
            record=record,
            force=force,
            virtual_camera=virtual_camera,
        )
        raise typer.Exit(code)
    run_headless(
        open_live(_first_camera() if source is None else source, size=asked, fps=fps),
        settings=Settings(
            mirror=bool(mirror), badge_outputs=badge, inpainter=inpainter or INPAINTER
        ),
        backend=backend or "auto",
        finder=finder or "ours",
        record=record,
        force=force,
        virtual_camera=virtual_camera,
        device=device,
        seconds=seconds,
    )


def parse_size(text: str | None) -> tuple[int, int] | None:
    """Return (width, height) of a text such as 1280x720 (UserError if it is none)."""
    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,5})\s*[xX×*]\s*(\d{1,5})\s*", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if min(size) < 1:
        raise UserError(f"--size {text!r} is no size: write width x height, such as 1280x720")
    return size


def _check_asked(source: str | None, size: tuple[int, int] | None, fps: float | None) -> None:
    """Raise UserError if a source is asked for what it does not take."""
    if source is None or is_camera(source):
        return
    still = Path(source).suffix.lower() in pictures.SUFFIXES
    given = {"--size": size, "--fps": None if still else fps}
    names = [name for name, value in given.items() if value is not None]
    if names:
        raise UserError(
            f"{' and '.join(names)} can be asked of a camera only: leave it out, "
            "files, streams and the demo come as they are"
        )


def _first_camera() -> str:
    found = cameras()
    if not found:
        problem = camera_problem() or "no camera was found"
        raise UserError(f"{problem.rstrip('.')}; `--source demo` plays the shipped clip")
    return str(found[0].index)
