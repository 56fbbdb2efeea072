from __future__ import annotations

import subprocess
import sys

import pytest

from unmask_live.heap import _glibc, trim

GROWS = """
import numpy as np
from unmask_live.commands.live_watch import resident_bytes
from unmask_live.heap import keep_little

print(keep_little())
kept, before = [], resident_bytes()
np.ones(3_000_000, np.uint8)  # what is freed once raises the threshold, unless it is fixed
for _ in range(50):
    frame = np.ones(2_764_800, np.uint8)
    kept.append(np.ones(100_000, np.uint8))  # settles behind the frame
    del frame
print(resident_bytes() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone has the setting")
def test_frames_leave_nothing_behind():
    done = subprocess.run([sys.executable, "-c", GROWS], capture_output=True, text=True, check=True)
    took, grown = done.stdout.split()
    if took == "True":  # musl does not
        assert int(grown) < 50 * 100_000 + 1_000_000


HEAPS = """
import sys, threading
from unmask_live.heap import keep_little

if sys.argv[1] == "little":
    keep_little()
there, done = threading.Barrier(5), threading.Event()

def work():
    kept = bytes(200_000)
    there.wait()
    done.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
there.wait()
maps = [line.split() for line in open("/proc/self/maps")]
starts = [int(words[0].split("-")[0], 16) for words in maps if len(words) == 5]
print(sum(start % (64 << 20) == 0 for start in starts))  # glibc's heaps beside the first
done.set()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone has the setting")
def test_threads_share_a_heap():
    def heaps(how: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", HEAPS, how], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    if heaps("as it is"):  # musl has one in any case
        assert heaps("little") == 0


def test_trimming_is_safe_wherever_it_is_asked_for():
    trim()
    assert _glibc("no_such_function") is False
