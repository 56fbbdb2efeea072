"""``unmask-live bench --live`` and ``--soak``: the window itself, from capture to painted frame."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer

from unmask_live.commands.console import remark
from unmask_live.commands.live_watch import watch
from unmask_live.commands.measure import Figures
from unmask_live.commands.sync_clip import write_sync_clip
from unmask_live.quality import INPAINTER
from unmask_live.video.demo_clip import demo_clip


def bench_live(
    seconds: float, backend: str, inpainter: str = INPAINTER, finder: str = "ours"
) -> Figures:
    """Play the demo clip in the window at its own rate; return what was presented, and how late."""
    with tempfile.TemporaryDirectory() as folder:
        return watch(
            demo_clip(),
            seconds,
            backend=backend,
            finder=finder,
            inpainter=inpainter,
            scratch=Path(folder),
        )


def soak(minutes: float, backend: str, inpainter: str = INPAINTER, finder: str = "ours") -> Figures:
    """Play a clip that clicks every second for minutes, recording; return also growth and skew."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        clip = scratch / "clicks.mp4"
        write_sync_clip(clip, demo_clip())

        def tell(passed: float) -> None:
            if round(passed) % 30 == 0:
                remark(f"{passed:.0f} of {minutes * 60:.0f} s")

        record = scratch / "recording.mp4"
        return watch(
            clip,
            minutes * 60,
            backend=backend,
            finder=finder,
            inpainter=inpainter,
            scratch=scratch,
            record=record,
            tell=tell,
        )


def print_live(figures: Figures) -> None:
    """Print the figures of either for people."""
    for name, text in figures["backends"].items():
        remark(f"{name}: {text}")
    age, blocked = figures["age"], figures["gui_blocked"]
    drops = ", ".join(f"{n} before {s}" for s, n in figures["dropped"].items() if n) or "none"
    typer.echo(
        f"\n{figures['fps']:.1f} of {figures['source_fps']:.1f} frames a second presented "
        f"over {figures['seconds']:.0f} s (dropped: {drops}; quality: "
        f"{', '.join(figures['levels'])})"
    )
    typer.echo(f"  {'':<20}    median      p95   (ms)")
    for name, stage in {**figures["stages"], "age at presentation": age}.items():
        typer.echo(f"  {name:<20} {stage['median_ms']:9.1f} {stage['p95_ms']:8.1f}")
    typer.echo(
        f"window's thread blocked: p95 {blocked['p95_ms']:.1f} ms, at most {blocked['most_ms']:.1f}"
    )
    if memory := figures["memory"]:
        typer.echo(
            f"memory: {memory['first_mb']:.0f} MB, at the end {memory['last_mb']:.0f} MB "
            f"({memory['growth']:+.1%}); threads: {figures['threads']['first']}, at the end "
            f"{figures['threads']['last']}, left over after closing: {len(figures['threads_left'])}"
        )
    if skew := figures.get("skew"):
        if "drift_ms" not in skew:
            typer.echo("the recording is too short to tell sound from picture")
            return
        typer.echo(
            f"recording: picture ahead of sound by {skew['median_ms']:.1f} ms, at most "
            f"{skew['most_ms']:.1f}; drift {skew['drift_ms']:+.1f} ms over {skew['clicks']} clicks"
        )
