"""``unmask-live bench``: how fast it is here, on the demo clip at 720p."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from unmask_live import Unmasker
from unmask_live.commands import machine
from unmask_live.commands.backend_asked import check_backend
from unmask_live.commands.bench_asked import check_together
from unmask_live.commands.bench_text import print_report
from unmask_live.commands.console import reported
from unmask_live.commands.measure import (
    CLIP_FRAMES,
    SIZE,
    Figures,
    compose,
    face_centre,
    frames_a_second,
    read_frames,
    time_engine,
    time_file,
    time_finder,
    time_frames,
)
from unmask_live.commands.options import InpainterOption
from unmask_live.inpainters import choose
from unmask_live.quality import INPAINTER, network_of
from unmask_live.video.demo_clip import demo_clip

FACES = (1, 2, 4)
SECONDS = 5.0
"""Of each measurement where nothing else is asked for."""
BARE_FRAMES = 45
"""Frames at the clip's beginning without a mask: bare faces cost less and would flatter."""


@reported
def bench(
    seconds: Annotated[
        float | None,
        typer.Option(min=0.1, help="How long each measurement takes, about; by default 5."),
    ] = None,
    frames: Annotated[
        int | None, typer.Option(min=1, help="Measure this many frames each instead.")
    ] = None,
    backend: Annotated[str, typer.Option(help="What runs the networks.")] = "auto",
    finder: Annotated[
        str, typer.Option(help="ours, mediapipe, or mediapipe:FILE; timed beside ours.")
    ] = "ours",
    inpainter: InpainterOption = INPAINTER,
    live: Annotated[
        bool, typer.Option("--live", help="Measure the window instead, playing the clip live.")
    ] = False,
    soak: Annotated[
        float | None,
        typer.Option(
            min=0.1, metavar="MINUTES", help="Let the window play and record so long instead."
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Measure all backends, networks, sizes and faces instead, for minutes."
        ),
    ] = False,
    faces: Annotated[
        list[int] | None,
        typer.Option(min=1, max=8, help="With --all: so many faces (again for another number)."),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --all: put the tables into this page as well."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Measure frames a second and milliseconds by stage at 720p with one, two and four faces."""
    check_together(
        everything=everything,
        live=live,
        soak=soak,
        seconds=seconds,
        frames=frames,
        faces=faces,
        markdown=markdown,
    )
    check_backend(backend)  # a wrong name is told before anything is measured
    choose(inpainter)
    seconds = SECONDS if seconds is None else seconds
    if live or soak is not None:
        _bench_window(max(seconds, 1.0), soak, backend, finder, inpainter, as_json)
        return
    clip = demo_clip()
    if everything:
        _bench_all(clip, seconds, frames, backend, finder, inpainter, faces, markdown, as_json)
        return
    make = partial(Unmasker, backend=backend, finder=finder, inpainter=inpainter)
    pictures = read_frames(clip, BARE_FRAMES + CLIP_FRAMES)
    pictures = pictures[BARE_FRAMES:] or pictures  # a clip of one's own may be short
    with make() as unmasker:
        centre = face_centre(unmasker, pictures)
        report: Figures = {
            "machine": about_machine(),
            "inpainter": inpainter,
            "backends": unmasker.backends,
            "size": list(SIZE),
            "networks": {
                name: time_engine(network_of(name), backend, seconds / 5, frames)
                for name in unmasker.backends
                if name != "finder" or finder == "ours"
            },
            "finders": {
                name: time_finder(name, backend, pictures[0], seconds / 5, frames)
                for name in ("ours", finder)
                if finder != "ours"
            },
            "faces": [
                time_frames(unmasker, compose(pictures, count, centre), count, seconds, frames)
                for count in FACES
            ],
        }
    with make(overlapped=True) as unmasker:
        for case in report["faces"]:
            shown = compose(pictures, case["faces"], centre)
            case["fps_side_by_side"] = frames_a_second(unmasker, shown, seconds, frames)
        report["file"] = time_file(unmasker, clip)
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        print_report(report)


def _bench_window(
    seconds: float,
    minutes: float | None,
    backend: str,
    finder: str,
    inpainter: str,
    as_json: bool,
) -> None:
    from unmask_live.commands import bench_live  # late: the window is an extra

    figures = (
        bench_live.bench_live(seconds, backend, inpainter, finder)
        if minutes is None
        else bench_live.soak(minutes, backend, inpainter, finder)
    )
    if as_json:
        typer.echo(json.dumps({"machine": about_machine(), **figures}, indent=2))
    else:
        bench_live.print_live(figures)


def _bench_all(
    clip: Path,
    seconds: float,
    frames: int | None,
    backend: str,
    finder: str,
    inpainter: str,
    faces: list[int] | None,
    page: Path | None,
    as_json: bool,
) -> None:
    from unmask_live.commands import bench_all, bench_page  # late: it is rarely asked for

    if page is not None:
        bench_page.check_page(page)
    report = bench_all.bench_all(
        clip,
        about_machine(),
        seconds=seconds,
        frames=frames,
        backend=backend,
        finder=finder,
        inpainter=inpainter,
        skip=BARE_FRAMES,
        **({"faces": tuple(dict.fromkeys(faces))} if faces else {}),
    )
    bench_page.show(report, page=page, as_json=as_json)


def about_machine() -> Figures:
    """Return what a measurement was made on: processor, cores, versions."""
    return {
        "cpu": machine.cpu_name(),
        "cores": machine.cores(),
        "features": [name for name, there in (machine.cpu_features() or {}).items() if there],
        "unmask-live": machine.own_version(),
        **machine.package_versions(),
    }
