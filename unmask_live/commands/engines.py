"""``unmask-live engines``: which networks there are, what runs them here, and their cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from unmask_live.commands.build_bar import build_bar
from unmask_live.commands.console import complain, remark, reported
from unmask_live.errors import UserError
from unmask_live.runtime import cache
from unmask_live.runtime.choose import open_engine
from unmask_live.runtime.manifest import EngineEntry, find_entry, load_manifest

ROLES = {
    "finder": "finds faces, masked and bare",
    "segmenter": "tells which pixels are mask",
    "inpainter": "invents what the mask hides",
}
"""By the first word of a network's name."""

engines = typer.Typer(
    name="engines",
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="List the networks, compile them for this machine, or drop what was compiled.",
)


@engines.command("list")
@reported
def show(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Say for each network what it does, its files, its measured quality and what runs it here."""
    rows = [describe(entry) for entry in load_manifest().values()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.secho(f"{row['name']} {row['version']}", bold=True, nl=False)
        typer.echo(f"  {row['role']}")
        for precision, file in row["files"].items():
            size = "missing" if file["bytes"] is None else f"{file['bytes'] / 1e6:.1f} MB"
            figures = ", ".join(f"{key} {value:g}" for key, value in file["quality"].items())
            typer.echo(f"  {precision:<5} {file['file']}, {size}; {figures or 'not measured'}")
        typer.echo(f"  here  {row['runs_on'] or row['problem']}\n")


def describe(entry: EngineEntry) -> dict[str, Any]:
    """Return one network's row; nothing here raises because it cannot run."""
    runs_on, problem = "", ""
    try:
        with open_engine(entry.name, build=False) as engine:
            runs_on = engine.backend
    except UserError as error:
        problem = str(error)
    return {
        "name": entry.name,
        "version": entry.version,
        "role": ROLES.get(entry.name.partition("-")[0], ""),
        "files": {
            precision: {
                "file": one.path.name,
                "bytes": one.path.stat().st_size if one.path.is_file() else None,
                "quality": one.quality,
            }
            for precision, one in {"fp32": entry, **entry.variants}.items()
        },
        "runs_on": runs_on,
        "problem": problem,
    }


@engines.command()
@reported
def build(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all by default.")
    ] = None,
    backend: Annotated[str, typer.Option(help="For what to compile.")] = "auto",
    via: Annotated[
        Literal["onnx", "torch2trt"],
        typer.Option(help="Build a TensorRT plan from the ONNX file or from a checkpoint."),
    ] = "onnx",
    checkpoint: Annotated[
        Path | None, typer.Option(help="The checkpoint for --via torch2trt.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Compile the networks for this machine now, so that no start has to wait for it.

    With TensorRT that takes minutes; elsewhere it fills the cache that makes the next start quick.
    """
    wanted = names or list(load_manifest())
    if via == "torch2trt":
        _from_checkpoint(wanted, checkpoint, quiet)
        return
    if checkpoint is not None:
        raise UserError("--checkpoint goes with --via torch2trt: leave it away or add that")
    failed = 0
    for name in wanted:
        find_entry(name)  # a wrong name is told before minutes are spent
    for name in wanted:
        try:
            with build_bar(name, quiet) as report:
                engine = open_engine(name, backend=backend, report=report)
        except UserError as error:
            complain(str(error))
            failed += 1
            continue
        with engine:
            if not quiet:
                remark(f"{name}: {engine.backend}")
    if failed:
        raise UserError(f"{failed} of {len(wanted)} networks could not be built")


def _from_checkpoint(names: list[str], checkpoint: Path | None, quiet: bool) -> None:
    from unmask_live.runtime.torch2trt import build_from_checkpoint

    if len(names) != 1 or checkpoint is None:
        raise UserError("--via torch2trt builds one network: give its NAME and --checkpoint FILE")
    entry = find_entry(names[0])
    text = build_from_checkpoint(entry, checkpoint)
    if not quiet:
        remark(f"{entry.name}: {text}")


@engines.command()
@reported
def clean() -> None:
    """Delete what was compiled and measured; it is made again when it is needed."""
    remark(f"{cache.clear() / 1e6:.1f} MB freed")
