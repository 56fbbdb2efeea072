"""What loading OpenVINO must not bring along, seen in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import socket, sys, threading

asked = []
def noted(host, *others, **more):
    asked.append(host)
    raise OSError("no network in this test")
socket.getaddrinfo = noted
import os
fork, forked = os.fork, []
os.fork = lambda: forked.append(1) or fork()

from pathlib import Path
from unmask_live.runtime import open_engine
with open_engine("sum", directory=Path(sys.argv[1]), threads=1):
    pass
import time
time.sleep(0.5)
loaded = [n for n, m in sys.modules.items() if "openvino_telemetry" in n and m is not None]
others = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
print("loaded", loaded, "threads", others, "asked", asked, "forked", len(forked))
"""


def test_loading_openvino_sends_nothing_and_leaves_no_thread(engines: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    home = tmp_path / "home"
    home.mkdir()
    quiet = {name: value for name, value in os.environ.items() if name != "CI"}  # CI is not told on
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(engines)],
        env={**quiet, "PYTHONPATH": str(root), "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "loaded [] threads [] asked [] forked 0"
    assert not list(home.glob("intel*"))
