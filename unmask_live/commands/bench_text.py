"""The plain benchmark's report for people."""

from __future__ import annotations

import typer

from unmask_live.commands.console import remark
from unmask_live.commands.measure import Figures


def print_report(report: Figures) -> None:
    """Print what `bench` measured."""
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
