"""``unmask-live engines``: which networks there are, what runs them here, and their cache."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from unmask_live.commands.backend_asked import check_backend, inner_reason
from unmask_live.commands.bench_tables import table
from unmask_live.commands.build_bar import build_bar
from unmask_live.commands.console import complain, remark, reported
from unmask_live.errors import UserError
from unmask_live.inpainters import InpainterChoice, choices
from unmask_live.quality import INPAINTER
from unmask_live.runtime import cache
from unmask_live.runtime.choose import open_engine
from unmask_live.runtime.cores import cores as all_cores
from unmask_live.runtime.kinds import is_blind, is_inpainter
from unmask_live.runtime.manifest import EngineEntry, find_entry, load_manifest
from unmask_live.runtime.threads import shared_cores
from unmask_live.runtime.trial import STARTS

ROLES = {
    "finder": "finds faces, masked and bare",
    "segmenter": "tells which pixels are mask",
}
INVENTS = "invents what the mask hides"
INVENTS_BLIND = "invents the bare face, told of no mask"
SHOWN = ("recall", "iou train", "iou heldout", "psnr", "ssim", "sharpness")
"""Figures that the table has room for; all of them are in the JSON."""

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
    backend: Annotated[
        str, typer.Option(help="Say what of this runs them, instead of what is best here.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Say for each network what it does, its size, its measured quality and what runs it here."""
    check_backend(backend)
    entries = load_manifest()
    chosen = choices(entries)
    rows = [describe(entry, chosen, backend) for entry in entries.values()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    head = ["network", "version", "for", "inputs", "MB", "precisions", "measured"]
    typer.echo(table(head, [_cells(row) for row in rows]))
    typer.echo("\nRun here by:")
    for row in rows:
        typer.echo(f"  {row['name']}: {row['runs_on'] or row['problem']}")
    typer.echo("\nWhat `--inpainter` takes:")
    for choice in chosen:
        usual = " (default)" if choice.name == INPAINTER else ""
        about = f": {choice.system}" if choice.system else ""
        typer.echo(f"  {choice.name:<20} {choice.title}{usual}{about}")


def _cells(row: dict[str, Any]) -> list[str]:
    """Return a network's cells of the table."""
    whole = row["files"]["fp32"]
    figures = {key: whole["quality"][key] for key in SHOWN if key in whole["quality"]}
    return [
        row["name"],
        row["version"],
        row["role"],
        ", ".join(f"{key} {'×'.join(map(str, shape))}" for key, shape in row["inputs"].items()),
        "missing" if whole["bytes"] is None else f"{whole['bytes'] / 1e6:.1f}",
        ", ".join(row["files"]),
        ", ".join(f"{key} {value:.4g}" for key, value in figures.items()) or "–",
    ]


def describe(
    entry: EngineEntry, chosen: Sequence[InpainterChoice] = (), backend: str = "auto"
) -> dict[str, Any]:
    """Return one network's row; nothing here raises because it cannot run.

    Parameters
    ----------
    chosen : the inpainters that there are, for what names this network can be chosen by
    """
    runs_on, problem = "", ""
    try:
        with open_engine(entry.name, backend=backend, build=False) as engine:
            runs_on = engine.backend
    except UserError as error:
        problem = str(error)
    return {
        "name": entry.name,
        "version": entry.version,
        "title": entry.title,
        "system": entry.system,
        "role": _role(entry),
        "inputs": {key: list(spec.shape[1:]) for key, spec in entry.inputs.items()},
        "blind": is_blind(entry),
        "inpainter": [choice.name for choice in chosen if choice.entry.name == entry.name],
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


def _role(entry: EngineEntry) -> str:
    if is_inpainter(entry):
        return INVENTS_BLIND if is_blind(entry) else INVENTS
    return ROLES.get(entry.name, "")


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

    With TensorRT that takes minutes; elsewhere it fills the cache that makes the next start quick,
    and tries which precision and how many threads are the fastest: with all cores, as each network
    runs in the window, and with half of them, as in files, where two run side by side.
    """
    check_backend(backend)
    wanted = names or list(load_manifest())
    if via == "torch2trt":
        if backend not in ("auto", "tensorrt"):
            raise UserError("--via torch2trt builds for TensorRT alone: leave --backend away")
        _from_checkpoint(wanted, checkpoint, quiet)
        return
    if checkpoint is not None:
        raise UserError("--checkpoint goes with --via torch2trt: leave it away or add that")
    for name in wanted:
        find_entry(name)  # a wrong name is told before minutes are spent
    failed: list[str] = []
    said: set[str] = set()
    for name in wanted:
        try:
            backends = _built(name, backend, quiet)
        except UserError as error:
            failed.append(name)
            reason = inner_reason(str(error))
            if reason not in said:  # what is not installed builds no other network either
                complain(str(error) if backend == "auto" else reason)
            said.add(reason)
            continue
        if not quiet:
            remark(f"{name}: {' and '.join(backends)}")
    if backend != "auto" and len(failed) == len(wanted) and len(said) == 1:
        raise typer.Exit(1)
    if failed:
        listed = ", ".join(failed)
        raise UserError(f"{len(failed)} of {len(wanted)} networks could not be built: {listed}")


def _built(name: str, backend: str, quiet: bool) -> list[str]:
    """Open a network in each way in which it will be: on all cores, and on half of them.

    Half of the cores may mean other threads, and in those another precision may be the fastest.
    What is close OpenVINO tries again at later starts: here too, so that none of them has to.
    Return what runs it, each only once.
    """
    found = []
    for cores in dict.fromkeys((all_cores(), shared_cores())):
        for _ in range(STARTS):
            with (
                build_bar(name, quiet) as report,
                open_engine(name, backend=backend, cores=cores, report=report) as engine,
            ):
                last = engine.backend
            if not last.startswith("OpenVINO"):
                break
        found.append(last)
    return list(dict.fromkeys(found))


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
