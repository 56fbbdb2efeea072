"""``unmask-live bench``: how fast it is here, on the demo clip at 720p."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from unmask_live import Unmasker, UserError
from unmask_live.commands import machine
from unmask_live.commands.console import remark, reported
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
BARE_FRAMES = 45
"""Frames at the clip's beginning without a mask: bare faces cost less and would flatter."""


@reported
def bench(
    seconds: Annotated[
        float, typer.Option(min=0.1, help="How long each measurement takes, about.")
    ] = 5.0,
    frames: Annotated[
        int | None, typer.Option(min=1, help="Measure this many frames each instead.")
    ] = None,
    backend: Annotated[str, typer.Option(help="What runs the networks.")] = "auto",
    finder: Annotated[
        str, typer.Option(help="ours, mediapipe, or mediapipe:FILE; compared if not ours.")
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
    if everything and (live or soak is not None):
        raise UserError("--all measures without the window: leave --live and --soak away")
    if markdown is not None and not everything:
        raise UserError("--markdown goes with --all: leave it away or add that")
    if faces and not everything:
        raise UserError("--faces goes with --all: leave it away or add that")
    choose(inpainter)  # a wrong name is told before anything is measured
    if live or soak is not None:
        _bench_window(max(seconds, 1.0), soak, backend, inpainter, as_json)
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
        _print(report)


def _bench_window(
    seconds: float, minutes: float | None, backend: str, inpainter: str, as_json: bool
) -> None:
    from unmask_live.commands import bench_live  # late: the window is an extra

    figures = (
        bench_live.bench_live(seconds, backend, inpainter)
        if minutes is None
        else bench_live.soak(minutes, backend, inpainter)
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


def _print(report: Figures) -> None:
    info = report["machine"]
    remark(f"{info['cpu']}, {info['cores']} cores, {', '.join(info['features'])}")
    for name, text in report["backends"].items():
        remark(f"{name}: {text}")
    typer.echo("\nnetworks alone            median      p95   (ms)")
    for name, figures in report["networks"].items():
        typer.echo(f"  {name:<20} {figures['median_ms']:9.2f} {figures['p95_ms']:8.2f}")
    if report["finders"]:
        typer.echo("\nfinders, picture to faces median      p95   (ms)")
    for name, figures in report["finders"].items():
        typer.echo(f"  {name:<20} {figures['median_ms']:9.2f} {figures['p95_ms']:8.2f}")
    for case in report["faces"]:
        plural = "" if case["faces"] == 1 else "s"
        typer.echo(
            f"\n1280x720, {case['faces']} face{plural}: {case['fps_side_by_side']:.1f} frames a "
            f"second as files run, {case['fps']:.1f} one frame after the other "
            f"({case['frames']} frames; on average {case['found']:.1f} found, "
            f"{case['masked']:.1f} unmasked)\n"
            f"  {'one after the other':<20} {'median':>9} {'p95':>8} {'a frame':>8}   (ms)"
        )
        for stage, figures in case["stages"].items():
            typer.echo(
                f"  {stage:<20} {figures['median_ms']:9.2f} {figures['p95_ms']:8.2f} "
                f"{figures['mean_ms']:8.2f}"
            )
        whole = case["whole"]
        typer.echo(f"  {'whole frame':<20} {whole['median_ms']:9.2f} {whole['p95_ms']:8.2f}")
    done = report["file"]
    typer.echo(
        f"\nfile to file, decoding and encoding included: {done['fps']:.1f} frames a second "
        f"({done['frames']} frames in {done['seconds']:.1f} s)"
    )
