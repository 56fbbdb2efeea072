"""A real process: interrupted, killed politely, and out of disk space."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from clips import steady, write_clip

from unmask_live.video.convert import convert_video

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits as POSIX has them")

PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell runs with &
from fakes import Negative, SlowNegative
import unmask_live.commands.file as command
command.Unmasker = {unmasker}
limit = {limit}
if limit:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from unmask_live.cli import main
main()
"""


def start(source: Path, target: Path, unmasker: str, limit: int = 0) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"}
    program = PROGRAM.format(unmasker=unmasker, limit=limit)
    return subprocess.Popen(
        [sys.executable, "-c", program, "file", str(source), str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_midway_leaves_no_file(tmp_path: Path, number: int, code: int) -> None:
    times, base = steady(600)
    source = write_clip(tmp_path / "in.mp4", times=times, time_base=base, audio=())
    process = start(source, tmp_path / "out.mp4", "SlowNegative")
    try:
        end = time.monotonic() + 30
        while not list(tmp_path.glob(".out.part.*")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "never began to write"
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(number)
        while number == signal.SIGTERM and process.poll() is None:  # impatient supervisors repeat
            process.send_signal(number)
            time.sleep(0.001)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


@pytest.mark.parametrize("share", [0.05, 0.6, 0.999])
def test_no_room_for_the_result(tmp_path: Path, share: float) -> None:
    """A limit on file size stands for the full disk: the same write fails in the same place.

    At 0.999 it is the very last write, of the container's end, that does not fit.
    """
    times, base = steady(120)
    source = write_clip(tmp_path / "in.mp4", times=times, time_base=base, size=(320, 240), audio=())
    target = tmp_path / "out.mp4"
    convert_video(source, target, lambda frame: 255 - frame.image)
    size = target.stat().st_size
    target.unlink()
    process = start(source, target, "Negative", int(size * share))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.startswith("error: cannot write")
    assert "disk is full" in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]
