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
from unmask_live.commands.check import Check
from unmask_live.commands.console import reported
from unmask_live.commands.doctor_cameras import examine_cameras
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
    checks = list(examine(backend))
    broken = [check for check in checks if check.essential and not check.ok]
    if as_json:
        found = {"ok": not broken, "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(found, indent=2))
    else:
        _print(checks)
    if broken:
        raise typer.Exit(1)


def examine(backend: str | None = None) -> Iterator[Check]:
    """Yield every finding; nothing here raises because something is missing.

    Parameters
    ----------
    backend : what alone the networks are tried on; None for every backend
    """
    yield from _versions()
    yield from _processor()
    yield from _networks(backend)
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


def _networks(only: str | None) -> Iterator[Check]:
    """Load each network on each backend and run it once: what loads may still not run."""
    try:
        entries, backends = _entries(), _backends() if only is None else (only,)
    except UserError as error:
        yield Check("networks", "manifest", False, str(error), fix="reinstall unmask-live")
        return
    except Exception as error:  # of a package that cannot be imported
        fix = "repair the packages above first"
        yield Check("networks", "runtime", False, f"cannot be loaded: {error}", fix=fix)
        return
    missing = {"finder", "segmenter", "inpainter"} - set(entries)
    if missing:
        detail = f"lacks {', '.join(sorted(missing))}"
        yield Check("networks", "manifest", False, detail, fix="reinstall unmask-live")
    tried = {name: {backend: _try(name, backend) for backend in backends} for name in entries}
    all_served = all(any(ok for ok, _ in each.values()) for each in tried.values())
    for backend in backends:
        if entries and all_served and not any(each[backend][0] for each in tried.values()):
            reason = _bare_reason(entries[0], backend, tried[entries[0]][backend][1])
            yield Check("networks", backend, False, reason, essential=False)
            continue
        for name in entries:
            ok, detail = tried[name][backend]
            served = any(ok for ok, _ in tried[name].values())
            fix = "" if served else "reinstall unmask-live and its packages in a fresh environment"
            yield Check("networks", f"{name} on {backend}", ok, detail, not served, fix)


def _bare_reason(name: str, backend: str, text: str) -> str:
    """Return why a backend serves none, without the network that it was asked for first."""
    before = f"nothing can run the {name} network here ({backend}: "
    return text.removeprefix(before).removesuffix(")") if text.startswith(before) else text


def _entries() -> tuple[str, ...]:
    """Return the names of the shipped networks."""
    from unmask_live.runtime.manifest import load_manifest  # late: its package needs numpy

    return tuple(load_manifest())


def _backends() -> tuple[str, ...]:
    from unmask_live.runtime.choose import backend_names

    return backend_names()


def _try(name: str, backend: str) -> tuple[bool, str]:
    """Return whether one network runs on one backend, and what ran it or why it does not."""
    try:
        return True, _run_once(name, backend)
    except Exception as error:  # any failure at all is a finding here
        return False, " ".join(str(error).split()) or type(error).__name__


def _run_once(name: str, backend: str) -> str:
    """Run one network on nothing; return what ran it."""
    import numpy as np

    from unmask_live.runtime.choose import open_engine

    with open_engine(name, backend=backend, build=False) as engine:
        outputs = engine(**{k: np.zeros(s, np.float32) for k, s in engine.inputs.items()})
        for key, array in outputs.items():
            if not np.isfinite(array).all():
                raise UserError(f"output {key!r} is not finite: this backend computes garbage")
        return engine.backend


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
