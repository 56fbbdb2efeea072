"""How the C library keeps memory that is free again."""

from __future__ import annotations

import ctypes
import sys

_MMAP_THRESHOLD = -3
"""Number of glibc's ``mallopt`` parameter (malloc.h)."""
_LARGE = 1024 * 1024
"""Bytes from which a block is mapped by itself: frames are. Crops are not: to map each of those
anew made live frames late, so that quality stepped down."""


def give_frames_back() -> bool:
    """Have whole frames given back to the system as soon as they are done with.

    By default glibc raises the size from which it maps a block by itself to the largest that was
    ever freed. Frames then come from heaps that several threads share, small things settle between
    them, and a run of hours grows by a tenth and more without holding anything.

    Returns whether the C library took it; elsewhere than on glibc nothing changes.
    """
    return _glibc("mallopt", _MMAP_THRESHOLD, _LARGE)


def trim() -> bool:
    """Give back what is free within the heaps; True if there was any."""
    return _glibc("malloc_trim", 0)


def _glibc(function: str, *values: int) -> bool:
    """Call a function that only glibc has; False elsewhere."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        called = getattr(ctypes.CDLL("libc.so.6"), function)
    except (OSError, AttributeError):
        return False
    return bool(called(*values))
