"""``unmask-live doctor``: what works here, what does not, and what to do about it."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import asdict
from importlib import metadata
from typing import Annotated

import typer

from unmask_live.commands import machine
from unmask_live.commands.backend_asked import check_backend
from unmask_live.commands.check import Check
from unmask_live.commands.console import reported
from unmask_live.commands.doctor_cameras import examine_cameras
from unmask_live.commands.doctor_networks import examine_networks
from unmask_live.commands.doctor_virtual import examine_virtual_camera
from unmask_live.errors import UserError

PYTHON = (3, 10)


@reported
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
    backend: Annotated[
        str | None, typer.Option(help="Try this one only, such as onnxruntime:cuda; or auto.")
    ] = None,
) -> None:
    """Check versions, networks, codecs, cameras and more; say how to repair what is missing."""
    if backend is not None:
        _check_backend(backend)
    checks = list(examine(backend))
    broken = [check for check in checks if check.essential and not check.ok]
    if as_json:
        found = {"ok": not broken, "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(found, indent=2))
    else:
        _print(checks)
    if broken:
        raise typer.Exit(1)


def _check_backend(name: str) -> None:
    """Tell a wrong name at once; where what knows them cannot be loaded, `examine` says why."""
    try:
        check_backend(name)
    except UserError:
        raise
    except Exception:  # of a package that cannot be imported
        return


def examine(backend: str | None = None) -> Iterator[Check]:
    """Yield every finding; nothing here raises because something is missing.

    Parameters
    ----------
    backend : what alone the networks are tried on; None for every backend
    """
    yield from _versions()
    yield from _processor()
    yield from examine_networks(backend)
    yield from _codecs()
    yield from examine_cameras()
    yield from examine_virtual_camera()


def _versions() -> Iterator[Check]:
    yield Check("versions", "unmask-live", True, machine.own_version())
    yield Check(
        "versions",
        "python",
        sys.version_info >= PYTHON,
        f"{platform.python_version()} on {platform.platform()}",
        fix="use Python 3.10 or newer",
    )
    for package, version in machine.package_versions().items():
        if version is None:
            yield Check("versions", package, False, "missing", fix=f"pip install {package}")
            continue
        failure = machine.import_failure(machine.PACKAGES[package])
        detail = f"{version} is installed and cannot be imported: {failure}" if failure else version
        fix = f"pip install --force-reinstall {package}"
        yield Check("versions", package, not failure, detail, fix=fix)
    if _installed("opencv-python") or _installed("opencv-contrib-python"):
        yield Check(
            "versions",
            "opencv-python",
            False,
            "installed beside the headless one: they overwrite each other's files",
            essential=False,
            fix="pip uninstall opencv-python opencv-contrib-python, "
            "then pip install --force-reinstall opencv-python-headless",
        )


def _processor() -> Iterator[Check]:
    name = f"{machine.cpu_name()}, {machine.cores()} cores for us"
    yield Check("processor", "cpu", True, name)
    for feature, present in (machine.cpu_features() or {}).items():
        yield Check(
            "processor",
            feature,
            present,
            "yes" if present else "no",
            essential=False,
            fix="it runs, slower: a newer processor is faster"
            if feature == "AVX2"
            else "not needed; networks run faster with it",
        )


def _codecs() -> Iterator[Check]:
    fix = "pip install --force-reinstall av (the wheel from PyPI has it)"
    for codec, mode, use, essential in (
        ("libx264", "w", "writes .mp4, .mov, .mkv", True),
        ("h264", "r", "reads H.264", True),
        ("hevc", "r", "reads H.265, as phones record it", False),
        ("vp9", "r", "reads VP9", False),
        ("libdav1d", "r", "reads AV1", False),
        ("libvpx-vp9", "w", "writes .webm", False),
        ("aac", "r", "reads AAC sound (sound is copied, so this is rarely needed)", False),
    ):
        present = _has_codec(codec, mode)
        yield Check("codecs", codec, present, use if present else "missing", essential, fix)


def _has_codec(name: str, mode: str) -> bool:
    try:
        import av

        av.Codec(name, "w" if mode == "w" else "r")
    except Exception:  # a broken av fails in many ways, and all mean no
        return False
    return True


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _print(checks: list[Check]) -> None:
    group = ""
    for check in checks:
        if check.group != group:
            group = check.group
            typer.secho(f"\n{group}", bold=True)
        sign, colour = ("ok", "green") if check.ok else ("--", "yellow")
        if check.essential and not check.ok:
            sign, colour = "!!", "red"
        typer.echo(f"  {typer.style(sign, fg=colour)}  {check.name}: {check.detail}")
        if not check.ok and check.fix:
            typer.echo(f"      {check.fix}")
    broken = sum(check.essential and not check.ok for check in checks)
    typer.echo("")
    typer.echo(
        "all that is needed works" if not broken else f"{broken} essential things are broken"
    )
