"""How the C library keeps memory that is free again."""

from __future__ import annotations

import ctypes
import sys

_MMAP_THRESHOLD = -3
"""Number of glibc's ``mallopt`` parameter (malloc.h)."""
_LARGE = 128 * 1024
"""Bytes from which a block is mapped by itself, glibc's own value to begin with: frames are, and
crops. With those left in the heaps a run that recorded still grew."""


def give_frames_back() -> bool:
    """Have whole frames given back to the system as soon as they are done with.

    By default glibc raises the size from which it maps a block by itself to the largest that was
    ever freed. Frames then come from heaps that several threads share, small things settle between
    them, and a run of hours grows by a tenth and more without holding anything.

    Returns whether the C library took it; elsewhere than on glibc nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE))
