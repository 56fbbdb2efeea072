"""``unmask-live bench --all``: everything that is to be known of this machine's speed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from unmask_live import Unmasker
from unmask_live.commands.bench_chain import FACES, PICTURES, bench_chain
from unmask_live.commands.bench_file import ROUNDS, bench_file
from unmask_live.commands.bench_inpainters import bench_inpainters
from unmask_live.commands.bench_networks import bench_networks
from unmask_live.commands.bench_start import ROUNDS as STARTS
from unmask_live.commands.bench_start import bench_start
from unmask_live.commands.console import remark
from unmask_live.commands.measure import Figures, read_frames, time_finder


def bench_all(
    clip: Path,
    machine: Figures,
    *,
    seconds: float,
    frames: int | None,
    backend: str,
    finder: str,
    inpainter: str,
    skip: int,
    faces: Sequence[int] = FACES,
) -> Figures:
    """Measure the networks alone, the chain, every inpainter in it, the start, and file mode.

    Another finder than ours is timed beside it, before all else: if it cannot be opened, that is
    told at once.
    Remarks tell how far it is.

    Parameters
    ----------
    clip : one face at 720p, masked from frame ``skip`` on
    machine : what it runs on, as the plain benchmark tells it
    seconds : how long each measurement takes, about; a network alone gets a fifth
    frames : that many frames or calls each, and one round of file mode, instead
    backend, finder, inpainter : of the chain and file mode; the networks alone run on all backends
        that load
    faces : how many at a time, 1 to 8 each
    """
    length = f"--frames {frames}" if frames else f"--seconds {seconds:g}"
    command = (
        f"unmask-live bench --all {length} --backend {backend} --finder {finder} "
        f"--inpainter {inpainter}"
    )
    if tuple(faces) != FACES:
        command += "".join(f" --faces {count}" for count in faces)
    report: Figures = {"command": command, "machine": machine}
    pictures = read_frames(clip, skip + PICTURES)
    pictures = pictures[skip:] or pictures  # a clip of one's own may be short
    if finder != "ours":
        remark("finders")
        report["finders"] = [
            {"finder": name, **time_finder(name, backend, pictures[0], seconds / 5, frames)}
            for name in ("ours", finder)
        ]
    report |= bench_networks(seconds / 5, frames, tell=remark)
    make = partial(Unmasker, backend=backend, finder=finder)
    chosen = partial(make, inpainter=inpainter)
    report |= bench_chain(pictures, seconds, frames, make=chosen, faces=faces, tell=remark)
    report["inpainters"] = bench_inpainters(pictures, seconds, frames, make=make, tell=remark)
    remark("start")
    report["start"] = bench_start(backend, finder, inpainter, rounds=1 if frames else STARTS)
    remark("file to file")
    with chosen(overlapped=True) as unmasker:
        report["file"] = bench_file(unmasker, clip, rounds=1 if frames else ROUNDS)
    return report
